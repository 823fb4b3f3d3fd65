// Winograd weight gradients: dW = Gᵀ [ Σ over tiles of (A dy Aᵀ) ⊙ (Bᵀ d B) ] G.
//
// A task has some images, some source blocks and some output blocks. It transforms a few tiles at a time into scratch and
// adds their products to its 36 sums, so that nothing transformed ever leaves the core's own caches. Each sum is one chain
// over the tiles of the task's images in order: the cut into blocks and tiles does not change a bit, that into image groups
// does.

// A dy Aᵀ of an m×m patch whose rows are `row` floats apart, to 36 places at `stride`.
ALWAYS_INLINE void winograd_gradient_patch(const int m, const float *patch, long row, float *factors, long stride) {
  vec half[6][4], column[4], out[6];
  UNROLL for (int j = 0; j < m; j++) {
    UNROLL for (int i = 0; i < m; i++) { column[i] = v_load(patch + i * row + 16 * j); }
    winograd_output_adjoint(m, column, out);
    UNROLL for (int i = 0; i < 6; i++) { half[i][j] = out[i]; }
  }
  UNROLL for (int i = 0; i < 6; i++) {
    winograd_output_adjoint(m, half[i], out);
    UNROLL for (int j = 0; j < 6; j++) { v_store(factors + (6 * i + j) * stride, out[j]); }
  }
}

// Floats of a task's sums: 36 × output blocks × source blocks × 256, a cache line more between places.
static inline long winograd_sum_stride(int output_blocks, int source_blocks) {
  return (long)output_blocks * source_blocks * 256 + 16;
}

// The factors of `tiles` tiles and `blocks` output blocks: 36 × blocks × tiles × 16.
ALWAYS_INLINE void winograd_gradient_patches(const int m, const struct winograd_arguments *g, const float *gradient, long first,
                                             int tiles, int first_block, int blocks, float *factors, long stride) {
  const struct winograd_tile start = winograd_tile_at(g, first);
  for (int k = 0; k < blocks; k++) {
    struct winograd_tile tile = start;
    for (int t = 0; t < tiles; t++, winograd_next(g, &tile)) {
      const float *plane = gradient + tile.image * g->output_image_stride +
                           (first_block + k) * 16l * g->output_height * g->output_width;
      float *to = factors + ((long)k * tiles + t) * 16;
      if (winograd_inside(g, tile.top, tile.left, m, g->output_height, g->output_width)) {
        winograd_gradient_patch(m, plane + 16 * ((long)tile.top * g->output_width + tile.left), 16l * g->output_width, to,
                                stride);
        continue;
      }
      const struct winograd_span rows =
          winograd_row_span(g, tile.top, m, g->output_height, g->output_width, g->output_image_stride);
      const struct winograd_span columns = winograd_column_span(g, tile.left, m, g->output_width, g->output_image_stride);
      if (rows.whole && columns.whole) {
        winograd_gradient_patch(m, plane + rows.offset[0] + columns.offset[0], 16l * g->output_width, to, stride);
      } else {
        float patch[16 * 16];
        winograd_copy_patch(plane, &rows, &columns, m, patch);
        winograd_gradient_patch(m, patch, m * 16, to, stride);
      }
    }
  }
}

// sums[k][c][16][16] (+)= Σ over tiles of values[c][tile][16] · factors[k][tile][16]. `source_channels` count from the first
// of these source blocks; rows behind the last are not written. `narrow`: the last of these output blocks is.
static void winograd_gradient_multiply(const float *values, const float *factors, float *sums, long output_stride,
                                       bool accumulate, int tiles, int source_blocks, int source_channels,
                                       int output_blocks, bool narrow) {
  const int widest = V_TILE_2 > 0 ? 2 : 1;
  for (int k = 0; k < output_blocks; k += widest) {
    const int blocks = smaller(widest, output_blocks - k);
    for (int c = 0; c < source_blocks; c++) {
      const int depth = smaller(16, source_channels - 16 * c), most = balanced(depth, tile_rows(blocks));
      for (int d = 0; d < depth; d += most) {
        const struct weight_tile_call call = {
            .source = values + 16l * c * tiles + d,
            .source_step = 16,
            .gradient = factors + 16l * k * tiles,
            .gradient_block_stride = 16l * tiles,
            .rows = 1,
            .columns = tiles,
            .weights = sums + k * output_stride + 256l * c + 16 * d,
            .weight_block_stride = output_stride,
            .accumulate = accumulate,
        };
        weight_tiles[narrow && k + blocks == output_blocks][blocks - 1][smaller(most, depth - d)](&call);
      }
    }
  }
}

