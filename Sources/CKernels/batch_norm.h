// Batch normalization (Ioffe and Szegedy 2015) with an optional residual and rectifier behind it, in the same pass:
// output = max(0, γ·(x − mean)/√(variance + ε) + β + residual).
//
// Sums over an image are four interleaved chains over its pixels; images are added in order, in double precision.

ALWAYS_INLINE vec sum_of_four(const vec chain[4]) {
  return v_add(v_add(chain[0], chain[1]), v_add(chain[2], chain[3]));
}

// Where the sums of a block begin: the first pixel of the first image is never far from the channel's mean, however the
// data lies, so that the squares do not cancel.
ALWAYS_INLINE const float *sum_shift(const struct batch_norm_arguments *a, long block) {
  return a->source + block * a->pixels * 16;
}

// Σ(x − shift) and Σ(x − shift)² of one image and block.
static void batch_norm_sums(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct batch_norm_arguments *a = arguments;
  const float *x = a->source + task * a->pixels * 16;
  const vec shift = v_load(sum_shift(a, task % a->blocks));
  vec sum[4] = {v_zero(), v_zero(), v_zero(), v_zero()}, squares[4] = {v_zero(), v_zero(), v_zero(), v_zero()};
  long pixel = 0;
  for (; pixel + 4 <= a->pixels; pixel += 4) {
    UNROLL for (int i = 0; i < 4; i++) {
      const vec d = v_subtract(v_load(x + 16 * (pixel + i)), shift);
      sum[i] = v_add(sum[i], d);
      squares[i] = v_fma(d, d, squares[i]);
    }
  }
  for (int i = 0; pixel < a->pixels; pixel++, i++) {
    const vec d = v_subtract(v_load(x + 16 * pixel), shift);
    sum[i] = v_add(sum[i], d);
    squares[i] = v_fma(d, d, squares[i]);
  }
  v_store(a->partial + 32 * task, sum_of_four(sum));
  v_store(a->partial + 32 * task + 16, sum_of_four(squares));
}

// scale and shift of y = scale·x + shift, for one channel.
static void set_normalization(const struct batch_norm_arguments *a, long channel, double mean, double inverse_deviation) {
  float *normalization = a->normalization + 32 * (channel / 16) + channel % 16;
  const double scale = a->scale[channel] * inverse_deviation;
  normalization[0] = (float)scale;
  normalization[16] = (float)(a->shift[channel] - mean * scale);
}

static void batch_norm_statistics(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct batch_norm_arguments *a = arguments;
  const double count = (double)a->pixels * a->images;
  for (int lane = 0; lane < 16; lane++) {
    double sum = 0, squares = 0;
    for (int image = 0; image < a->images; image++) {
      const float *partial = a->partial + 32 * ((long)image * a->blocks + task);
      sum += partial[lane];
      squares += partial[16 + lane];
    }
    const long channel = 16 * task + lane;
    const double offset = sum / count, mean = sum_shift(a, task)[lane] + offset;
    double variance = squares / count - offset * offset;
    if (variance < 0) variance = 0;
    const double inverse_deviation = 1 / __builtin_sqrt(variance + a->epsilon);
    a->mean[channel] = (float)mean;
    a->inverse_deviation[channel] = (float)inverse_deviation;
    a->batch_mean[channel] = (float)mean;
    a->batch_variance[channel] = (float)(count > 1 ? variance * (count / (count - 1)) : variance);
    set_normalization(a, channel, mean, inverse_deviation);
  }
}

static void batch_norm_evaluation(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct batch_norm_arguments *a = arguments;
  for (long channel = 16 * task; channel < 16 * task + 16; channel++)
    set_normalization(a, channel, a->running_mean[channel],
                      1 / __builtin_sqrt((double)a->running_variance[channel] + a->epsilon));
}

