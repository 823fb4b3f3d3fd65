// Weight gradients: for every (output block, source block), kernel row and depth, the sum over pixels of
// source[pixel][depth] · gradient[pixel][block]. Each weight is one chain over (image, row, column).

struct weight_tile_call {
  const float *source;         // First pixel of the first row, at this tile's depth.
  long source_step;            // Floats between pixels.
  long source_row_stride;      // Floats between the source rows of two output rows.
  const float *gradient;       // First pixel of the first row.
  long gradient_row_stride;
  long gradient_block_stride;  // Floats between two output blocks.
  int rows, columns;
  float *weights;              // Depth × 16 per block.
  long weight_block_stride;
  bool accumulate;             // Begin with what the weights hold, not with zero.
  bool stream;                 // Write past the caches.
};

// Of a narrow last block only the first 8 channels are computed; the others are zero.
ALWAYS_INLINE void weight_tile_run(const int depth, const int blocks, const bool narrow,
                                   const struct weight_tile_call *call) {
  const int wide = narrow ? blocks - 1 : blocks;
  vec sum[2][28];
  half_vec last[28];
  if (call->accumulate) {
    UNROLL for (int j = 0; j < wide; j++) {
      UNROLL for (int d = 0; d < depth; d++) { sum[j][d] = v_load(call->weights + j * call->weight_block_stride + 16 * d); }
    }
    UNROLL for (int d = 0; narrow && d < depth; d++) {
      last[d] = h_load(call->weights + wide * call->weight_block_stride + 16 * d);
    }
  } else {
    UNROLL for (int j = 0; j < wide; j++) {
      UNROLL for (int d = 0; d < depth; d++) { sum[j][d] = v_zero(); }
    }
    UNROLL for (int d = 0; narrow && d < depth; d++) { last[d] = h_zero(); }
  }
  const long step = call->source_step, block_stride = call->gradient_block_stride;
  for (int row = 0; row < call->rows; row++) {
    const float *source = call->source + row * call->source_row_stride;
    const float *gradient = call->gradient + row * call->gradient_row_stride;
    for (int column = 0; column < call->columns; column++, source += step, gradient += 16) {
      vec first, second;
      half_vec third;
      if (wide > 0) first = v_load(gradient);
      if (wide == 2) second = v_load(gradient + block_stride);
      if (narrow) third = h_load(gradient + wide * block_stride);
      UNROLL for (int d = 0; d < depth; d++) {
        const vec x = narrow && wide ? v_broadcast_whole(source[d]) : v_broadcast(source[d]);
        if (wide > 0) sum[0][d] = v_fma(x, first, sum[0][d]);
        if (wide == 2) sum[1][d] = v_fma(x, second, sum[1][d]);
        if (narrow) last[d] = h_fma(v_low(x), third, last[d]);
      }
    }
  }
  UNROLL for (int j = 0; j < wide; j++) {
    float *weights = call->weights + j * call->weight_block_stride;
    if (call->stream) {
      UNROLL for (int d = 0; d < depth; d++) { v_stream(weights + 16 * d, sum[j][d]); }
    } else {
      UNROLL for (int d = 0; d < depth; d++) { v_store(weights + 16 * d, sum[j][d]); }
    }
  }
  UNROLL for (int d = 0; narrow && d < depth; d++) {
    h_store(call->weights + wide * call->weight_block_stride + 16 * d, last[d]);
    h_store(call->weights + wide * call->weight_block_stride + 16 * d + 8, h_zero());
  }
}

typedef void (*weight_tile_function)(const struct weight_tile_call *);
#define DEFINE_WEIGHT_TILE(depth, blocks)                                                  \
  static void weight_tile_##depth##_##blocks(const struct weight_tile_call *call) {        \
    weight_tile_run(depth, blocks, false, call);                                           \
  }                                                                                        \
  static void narrow_weight_tile_##depth##_##blocks(const struct weight_tile_call *call) { \
    weight_tile_run(depth, blocks, true, call);                                            \
  }
ALL_ROWS(DEFINE_WEIGHT_TILE)
#define WEIGHT_TILE_ENTRY(depth, blocks) [blocks - 1][depth] = weight_tile_##depth##_##blocks,
#define NARROW_WEIGHT_TILE_ENTRY(depth, blocks) [blocks - 1][depth] = narrow_weight_tile_##depth##_##blocks,
// By: whether the last block is narrow, blocks, depth.
static const weight_tile_function weight_tiles[2][2][29] = {{ALL_ROWS(WEIGHT_TILE_ENTRY)}, {ALL_ROWS(NARROW_WEIGHT_TILE_ENTRY)}};

