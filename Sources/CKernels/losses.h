// Losses beside softmax cross entropy. A logit that is not finite makes the loss NaN.

// 0 if all logits are finite, else NaN.
static inline float broken_logits(const float *logits, int classes) {
  float sum = 0;
  for (int k = 0; k < classes; k++)
    sum += logits[k] - logits[k];
  return sum;
}

// The first of the greatest logits beside class `left_out`; −1 if there is none.
static inline int greatest_logit(const float *logits, int classes, int left_out) {
  int greatest = -1;
  for (int k = 0; k < classes; k++)
    if (k != left_out && (greatest < 0 || logits[k] > logits[greatest])) greatest = k;
  return greatest;
}

// `scale` at the rival, its negative at the label, else 0; all 0 for a rival of −1.
static inline void margin_gradient(const struct loss_arguments *a, long task, int rival) {
  if (!a->gradient) return;
  float *gradient = a->gradient + task * a->stride;
  for (long k = 0; k < a->stride; k++)
    gradient[k] = 0;
  if (rival < 0) return;
  gradient[rival] = a->gradient_scale;
  gradient[a->labels[task]] = -a->gradient_scale;
}

// max(0, max z − z[label]), with a step whenever another class is predicted, be it by a tie.
static void perceptron_loss(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct loss_arguments *a = arguments;
  const float *logits = a->logits + task * a->stride;
  const int label = a->labels[task], predicted = greatest_logit(logits, a->classes, -1);
  a->losses[task] = logits[predicted] - logits[label] + broken_logits(logits, a->classes);
  a->ranks[task] = label_rank(logits, label, a->classes);
  margin_gradient(a, task, predicted == label ? -1 : predicted);
}

// max(0, 1 + max of the others − z[label]).
static void hinge_loss(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct loss_arguments *a = arguments;
  const float *logits = a->logits + task * a->stride;
  const int label = a->labels[task], rival = greatest_logit(logits, a->classes, label);
  const float margin = rival < 0 ? 0 : 1 + (logits[rival] - logits[label]);
  a->losses[task] = (margin > 0 ? margin : 0) + broken_logits(logits, a->classes);
  a->ranks[task] = label_rank(logits, label, a->classes);
  margin_gradient(a, task, margin > 0 ? rival : -1);
}

// ½·Σ (z − t)² with the target t = e^(−d² / 2σ²), d classes away from the label.
static void squared_error(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct loss_arguments *a = arguments;
  const float *logits = a->logits + task * a->stride;
  float *gradient = a->gradient ? a->gradient + task * a->stride : NULL;
  const int label = a->labels[task];
  float sum = 0;
  for (int k = 0; k < a->classes; k++) {
    const float d = (float)(k - label) / a->bump_width;
    const float error = logits[k] - own_exp(-0.5f * (d * d));
    sum = __builtin_fmaf(error, error, sum);
    if (gradient) gradient[k] = error * a->gradient_scale;
  }
  a->losses[task] = 0.5f * sum + broken_logits(logits, a->classes);
  a->ranks[task] = label_rank(logits, label, a->classes);
  for (long k = a->classes; gradient && k < a->stride; k++)
    gradient[k] = 0;
}
