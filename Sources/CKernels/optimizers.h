// Stochastic gradient descent with momentum and L2 decay, as PyTorch defines it: g += decay·w; v = factor·v + g;
// w −= rate·(nesterov ? g + factor·v : v).
static void momentum_step(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct momentum_arguments *a = arguments;
  const long first = task * a->range, last = first + a->range < a->count ? first + a->range : a->count;
  const vec rate = v_broadcast(-a->learning_rate), factor = v_broadcast(a->momentum_factor);
  const vec decay = v_broadcast(a->weight_decay);
  for (long i = first; i < last; i += 16) {
    const vec w = v_load(a->weights + i);
    const vec g = v_fma(decay, w, v_load(a->gradient + i));
    const vec v = v_fma(factor, v_load(a->momentum + i), g);
    v_store(a->momentum + i, v);
    v_store(a->weights + i, v_fma(rate, a->nesterov ? v_fma(factor, v, g) : v, w));
  }
}
