// Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2015) on the points 0, ±5/8, ±3/2, ∞, whose rounding error is
// about twice that of direct convolution, half of what the textbook points 0, ±1, ±2 give.
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// for 6×6 inputs d and 4×4 outputs Y. A task transforms a block of tiles into scratch, multiplies at each of the 36 places
// with the transformed weights (tiles × channels GEMMs), and transforms back. Each product is one chain over channels.

#define WINOGRAD_P 0.625f
#define WINOGRAD_Q 1.5f
#define WINOGRAD_P2 0.390625f
#define WINOGRAD_Q2 2.25f
#define WINOGRAD_PQ 0.87890625f   // p²q²
#define WINOGRAD_SUM 2.640625f    // p² + q²
#define WINOGRAD_P3 0.244140625f
#define WINOGRAD_Q3 3.375f

// Bᵀ d for one row or column of six.
ALWAYS_INLINE void winograd_input(const vec d[6], vec v[6]) {
  const vec q2 = v_broadcast(-WINOGRAD_Q2), p2 = v_broadcast(-WINOGRAD_P2);
  const vec sum = v_broadcast(-WINOGRAD_SUM), pq = v_broadcast(WINOGRAD_PQ);
  const vec even_p = v_fma(q2, d[2], d[4]), even_q = v_fma(p2, d[2], d[4]);
  const vec odd_p = v_multiply(v_broadcast(WINOGRAD_P), v_fma(q2, d[1], d[3]));
  const vec odd_q = v_multiply(v_broadcast(WINOGRAD_Q), v_fma(p2, d[1], d[3]));
  v[0] = v_fma(pq, d[0], v_fma(sum, d[2], d[4]));
  v[1] = v_add(even_p, odd_p);
  v[2] = v_subtract(even_p, odd_p);
  v[3] = v_add(even_q, odd_q);
  v[4] = v_subtract(even_q, odd_q);
  v[5] = v_fma(pq, d[1], v_fma(sum, d[3], d[5]));
}

// Aᵀ m for one row or column.
ALWAYS_INLINE void winograd_output(const vec m[6], vec y[4]) {
  const vec even_p = v_add(m[1], m[2]), odd_p = v_subtract(m[1], m[2]);
  const vec even_q = v_add(m[3], m[4]), odd_q = v_subtract(m[3], m[4]);
  y[0] = v_add(m[0], v_add(even_p, even_q));
  y[1] = v_fma(v_broadcast(WINOGRAD_P), odd_p, v_multiply(v_broadcast(WINOGRAD_Q), odd_q));
  y[2] = v_fma(v_broadcast(WINOGRAD_P2), even_p, v_multiply(v_broadcast(WINOGRAD_Q2), even_q));
  y[3] = v_add(m[5], v_fma(v_broadcast(WINOGRAD_P3), odd_p, v_multiply(v_broadcast(WINOGRAD_Q3), odd_q)));
}

// A y for one row or column: the adjoint of winograd_output, for weight gradients.
ALWAYS_INLINE void winograd_output_adjoint(const vec y[4], vec m[6]) {
  const vec even_p = v_fma(v_broadcast(WINOGRAD_P2), y[2], y[0]), even_q = v_fma(v_broadcast(WINOGRAD_Q2), y[2], y[0]);
  const vec odd_p = v_fma(v_broadcast(WINOGRAD_P3), y[3], v_multiply(v_broadcast(WINOGRAD_P), y[1]));
  const vec odd_q = v_fma(v_broadcast(WINOGRAD_Q3), y[3], v_multiply(v_broadcast(WINOGRAD_Q), y[1]));
  m[0] = y[0];
  m[1] = v_add(even_p, odd_p);
  m[2] = v_subtract(even_p, odd_p);
  m[3] = v_add(even_q, odd_q);
  m[4] = v_subtract(even_q, odd_q);
  m[5] = y[3];
}

#define WINOGRAD_F0 1.13777777777777778f    // 1 / (p²q²)
#define WINOGRAD_FP -0.68840336134453782f   // 1 / (2p²(p² − q²))
#define WINOGRAD_FQ 0.11951447245564893f    // 1 / (2q²(q² − p²))

