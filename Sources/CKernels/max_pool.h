// Max pooling, forward and backward. One task: one image and channel block. Winners are taps of the whole window, row by
// row; of equal values the first wins; NaN wins over all, as in PyTorch.

// The greatest of rows × columns values from `source` on, the first of which is tap number `tap`.
ALWAYS_INLINE void max_pool_window(const int rows, const int columns, const struct pooling_arguments *a, const float *source,
                                   int tap, float *output, uint8_t *winners) {
  vec best = v_load(source), winner = v_broadcast((float)tap);
  for (int r = 0; r < rows; r++) {
    for (int s = 0; s < columns; s++) {
      const vec x = v_load(source + 16 * ((long)r * a->source_width + s));
      winner = v_where_above(x, best, v_broadcast((float)(tap + r * a->kernel_columns + s)), winner);
      best = v_where_above(x, best, x, best);
    }
  }
  v_store(output, best);
  if (winners) v_store_bytes(winners, winner);
}

static void max_pool(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pooling_arguments *a = arguments;
  const float *source = a->source + task * a->source_height * a->source_width * 16;
  float *output = a->output + pool_output_offset(a, task);
  uint8_t *winners = a->winners ? a->winners + task * a->output_height * a->output_width * 16 : NULL;
  for (int row = 0; row < a->output_height; row++) {
    for (int column = 0; column < a->output_width; column++, output += 16) {
      const struct window w = window_at(a, row, column);
      const int rows = w.bottom - w.top, columns = w.right - w.left;
      const int tap = (w.top - row * a->row_step + a->pad_top) * a->kernel_columns + w.left - column * a->column_step + a->pad_left;
      const float *first = source + 16 * ((long)w.top * a->source_width + w.left);
      if (rows == 3 && columns == 3) max_pool_window(3, 3, a, first, tap, output, winners);
      else if (rows == 2 && columns == 2) max_pool_window(2, 2, a, first, tap, output, winners);
      else max_pool_window(rows, columns, a, first, tap, output, winners);
      if (winners) winners += 16;
    }
  }
}

// A walk along an axis of the source: the first and the last window that see the present position, and in how many
// positions each of them moves on.
struct pool_walk {
  int first, last, until_first, until_last;
};

static inline struct pool_walk pool_walk_from(int padding, int kernel, int step) {
  const int before = padding - kernel;  // Windows that begin here or earlier have ended.
  return (struct pool_walk){
      .first = before < 0 ? 0 : before / step + 1,
      .last = padding / step,
      .until_first = before < 0 ? -before : step - before % step,
      .until_last = step - padding % step,
  };
}

static inline void pool_walk_on(struct pool_walk *walk, int step) {
  if (--walk->until_first == 0) walk->first++, walk->until_first = step;
  if (--walk->until_last == 0) walk->last++, walk->until_last = step;
}

// Windows side by side, rows × columns each: every one gives its gradient to the value that has won it.
ALWAYS_INLINE void max_pool_gradient_apart(const int rows, const int columns, const bool accumulate,
                                           const struct pooling_arguments *a, const float *gradient, const uint8_t *winners,
                                           float *to) {
  const long width = 16l * a->source_width;
  for (int row = 0; row < a->output_height; row++, to += (rows - 1) * width) {
    for (int column = 0; column < a->output_width; column++, gradient += 16, winners += 16, to += 16 * columns) {
      const vec given = v_load(gradient), winner = v_load_bytes(winners);
      UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int s = 0; s < columns; s++) {
          float *at = to + r * width + 16 * s;
          const vec share = v_where_equal(winner, v_broadcast((float)(r * columns + s)), given, v_zero());
          v_store(at, v_add(accumulate ? v_load(at) : v_zero(), share));
        }
      }
    }
  }
}

// Each source value gathers the gradients of the windows that it has won, in their order.
static void max_pool_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pooling_arguments *a = arguments;
  float *to = a->source_gradient + task * a->source_height * a->source_width * 16;
  const float *gradient = a->output_gradient + pool_output_offset(a, task);
  const uint8_t *winners = a->winners + task * a->output_height * a->output_width * 16;
  if (a->kernel_rows == 2 && a->kernel_columns == 2 && a->row_step == 2 && a->column_step == 2 &&
      a->source_height == 2 * a->output_height && a->source_width == 2 * a->output_width) {
    if (a->accumulate) max_pool_gradient_apart(2, 2, true, a, gradient, winners, to);
    else max_pool_gradient_apart(2, 2, false, a, gradient, winners, to);
    return;
  }
  struct pool_walk rows = pool_walk_from(a->pad_top, a->kernel_rows, a->row_step);
  for (int r = 0; r < a->source_height; r++, pool_walk_on(&rows, a->row_step)) {
    const int last_row = smaller(rows.last, a->output_height - 1);
    struct pool_walk columns = pool_walk_from(a->pad_left, a->kernel_columns, a->column_step);
    for (int s = 0; s < a->source_width; s++, to += 16, pool_walk_on(&columns, a->column_step)) {
      const int last_column = smaller(columns.last, a->output_width - 1);
      vec sum = a->accumulate ? v_load(to) : v_zero();
      for (int row = rows.first; row <= last_row; row++) {
        const int tap_row = (r + a->pad_top - row * a->row_step) * a->kernel_columns + s + a->pad_left;
        for (int column = columns.first; column <= last_column; column++) {
          const long at = 16 * ((long)row * a->output_width + column);
          const vec tap = v_broadcast((float)(tap_row - column * a->column_step));
          sum = v_add(sum, v_where_equal(v_load_bytes(winners + at), tap, v_load(gradient + at), v_zero()));
        }
      }
      v_store(to, sum);
    }
  }
}
