// The label's rank, as `LossFunction` says what it is.
static inline int label_rank(const float *logits, int label, int classes) {
  int above = 0;
  for (int k = 0; k < classes; k++)
    if (k != label && !(logits[k] < logits[label]) && !(logits[k] == logits[label] && k > label)) above++;
  return above;
}

// Softmax cross entropy with label smoothing: loss = −Σ q·log p, gradient (p − q)·scale, with q = 1 − s + s/K at the
// label and s/K elsewhere. With a partner the 1 − s is shared between two labels, which may be the same.
static void softmax_cross_entropy(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct loss_arguments *a = arguments;
  const float *logits = a->logits + task * a->stride;
  const int label = a->labels[task], classes = a->classes;
  float greatest = logits[0];
  for (int k = 1; k < classes; k++)
    if (logits[k] > greatest) greatest = logits[k];
  float sum = 0, shifted_sum = 0;
  for (int k = 0; k < classes; k++) {
    const float shifted = logits[k] - greatest;
    sum += own_exp(shifted);
    shifted_sum += shifted;
  }
  const float log_sum = own_log(sum);
  const float off_label = a->smoothing / (float)classes, on_label = 1 - a->smoothing;
  const int other = a->partner ? a->labels[(task + a->partner) % a->images] : label;
  const float share = a->partner ? a->share : 1;
  float loss = log_sum - (logits[label] - greatest);
  if (a->partner) loss = share * loss + (1 - share) * (log_sum - (logits[other] - greatest));
  a->losses[task] = __builtin_fmaf(on_label, loss, off_label * ((float)classes * log_sum - shifted_sum));
  a->ranks[task] = label_rank(logits, label, classes);
  if (!a->gradient) return;
  float *gradient = a->gradient + task * a->stride;
  const float inverse = 1 / sum;
  for (int k = 0; k < classes; k++) {
    const float p = own_exp(logits[k] - greatest) * inverse;
    float q = k == label ? on_label * share + off_label : off_label;
    if (a->partner && k == other) q += on_label * (1 - share);
    gradient[k] = (p - q) * a->gradient_scale;
  }
  for (long k = classes; k < a->stride; k++)
    gradient[k] = 0;
}

// Mixup: share·x + (1 − share)·y as y + share·(x − y).
static void mix_images(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct mix_images_arguments *a = arguments;
  const float *x = a->source + task * a->count, *y = a->source + (task + a->partner) % a->images * a->count;
  float *output = a->output + task * a->count;
  const vec share = v_broadcast(a->share);
  long i = 0;
  for (; i + 16 <= a->count; i += 16)
    v_store(output + i, v_fma(share, v_subtract(v_load(x + i), v_load(y + i)), v_load(y + i)));
  for (; i < a->count; i++)
    output[i] = __builtin_fmaf(a->share, x[i] - y[i], y[i]);
}