ALWAYS_INLINE void normalize(const bool residual, const bool rectify, const struct batch_norm_arguments *a, long task) {
  const long offset = task * a->pixels * 16, block = task % a->blocks;
  const vec scale = v_load(a->normalization + 32 * block), shift = v_load(a->normalization + 32 * block + 16);
  for (long i = offset; i < offset + a->pixels * 16; i += 16) {
    vec y = v_fma(scale, v_load(a->source + i), shift);
    if (residual) y = v_add(y, v_load(a->residual + i));
    v_store(a->output + i, rectify ? v_max(v_zero(), y) : y);
  }
}

// The arguments as the task's image sees them: tensors with gaps between their images moved to where they would be
// without, or before them.
ALWAYS_INLINE struct batch_norm_arguments batch_norm_image(const struct batch_norm_arguments *a, long task) {
  const long image = task / a->blocks;
  struct batch_norm_arguments moved = *a;
  moved.output += image * a->output_gap;
  moved.output_gradient += image * a->output_gradient_gap;
  moved.source_gradient += image * a->source_gradient_gap;
  moved.residual_gradient += image * a->residual_gradient_gap;
  return moved;
}

static void batch_norm_apply(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct batch_norm_arguments moved = batch_norm_image(arguments, task), *a = &moved;
  if (a->residual && a->rectify) normalize(true, true, a, task);
  else if (a->residual) normalize(true, false, a, task);
  else if (a->rectify) normalize(false, true, a, task);
  else normalize(false, false, a, task);
}

// What stands between the output's gradient and that behind the rectifier.
enum mask {
  NO_MASK,      // There is no rectifier, or it has been seen to.
  OUTPUT_MASK,  // Where the output is above zero.
  SOURCE_MASK,  // The same, without a residual: the normalized source tells.
};

// The gradient behind the rectifier, of 16 values.
ALWAYS_INLINE vec gradient_behind(const enum mask mask, const struct batch_norm_arguments *a, long i, vec x, vec scale,
                                  vec shift) {
  const vec gradient = v_load(a->output_gradient + i);
  switch (mask) {
    case OUTPUT_MASK: return v_where_greater(v_load(a->output + i), v_zero(), gradient, v_zero());
    case SOURCE_MASK: return v_where_greater(v_fma(scale, x, shift), v_zero(), gradient, v_zero());
    default: return gradient;
  }
}

static enum mask batch_norm_mask(const struct batch_norm_arguments *a) {
  return !a->rectify ? NO_MASK : a->residual_gradient ? OUTPUT_MASK : SOURCE_MASK;
}

// Whether the first sweep leaves the gradient behind the rectifier as the residual's, for the second one to read.
static bool batch_norm_passes_on(const struct batch_norm_arguments *a) {
  return a->residual_gradient && !a->accumulate_residual;
}

ALWAYS_INLINE void gradient_sums(const enum mask mask, const bool pass_on, const struct batch_norm_arguments *a, long task) {
  const long offset = task * a->pixels * 16, block = task % a->blocks;
  const vec mean = v_load(a->mean + 16 * block);
  const vec scale = v_load(a->normalization + 32 * block), shift = v_load(a->normalization + 32 * block + 16);
  vec sum[4] = {v_zero(), v_zero(), v_zero(), v_zero()}, products[4] = {v_zero(), v_zero(), v_zero(), v_zero()};
  long pixel = 0;
  for (; pixel + 4 <= a->pixels; pixel += 4) {
    UNROLL for (int i = 0; i < 4; i++) {
      const long at = offset + 16 * (pixel + i);
      const vec x = v_load(a->source + at), g = gradient_behind(mask, a, at, x, scale, shift);
      if (pass_on) v_store(a->residual_gradient + at, g);
      sum[i] = v_add(sum[i], g);
      products[i] = v_fma(g, v_subtract(x, mean), products[i]);
    }
  }
  for (int i = 0; pixel < a->pixels; pixel++, i++) {
    const long at = offset + 16 * pixel;
    const vec x = v_load(a->source + at), g = gradient_behind(mask, a, at, x, scale, shift);
    if (pass_on) v_store(a->residual_gradient + at, g);
    sum[i] = v_add(sum[i], g);
    products[i] = v_fma(g, v_subtract(x, mean), products[i]);
  }
  v_store(a->partial + 32 * task, sum_of_four(sum));
  v_store(a->partial + 32 * task + 16, sum_of_four(products));
}