// G g for one row or column of three.
ALWAYS_INLINE void winograd_weight(const vec g[3], vec u[6]) {
  const vec even_p = v_multiply(v_broadcast(WINOGRAD_FP), v_fma(v_broadcast(WINOGRAD_P2), g[2], g[0]));
  const vec even_q = v_multiply(v_broadcast(WINOGRAD_FQ), v_fma(v_broadcast(WINOGRAD_Q2), g[2], g[0]));
  const vec odd_p = v_multiply(v_broadcast(WINOGRAD_FP * WINOGRAD_P), g[1]);
  const vec odd_q = v_multiply(v_broadcast(WINOGRAD_FQ * WINOGRAD_Q), g[1]);
  u[0] = v_multiply(v_broadcast(WINOGRAD_F0), g[0]);
  u[1] = v_add(even_p, odd_p);
  u[2] = v_subtract(even_p, odd_p);
  u[3] = v_add(even_q, odd_q);
  u[4] = v_subtract(even_q, odd_q);
  u[5] = g[2];
}

// Gᵀ s for one row or column: the adjoint of winograd_weight.
ALWAYS_INLINE void winograd_weight_adjoint(const vec s[6], vec g[3]) {
  const vec even_p = v_multiply(v_broadcast(WINOGRAD_FP), v_add(s[1], s[2]));
  const vec even_q = v_multiply(v_broadcast(WINOGRAD_FQ), v_add(s[3], s[4]));
  const vec odd_p = v_multiply(v_broadcast(WINOGRAD_FP * WINOGRAD_P), v_subtract(s[1], s[2]));
  const vec odd_q = v_multiply(v_broadcast(WINOGRAD_FQ * WINOGRAD_Q), v_subtract(s[3], s[4]));
  g[0] = v_fma(v_broadcast(WINOGRAD_F0), s[0], v_add(even_p, even_q));
  g[1] = v_add(odd_p, odd_q);
  g[2] = v_add(s[5], v_fma(v_broadcast(WINOGRAD_P2), even_p, v_multiply(v_broadcast(WINOGRAD_Q2), even_q)));
}

// weights[k][c][3][3][16c][16k], or with `turned` transposed[c][k][3][3][16k][16c] as transpose_weights leaves them, to
// transformed[36][k][c][16][16]. One task: one (output block, source block).
static void winograd_weights(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct winograd_weights_arguments *a = arguments;
  const long blocks = (long)a->output_blocks * a->source_blocks;
  const float *from = a->weights + task * 9 * 256;
  float *to = a->transformed + task * 256;
  for (int lane = 0; lane < 16; lane++) {
    vec g[3][3], half[6][3], u[6];
    for (int r = 0; r < 3; r++)
      for (int s = 0; s < 3; s++)
        g[r][s] = v_load(from + (3 * r + s) * 256 + 16 * lane);
    for (int s = 0; s < 3; s++) {
      const vec column[3] = {g[0][s], g[1][s], g[2][s]};
      winograd_weight(column, u);
      for (int i = 0; i < 6; i++)
        half[i][s] = u[i];
    }
    for (int i = 0; i < 6; i++) {
      winograd_weight(half[i], u);
      for (int j = 0; j < 6; j++)
        v_store(to + (6 * i + j) * blocks * 256 + 16 * lane, u[j]);
    }
  }
}

// The 6×6 input patch of tile (row, column), zeros beyond the edges, transformed to v[36] at stride `stride`.
static void winograd_patch(const struct winograd_arguments *a, const float *plane, int top, int left, float *v, long stride) {
  vec half[6][6], column[6], out[6];
  const bool inside = top >= 0 && left >= 0 && top + 6 <= a->height && left + 6 <= a->width;
  for (int s = 0; s < 6; s++) {
    for (int r = 0; r < 6; r++) {
      const int y = top + r, x = left + s;
      const bool there = inside || (y >= 0 && y < a->height && x >= 0 && x < a->width);
      column[r] = there ? v_load(plane + 16 * ((long)y * a->width + x)) : v_zero();
    }
    winograd_input(column, out);
    for (int i = 0; i < 6; i++)
      half[i][s] = out[i];
  }
  for (int i = 0; i < 6; i++) {
    winograd_input(half[i], out);
    for (int j = 0; j < 6; j++)
      v_store(v + (6 * i + j) * stride, out[j]);
  }
}

