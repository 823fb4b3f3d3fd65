// Winograd convolution: forward, and backward-data as the same walk over turned weights.
//
// A task transforms a block of tiles into scratch, multiplies at each of the 36 places with the transformed weights (tiles ×
// channels GEMMs), and transforms back. Each product is one chain over channels: no cut into tasks or groups changes a bit.

enum { WINOGRAD_PLACES = 36, WINOGRAD_PATCH = 6 };

// Floats between the transformed weights of two places: a cache line more than they take, so that the 36 places of a weight
// do not share one set of the cache.
static inline long winograd_weight_stride(int output_blocks, int source_blocks) {
  return (long)output_blocks * source_blocks * 256 + 16;
}

// weights[k][c][r][r][16c][16k], or for backward-data transposed[c][k][r][r][16k][16c] as transpose_weights leaves them, to
// transformed[36][k][c][16][16]; turned by half a turn if asked for. One task: one (output block, source block).
ALWAYS_INLINE void winograd_weights_run(const int r, const struct winograd_weights_arguments *a, long task) {
  const long stride = winograd_weight_stride(a->output_blocks, a->source_blocks);
  const float *from = a->weights + task * r * r * 256 + (a->turned ? (r * r - 1) * 256 : 0);
  const long tap = a->turned ? -256 : 256;
  float *to = a->transformed + task * 256;
  for (int lane = 0; lane < 16; lane++) {
    vec half[6][5], column[5], u[6];
    UNROLL for (int s = 0; s < r; s++) {
      UNROLL for (int i = 0; i < r; i++) { column[i] = v_load(from + (r * i + s) * tap + 16 * lane); }
      winograd_weight(r, column, u);
      UNROLL for (int i = 0; i < 6; i++) { half[i][s] = u[i]; }
    }
    UNROLL for (int i = 0; i < 6; i++) {
      winograd_weight(r, half[i], u);
      UNROLL for (int j = 0; j < 6; j++) { v_store(to + (6 * i + j) * stride + 16 * lane, u[j]); }
    }
  }
}

static void winograd_weights(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct winograd_weights_arguments *a = arguments;
  if (a->kernel == 3) winograd_weights_run(3, a, task);
  else winograd_weights_run(5, a, task);
}

struct winograd_tile {
  int image;      // The sheet's first.
  int top, left;  // Of the output, on the sheet.
};

static inline struct winograd_tile winograd_tile_at(const struct winograd_arguments *a, long tile) {
  const int per_sheet = a->tile_rows * a->tile_columns, place = (int)(tile % per_sheet);
  return (struct winograd_tile){(int)(tile / per_sheet) * a->sheet_rows * a->sheet_columns,
                                place / a->tile_columns * a->tile_size, place % a->tile_columns * a->tile_size};
}

// The tile behind it, without dividing.
static inline void winograd_next(const struct winograd_arguments *a, struct winograd_tile *tile) {
  tile->left += a->tile_size;
  if (tile->left < a->tile_columns * a->tile_size) return;
  tile->left = 0;
  tile->top += a->tile_size;
  if (tile->top < a->tile_rows * a->tile_size) return;
  tile->top = 0;
  tile->image += a->sheet_rows * a->sheet_columns;
}

// Whether positions from (top, left) on lie within the only image of a sheet: the common case, quickly told.
static inline bool winograd_inside(const struct winograd_arguments *a, int top, int left, int size, int height, int width) {
  return a->sheet_rows * a->sheet_columns == 1 && top >= 0 && left >= 0 && top + size <= height && left + size <= width;
}

// Where a tile's positions along one axis of a sheet lie in memory.
struct winograd_span {
  long offset[WINOGRAD_PATCH];  // −1 between and beyond the images.
  bool whole;                   // All in one image, in order.
};

// `count` positions from `first`, which is at least −pitch. Images have `size` positions that are `step` floats apart.
static inline struct winograd_span winograd_span(int first, int count, int images, int pitch, int size, long image_stride,
                                                 long step) {
  struct winograd_span span;
  int image = (first + pitch) / pitch - 1, position = first - image * pitch;
  span.whole = image >= 0 && image < images && position + count <= size;
  for (int i = 0; i < count; i++) {
    span.offset[i] = image >= 0 && image < images && position < size ? image * image_stride + position * step : -1;
    if (++position == pitch) position = 0, image++;
  }
  return span;
}

static inline struct winograd_span winograd_row_span(const struct winograd_arguments *a, int top, int count, int height,
                                                     int width, long image_stride) {
  return winograd_span(top, count, a->sheet_rows, a->row_pitch, height, a->sheet_columns * image_stride, 16l * width);
}

