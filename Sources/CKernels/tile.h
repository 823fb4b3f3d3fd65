// The one building block: a batch-reduce GEMM tile.
//
// output[row][block] (+)= Σ over batches, kernel rows and depth of source[row][depth] · weights[depth][block],
// for a tile of `rows` pixels and 1 or 2 blocks of 16 output channels. Each output element is one chain of fused
// multiply-adds in the order (batch, kernel row, depth): the shape of the tile never changes a bit. Of a narrow last block
// only the first 8 channels are computed; the others are padding, and zero.

struct tile_call {
  const float *source;        // First pixel, first batch.
  long source_step;           // Floats between pixels.
  long batch_stride;          // Floats between batches (channel blocks) of the source.
  long kernel_row_stride;     // Floats between kernel rows of the source.
  int batches, kernel_rows, depth;
  int zeros;                  // Behind the last channel, in the last batch: left out. Only with one kernel row.
  const float *weights;       // batches × kernel rows × depth × 16, contiguous.
  long weight_block_stride;   // Floats between the weights of two output blocks.
  float *output;
  long output_step;           // Floats between output pixels.
  long output_block_stride;   // Floats between output blocks.
  const float *start;         // 16 per block: where the chain begins (bias), or null.
  bool accumulate;            // Begin with what the output holds.
  bool rectify;               // End with max(0, x).
  bool fetch;                 // Ask for the next batch's source ahead: it is not yet in the caches.
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

ALWAYS_INLINE void tile_run(const int rows, const int blocks, const bool narrow, const long step,
                            const struct tile_call *call) {
  const int wide = narrow ? blocks - 1 : blocks;
  vec sum[2][28];
  half_vec last[28];
  if (call->accumulate) {
    UNROLL for (int j = 0; j < wide; j++) {
      UNROLL for (int p = 0; p < rows; p++) {
        sum[j][p] = v_load(call->output + j * call->output_block_stride + p * call->output_step);
      }
    }
    UNROLL for (int p = 0; narrow && p < rows; p++) {
      last[p] = h_load(call->output + wide * call->output_block_stride + p * call->output_step);
    }
  } else {
    UNROLL for (int j = 0; j < wide; j++) {
      const vec start = call->start ? v_load(call->start + 16 * j) : v_zero();
      UNROLL for (int p = 0; p < rows; p++) { sum[j][p] = start; }
    }
    const half_vec last_start = narrow && call->start ? h_load(call->start + 16 * wide) : h_zero();
    UNROLL for (int p = 0; narrow && p < rows; p++) { last[p] = last_start; }
  }
  const float *weights = call->weights;
  const long block_stride = call->weight_block_stride;
  for (int batch = 0; batch < call->batches; batch++) {
    const int depth = batch + 1 < call->batches ? call->depth : call->depth - call->zeros;
    for (int row = 0; row < call->kernel_rows; row++) {
      const float *source = call->source + batch * call->batch_stride + row * call->kernel_row_stride;
      if (call->fetch) {
        UNROLL for (int p = 0; p < rows; p++) { __builtin_prefetch(source + call->batch_stride + p * step); }
      }
      for (int d = 0; d < depth; d++, weights += 16) {
        vec first, second;
        half_vec third;
        if (wide > 0) first = v_load(weights);
        if (wide == 2) second = v_load(weights + block_stride);
        if (narrow) third = h_load(weights + wide * block_stride);
        UNROLL for (int p = 0; p < rows; p++) {
          const vec x = narrow && wide ? v_broadcast_whole(source[p * step + d]) : v_broadcast(source[p * step + d]);
          if (wide > 0) sum[0][p] = v_fma(x, first, sum[0][p]);
          if (wide == 2) sum[1][p] = v_fma(x, second, sum[1][p]);
          if (narrow) last[p] = h_fma(v_low(x), third, last[p]);
        }
      }
    }
  }
  UNROLL for (int j = 0; j < wide; j++) {
    UNROLL for (int p = 0; p < rows; p++) {
      float *output = call->output + j * call->output_block_stride + p * call->output_step;
      v_store(output, call->rectify ? v_max(v_zero(), sum[j][p]) : sum[j][p]);
    }
  }
  UNROLL for (int p = 0; narrow && p < rows; p++) {
    float *output = call->output + wide * call->output_block_stride + p * call->output_step;
    h_store(output, call->rectify ? h_max(h_zero(), last[p]) : last[p]);
    h_store(output + 8, h_zero());
  }
}

typedef void (*tile_function)(const struct tile_call *);

// Pixel steps that are known at compile time: blocked at stride 1 and 2; three channels at stride 1, 2 and 4; one channel.
#define TILE_STEPS(M, rows, blocks) \
  M(rows, blocks, 16, 16)           \
  M(rows, blocks, 32, 32)           \
  M(rows, blocks, 3, 3)             \
  M(rows, blocks, 6, 6)             \
  M(rows, blocks, 12, 12)           \
  M(rows, blocks, 1, 1)             \
  M(rows, blocks, any, call->source_step)

#define ROWS_6(M, blocks) M(1, blocks) M(2, blocks) M(3, blocks) M(4, blocks) M(5, blocks) M(6, blocks)
#define ROWS_14(M, blocks)                                                                                  \
  ROWS_6(M, blocks) M(7, blocks) M(8, blocks) M(9, blocks) M(10, blocks) M(11, blocks) M(12, blocks) \
  M(13, blocks) M(14, blocks)
#define ROWS_28(M, blocks)                                                                                     \
  ROWS_14(M, blocks) M(15, blocks) M(16, blocks) M(17, blocks) M(18, blocks) M(19, blocks) M(20, blocks) \
  M(21, blocks) M(22, blocks) M(23, blocks) M(24, blocks) M(25, blocks) M(26, blocks) M(27, blocks)      \
  M(28, blocks)

#if V_TILE_1 == 28
#define ALL_ROWS(M) ROWS_28(M, 1) ROWS_14(M, 2)
#else
#define ALL_ROWS(M) ROWS_6(M, 1)
#endif

#define DEFINE_TILE(rows, blocks, name, step)                                        \
  static void tile_##rows##_##blocks##_##name(const struct tile_call *call) {        \
    tile_run(rows, blocks, false, step, call);                                       \
  }                                                                                  \
  static void narrow_tile_##rows##_##blocks##_##name(const struct tile_call *call) { \
    tile_run(rows, blocks, true, step, call);                                        \
  }
