// Softmax cross entropy with label smoothing: loss = −Σ q·log p, gradient (p − q)·scale, with q = 1 − s + s/K at the
// label and s/K elsewhere.
static void softmax_cross_entropy(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct loss_arguments *a = arguments;
  const float *logits = a->logits + task * a->stride;
  const int label = a->labels[task], classes = a->classes;
  float greatest = logits[0];
  for (int k = 1; k < classes; k++)
    if (logits[k] > greatest) greatest = logits[k];
  float sum = 0, shifted_sum = 0;
  int above = 0;
  for (int k = 0; k < classes; k++) {
    const float shifted = logits[k] - greatest;
    sum += own_exp(shifted);
    shifted_sum += shifted;
    // Written so that NaN counts as above the label, and ties go to the lower class.
    if (k != label && !(logits[k] < logits[label]) && !(logits[k] == logits[label] && k > label)) above++;
  }
  const float log_sum = own_log(sum);
  const float off_label = a->smoothing / (float)classes, on_label = 1 - a->smoothing;
  a->losses[task] = __builtin_fmaf(on_label, log_sum - (logits[label] - greatest),
                                   off_label * ((float)classes * log_sum - shifted_sum));
  a->ranks[task] = above;
  if (!a->gradient) return;
  float *gradient = a->gradient + task * a->stride;
  const float inverse = 1 / sum;
  for (int k = 0; k < classes; k++) {
    const float p = own_exp(logits[k] - greatest) * inverse;
    const float q = k == label ? on_label + off_label : off_label;
    gradient[k] = (p - q) * a->gradient_scale;
  }
  for (long k = classes; k < a->stride; k++)
    gradient[k] = 0;
}
