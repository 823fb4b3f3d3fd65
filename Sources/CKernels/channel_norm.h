// Normalization across maps: each value is divided by a power of what its neighbours in other maps at the same position
// hold. With w the maps at most `reach` away from map c that exist, and m the mean of a over w:
//   s = bias + alpha · Σ over w of a²        (response normalization) or
//   s = bias + alpha · Σ over w of (a − m)²  (contrast normalization),  output = a · s^-beta.
// One task: one image and `range` pixels. It lays the channels of a few pixels out as columns between zeros in scratch,
// so that the neighbours of 16 channels are vectors too. Sums go from the lowest map up.

enum { norm_group = 8 };  // Pixels whose columns are in scratch at a time.

struct norm_columns {
  long length, start;      // Floats of a column; where channel 0 lies in it.
  float *values;           // norm_group columns each.
  float *factors;          // Backward: gradient · a · s^(-beta - 1).
  float *means;            // Backward of contrast: factors · m.
  float *direct;           // Backward: gradient · s^-beta.
  float *exist;            // Of contrast: one column, 1 where there is a map.
  float *inverse_counts;   // Of contrast: one column, 1 / maps in reach.
};

static inline struct norm_columns norm_columns_in(float *scratch, const struct channel_norm_arguments *a) {
  struct norm_columns c;
  c.start = (a->reach + 15) / 16 * 16;
  c.length = 2 * c.start + 16l * a->blocks;
  const long group = norm_group * c.length;
  memset(scratch, 0, (4 * group + 2 * c.length) * sizeof(float));
  c.values = scratch;
  c.factors = scratch + group;
  c.means = scratch + 2 * group;
  c.direct = scratch + 3 * group;
  c.exist = scratch + 4 * group;
  c.inverse_counts = c.exist + c.length;
  if (!a->contrast) return c;
  for (int channel = 0; channel < a->channels; channel++)
    c.exist[c.start + channel] = 1;
  for (long i = c.start; i < c.start + 16l * a->blocks; i += 16) {
    vec count = v_zero();
    for (int j = -a->reach; j <= a->reach; j++)
      count = v_add(count, v_load(c.exist + i + j));
    v_store(c.inverse_counts + i, v_divide(v_broadcast(1), v_max(v_broadcast(1), count)));
  }
  return c;
}

// Of the values around `at`, each with the 15 behind it.
static inline vec norm_sum(int reach, const float *at) {
  vec sum = v_zero();
  for (int j = -reach; j <= reach; j++)
    sum = v_add(sum, v_load(at + j));
  return sum;
}

static inline vec norm_squares(int reach, const float *at) {
  vec sum = v_zero();
  for (int j = -reach; j <= reach; j++) {
    const vec x = v_load(at + j);
    sum = v_fma(x, x, sum);
  }
  return sum;
}

// Beyond the first and the last map there is nothing to deviate.
static inline vec norm_squared_deviations(int reach, const float *at, vec mean, const float *exist) {
  vec sum = v_zero();
  for (int j = -reach; j <= reach; j++) {
    const vec d = v_multiply(v_subtract(v_load(at + j), mean), v_load(exist + j));
    sum = v_fma(d, d, sum);
  }
  return sum;
}

// s of the 16 channels from `i` on in a column, and, for contrast, their means.
static inline vec norm_scale(const struct channel_norm_arguments *a, const struct norm_columns *c, const float *column, long i,
                             vec *mean) {
  vec sum;
  if (a->contrast) {
    *mean = v_multiply(norm_sum(a->reach, column + i), v_load(c->inverse_counts + i));
    sum = norm_squared_deviations(a->reach, column + i, *mean, c->exist + i);
  } else {
    *mean = v_zero();
    sum = norm_squares(a->reach, column + i);
  }
  return v_fma(v_broadcast(a->alpha), sum, v_broadcast(a->bias));
}

// The columns of `count` pixels from `pixel` on.
static inline void norm_gather(const struct channel_norm_arguments *a, const struct norm_columns *c, const float *source, long pixel,
                               int count) {
  for (int b = 0; b < a->blocks; b++)
    for (int p = 0; p < count; p++)
      v_store(c->values + p * c->length + c->start + 16 * b, v_load(source + (b * a->pixels + pixel + p) * 16));
}

static void channel_norm(const void *arguments, long task, float *scratch) {
  const struct channel_norm_arguments *a = arguments;
  const struct norm_columns c = norm_columns_in(scratch, a);
  const long parts = (a->pixels + a->range - 1) / a->range, image = task / parts * a->blocks * a->pixels * 16;
  const long first = task % parts * a->range, last = first + a->range < a->pixels ? first + a->range : a->pixels;
  for (long pixel = first; pixel < last; pixel += norm_group) {
    const int count = smaller(norm_group, (int)(last - pixel));
    norm_gather(a, &c, a->source + image, pixel, count);
    for (int b = 0; b < a->blocks; b++) {
      const long i = c.start + 16 * b;
      for (int p = 0; p < count; p++) {
        const float *column = c.values + p * c.length;
        vec mean;
        const vec scale = norm_scale(a, &c, column, i, &mean);
        v_store(a->output + image + (b * a->pixels + pixel + p) * 16,
                v_multiply(v_load(column + i), v_inverse_power(scale, a->beta)));
      }
    }
  }
}

// d/da_i = gradient_i · s_i^-beta − 2·alpha·beta · Σ over the c that i is in reach of: factor_c · (a_i − m_c), where of
// response normalization m = 0. The mean's own derivative drops out: deviations from it add to 0.
static void channel_norm_gradient(const void *arguments, long task, float *scratch) {
  const struct channel_norm_arguments *a = arguments;
  const struct norm_columns c = norm_columns_in(scratch, a);
  const long parts = (a->pixels + a->range - 1) / a->range, image = task / parts * a->blocks * a->pixels * 16;
  const long first = task % parts * a->range, last = first + a->range < a->pixels ? first + a->range : a->pixels;
  const vec strength = v_broadcast(-2 * a->alpha * a->beta);
  for (long pixel = first; pixel < last; pixel += norm_group) {
    const int count = smaller(norm_group, (int)(last - pixel));
    norm_gather(a, &c, a->source + image, pixel, count);
    for (int b = 0; b < a->blocks; b++) {
      for (int p = 0; p < count; p++) {
        const long i = p * c.length + c.start + 16 * b;
        vec mean;
        const vec scale = norm_scale(a, &c, c.values + p * c.length, c.start + 16 * b, &mean);
        const vec direct = v_multiply(v_load(a->output_gradient + image + (b * a->pixels + pixel + p) * 16),
                                      v_inverse_power(scale, a->beta));
        const vec factor = v_divide(v_multiply(direct, v_load(c.values + i)), scale);
        v_store(c.direct + i, direct);
        v_store(c.factors + i, factor);
        if (a->contrast) v_store(c.means + i, v_multiply(factor, mean));
      }
    }
    for (int b = 0; b < a->blocks; b++) {
      for (int p = 0; p < count; p++) {
        const long i = p * c.length + c.start + 16 * b;
        vec sum = v_multiply(norm_sum(a->reach, c.factors + i), v_load(c.values + i));
        if (a->contrast)
          sum = v_multiply(v_subtract(sum, norm_sum(a->reach, c.means + i)), v_load(c.exist + c.start + 16 * b));
        vec result = v_fma(strength, sum, v_load(c.direct + i));
        float *to = a->source_gradient + image + (b * a->pixels + pixel + p) * 16;
        if (a->accumulate) result = v_add(v_load(to), result);
        v_store(to, result);
      }
    }
  }
}
