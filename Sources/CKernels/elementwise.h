// Element by element. Counts are multiples of 16: tensors are padded.

#define ELEMENTS(expression)                                                            \
  (void)scratch;                                                                        \
  const struct elementwise_arguments *e = arguments;                                    \
  const long first = task * e->range, last = first + e->range < e->count ? first + e->range : e->count; \
  for (long i = first; i < last; i += 16) {                                             \
    vec result = (expression);                                                          \
    if (e->accumulate) result = v_add(v_load(e->output + i), result);                   \
    v_store(e->output + i, result);                                                     \
  }

static void rectify(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_max(v_zero(), v_load(e->a + i)))
}

static void rectify_gradient(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_where_greater(v_load(e->a + i), v_zero(), v_load(e->b + i), v_zero()))
}

static void add(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_add(v_load(e->a + i), v_load(e->b + i)))
}

static void add_rectify(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_max(v_zero(), v_add(v_load(e->a + i), v_load(e->b + i))))
}

static void copy(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_load(e->a + i))
}
#undef ELEMENTS

static void copy_rows(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct rows_arguments *a = arguments;
  const float *source = a->source + task * a->source_stride;
  float *output = a->output + task * a->output_stride;
  for (long i = 0; i < a->count; i += 16)
    v_store(output + i, a->accumulate ? v_add(v_load(output + i), v_load(source + i)) : v_load(source + i));
}