#define DEFINE_TILES(rows, blocks) TILE_STEPS(DEFINE_TILE, rows, blocks)
ALL_ROWS(DEFINE_TILES)

#define TILE_ENTRY(rows, blocks, name, step) tile_##rows##_##blocks##_##name,
#define NARROW_TILE_ENTRY(rows, blocks, name, step) narrow_tile_##rows##_##blocks##_##name,
#define TILE_ENTRIES(rows, blocks) [blocks - 1][rows] = {TILE_STEPS(TILE_ENTRY, rows, blocks)},
#define NARROW_TILE_ENTRIES(rows, blocks) [blocks - 1][rows] = {TILE_STEPS(NARROW_TILE_ENTRY, rows, blocks)},
// By: whether the last block is narrow, blocks, rows, step.
static const tile_function tiles[2][2][29][7] = {{ALL_ROWS(TILE_ENTRIES)}, {ALL_ROWS(NARROW_TILE_ENTRIES)}};

static inline int tile_step_index(long step) {
  switch (step) {
    case 16: return 0;
    case 32: return 1;
    case 3: return 2;
    case 6: return 3;
    case 12: return 4;
    case 1: return 5;
    default: return 6;
  }
}

// The greatest number of rows of a tile with `blocks` output blocks.
static inline int tile_rows(int blocks) { return blocks == 2 ? V_TILE_2 : V_TILE_1; }

// Cuts `count` rows into tiles of nearly equal size, none above `most`.
static inline int balanced(int count, int most) {
  int parts = (count + most - 1) / most;
  return (count + parts - 1) / parts;
}

// The tile for blocked rows next to each other.
static inline tile_function tiles_at_16(bool narrow, int blocks, int rows) { return tiles[narrow][blocks - 1][rows][0]; }
