// Pooling over windows. One task: one image and channel block. A window is cut off at the edges of the source.

struct window {
  int top, bottom, left, right;
};

static inline int greater(int a, int b) { return a > b ? a : b; }

static inline struct window window_at(const struct pooling_arguments *a, int row, int column) {
  const struct windows *w = &a->windows;
  if (a->adaptive) {
    const int rows = w->output_height, columns = w->output_width;
    return (struct window){row * w->source_height / rows, ((row + 1) * w->source_height + rows - 1) / rows,
                           column * w->source_width / columns, ((column + 1) * w->source_width + columns - 1) / columns};
  }
  const int top = row * w->row_step - w->pad_top, left = column * w->column_step - w->pad_left;
  return (struct window){greater(top, 0), smaller(top + w->kernel_rows, w->source_height), greater(left, 0),
                         smaller(left + w->kernel_columns, w->source_width)};
}

// How many values an average divides by.
static inline float window_size(const struct pooling_arguments *a, int row, int column, struct window seen) {
  const struct windows *w = &a->windows;
  if (!a->count_padding || a->adaptive) return (float)((seen.bottom - seen.top) * (seen.right - seen.left));
  // Padding counts; what lies beyond the padding (rounding up) does not, as in PyTorch.
  const int top = row * w->row_step - w->pad_top, left = column * w->column_step - w->pad_left;
  return (float)((smaller(top + w->kernel_rows, w->source_height + w->pad_top) - top) *
                 (smaller(left + w->kernel_columns, w->source_width + w->pad_left) - left));
}

// Where a task's plane begins in the output, and in its gradient.
static inline long pool_output_offset(const struct pooling_arguments *a, long task) {
  return task / a->blocks * a->output_image_stride + task % a->blocks * a->windows.output_height * a->windows.output_width * 16;
}

static void average_pool(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pooling_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const float *source = a->source + task * w->source_height * w->source_width * 16;
  float *output = a->output + pool_output_offset(a, task);
  for (int row = 0; row < w->output_height; row++) {
    for (int column = 0; column < w->output_width; column++, output += 16) {
      const struct window seen = window_at(a, row, column);
      vec sum = v_zero();
      for (int r = seen.top; r < seen.bottom; r++)
        for (int s = seen.left; s < seen.right; s++)
          sum = v_add(sum, v_load(source + 16 * ((long)r * w->source_width + s)));
      v_store(output, v_multiply(sum, v_broadcast(1 / window_size(a, row, column, seen))));
    }
  }
}

static void average_pool_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pooling_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const long source_count = (long)w->source_height * w->source_width * 16;
  float *gradient = a->source_gradient + task * source_count;
  const float *from = a->output_gradient + pool_output_offset(a, task);
  if (!a->accumulate) memset(gradient, 0, source_count * sizeof(float));
  for (int row = 0; row < w->output_height; row++) {
    for (int column = 0; column < w->output_width; column++, from += 16) {
      const struct window seen = window_at(a, row, column);
      const vec share = v_multiply(v_load(from), v_broadcast(1 / window_size(a, row, column, seen)));
      for (int r = seen.top; r < seen.bottom; r++) {
        for (int s = seen.left; s < seen.right; s++) {
          float *to = gradient + 16 * ((long)r * w->source_width + s);
          v_store(to, v_add(v_load(to), share));
        }
      }
    }
  }
}
