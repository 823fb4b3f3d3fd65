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

// One window after the other: for those that do not overlap from row to row.
static void max_pool_windows(const struct pooling_arguments *a, const float *source, float *output, uint8_t *winners) {
  for (int row = 0; row < a->output_height; row++) {
    for (int column = 0; column < a->output_width; column++, output += 16) {
      const struct window w = window_at(a, row, column);
      const int rows = w.bottom - w.top, columns = w.right - w.left;
      const int tap = (w.top - row * a->row_step + a->pad_top) * a->kernel_columns + w.left - column * a->column_step + a->pad_left;
      const float *first = source + 16 * ((long)w.top * a->source_width + w.left);
      if (rows == 2 && columns == 2) max_pool_window(2, 2, a, first, tap, output, winners);
      else max_pool_window(rows, columns, a, first, tap, output, winners);
      if (winners) winners += 16;
    }
  }
}

// Overlapping windows, rows first: every source row is searched once for all windows that see it. Each keeps the
// greatest of its part of the row, and which column of the window that is; then of these the first greatest one wins, as
// it would value by value.

// The parts that windows have of one source row: for each output column 16 values, and 16 columns if `tell`.
ALWAYS_INLINE void max_pool_columns(const int columns, const bool tell, const float *source, int first, float *part) {
  vec best = v_load(source), winner = v_broadcast((float)first);
  for (int s = 1; s < columns; s++) {
    const vec x = v_load(source + 16 * s);
    if (tell) winner = v_where_above(x, best, v_broadcast((float)(first + s)), winner);
    best = v_where_above(x, best, x, best);
  }
  v_store(part, best);
  if (tell) v_store(part + 16, winner);
}

ALWAYS_INLINE void max_pool_row(const bool tell, const struct pooling_arguments *a, const float *source, float *part) {
  for (int column = 0; column < a->output_width; column++, part += 32) {
    const int start = column * a->column_step - a->pad_left;
    const int left = greater(start, 0), columns = smaller(start + a->kernel_columns, a->source_width) - left;
    if (columns == 3) max_pool_columns(3, tell, source + 16l * left, left - start, part);
    else max_pool_columns(columns, tell, source + 16l * left, left - start, part);
  }
}

// One output row from the parts of its source rows, the first of which is row `first` of the windows.
ALWAYS_INLINE void max_pool_join(const int rows, const bool tell, const struct pooling_arguments *a,
                                 const float *const *parts, int first, float *output, uint8_t *winners) {
  for (long i = 0; i < a->output_width; i++) {
    vec best = v_load(parts[0] + 32 * i), winner = v_zero();
    if (tell) winner = v_add(v_load(parts[0] + 32 * i + 16), v_broadcast((float)(first * a->kernel_columns)));
    for (int r = 1; r < rows; r++) {
      const vec x = v_load(parts[r] + 32 * i);
      if (tell) {
        const vec tap = v_add(v_load(parts[r] + 32 * i + 16), v_broadcast((float)((first + r) * a->kernel_columns)));
        winner = v_where_above(x, best, tap, winner);
      }
      best = v_where_above(x, best, x, best);
    }
    v_store(output + 16 * i, best);
    if (tell) v_store_bytes(winners + 16 * i, winner);
  }
}

// Rows of a window whose parts can be held.
#define MAX_POOL_ROWS 8

// Scratch holds the parts of the last `kernel_rows` source rows.
ALWAYS_INLINE void max_pool_rows(const bool tell, const struct pooling_arguments *a, const float *source, float *output,
                                 uint8_t *winners, float *scratch) {
  const long part_floats = 32l * a->output_width;
  int searched = 0;  // Source rows before this one.
  for (int row = 0; row < a->output_height; row++) {
    const int start = row * a->row_step - a->pad_top;
    const int top = greater(start, 0), bottom = smaller(start + a->kernel_rows, a->source_height);
    const float *parts[MAX_POOL_ROWS];
    for (int r = top; r < bottom; r++) {
      float *part = scratch + r % a->kernel_rows * part_floats;
      if (r >= searched) max_pool_row(tell, a, source + 16l * r * a->source_width, part);
      parts[r - top] = part;
    }
    searched = bottom;
    if (bottom - top == 3) max_pool_join(3, tell, a, parts, top - start, output, winners);
    else max_pool_join(bottom - top, tell, a, parts, top - start, output, winners);
    output += 16l * a->output_width;
    if (tell) winners += 16l * a->output_width;
  }
}

static void max_pool(const void *arguments, long task, float *scratch) {
  const struct pooling_arguments *a = arguments;
  const float *source = a->source + task * a->source_height * a->source_width * 16;
  float *output = a->output + pool_output_offset(a, task);
  uint8_t *winners = a->winners ? a->winners + task * a->output_height * a->output_width * 16 : NULL;
  if (!a->rows_first) max_pool_windows(a, source, output, winners);
  else if (winners) max_pool_rows(true, a, source, output, winners, scratch);
  else max_pool_rows(false, a, source, output, NULL, scratch);
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
      const vec given = v_load(gradient);
      UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int s = 0; s < columns; s++) {
          float *at = to + r * width + 16 * s;
          const vec share = v_where_byte(winners, (uint8_t)(r * columns + s), given);
          v_store(at, v_add(accumulate ? v_load(at) : v_zero(), share));
        }
      }
    }
  }
}

// What a source value gathers from rows × columns windows, the first of which is at `gradient` and in which it is tap
// number `tap`.
ALWAYS_INLINE vec max_pool_gather(const int rows, const int columns, const struct pooling_arguments *a,
                                  const float *gradient, const uint8_t *winners, int tap, vec sum) {
  for (int r = 0; r < rows; r++) {
    for (int s = 0; s < columns; s++) {
      const long at = 16 * ((long)r * a->output_width + s);
      const int own = tap - r * a->row_step * a->kernel_columns - s * a->column_step;
      sum = v_add(sum, v_where_byte(winners + at, (uint8_t)own, v_load(gradient + at)));
    }
  }
  return sum;
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
    const int row_windows = smaller(rows.last, a->output_height - 1) - rows.first + 1;
    const int tap_row = (r + a->pad_top - rows.first * a->row_step) * a->kernel_columns + a->pad_left;
    struct pool_walk columns = pool_walk_from(a->pad_left, a->kernel_columns, a->column_step);
    for (int s = 0; s < a->source_width; s++, to += 16, pool_walk_on(&columns, a->column_step)) {
      const int column_windows = smaller(columns.last, a->output_width - 1) - columns.first + 1;
      const int tap = tap_row + s - columns.first * a->column_step;
      const long at = 16 * ((long)rows.first * a->output_width + columns.first);
      const float *from = gradient + at;
      const uint8_t *won = winners + at;
      vec sum = a->accumulate ? v_load(to) : v_zero();
      if (row_windows == 3 && column_windows == 3) sum = max_pool_gather(3, 3, a, from, won, tap, sum);
      else if (row_windows == 2 && column_windows == 2) sum = max_pool_gather(2, 2, a, from, won, tap, sum);
      else if (row_windows == 1 && column_windows == 1) sum = max_pool_gather(1, 1, a, from, won, tap, sum);
      else sum = max_pool_gather(row_windows, column_windows, a, from, won, tap, sum);
      v_store(to, sum);
    }
  }
}