// One task: one group of images, one part of the pairs of output blocks, one part of the source blocks. A band of all its
// blocks stays in the L2 cache while its weights go over it. Scratch holds a padded band.
static void weight_gradient(const void *arguments, long task, float *scratch) {
  const struct weight_gradient_arguments *a = arguments;
  const struct convolution_arguments *c = &a->geometry;
  const int widest = V_TILE_2 > 0 ? 2 : 1, pairs = (c->output_blocks + 1) / 2;
  const int source_part = (int)(task % a->source_parts);
  const int pair_part = (int)(task / a->source_parts % a->pair_parts);
  const int group = (int)(task / a->source_parts / a->pair_parts);
  const int first_image = (int)((long)group * c->images / a->image_groups);
  const int last_image = (int)((long)(group + 1) * c->images / a->image_groups);
  const int first_block = (int)((long)source_part * c->source_blocks / a->source_parts);
  const int source_blocks = (int)((source_part + 1l) * c->source_blocks / a->source_parts) - first_block;
  const int first_k = 2 * (int)((long)pair_part * pairs / a->pair_parts);
  const int last_k = smaller(2 * (int)((pair_part + 1l) * pairs / a->pair_parts), c->output_blocks);
  const struct convolution_phase *phase = &c->phase[0];
  const int depth = phase->kernel_columns * c->source_block;
  const long block_weights = (long)phase->kernel_rows * depth * 16;
  float *weights = a->sums + group * a->group_stride + first_block * block_weights;

  struct convolution_arguments part = *c;
  part.source_blocks = source_blocks;
  const long row_floats = (long)(c->padded ? c->padded_width : c->source_width) * c->source_block;
  const long block_stride = c->padded ? c->band_source_rows * row_floats : c->source_block_stride;
  for (int image = first_image; image < last_image; image++) {
    const float *planes = c->source + image * c->source_image_stride + first_block * c->source_block_stride;
    for (int band = 0; band < c->bands; band++) {
      const int first = band * c->band_rows, rows = smaller(c->band_rows, phase->output_rows - first);
      const int first_source_row = first * c->source_row_step + c->first_source_row;
      const float *source = planes + first_source_row * row_floats;
      if (c->padded) {
        pad_band(&part, planes, first_source_row, c->band_source_rows, scratch);
        source = scratch;
      }
      source += (long)(phase->source_column + c->pad_left) * c->source_block +
                (phase->source_row - c->first_source_row) * row_floats;
      for (int k = first_k; k < last_k; k += widest) {
        const int blocks = smaller(widest, last_k - k);
        const int most = balanced(depth, tile_rows(blocks));
        const bool narrow = c->narrow && k + blocks == c->output_blocks;
        struct weight_tile_call call = {
            .source_step = (long)c->source_column_step * c->source_block,
            .source_row_stride = c->source_row_step * row_floats,
            .gradient = a->gradient + image * c->output_image_stride + k * c->output_block_stride + first * c->output_row_stride,
            .gradient_row_stride = c->output_row_stride,
            .gradient_block_stride = c->output_block_stride,
            .rows = rows,
            .columns = phase->output_columns,
            .weight_block_stride = c->weight_block_stride,
            .accumulate = image > first_image || band > 0,
            .stream = a->stream && image == last_image - 1 && band == c->bands - 1,
        };
        for (int block = 0; block < source_blocks; block++) {
          for (int row = 0; row < phase->kernel_rows; row++) {
            for (int d = 0; d < depth; d += most) {
              call.source = source + block * block_stride + row * row_floats + d;
              call.weights = weights + k * c->weight_block_stride + block * block_weights + ((long)row * depth + d) * 16;
              weight_tiles[narrow][blocks - 1][smaller(most, depth - d)](&call);
            }
          }
        }
      }
    }
  }
  if (a->stream) v_stream_end();
}

// Adds the image groups' sums in order, in a task's range of the weights.
static void sum_groups(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct sum_groups_arguments *a = arguments;
  const long first = task * a->range, last = first + a->range < a->count ? first + a->range : a->count;
  for (long i = first; i < last; i += 16) {
    vec sum = v_load(a->sums + i);
    for (int group = 1; group < a->groups; group++)
      sum = v_add(sum, v_load(a->sums + group * a->group_stride + i));
    v_store(a->output + i, sum);
  }
}

// Adds the chains over the pixels of `images` images, side by side, to `total` in order.
ALWAYS_INLINE vec bias_gradient_images(const int images, const float *gradient, long image_stride, long pixels, vec total) {
  vec sum[4];
  UNROLL for (int i = 0; i < images; i++) { sum[i] = v_zero(); }
  for (long pixel = 0; pixel < pixels; pixel++) {
    UNROLL for (int i = 0; i < images; i++) { sum[i] = v_add(sum[i], v_load(gradient + i * image_stride + 16 * pixel)); }
  }
  UNROLL for (int i = 0; i < images; i++) { total = v_add(total, sum[i]); }
  return total;
}

// Sums of a bias: per task one output block; per image a chain over pixels, then images in order.
static void bias_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct bias_gradient_arguments *a = arguments;
  const float *gradient = a->gradient + task * a->block_stride;
  vec total = v_zero();
  int image = 0;
  for (; image + 4 <= a->images; image += 4)
    total = bias_gradient_images(4, gradient + image * a->image_stride, a->image_stride, a->pixels, total);
  for (; image < a->images; image++)
    total = bias_gradient_images(1, gradient + image * a->image_stride, a->image_stride, a->pixels, total);
  v_store(a->output + 16 * task, total);
}
