// Sigmoids element by element. Counts are multiples of 16. One task: `range` elements.

#define ACTIVATIONS(expression)                                                                          \
  (void)scratch;                                                                                         \
  const struct activation_arguments *e = arguments;                                                      \
  const long first = task * e->range, last = first + e->range < e->count ? first + e->range : e->count;  \
  for (long i = first; i < last; i += 16) {                                                              \
    vec result = (expression);                                                                           \
    if (e->accumulate) result = v_add(v_load(e->output + i), result);                                    \
    v_store(e->output + i, result);                                                                      \
  }

static void hyperbolic_tangent(const void *arguments, long task, float *scratch) {
  ACTIVATIONS(v_multiply(v_broadcast(e->amplitude), v_tanh(v_multiply(v_broadcast(e->slope), v_load(e->a + i)))))
}

// With y = A·tanh(S·x): dy/dx = A·S − S/A · y².
static inline vec tangent_slope(const struct activation_arguments *e, vec y) {
  const vec ratio = v_broadcast(-e->slope / e->amplitude);
  return v_fma(v_multiply(ratio, y), y, v_broadcast(e->amplitude * e->slope));
}

static void hyperbolic_tangent_gradient(const void *arguments, long task, float *scratch) {
  ACTIVATIONS(v_multiply(tangent_slope(e, v_load(e->a + i)), v_load(e->b + i)))
}

// With y = 1 / (1 + e^-x): dy/dx = y·(1 − y).
static void sigmoid_gradient(const void *arguments, long task, float *scratch) {
  ACTIVATIONS(v_multiply(v_multiply(v_load(e->a + i), v_subtract(v_broadcast(1), v_load(e->a + i))), v_load(e->b + i)))
}
#undef ACTIVATIONS

// sigmoid(0) is not 0, so channels behind the last are set to 0.
static void sigmoid(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct activation_arguments *e = arguments;
  const long first = task * e->range, last = first + e->range < e->count ? first + e->range : e->count;
  float mask[16];
  for (int lane = 0; lane < 16; lane++)
    mask[lane] = lane < e->last_lanes ? 1 : 0;
  const vec kept = v_load(mask);
  long place = first % e->image_floats;
  for (long i = first; i < last; i += 16) {
    const vec y = v_sigmoid(v_load(e->a + i));
    v_store(e->output + i, place < e->last_block ? y : v_where_greater(kept, v_zero(), y, v_zero()));
    place += 16;
    if (place == e->image_floats) place = 0;
  }
}