static inline struct winograd_span winograd_column_span(const struct winograd_arguments *a, int left, int count, int width,
                                                        long image_stride) {
  return winograd_span(left, count, a->sheet_columns, a->column_pitch, width, image_stride, 16);
}

// Copies a rows × columns patch of a sheet's plane, with zeros where there is no image.
static void winograd_copy_patch(const float *plane, const struct winograd_span *rows, const struct winograd_span *columns,
                                int size, float *patch) {
  for (int r = 0; r < size; r++) {
    for (int s = 0; s < size; s++, patch += 16) {
      const bool there = rows->offset[r] >= 0 && columns->offset[s] >= 0;
      v_store(patch, there ? v_load(plane + rows->offset[r] + columns->offset[s]) : v_zero());
    }
  }
}

// Floats between two places of `blocks` × `tiles` vectors in scratch: an odd number of vectors, so that the 36 places of a
// tile do not share few sets of the L1 cache.
static inline long winograd_place_stride(int blocks, int tiles) { return ((long)blocks * tiles | 1) * 16; }

// Bᵀ d B of a 6×6 patch whose rows are `row` floats apart, to 36 places at `stride`. Each half of the rows is finished
// before the next begins: what lives between the two passes fits the registers.
ALWAYS_INLINE void winograd_patch_transform(const float *patch, long row, float *values, long stride) {
  UNROLL for (int half = 0; half < 2; half++) {
    vec rows[3][6];
    UNROLL for (int s = 0; s < 6; s++) {
      vec column[6], low[3];
      UNROLL for (int i = 0; i < 6; i++) { column[i] = v_load(patch + i * row + 16 * s); }
      if (half == 0) winograd_input_low(column, low);
      else winograd_input_high(column, low);
      UNROLL for (int i = 0; i < 3; i++) { rows[i][s] = low[i]; }
    }
    UNROLL for (int i = 0; i < 3; i++) {
      vec out[6];
      winograd_input(rows[i], out);
      UNROLL for (int j = 0; j < 6; j++) { v_store(values + (6 * (3 * half + i) + j) * stride, out[j]); }
    }
  }
}

// The patch of the tile whose first input is (top, left), transformed to 36 places at `stride`.
static void winograd_patch(const struct winograd_arguments *a, const float *plane, int top, int left, float *values, long stride) {
  if (winograd_inside(a, top, left, WINOGRAD_PATCH, a->height, a->width)) {
    winograd_patch_transform(plane + 16 * ((long)top * a->width + left), 16l * a->width, values, stride);
    return;
  }
  const struct winograd_span rows = winograd_row_span(a, top, WINOGRAD_PATCH, a->height, a->width, a->source_image_stride);
  const struct winograd_span columns = winograd_column_span(a, left, WINOGRAD_PATCH, a->width, a->source_image_stride);
  if (rows.whole && columns.whole) {
    winograd_patch_transform(plane + rows.offset[0] + columns.offset[0], 16l * a->width, values, stride);
  } else {
    float patch[WINOGRAD_PLACES * 16];
    winograd_copy_patch(plane, &rows, &columns, WINOGRAD_PATCH, patch);
    winograd_patch_transform(patch, WINOGRAD_PATCH * 16, values, stride);
  }
}

// The values of `tiles` tiles and `blocks` source blocks: 36 × blocks × tiles × 16.
static void winograd_patches(const struct winograd_arguments *a, long first, int tiles, int first_block, int blocks,
                             float *values, long stride) {
  const struct winograd_tile start = winograd_tile_at(a, first);
  for (int c = 0; c < blocks; c++) {
    struct winograd_tile tile = start;
    for (int t = 0; t < tiles; t++, winograd_next(a, &tile)) {
      winograd_patch(a, a->source + tile.image * a->source_image_stride + (first_block + c) * 16l * a->height * a->width,
                     tile.top - a->pad_top, tile.left - a->pad_left, values + ((long)c * tiles + t) * 16, stride);
    }
  }
}

ALWAYS_INLINE void winograd_put(const struct winograd_arguments *a, float *to, vec y) {
  if (a->accumulate) y = v_add(v_load(to), y);
  v_store(to, a->rectify ? v_max(v_zero(), y) : y);
}

