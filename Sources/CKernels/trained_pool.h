// Sub-sampling with trained coefficients (LeCun et al. 1998): output = weight · Σ window + bias, one weight and one bias
// per map, windows side by side. One task: one image and channel block.

static inline vec trained_pool_sum(const struct windows *w, const float *first) {
  vec sum = v_zero();
  for (int r = 0; r < w->kernel_rows; r++)
    for (int s = 0; s < w->kernel_columns; s++)
      sum = v_add(sum, v_load(first + 16 * ((long)r * w->source_width + s)));
  return sum;
}

static void trained_pool(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct trained_pool_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const int block = (int)(task % a->blocks), rows = w->output_height, columns = w->output_width;
  const float *source = a->source + task * w->source_height * w->source_width * 16;
  float *output = a->output + task * rows * columns * 16;
  const vec weight = v_load(a->weights + 16 * block), bias = v_load(a->bias + 16 * block);
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++, output += 16) {
      const long at = 16 * ((long)row * w->kernel_rows * w->source_width + (long)column * w->kernel_columns);
      v_store(output, v_fma(weight, trained_pool_sum(w, source + at), bias));
    }
  }
}

// Also the sums over pixels that the gradients of weights and biases are made of, in the order of rows: sums[image][weights,
// then biases].
static void trained_pool_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct trained_pool_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const int block = (int)(task % a->blocks), rows = w->output_height, columns = w->output_width;
  const long source_count = (long)w->source_height * w->source_width * 16;
  const float *source = a->source + task * source_count;
  const float *from = a->output_gradient + task * rows * columns * 16;
  float *gradient = a->source_gradient ? a->source_gradient + task * source_count : NULL;
  float *sums = a->sums + task / a->blocks * 32 * a->blocks + 16 * block;
  const vec weight = v_load(a->weights + 16 * block);
  vec weight_sum = v_zero(), bias_sum = v_zero();
  if (gradient && !a->accumulate) memset(gradient, 0, source_count * sizeof(float));
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++, from += 16) {
      const long at = 16 * ((long)row * w->kernel_rows * w->source_width + (long)column * w->kernel_columns);
      const vec g = v_load(from), share = v_multiply(g, weight);
      weight_sum = v_fma(g, trained_pool_sum(w, source + at), weight_sum);
      bias_sum = v_add(bias_sum, g);
      for (int r = 0; gradient && r < w->kernel_rows; r++) {
        for (int s = 0; s < w->kernel_columns; s++) {
          float *to = gradient + at + 16 * ((long)r * w->source_width + s);
          v_store(to, v_add(v_load(to), share));
        }
      }
    }
  }
  v_store(sums, weight_sum);
  v_store(sums + 16 * a->blocks, bias_sum);
}
