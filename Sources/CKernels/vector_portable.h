// The logical vector of 16 floats in plain C. It exists to run anywhere and to give the same bits, not to be fast.
typedef struct {
  float lane[16];
} vec;
#define V_TILE_1 6  // Largest tile with one vector per row, in rows.
#define V_TILE_2 0  // No tiles with two vectors per row.

#define V_EACH(expression)                 \
  vec result;                              \
  for (int i = 0; i < 16; i++)             \
    result.lane[i] = (expression);         \
  return result

static inline vec v_zero(void) { V_EACH(0); }
static inline vec v_broadcast(float x) { V_EACH(x); }
static inline vec v_load(const float *p) { V_EACH(p[i]); }
static inline void v_store(float *p, vec x) {
  for (int i = 0; i < 16; i++)
    p[i] = x.lane[i];
}
static inline void v_stream(float *p, vec x) { v_store(p, x); }
static inline void v_stream_end(void) {}
static inline vec v_add(vec a, vec b) { V_EACH(a.lane[i] + b.lane[i]); }
static inline vec v_subtract(vec a, vec b) { V_EACH(a.lane[i] - b.lane[i]); }
static inline vec v_multiply(vec a, vec b) { V_EACH(a.lane[i] * b.lane[i]); }
static inline vec v_divide(vec a, vec b) { V_EACH(a.lane[i] / b.lane[i]); }
static inline vec v_square_root(vec a) { V_EACH(__builtin_sqrtf(a.lane[i])); }
static inline vec v_fma(vec a, vec b, vec c) { V_EACH(__builtin_fmaf(a.lane[i], b.lane[i], c.lane[i])); }
// 2^n for whole n from -126 to 127.
static inline vec v_power_of_two(vec n) {
  vec result;
  for (int i = 0; i < 16; i++) {
    const uint32_t bits = n.lane[i] >= -126 ? (uint32_t)((int)n.lane[i] + 127) << 23 : 0;
    memcpy(&result.lane[i], &bits, 4);
  }
  return result;
}
// As x86 defines it: b where either is NaN or both are zeros, and denormals are zeros.
static inline float v_flushed(float x) { return __builtin_fabsf(x) < 0x1p-126f ? __builtin_copysignf(0, x) : x; }
static inline vec v_max(vec a, vec b) { V_EACH(v_flushed(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i])); }
static inline vec v_where_greater(vec a, vec b, vec x, vec y) {
  V_EACH(a.lane[i] > b.lane[i] ? x.lane[i] : y.lane[i]);
}
// x where a > b or a is NaN, else y.
static inline vec v_where_above(vec a, vec b, vec x, vec y) {
  V_EACH(a.lane[i] > b.lane[i] || a.lane[i] != a.lane[i] ? x.lane[i] : y.lane[i]);
}
// x where the byte at p is `byte`, else 0; a lane each.
static inline vec v_where_byte(const uint8_t *p, uint8_t byte, vec x) { V_EACH(p[i] == byte ? x.lane[i] : 0); }
// The lower 8 lanes: half the work.
typedef struct {
  float lane[8];
} half_vec;
#define H_EACH(expression)               \
  half_vec result;                       \
  for (int i = 0; i < 8; i++)            \
    result.lane[i] = (expression);       \
  return result

static inline vec v_broadcast_whole(float x) { return v_broadcast(x); }
static inline half_vec v_low(vec x) { H_EACH(x.lane[i]); }
static inline half_vec h_zero(void) { H_EACH(0); }
static inline half_vec h_load(const float *p) { H_EACH(p[i]); }
static inline void h_store(float *p, half_vec x) {
  for (int i = 0; i < 8; i++)
    p[i] = x.lane[i];
}
static inline half_vec h_fma(half_vec a, half_vec b, half_vec c) {
  H_EACH(__builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]));
}
static inline half_vec h_max(half_vec a, half_vec b) {
  H_EACH(v_flushed(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]));
}
#undef H_EACH
// Whole numbers from 0 to 255 to bytes in memory.
static inline void v_store_bytes(uint8_t *p, vec x) {
  for (int i = 0; i < 16; i++)
    p[i] = (uint8_t)x.lane[i];
}
#undef V_EACH
