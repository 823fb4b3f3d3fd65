// The norm of each window, and its gradient: 0 where the norm is 0. One task: one image and channel block.

static void l2_pool(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pooling_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const float *source = a->source + task * w->source_height * w->source_width * 16;
  float *output = a->output + task * w->output_height * w->output_width * 16;
  for (int row = 0; row < w->output_height; row++) {
    for (int column = 0; column < w->output_width; column++, output += 16) {
      const struct window seen = window_at(a, row, column);
      vec sum = v_zero();
      for (int r = seen.top; r < seen.bottom; r++) {
        for (int s = seen.left; s < seen.right; s++) {
          const vec x = v_load(source + 16 * ((long)r * w->source_width + s));
          sum = v_fma(x, x, sum);
        }
      }
      v_store(output, v_square_root(sum));
    }
  }
}

static void l2_pool_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pooling_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const long source_offset = task * w->source_height * w->source_width * 16;
  const long output_offset = task * w->output_height * w->output_width * 16;
  const float *source = a->source + source_offset, *output = a->output + output_offset;
  const float *from = a->output_gradient + output_offset;
  float *gradient = a->source_gradient + source_offset;
  if (!a->accumulate) memset(gradient, 0, (long)w->source_height * w->source_width * 16 * sizeof(float));
  for (int row = 0; row < w->output_height; row++) {
    for (int column = 0; column < w->output_width; column++, from += 16, output += 16) {
      const struct window seen = window_at(a, row, column);
      const vec norm = v_load(output);
      const vec share = v_where_greater(norm, v_zero(), v_divide(v_load(from), norm), v_zero());
      for (int r = seen.top; r < seen.bottom; r++) {
        for (int s = seen.left; s < seen.right; s++) {
          const long at = 16 * ((long)r * w->source_width + s);
          v_store(gradient + at, v_fma(v_load(source + at), share, v_load(gradient + at)));
        }
      }
    }
  }
}
