// Winograd backward-data as the adjoint of forward: dX = B [ (G g Gᵀ) ⊙ (A dY Aᵀ) ] Bᵀ, added up where tiles overlap.
//
// It goes over the tiles of the output, which are fewer than those of the source where the convolution is not padded: 16 and
// 36 for 12×12 → 8×8. A task has whole images. Each product is one chain over channels, and each source value adds its tiles
// row by row: the cut into tasks does not change a bit.

// Transforms the 36 products of a tile back and adds them to the source's gradient, cut off at the edges.
ALWAYS_INLINE void winograd_scatter(const struct winograd_arguments *g, const float *products, long stride, float *plane,
                                    int top, int left) {
  const bool inside = top >= 0 && left >= 0 && top + 6 <= g->height && left + 6 <= g->width;
  UNROLL for (int odd = 0; odd < 2; odd++) {
    vec rows[3][6];
    UNROLL for (int j = 0; j < 6; j++) {
      vec column[6], some[3];
      UNROLL for (int i = 0; i < 6; i++) { column[i] = v_load(products + (6 * i + j) * stride); }
      winograd_input_adjoint(odd, column, some);
      UNROLL for (int i = 0; i < 3; i++) { rows[i][j] = some[i]; }
    }
    UNROLL for (int i = 0; i < 3; i++) {
      const int y = top + 2 * i + odd;
      if (!inside && (y < 0 || y >= g->height)) continue;
      vec even_columns[3], odd_columns[3];
      winograd_input_adjoint(false, rows[i], even_columns);
      winograd_input_adjoint(true, rows[i], odd_columns);
      float *row = plane + 16 * ((long)y * g->width + left);
      UNROLL for (int s = 0; s < 6; s++) {
        if (inside || (left + s >= 0 && left + s < g->width))
          v_store(row + 16 * s, v_add(v_load(row + 16 * s), s % 2 ? odd_columns[s / 2] : even_columns[s / 2]));
      }
    }
  }
}

static void winograd_adjoint(const void *arguments, long task, float *scratch) {
  const struct winograd_adjoint_arguments *a = arguments;
  const struct winograd_arguments *g = &a->geometry;
  const int first_image = (int)(task * a->task_images), images = smaller(a->task_images, g->images - first_image);
  const int per_image = g->tile_rows * g->tile_columns, tiles = images * per_image;
  const long first = (long)first_image * per_image;
  const long factor_stride = winograd_place_stride(g->output_blocks, tiles);
  float *factors = scratch, *products = scratch + WINOGRAD_PLACES * factor_stride;
  if (g->tile_size == 4) winograd_gradient_patches(4, g, a->gradient, first, tiles, 0, g->output_blocks, factors, factor_stride);
  else winograd_gradient_patches(2, g, a->gradient, first, tiles, 0, g->output_blocks, factors, factor_stride);
  const long weight_stride = winograd_weight_stride(g->output_blocks, g->source_blocks);
  const long pixels = (long)g->height * g->width;
  for (int block = 0; block < g->source_blocks; block += g->group_blocks) {
    const int blocks = smaller(g->group_blocks, g->source_blocks - block);
    const long product_stride = winograd_place_stride(blocks, tiles);
    for (int place = 0; place < WINOGRAD_PLACES; place++)
      winograd_multiply(factors + place * factor_stride,
                        a->weights + place * weight_stride + block * 256l * g->output_blocks,
                        products + place * product_stride, tiles, g->output_blocks, a->output_channels, blocks,
                        a->narrow && block + blocks == g->source_blocks);
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < blocks; c++) {
        float *plane = a->source_gradient + (first_image + image) * g->source_image_stride + (block + c) * 16l * pixels;
        if (!g->accumulate) memset(plane, 0, pixels * 16 * sizeof(float));
        struct winograd_tile tile = winograd_tile_at(g, first + image * per_image);
        for (int t = image * per_image; t < (image + 1) * per_image; t++, winograd_next(g, &tile)) {
          winograd_scatter(g, products + ((long)c * tiles + t) * 16, product_stride, plane, tile.top - g->pad_top,
                           tile.left - g->pad_left);
        }
      }
    }
  }
}