// Transforms back the 36 products of a tile and writes its 4×4 outputs, cut off at the edges.
static void winograd_finish(const struct winograd_arguments *a, const float *m, long stride, const float *bias, float *plane,
                            int top, int left) {
  vec half[4][6], column[6], out[4];
  for (int j = 0; j < 6; j++) {
    for (int i = 0; i < 6; i++)
      column[i] = v_load(m + (6 * i + j) * stride);
    winograd_output(column, out);
    for (int i = 0; i < 4; i++)
      half[i][j] = out[i];
  }
  for (int i = 0; i < 4 && top + i < a->output_height; i++) {
    winograd_output(half[i], out);
    for (int j = 0; j < 4 && left + j < a->output_width; j++) {
      float *to = plane + 16 * ((long)(top + i) * a->output_width + left + j);
      vec y = out[j];
      if (bias) y = v_add(y, v_load(bias));
      if (a->accumulate) y = v_add(v_load(to), y);
      v_store(to, a->rectify ? v_max(v_zero(), y) : y);
    }
  }
}

struct winograd_tile {
  int image, top, left;  // Of the output.
};

static inline struct winograd_tile winograd_tile_at(const struct winograd_arguments *a, long tile) {
  const int per_image = a->tile_rows * a->tile_columns, place = (int)(tile % per_image);
  return (struct winograd_tile){(int)(tile / per_image), place / a->tile_columns * 4, place % a->tile_columns * 4};
}

// products[blocks][tiles][16] = Σ over source blocks of values[source block][tiles][16] · weights[block][source block].
static void winograd_multiply(const float *values, const float *weights, float *products, int tiles, int source_blocks,
                              int output_blocks) {
  const int widest = V_TILE_2 > 0 ? 2 : 1;
  for (int block = 0; block < output_blocks; block += widest) {
    const int blocks = smaller(widest, output_blocks - block);
    const int most = balanced(tiles, tile_rows(blocks));
    for (int tile = 0; tile < tiles; tile += most) {
      struct tile_call call = {
          .source = values + 16l * tile,
          .source_step = 16,
          .batch_stride = 16l * tiles,
          .batches = source_blocks,
          .kernel_rows = 1,
          .depth = 16,
          .weights = weights + (long)block * source_blocks * 256,
          .weight_block_stride = source_blocks * 256l,
          .output = products + (long)block * tiles * 16 + 16l * tile,
          .output_step = 16,
          .output_block_stride = 16l * tiles,
      };
      tiles_at_16(blocks, smaller(most, tiles - tile))(&call);
    }
  }
}

// One task: one block of tiles. Scratch: 36 × (source blocks + output blocks) × tiles × 16.
static void winograd(const void *arguments, long task, float *scratch) {
  const struct winograd_arguments *a = arguments;
  const long first = task * a->block_tiles, all = (long)a->images * a->tile_rows * a->tile_columns;
  const int tiles = (int)(all - first < a->block_tiles ? all - first : a->block_tiles);
  const long value_stride = (long)a->source_blocks * tiles * 16, product_stride = (long)a->output_blocks * tiles * 16;
  float *values = scratch, *products = scratch + 36 * value_stride;
  for (int t = 0; t < tiles; t++) {
    const struct winograd_tile tile = winograd_tile_at(a, first + t);
    for (int c = 0; c < a->source_blocks; c++)
      winograd_patch(a, a->source + tile.image * a->source_image_stride + c * 16l * a->height * a->width,
                     tile.top - a->pad_top, tile.left - a->pad_left, values + (long)c * tiles * 16 + 16l * t, value_stride);
  }
  const long weight_stride = (long)a->output_blocks * a->source_blocks * 256;
  for (int place = 0; place < 36; place++)
    winograd_multiply(values + place * value_stride, a->weights + place * weight_stride, products + place * product_stride,
                      tiles, a->source_blocks, a->output_blocks);
  for (int t = 0; t < tiles; t++) {
    const struct winograd_tile tile = winograd_tile_at(a, first + t);
    for (int k = 0; k < a->output_blocks; k++)
      winograd_finish(a, products + (long)k * tiles * 16 + 16l * t, product_stride, a->bias ? a->bias + 16 * k : NULL,
                      a->output + tile.image * a->output_image_stride + k * 16l * a->output_height * a->output_width,
                      tile.top, tile.left);
  }
}

