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
  switch (quadrant & 3) {
    case 0: *sine = s, *cosine = c; break;
    case 1: *sine = c, *cosine = -s; break;
    case 2: *sine = -s, *cosine = -c; break;
    default: *sine = -c, *cosine = s; break;
  }
}