// Gᵀ s G of the 36 sums of one (output block, source block), each the sum of `groups` sums in order; zeros behind the last of
// `rows` source channels.
ALWAYS_INLINE void winograd_gradient_weights(const int r, int rows, const float *sums, long stride, int groups,
                                             long group_stride, float *weights) {
  for (int tap = 0; rows < 16 && tap < r * r; tap++)
    memset(weights + tap * 256 + 16 * rows, 0, (16 - rows) * 16 * sizeof(float));
  for (int lane = 0; lane < 16 * rows; lane += 16) {
    vec half[5][6], in[6], out[5];
    UNROLL for (int j = 0; j < 6; j++) {
      UNROLL for (int i = 0; i < 6; i++) {
        const float *from = sums + (6 * i + j) * stride + lane;
        in[i] = v_load(from);
        for (int group = 1; group < groups; group++)
          in[i] = v_add(in[i], v_load(from + group * group_stride));
      }
      winograd_weight_adjoint(r, in, out);
      UNROLL for (int i = 0; i < r; i++) { half[i][j] = out[i]; }
    }
    UNROLL for (int i = 0; i < r; i++) {
      winograd_weight_adjoint(r, half[i], out);
      UNROLL for (int j = 0; j < r; j++) { v_store(weights + (r * i + j) * 256 + lane, out[j]); }
    }
  }
}

static void winograd_weights_from_sums(const struct winograd_gradient_arguments *a, const float *sums, long stride, int groups,
                                       long group_stride, int k, int c) {
  const int r = a->geometry.kernel, rows = smaller(16, a->geometry.source_channels - 16 * c);
  float *weights = a->weights + ((long)k * a->geometry.source_blocks + c) * r * r * 256;
  if (r == 3) winograd_gradient_weights(3, rows, sums, stride, groups, group_stride, weights);
  else winograd_gradient_weights(5, rows, sums, stride, groups, group_stride, weights);
}

// One task: one image group, one part of the output blocks, one part of the source blocks. With one image group the task
// also transforms back.
static void winograd_gradient(const void *arguments, long task, float *scratch) {
  const struct winograd_gradient_arguments *a = arguments;
  const struct winograd_arguments *g = &a->geometry;
  const int source_part = (int)(task % a->source_parts), output_part = (int)(task / a->source_parts % a->output_parts);
  const int group = (int)(task / a->source_parts / a->output_parts);
  const int first_c = (int)((long)source_part * g->source_blocks / a->source_parts);
  const int source_blocks = (int)((source_part + 1l) * g->source_blocks / a->source_parts) - first_c;
  const int first_k = (int)((long)output_part * g->output_blocks / a->output_parts);
  const int output_blocks = (int)((output_part + 1l) * g->output_blocks / a->output_parts) - first_k;
  const long per_sheet = (long)g->tile_rows * g->tile_columns, sheets = g->images / (g->sheet_rows * g->sheet_columns);
  const long begin = group * sheets / a->image_groups * per_sheet;
  const long end = (group + 1l) * sheets / a->image_groups * per_sheet;
  const bool whole = a->image_groups == 1;
  // In the workspace the sums of a group lie as those of one part with all blocks.
  const long output_stride = (whole ? source_blocks : g->source_blocks) * 256l;
  const long sum_stride = whole ? winograd_sum_stride(output_blocks, source_blocks)
                                : winograd_sum_stride(g->output_blocks, g->source_blocks);
  float *sums = whole ? scratch
                      : a->sums + group * WINOGRAD_PLACES * sum_stride + first_k * output_stride + first_c * 256l;
  float *values = whole ? scratch + WINOGRAD_PLACES * sum_stride : scratch;
  for (long first = begin; first < end; first += g->block_tiles) {
    const int tiles = (int)(end - first < g->block_tiles ? end - first : g->block_tiles);
    const long value_stride = winograd_place_stride(source_blocks, tiles);
    const long factor_stride = winograd_place_stride(output_blocks, tiles);
    float *factors = values + WINOGRAD_PLACES * value_stride;
    winograd_patches(g, first, tiles, first_c, source_blocks, values, value_stride);
    if (g->tile_size == 4) winograd_gradient_patches(4, g, a->gradient, first, tiles, first_k, output_blocks, factors, factor_stride);
    else winograd_gradient_patches(2, g, a->gradient, first, tiles, first_k, output_blocks, factors, factor_stride);
    for (int place = 0; place < WINOGRAD_PLACES; place++)
      winograd_gradient_multiply(values + place * value_stride, factors + place * factor_stride, sums + place * sum_stride,
                                 output_stride, first > begin, tiles, source_blocks, g->source_channels - 16 * first_c, output_blocks,
                                 g->narrow && first_k + output_blocks == g->output_blocks);
  }
  if (!whole) return;
  for (int k = 0; k < output_blocks; k++)
    for (int c = 0; c < source_blocks; c++)
      winograd_weights_from_sums(a, sums + k * output_stride + 256l * c, sum_stride, 1, 0, first_k + k, first_c + c);
}

// Behind several image groups. One task: one (output block, source block).
static void winograd_gradient_finish(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct winograd_gradient_arguments *a = arguments;
  const struct winograd_arguments *g = &a->geometry;
  const long stride = winograd_sum_stride(g->output_blocks, g->source_blocks);
  winograd_weights_from_sums(a, a->sums + task * 256, stride, a->image_groups, WINOGRAD_PLACES * stride,
                             (int)(task / g->source_blocks), (int)(task % g->source_blocks));
}