static void batch_norm_backward_sums(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct batch_norm_arguments moved = batch_norm_image(arguments, task), *a = &moved;
  const enum mask mask = batch_norm_mask(a);
  if (batch_norm_passes_on(a)) {
    if (mask == OUTPUT_MASK) gradient_sums(OUTPUT_MASK, true, a, task);
    else gradient_sums(NO_MASK, true, a, task);
  } else if (mask == OUTPUT_MASK) gradient_sums(OUTPUT_MASK, false, a, task);
  else if (mask == SOURCE_MASK) gradient_sums(SOURCE_MASK, false, a, task);
  else gradient_sums(NO_MASK, false, a, task);
}

// dx = A·g + B·x + C of one block; dγ and dβ.
static void batch_norm_backward_coefficients(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct batch_norm_arguments *a = arguments;
  const double count = (double)a->pixels * a->images;
  for (int lane = 0; lane < 16; lane++) {
    double sum = 0, products = 0;
    for (int image = 0; image < a->images; image++) {
      const float *partial = a->partial + 32 * ((long)image * a->blocks + task);
      sum += partial[lane];
      products += partial[16 + lane];
    }
    const long channel = 16 * task + lane;
    const double inverse_deviation = a->inverse_deviation[channel];
    const double scale_gradient = products * inverse_deviation;
    a->scale_gradient[channel] = (float)scale_gradient;
    a->shift_gradient[channel] = (float)sum;
    const double factor = a->scale[channel] * inverse_deviation;
    const double slope = -factor * inverse_deviation * scale_gradient / count;
    float *coefficients = a->coefficients + 48 * task + lane;
    coefficients[0] = (float)factor;
    coefficients[16] = (float)slope;
    coefficients[32] = (float)(-factor * sum / count - slope * a->mean[channel]);
  }
}

ALWAYS_INLINE void normalize_gradient(const enum mask mask, const bool residual, const struct batch_norm_arguments *a,
                                      long task) {
  const long offset = task * a->pixels * 16, block = task % a->blocks;
  const float *coefficients = a->coefficients + 48 * block;
  const vec factor = v_load(coefficients), slope = v_load(coefficients + 16), constant = v_load(coefficients + 32);
  const vec scale = v_load(a->normalization + 32 * block), shift = v_load(a->normalization + 32 * block + 16);
  for (long i = offset; i < offset + a->pixels * 16; i += 16) {
    const vec x = v_load(a->source + i), g = gradient_behind(mask, a, i, x, scale, shift);
    vec dx = v_fma(factor, g, v_fma(slope, x, constant));
    if (a->accumulate_source) dx = v_add(v_load(a->source_gradient + i), dx);
    // In this order: the residual may be the source itself, and then adds to the same place.
    v_store(a->source_gradient + i, dx);
    if (residual) v_store(a->residual_gradient + i, v_add(v_load(a->residual_gradient + i), g));
  }
}

static void batch_norm_backward_apply(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct batch_norm_arguments moved = batch_norm_image(arguments, task), *a = &moved;
  if (batch_norm_passes_on(a)) {
    struct batch_norm_arguments passed_on = *a;
    passed_on.output_gradient = a->residual_gradient;
    normalize_gradient(NO_MASK, false, &passed_on, task);
    return;
  }
  switch (batch_norm_mask(a)) {
    case OUTPUT_MASK: normalize_gradient(OUTPUT_MASK, true, a, task); break;
    case SOURCE_MASK: normalize_gradient(SOURCE_MASK, false, a, task); break;
    default:
      if (a->residual_gradient) normalize_gradient(NO_MASK, true, a, task);
      else normalize_gradient(NO_MASK, false, a, task);
  }
}
