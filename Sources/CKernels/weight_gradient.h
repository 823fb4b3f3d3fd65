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

ALWAYS_INLINE void weight_tile_run(const int depth, const int blocks, const struct weight_tile_call *call) {
  vec sum[2][28];
  if (call->accumulate) {
    UNROLL for (int j = 0; j < blocks; j++) {
      UNROLL for (int d = 0; d < depth; d++) { sum[j][d] = v_load(call->weights + j * call->weight_block_stride + 16 * d); }
    }
  } else {
    UNROLL for (int j = 0; j < blocks; j++) {
      UNROLL for (int d = 0; d < depth; d++) { sum[j][d] = v_zero(); }
    }
  }
  const long step = call->source_step, block_stride = call->gradient_block_stride;
  for (int row = 0; row < call->rows; row++) {
    const float *source = call->source + row * call->source_row_stride;
    const float *gradient = call->gradient + row * call->gradient_row_stride;
    for (int column = 0; column < call->columns; column++, source += step, gradient += 16) {
      const vec first = v_load(gradient);
      vec second;
      if (blocks == 2) second = v_load(gradient + block_stride);
      UNROLL for (int d = 0; d < depth; d++) {
        const vec x = v_broadcast(source[d]);
        sum[0][d] = v_fma(x, first, sum[0][d]);
        if (blocks == 2) sum[1][d] = v_fma(x, second, sum[1][d]);
      }
    }
  }
  if (call->stream) {
    UNROLL for (int j = 0; j < blocks; j++) {
      UNROLL for (int d = 0; d < depth; d++) { v_stream(call->weights + j * call->weight_block_stride + 16 * d, sum[j][d]); }
    }
    return;
  }
  UNROLL for (int j = 0; j < blocks; j++) {
    UNROLL for (int d = 0; d < depth; d++) { v_store(call->weights + j * call->weight_block_stride + 16 * d, sum[j][d]); }
  }
}

typedef void (*weight_tile_function)(const struct weight_tile_call *);
#define DEFINE_WEIGHT_TILE(depth, blocks) \
  static void weight_tile_##depth##_##blocks(const struct weight_tile_call *call) { weight_tile_run(depth, blocks, call); }
ALL_ROWS(DEFINE_WEIGHT_TILE)
#define WEIGHT_TILE_ENTRY(depth, blocks) [blocks - 1][depth] = weight_tile_##depth##_##blocks,
static const weight_tile_function weight_tiles[2][29] = {ALL_ROWS(WEIGHT_TILE_ENTRY)};

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
  // Kernel columns side by side make one depth; columns apart are walked over.
  const int columns = c->tap_column_step == 1 ? 1 : phase->kernel_columns, column_depth = depth / columns;
  const long column_stride = (long)c->tap_column_step * c->source_block;
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
        const int most = balanced(column_depth, tile_rows(blocks));
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
          for (int tap = 0; tap < phase->kernel_rows * columns; tap++) {
            const float *from = source + block * block_stride + tap / columns * c->tap_row_step * row_floats +
                                tap % columns * column_stride;
            float *to = weights + k * c->weight_block_stride + block * block_weights + (long)tap * column_depth * 16;
            for (int d = 0; d < column_depth; d += most) {
              call.source = from + d;
              call.weights = to + 16 * d;
              weight_tiles[blocks - 1][smaller(most, column_depth - d)](&call);
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

// Sums of a bias: per task one output block; per image a chain over pixels, then images in order.
static void bias_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct bias_gradient_arguments *a = arguments;
  vec total = v_zero();
  for (int image = 0; image < a->images; image++) {
    const float *gradient = a->gradient + image * a->image_stride + task * a->block_stride;
    vec sum = v_zero();
    for (long pixel = 0; pixel < a->pixels; pixel++)
      sum = v_add(sum, v_load(gradient + 16 * pixel));
    total = v_add(total, sum);
  }
  v_store(a->output + 16 * task, total);
}