// Transforms back the 36 products of a tile and writes those of its m×m outputs that an image has.
ALWAYS_INLINE void winograd_finish(const int m, const struct winograd_arguments *a, const float *products, long stride,
                                   const float *bias, float *plane, int top, int left) {
  vec half[4][6], column[6], out[4];
  UNROLL for (int j = 0; j < 6; j++) {
    UNROLL for (int i = 0; i < 6; i++) { column[i] = v_load(products + (6 * i + j) * stride); }
    winograd_output(m, column, out);
    UNROLL for (int i = 0; i < m; i++) { half[i][j] = out[i]; }
  }
  const vec start = bias ? v_load(bias) : v_zero();
  if (winograd_inside(a, top, left, m, a->output_height, a->output_width)) {
    UNROLL for (int i = 0; i < m; i++) {
      winograd_output(m, half[i], out);
      float *to = plane + 16 * ((long)(top + i) * a->output_width + left);
      UNROLL for (int j = 0; j < m; j++) { winograd_put(a, to + 16 * j, v_add(out[j], start)); }
    }
    return;
  }
  const struct winograd_span rows = winograd_row_span(a, top, m, a->output_height, a->output_width, a->output_image_stride);
  const struct winograd_span columns = winograd_column_span(a, left, m, a->output_width, a->output_image_stride);
  for (int i = 0; i < m; i++) {
    if (rows.offset[i] < 0) continue;
    winograd_output(m, half[i], out);
    for (int j = 0; j < m; j++) {
      if (columns.offset[j] >= 0) winograd_put(a, plane + rows.offset[i] + columns.offset[j], v_add(out[j], start));
    }
  }
}

// products[blocks][tiles][16] = Σ over source blocks of values[source block][tiles][16] · weights[block][source block]. The
// padding of the last source block is left out. `narrow`: the last of these output blocks is.
static void winograd_multiply(const float *values, const float *weights, float *products, int tiles, int source_blocks,
                              int source_channels, int output_blocks, bool narrow) {
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
          .zeros = 16 * source_blocks - source_channels,
          .weights = weights + (long)block * source_blocks * 256,
          .weight_block_stride = source_blocks * 256l,
          .output = products + (long)block * tiles * 16 + 16l * tile,
          .output_step = 16,
          .output_block_stride = 16l * tiles,
      };
      tiles_at_16(narrow && block + blocks == output_blocks, blocks, smaller(most, tiles - tile))(&call);
    }
  }
}

ALWAYS_INLINE void winograd_run(const int m, const struct winograd_arguments *a, long task, float *scratch) {
  const long all = (long)a->images / (a->sheet_rows * a->sheet_columns) * a->tile_rows * a->tile_columns;
  const int part = (int)(task % a->block_parts);
  const long first = task / a->block_parts * a->block_tiles;
  const int tiles = (int)(all - first < a->block_tiles ? all - first : a->block_tiles);
  const int first_block = (int)((long)part * a->output_blocks / a->block_parts);
  const int last_block = (int)((long)(part + 1) * a->output_blocks / a->block_parts);
  const long value_stride = winograd_place_stride(a->source_blocks, tiles);
  float *values = scratch, *products = scratch + WINOGRAD_PLACES * value_stride;
  winograd_patches(a, first, tiles, 0, a->source_blocks, values, value_stride);
  const long weight_stride = winograd_weight_stride(a->output_blocks, a->source_blocks);
  const struct winograd_tile start = winograd_tile_at(a, first);
  for (int block = first_block; block < last_block; block += a->group_blocks) {
    const int blocks = smaller(a->group_blocks, last_block - block);
    const long product_stride = winograd_place_stride(blocks, tiles);
    for (int place = 0; place < WINOGRAD_PLACES; place++)
      winograd_multiply(values + place * value_stride,
                        a->weights + place * weight_stride + block * 256l * a->source_blocks,
                        products + place * product_stride, tiles, a->source_blocks, a->source_channels, blocks,
                        a->narrow && block + blocks == a->output_blocks);
    for (int k = 0; k < blocks; k++) {
      struct winograd_tile tile = start;
      for (int t = 0; t < tiles; t++, winograd_next(a, &tile)) {
        winograd_finish(m, a, products + (long)k * tiles * 16 + 16l * t, product_stride,
                        a->bias ? a->bias + 16 * (block + k) : NULL,
                        a->output + tile.image * a->output_image_stride +
                            (block + k) * 16l * a->output_height * a->output_width,
                        tile.top, tile.left);
      }
    }
  }
}

static void winograd(const void *arguments, long task, float *scratch) {
  const struct winograd_arguments *a = arguments;
  if (a->tile_size == 4) winograd_run(4, a, task, scratch);
  else winograd_run(2, a, task, scratch);
}
