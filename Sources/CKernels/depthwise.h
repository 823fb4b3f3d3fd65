// Depthwise convolution: every channel has its own kernel, so 16 channels are 16 lanes. One task has one plane of 16 channels,
// in place: taps beyond the edges are left out. Weights: block, kernel row, kernel column, 16.

// The output columns [first, last) of which all taps fall into the source.
struct depthwise_span {
  int first, last;
};

static struct depthwise_span depthwise_inner(const struct depthwise_arguments *a) {
  const struct windows *w = &a->windows;
  const int reach = (w->kernel_columns - 1) * a->tap_column_step, room = w->source_width - 1 - reach + w->pad_left;
  const int first = w->pad_left <= 0 ? 0 : (w->pad_left + w->column_step - 1) / w->column_step;
  const int last = room < 0 ? 0 : smaller(room / w->column_step + 1, w->output_width);
  return (struct depthwise_span){smaller(first, w->output_width), last > first ? last : smaller(first, w->output_width)};
}

// `count` output pixels next to each other, each one chain over (kernel row, kernel column) with columns [from, to).
ALWAYS_INLINE void depthwise_pixels(const int count, const struct depthwise_arguments *a, const float *source,
                                    const float *weights, vec start, int row, int column, int from, int to, float *output) {
  const struct windows *w = &a->windows;
  vec sum[8];
  const int top = row * w->row_step - w->pad_top, taps = w->kernel_rows * w->kernel_columns;
  const long left = (long)column * w->column_step - w->pad_left, step = 16l * w->column_step;
  UNROLL for (int p = 0; p < count; p++) { sum[p] = a->accumulate ? v_load(output + 16 * p) : start; }
  for (int r = 0; r < w->kernel_rows; r++) {
    const int y = top + r * a->tap_row_step;
    if (y < 0 || y >= w->source_height) continue;
    const float *pixels = source + ((long)y * w->source_width + left) * 16;
    for (int s = from; s < to; s++) {
      const int tap = r * w->kernel_columns + s;
      const vec weight = v_load(weights + 16l * (a->turned ? taps - 1 - tap : tap));
      const float *x = pixels + 16l * s * a->tap_column_step;
      UNROLL for (int p = 0; p < count; p++) { sum[p] = v_fma(weight, v_load(x + p * step), sum[p]); }
    }
  }
  UNROLL for (int p = 0; p < count; p++) {
    v_store(output + 16 * p, a->rectify ? v_max(v_zero(), sum[p]) : sum[p]);
  }
}

// One output pixel at an edge, with the kernel columns that fall into the source.
static void depthwise_edge(const struct depthwise_arguments *a, const float *source, const float *weights, vec start, int row,
                           int column, float *output) {
  const struct windows *w = &a->windows;
  const int left = column * w->column_step - w->pad_left;
  int from = 0, to = w->kernel_columns;
  while (from < to && left + from * a->tap_column_step < 0) from++;
  while (to > from && left + (to - 1) * a->tap_column_step >= w->source_width) to--;
  depthwise_pixels(1, a, source, weights, start, row, column, from, to, output);
}

// Forward, and backward-data of stride 1 with turned taps. One task: one image and block.
static void depthwise(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct depthwise_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const int block = (int)(task % a->blocks);
  const float *source = a->source + task * w->source_height * w->source_width * 16;
  const float *weights = a->weights + (long)block * w->kernel_rows * w->kernel_columns * 16;
  float *output = a->output + task * w->output_height * w->output_width * 16;
  const vec start = a->bias ? v_load(a->bias + 16 * block) : v_zero();
  const struct depthwise_span inner = depthwise_inner(a);
  for (int row = 0; row < w->output_height; row++, output += 16l * w->output_width) {
    int column = 0;
    for (; column < inner.first; column++) depthwise_edge(a, source, weights, start, row, column, output + 16l * column);
    for (; column + 8 <= inner.last; column += 8)
      depthwise_pixels(8, a, source, weights, start, row, column, 0, w->kernel_columns, output + 16l * column);
    for (; column + 4 <= inner.last; column += 4)
      depthwise_pixels(4, a, source, weights, start, row, column, 0, w->kernel_columns, output + 16l * column);
    for (; column < w->output_width; column++)
      depthwise_edge(a, source, weights, start, row, column, output + 16l * column);
  }
}

