// Element by element, over rows of whole vectors: tensors are padded.

#define ELEMENTS(expression)                                                                              \
  (void)scratch;                                                                                          \
  const struct elementwise_arguments *e = arguments;                                                      \
  const long parts = (e->count + e->range - 1) / e->range, row = task / parts;                            \
  const long first = task % parts * e->range, last = first + e->range < e->count ? first + e->range : e->count; \
  const float *a = e->a + row * e->a_stride, *b = e->b + row * e->b_stride;                               \
  float *output = e->output + row * e->output_stride;                                                     \
  (void)b;                                                                                                \
  for (long i = first; i < last; i += 16) {                                                               \
    vec result = (expression);                                                                            \
    if (e->accumulate) result = v_add(v_load(output + i), result);                                        \
    v_store(output + i, result);                                                                          \
  }

static void rectify(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_max(v_zero(), v_load(a + i)))
}

static void rectify_gradient(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_where_greater(v_load(a + i), v_zero(), v_load(b + i), v_zero()))
}

static void add(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_add(v_load(a + i), v_load(b + i)))
}

static void add_rectify(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_max(v_zero(), v_add(v_load(a + i), v_load(b + i))))
}

static void copy(const void *arguments, long task, float *scratch) {
  ELEMENTS(v_load(a + i))
}
#undef ELEMENTS
