// Units that measure how far their input is from fixed codes: output k = −Σ (x − code k)². Codes: class, feature, padded
// with zeros to whole vectors. One task: one image.

static void radial_basis(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct radial_basis_arguments *a = arguments;
  const float *source = a->source + task * a->features;
  float *output = a->output + task * a->output_stride;
  for (int k = 0; k < a->classes; k++) {
    vec sum = v_zero();
    for (int i = 0; i < a->features; i += 16) {
      const vec d = v_subtract(v_load(source + i), v_load(a->codes + (long)k * a->features + i));
      sum = v_fma(d, d, sum);
    }
    float lane[16];
    v_store(lane, sum);
    for (int width = 8; width > 0; width /= 2)
      for (int i = 0; i < width; i++)
        lane[i] += lane[i + width];
    output[k] = -lane[0];
  }
  for (long k = a->classes; k < a->output_stride; k++)
    output[k] = 0;
}

// The sum goes over the classes in order.
static void radial_basis_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct radial_basis_arguments *a = arguments;
  const float *source = a->source + task * a->features, *from = a->output_gradient + task * a->output_stride;
  float *gradient = a->source_gradient + task * a->features;
  for (int i = 0; i < a->features; i += 16) {
    const vec x = v_load(source + i);
    vec sum = v_zero();
    for (int k = 0; k < a->classes; k++) {
      const vec d = v_subtract(v_load(a->codes + (long)k * a->features + i), x);
      sum = v_fma(v_broadcast(2 * from[k]), d, sum);
    }
    v_store(gradient + i, a->accumulate ? v_add(v_load(gradient + i), sum) : sum);
  }
}
