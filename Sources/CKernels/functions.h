// Elementary functions of our own: the same operations, hence the same bits, on every machine.

static inline float float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline uint32_t bits_of_float(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

// e^x within 2 ulp for results that are normal numbers; 0 below, infinity above. Cephes' minimax polynomial.
static inline float own_exp(float x) {
  if (!(x > -87.3f)) return x != x ? x : 0;
  if (x > 88.7f) return float_of_bits(0x7F800000);
  const float shifted = __builtin_fmaf(x, 1.44269504f, 12582912.0f);  // Rounds to an integer in the low bits.
  const float n = shifted - 12582912.0f;
  float r = __builtin_fmaf(n, -0.693359375f, x);
  r = __builtin_fmaf(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = __builtin_fmaf(p, r, 1.3981999507e-3f);
  p = __builtin_fmaf(p, r, 8.3334519073e-3f);
  p = __builtin_fmaf(p, r, 4.1665795894e-2f);
  p = __builtin_fmaf(p, r, 1.6666665459e-1f);
  p = __builtin_fmaf(p, r, 5.0000001201e-1f);
  const float e = __builtin_fmaf(p, r * r, r) + 1;
  // In two steps, as 2^128 is no float.
  const int half = (int)n / 2;
  return e * float_of_bits((uint32_t)(half + 127) << 23) * float_of_bits((uint32_t)((int)n - half + 127) << 23);
}

// The natural logarithm of a positive normal number, within 2 ulp. Cephes' minimax polynomial.
static inline float own_log(float x) {
  const uint32_t bits = bits_of_float(x);
  int exponent = (int)(bits >> 23) - 126;
  float m = float_of_bits((bits & 0x007FFFFF) | 0x3F000000);  // In [0.5, 1).
  if (m < 0.707106781f) {
    exponent -= 1;
    m = m + m - 1;
  } else {
    m = m - 1;
  }
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = __builtin_fmaf(p, m, -1.1514610310e-1f);
  p = __builtin_fmaf(p, m, 1.1676998740e-1f);
  p = __builtin_fmaf(p, m, -1.2420140846e-1f);
  p = __builtin_fmaf(p, m, 1.4249322787e-1f);
  p = __builtin_fmaf(p, m, -1.6668057665e-1f);
  p = __builtin_fmaf(p, m, 2.0000714765e-1f);
  p = __builtin_fmaf(p, m, -2.4999993993e-1f);
  p = __builtin_fmaf(p, m, 3.3333331174e-1f);
  const float e = (float)exponent;
  float y = m * z * p;
  y = __builtin_fmaf(e, -2.12194440e-4f, y);
  y = __builtin_fmaf(-0.5f, z, y);
  return __builtin_fmaf(e, 0.693359375f, m + y);
}

// sin and cos of 2π·turn for turn in [0, 1): reduced to an eighth of a turn, then Cephes' polynomials.
static inline void own_sincos(float turn, float *sine, float *cosine) {
  const int octant = (int)(turn * 8);
  const int quadrant = (octant + 1) >> 1;
  const float x = (turn - 0.25f * (float)quadrant) * 6.28318531f;
  const float z = x * x;
  float s = -1.9515295891e-4f;
  s = __builtin_fmaf(s, z, 8.3321608736e-3f);
  s = __builtin_fmaf(s, z, -1.6666654611e-1f);
  s = __builtin_fmaf(s * z, x, x);
  float c = 2.443315711809948e-5f;
  c = __builtin_fmaf(c, z, -1.388731625493765e-3f);
  c = __builtin_fmaf(c, z, 4.166664568298827e-2f);
  c = __builtin_fmaf(c * z, z, __builtin_fmaf(-0.5f, z, 1));
  const float a = quadrant & 1 ? c : s, b = quadrant & 1 ? s : c;
  *sine = float_of_bits(bits_of_float(a) ^ (uint32_t)(quadrant & 2) << 30);
  *cosine = float_of_bits(bits_of_float(b) ^ (uint32_t)((quadrant + 1) & 2) << 30);
}

// x^y for a positive normal x: within (2 + 2·|y·ln x|)·2^-23 of it.
static inline float own_power(float x, float y) { return own_exp(y * own_log(x)); }

// x^-y lane by lane, for positive normal x. The usual exponents take square roots and divisions, which are exactly
// rounded: within 2^-22 of it.
static inline vec v_inverse_power(vec x, float y) {
  const vec one = v_broadcast(1);
  if (y == 0.75f) {
    const vec root = v_square_root(x);
    return v_divide(one, v_multiply(root, v_square_root(root)));
  }
  if (y == 0.5f) return v_divide(one, v_square_root(x));
  if (y == 1) return v_divide(one, x);
  float lane[16];
  v_store(lane, x);
  for (int i = 0; i < 16; i++)
    lane[i] = own_power(lane[i], -y);
  return v_load(lane);
}

// e^x for x ≤ 0, within 2 ulp from -87 on, below that as at -87: 1.6e-38. NaN stays NaN.
static inline vec v_exp_decay(vec x) {
  x = v_max(v_broadcast(-87), x);
  const vec round = v_broadcast(12582912.0f);
  const vec n = v_subtract(v_fma(x, v_broadcast(1.44269504f), round), round);
  vec r = v_fma(n, v_broadcast(-0.693359375f), x);
  r = v_fma(n, v_broadcast(2.12194440e-4f), r);
  vec p = v_broadcast(1.9875691500e-4f);
  p = v_fma(p, r, v_broadcast(1.3981999507e-3f));
  p = v_fma(p, r, v_broadcast(8.3334519073e-3f));
  p = v_fma(p, r, v_broadcast(4.1665795894e-2f));
  p = v_fma(p, r, v_broadcast(1.6666665459e-1f));
  p = v_fma(p, r, v_broadcast(5.0000001201e-1f));
  const vec e = v_add(v_fma(p, v_multiply(r, r), r), v_broadcast(1));
  return v_multiply(e, v_power_of_two(n));
}

static inline vec v_magnitude(vec x) { return v_max(v_subtract(v_zero(), x), x); }

// tanh x within 2 ulp: Cephes' polynomial near 0, else 1 - 2·e^(-2|x|) / (1 + e^(-2|x|)) with the sign of x.
static inline vec v_tanh(vec x) {
  const vec size = v_magnitude(x), one = v_broadcast(1);
  const vec e = v_exp_decay(v_multiply(v_broadcast(-2), size));
  const vec far = v_subtract(one, v_divide(v_add(e, e), v_add(one, e)));
  const vec z = v_multiply(x, x);
  vec p = v_broadcast(-5.70498872745e-3f);
  p = v_fma(p, z, v_broadcast(2.06390887954e-2f));
  p = v_fma(p, z, v_broadcast(-5.37397155531e-2f));
  p = v_fma(p, z, v_broadcast(1.33314422036e-1f));
  p = v_fma(p, z, v_broadcast(-3.33332819422e-1f));
  const vec near = v_fma(v_multiply(p, z), x, x);
  return v_where_greater(v_broadcast(0.625f), size, near,
                         v_where_greater(v_zero(), x, v_subtract(v_zero(), far), far));
}

// 1 / (1 + e^-x) within 3 ulp for x from -87 on, below that as at -87.
static inline vec v_sigmoid(vec x) {
  const vec one = v_broadcast(1), e = v_exp_decay(v_subtract(v_zero(), v_magnitude(x)));
  return v_divide(v_where_greater(v_zero(), x, e, one), v_add(one, e));
}