// Weight gradients, first part. One task: one tile row of one image and one block, of the source (values) or, behind these,
// of the output's gradient (factors), to [36][block][tile][16].
static void winograd_gradient_transform(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct winograd_gradient_arguments *a = arguments;
  const struct winograd_arguments *g = &a->geometry;
  const int rows = a->image_count * g->tile_rows, blocks = g->source_blocks + g->output_blocks;
  const int row = (int)(task / blocks), block = (int)(task % blocks);
  const long tiles = (long)rows * g->tile_columns;
  const int image = a->first_image + row / g->tile_rows, top = row % g->tile_rows * 4;
  if (row >= rows) return;
  if (block < g->source_blocks) {
    const float *plane = g->source + image * g->source_image_stride + block * 16l * g->height * g->width;
    for (int column = 0; column < g->tile_columns; column++)
      winograd_patch(g, plane, top - g->pad_top, 4 * column - g->pad_left,
                     a->values + (block * tiles + (long)row * g->tile_columns + column) * 16, g->source_blocks * tiles * 16);
    return;
  }
  const int k = block - g->source_blocks;
  const float *plane = a->gradient + image * g->output_image_stride + k * 16l * g->output_height * g->output_width;
  for (int column = 0; column < g->tile_columns; column++) {
    const int left = 4 * column;
    float *to = a->factors + (k * tiles + (long)row * g->tile_columns + column) * 16;
    vec half[6][4], in[4], out[6];
    for (int j = 0; j < 4; j++) {
      for (int i = 0; i < 4; i++) {
        const bool there = top + i < g->output_height && left + j < g->output_width;
        in[i] = there ? v_load(plane + 16 * ((long)(top + i) * g->output_width + left + j)) : v_zero();
      }
      winograd_output_adjoint(in, out);
      for (int i = 0; i < 6; i++)
        half[i][j] = out[i];
    }
    for (int i = 0; i < 6; i++) {
      winograd_output_adjoint(half[i], out);
      for (int j = 0; j < 6; j++)
        v_store(to + (6 * i + j) * g->output_blocks * tiles * 16, out[j]);
    }
  }
}

// Second part. One task: one of 36 places and one pair of output blocks: sums[place][k][c][16][16] (+)= Σ over tiles.
static void winograd_gradient_multiply(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct winograd_gradient_arguments *a = arguments;
  const struct winograd_arguments *g = &a->geometry;
  const int pairs = (g->output_blocks + 1) / 2, place = (int)(task / pairs), pair = (int)(task % pairs);
  const long tiles = (long)a->image_count * g->tile_rows * g->tile_columns;
  const int widest = V_TILE_2 > 0 ? 2 : 1;
  float *sums = a->sums + (long)place * g->output_blocks * g->source_blocks * 256;
  const float *values = a->values + place * g->source_blocks * tiles * 16;
  const float *factors = a->factors + place * g->output_blocks * tiles * 16;
  for (int k = 2 * pair; k < smaller(2 * pair + 2, g->output_blocks); k += widest) {
    const int blocks = smaller(widest, g->output_blocks - k), most = balanced(16, tile_rows(blocks));
    if (a->first_image == 0)
      memset(sums + (long)k * g->source_blocks * 256, 0, (long)blocks * g->source_blocks * 256 * sizeof(float));
    for (int c = 0; c < g->source_blocks; c++) {
      struct weight_tile_call call = {
          .source_step = 16,
          .gradient = factors + k * tiles * 16,
          .gradient_block_stride = tiles * 16,
          .rows = 1,
          .columns = (int)tiles,
          .weight_block_stride = g->source_blocks * 256l,
      };
      for (int d = 0; d < 16; d += most) {
        call.source = values + c * tiles * 16 + d;
        call.weights = sums + ((long)k * g->source_blocks + c) * 256 + 16 * d;
        weight_tiles[blocks - 1][smaller(most, 16 - d)](&call);
      }
    }
  }
}

// Third part. One task: one (output block, source block): the 3×3 gradients of the 36 sums.
static void winograd_gradient_finish(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct winograd_gradient_arguments *a = arguments;
  const long stride = (long)a->geometry.output_blocks * a->geometry.source_blocks * 256;
  for (int lane = 0; lane < 16; lane++) {
    vec half[3][6], in[6], out[3];
    for (int j = 0; j < 6; j++) {
      for (int i = 0; i < 6; i++)
        in[i] = v_load(a->sums + (6 * i + j) * stride + task * 256 + 16 * lane);
      winograd_weight_adjoint(in, out);
      for (int i = 0; i < 3; i++)
        half[i][j] = out[i];
    }
    for (int i = 0; i < 3; i++) {
      winograd_weight_adjoint(half[i], out);
      for (int j = 0; j < 3; j++)
        v_store(a->weights + task * 9 * 256 + (3 * i + j) * 256 + 16 * lane, out[j]);
    }
  }
}
