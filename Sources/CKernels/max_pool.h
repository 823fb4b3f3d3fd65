// Max pooling, forward and backward. One task: one image and channel block. Winners are taps of the whole window, row by
// row; of equal values the first wins; NaN wins over all, as in PyTorch.

// The greatest of rows × columns values from `source` on, the first of which is tap number `tap`.
ALWAYS_INLINE void max_pool_window(const int rows, const int columns, const struct windows *w, const float *source,
                                   int tap, float *output, uint8_t *winners) {
  vec best = v_load(source), winner = v_broadcast((float)tap);
  for (int r = 0; r < rows; r++) {
    for (int s = 0; s < columns; s++) {
      const vec x = v_load(source + 16 * ((long)r * w->source_width + s));
      winner = v_where_above(x, best, v_broadcast((float)(tap + r * w->kernel_columns + s)), winner);
      best = v_where_above(x, best, x, best);
    }
  }
  v_store(output, best);
  if (winners) v_store_bytes(winners, winner);
}

// One window after the other: for those that do not overlap from row to row.
static void max_pool_windows(const struct pooling_arguments *a, const float *source, float *output, uint8_t *winners) {
  const struct windows *w = &a->windows;
  for (int row = 0; row < w->output_height; row++) {
    for (int column = 0; column < w->output_width; column++, output += 16) {
      const struct window seen = window_at(a, row, column);
      const int rows = seen.bottom - seen.top, columns = seen.right - seen.left;
      const int tap_row = seen.top - row * w->row_step + w->pad_top, tap_column = seen.left - column * w->column_step + w->pad_left;
      const int tap = tap_row * w->kernel_columns + tap_column;
      const float *first = source + 16 * ((long)seen.top * w->source_width + seen.left);
      if (rows == 2 && columns == 2) max_pool_window(2, 2, w, first, tap, output, winners);
      else max_pool_window(rows, columns, w, first, tap, output, winners);
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

ALWAYS_INLINE void max_pool_row(const bool tell, const struct windows *w, const float *source, float *part) {
  for (int column = 0; column < w->output_width; column++, part += 32) {
    const int start = column * w->column_step - w->pad_left;
    const int left = greater(start, 0), columns = smaller(start + w->kernel_columns, w->source_width) - left;
    if (columns == 3) max_pool_columns(3, tell, source + 16l * left, left - start, part);
    else max_pool_columns(columns, tell, source + 16l * left, left - start, part);
  }
}

// One output row from the parts of its source rows, the first of which is row `first` of the windows.
ALWAYS_INLINE void max_pool_join(const int rows, const bool tell, const struct windows *w,
                                 const float *const *parts, int first, float *output, uint8_t *winners) {
  for (long i = 0; i < w->output_width; i++) {
    vec best = v_load(parts[0] + 32 * i), winner = v_zero();
    if (tell) winner = v_add(v_load(parts[0] + 32 * i + 16), v_broadcast((float)(first * w->kernel_columns)));
    for (int r = 1; r < rows; r++) {
      const vec x = v_load(parts[r] + 32 * i);
      if (tell) {
        const vec tap = v_add(v_load(parts[r] + 32 * i + 16), v_broadcast((float)((first + r) * w->kernel_columns)));
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
ALWAYS_INLINE void max_pool_rows(const bool tell, const struct windows *w, const float *source, float *output,
                                 uint8_t *winners, float *scratch) {
  const long part_floats = 32l * w->output_width;
  int searched = 0;  // Source rows before this one.
  for (int row = 0; row < w->output_height; row++) {
    const int start = row * w->row_step - w->pad_top;
    const int top = greater(start, 0), bottom = smaller(start + w->kernel_rows, w->source_height);
    const float *parts[MAX_POOL_ROWS];
    for (int r = top; r < bottom; r++) {
      float *part = scratch + r % w->kernel_rows * part_floats;
      if (r >= searched) max_pool_row(tell, w, source + 16l * r * w->source_width, part);
      parts[r - top] = part;
    }
    searched = bottom;
    if (bottom - top == 3) max_pool_join(3, tell, w, parts, top - start, output, winners);
    else max_pool_join(bottom - top, tell, w, parts, top - start, output, winners);
    output += 16l * w->output_width;
    if (tell) winners += 16l * w->output_width;
  }
}

static void max_pool(const void *arguments, long task, float *scratch) {
  const struct pooling_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const float *source = a->source + task * w->source_height * w->source_width * 16;
  float *output = a->output + pool_output_offset(a, task);
  uint8_t *winners = a->winners ? a->winners + task * w->output_height * w->output_width * 16 : NULL;
  if (!a->rows_first) max_pool_windows(a, source, output, winners);
  else if (winners) max_pool_rows(true, w, source, output, winners, scratch);
  else max_pool_rows(false, w, source, output, NULL, scratch);
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
                                           const struct windows *w, const float *gradient, const uint8_t *winners,
                                           float *to) {
  const long width = 16l * w->source_width;
  for (int row = 0; row < w->output_height; row++, to += (rows - 1) * width) {
    for (int column = 0; column < w->output_width; column++, gradient += 16, winners += 16, to += 16 * columns) {
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
ALWAYS_INLINE vec max_pool_gather(const int rows, const int columns, const struct windows *w,
                                  const float *gradient, const uint8_t *winners, int tap, vec sum) {
  for (int r = 0; r < rows; r++) {
    for (int s = 0; s < columns; s++) {
      const long at = 16 * ((long)r * w->output_width + s);
      const int own = tap - r * w->row_step * w->kernel_columns - s * w->column_step;
      sum = v_add(sum, v_where_byte(winners + at, (uint8_t)own, v_load(gradient + at)));
    }
  }
  return sum;
}

// Each source value gathers the gradients of the windows that it has won, in their order.
static void max_pool_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pooling_arguments *a = arguments;
  const struct windows *w = &a->windows;
  float *to = a->source_gradient + task * w->source_height * w->source_width * 16;
  const float *gradient = a->output_gradient + pool_output_offset(a, task);
  const uint8_t *winners = a->winners + task * w->output_height * w->output_width * 16;
  if (w->kernel_rows == 2 && w->kernel_columns == 2 && w->row_step == 2 && w->column_step == 2 &&
      w->source_height == 2 * w->output_height && w->source_width == 2 * w->output_width) {
    if (a->accumulate) max_pool_gradient_apart(2, 2, true, w, gradient, winners, to);
    else max_pool_gradient_apart(2, 2, false, w, gradient, winners, to);
    return;
  }
  struct pool_walk rows = pool_walk_from(w->pad_top, w->kernel_rows, w->row_step);
  for (int r = 0; r < w->source_height; r++, pool_walk_on(&rows, w->row_step)) {
    const int row_windows = smaller(rows.last, w->output_height - 1) - rows.first + 1;
    const int tap_row = (r + w->pad_top - rows.first * w->row_step) * w->kernel_columns + w->pad_left;
    struct pool_walk columns = pool_walk_from(w->pad_left, w->kernel_columns, w->column_step);
    for (int s = 0; s < w->source_width; s++, to += 16, pool_walk_on(&columns, w->column_step)) {
      const int column_windows = smaller(columns.last, w->output_width - 1) - columns.first + 1;
      const int tap = tap_row + s - columns.first * w->column_step;
      const long at = 16 * ((long)rows.first * w->output_width + columns.first);
      const float *from = gradient + at;
      const uint8_t *won = winners + at;
      vec sum = a->accumulate ? v_load(to) : v_zero();
      if (row_windows == 3 && column_windows == 3) sum = max_pool_gather(3, 3, w, from, won, tap, sum);
      else if (row_windows == 2 && column_windows == 2) sum = max_pool_gather(2, 2, w, from, won, tap, sum);
      else if (row_windows == 1 && column_windows == 1) sum = max_pool_gather(1, 1, w, from, won, tap, sum);
      else sum = max_pool_gather(row_windows, column_windows, w, from, won, tap, sum);
      v_store(to, sum);
    }
  }
}