// Backward-data of any stride: every output pixel's gradient goes to the source pixels that it was made from. `source` is the
// output's gradient, `output` the source's. Each result is one chain over (output row, kernel row, kernel column).
static void depthwise_scatter(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct depthwise_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const int block = (int)(task % a->blocks);
  const long source_floats = 16l * w->source_height * w->source_width;
  const float *gradient = a->source + task * w->output_height * w->output_width * 16;
  const float *weights = a->weights + (long)block * w->kernel_rows * w->kernel_columns * 16;
  float *plane = a->output + task * source_floats;
  if (!a->accumulate) memset(plane, 0, source_floats * sizeof(float));
  for (int row = 0; row < w->output_height; row++, gradient += 16l * w->output_width) {
    for (int r = 0; r < w->kernel_rows; r++) {
      const int y = row * w->row_step - w->pad_top + r * a->tap_row_step;
      if (y < 0 || y >= w->source_height) continue;
      for (int s = 0; s < w->kernel_columns; s++) {
        const vec weight = v_load(weights + (r * w->kernel_columns + s) * 16);
        const int left = s * a->tap_column_step - w->pad_left;
        const int first = left >= 0 ? 0 : (-left + w->column_step - 1) / w->column_step;
        float *to = plane + ((long)y * w->source_width + left) * 16;
        for (int column = first; column < w->output_width && left + column * w->column_step < w->source_width; column++) {
          float *x = to + 16l * column * w->column_step;
          v_store(x, v_fma(weight, v_load(gradient + 16l * column), v_load(x)));
        }
      }
    }
  }
}

// Adds the output columns [column, last) of a row to the sums of `count` neighbouring taps; `checked` at the edges.
ALWAYS_INLINE void depthwise_gradient_columns(const int count, const bool checked, const struct depthwise_arguments *a,
                                              const float *row, const float *gradient, int column, int last, int first_tap,
                                              vec *sum) {
  const struct windows *w = &a->windows;
  for (; column < last; column++) {
    const vec g = v_load(gradient + 16l * column);
    const int left = column * w->column_step - w->pad_left + first_tap * a->tap_column_step;
    UNROLL for (int s = 0; s < count; s++) {
      const int x = left + s * a->tap_column_step;
      if (!checked || (x >= 0 && x < w->source_width)) sum[s] = v_fma(v_load(row + 16l * x), g, sum[s]);
    }
  }
}

// `count` neighbouring taps of kernel row r, over one image.
ALWAYS_INLINE void depthwise_gradient_taps(const int count, const struct depthwise_arguments *a, const float *source,
                                           const float *gradient, struct depthwise_span inner, int r, int first_tap, bool begin,
                                           float *weights) {
  const struct windows *w = &a->windows;
  vec sum[4];
  UNROLL for (int s = 0; s < count; s++) { sum[s] = begin ? v_zero() : v_load(weights + 16 * s); }
  for (int row = 0; row < w->output_height; row++, gradient += 16l * w->output_width) {
    const int y = row * w->row_step - w->pad_top + r * a->tap_row_step;
    if (y < 0 || y >= w->source_height) continue;
    const float *pixels = source + 16l * y * w->source_width;
    depthwise_gradient_columns(count, true, a, pixels, gradient, 0, inner.first, first_tap, sum);
    depthwise_gradient_columns(count, false, a, pixels, gradient, inner.first, inner.last, first_tap, sum);
    depthwise_gradient_columns(count, true, a, pixels, gradient, inner.last, w->output_width, first_tap, sum);
  }
  UNROLL for (int s = 0; s < count; s++) { v_store(weights + 16 * s, sum[s]); }
}

// One task: one image group and block. Each weight is one chain over (image, row, column).
static void depthwise_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct depthwise_gradient_arguments *d = arguments;
  const struct depthwise_arguments *a = &d->geometry;
  const struct windows *w = &a->windows;
  const int block = (int)(task % a->blocks), group = (int)(task / a->blocks);
  const int first = (int)((long)group * a->images / d->image_groups);
  const int last = (int)((group + 1l) * a->images / d->image_groups);
  const struct depthwise_span inner = depthwise_inner(a);
  float *weights = d->sums + group * d->group_stride + (long)block * w->kernel_rows * w->kernel_columns * 16;
  for (int image = first; image < last; image++) {
    const long plane = (long)image * a->blocks + block;
    const float *source = a->source + plane * w->source_height * w->source_width * 16;
    const float *gradient = d->gradient + plane * w->output_height * w->output_width * 16;
    for (int r = 0; r < w->kernel_rows; r++) {
      for (int s = 0; s < w->kernel_columns; s += 4) {
        float *to = weights + (r * w->kernel_columns + s) * 16;
        const bool begin = image == first;
        switch (smaller(4, w->kernel_columns - s)) {
          case 1: depthwise_gradient_taps(1, a, source, gradient, inner, r, s, begin, to); break;
          case 2: depthwise_gradient_taps(2, a, source, gradient, inner, r, s, begin, to); break;
          case 3: depthwise_gradient_taps(3, a, source, gradient, inner, r, s, begin, to); break;
          default: depthwise_gradient_taps(4, a, source, gradient, inner, r, s, begin, to); break;
        }
      }
    }
  }
}
