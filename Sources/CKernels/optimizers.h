// A summed gradient multiplied by `scale`, then kept within ± `limit`; NaN stays NaN.
static inline vec tamed(const float *gradient, vec scale, vec limit) {
  const vec g = v_multiply(scale, v_load(gradient)), lowest = v_subtract(v_zero(), limit);
  return v_where_greater(lowest, g, lowest, v_where_greater(g, limit, limit, g));
}

// Stochastic gradient descent with momentum and L2 decay: g += decay·w; v = factor·v + inner·g;
// w −= rate·(nesterov ? inner·g + factor·v : v). PyTorch has inner = 1, Caffe has inner = its learning rate and rate = 1.
static void momentum_step(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct momentum_arguments *a = arguments;
  const long first = task * a->range, last = first + a->range < a->count ? first + a->range : a->count;
  const vec rate = v_broadcast(-a->learning_rate), factor = v_broadcast(a->momentum_factor);
  const vec decay = v_broadcast(a->weight_decay), inner = v_broadcast(a->inner_rate);
  const vec scale = v_broadcast(a->gradient_scale), limit = v_broadcast(a->gradient_limit);
  for (long i = first; i < last; i += 16) {
    const vec w = v_load(a->weights + i);
    const vec g = v_multiply(inner, v_fma(decay, w, tamed(a->gradient + i, scale, limit)));
    const vec v = v_fma(factor, v_load(a->momentum + i), g);
    v_store(a->momentum + i, v);
    v_store(a->weights + i, v_fma(rate, a->nesterov ? v_fma(factor, v, g) : v, w));
  }
}

// Adam with decoupled decay: m = β1·m + (1 − β1)·g; v = β2·v + (1 − β2)·g²; u = m̂ / (√v̂ + ε) + decay·w; w −= rate·u.
static void adam_step(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct adam_arguments *a = arguments;
  const long first = task * a->range, last = first + a->range < a->count ? first + a->range : a->count;
  const vec scale = v_broadcast(a->gradient_scale), limit = v_broadcast(a->gradient_limit);
  const vec first_decay = v_broadcast(a->first_decay), first_share = v_broadcast(a->first_share);
  const vec second_decay = v_broadcast(a->second_decay), second_share = v_broadcast(a->second_share);
  const vec first_correction = v_broadcast(a->first_correction), second_correction = v_broadcast(a->second_correction);
  const vec epsilon = v_broadcast(a->epsilon), decay = v_broadcast(a->weight_decay);
  const vec rate = v_broadcast(-a->learning_rate);
  for (long i = first; i < last; i += 16) {
    const vec w = v_load(a->weights + i), g = tamed(a->gradient + i, scale, limit);
    const vec m = v_fma(first_share, g, v_multiply(first_decay, v_load(a->first_moment + i)));
    const vec v = v_fma(second_share, v_multiply(g, g), v_multiply(second_decay, v_load(a->second_moment + i)));
    v_store(a->first_moment + i, m);
    v_store(a->second_moment + i, v);
    const vec deviation = v_add(v_square_root(v_multiply(second_correction, v)), epsilon);
    const vec u = v_fma(decay, w, v_divide(v_multiply(first_correction, m), deviation));
    if (a->direction) v_store(a->direction + i, u);
    else v_store(a->weights + i, v_fma(rate, u, w));
  }
}

static void add_scaled(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct blend_arguments *a = arguments;
  const long first = task * a->range, last = first + a->range < a->count ? first + a->range : a->count;
  const vec share = v_broadcast(a->share);
  for (long i = first; i < last; i += 16)
    v_store(a->target + i, v_fma(share, v_load(a->source + i), v_load(a->target + i)));
}

static void move_average(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct blend_arguments *a = arguments;
  const long first = task * a->range, last = first + a->range < a->count ? first + a->range : a->count;
  const vec share = v_broadcast(a->share);
  for (long i = first; i < last; i += 16) {
    const vec old = v_load(a->target + i);
    v_store(a->target + i, v_fma(share, v_subtract(v_load(a->source + i), old), old));
  }
}

// Squares of floats are exact in double, so fused or not makes no difference. Each lane adds in order; lanes are added
// in halves.
static void squared_sums(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct squared_sums_arguments *a = arguments;
  const float *values = a->arena + a->pieces[task].first, limit = a->limit;
  double sums[16] = {0};
  for (long i = 0; i < a->pieces[task].count; i += 16) {
    for (int lane = 0; lane < 16; lane++) {
      const float value = values[i + lane];
      const double x = value > limit ? limit : value < -limit ? -limit : value;
      sums[lane] += x * x;
    }
  }
  if (a->by_lane) {
    memcpy(a->sums + 16 * task, sums, sizeof sums);
    return;
  }
  for (int half = 8; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++)
      sums[lane] += sums[lane + half];
  a->sums[task] = sums[0];
}

// Every filter of an output block by its own scale.
static void scale_filters(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct scale_filters_arguments *a = arguments;
  const float *scales = a->scales + 16 * (long)a->blocks[task];
  bool some = false;
  for (int lane = 0; lane < 16; lane++)
    some |= scales[lane] != 1;
  if (!some) return;
  float *values = a->arena + a->pieces[task].first;
  const vec scale = v_load(scales);
  for (long i = 0; i < a->pieces[task].count; i += 16)
    v_store(values + i, v_multiply(scale, v_load(values + i)));
}
