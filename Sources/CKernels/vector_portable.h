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
static inline vec v_max(vec a, vec b) { V_EACH(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]); }
static inline vec v_where_greater(vec a, vec b, vec x, vec y) {
  V_EACH(a.lane[i] > b.lane[i] ? x.lane[i] : y.lane[i]);
}
// x where a > b or a is NaN, else y.
static inline vec v_where_above(vec a, vec b, vec x, vec y) {
  V_EACH(a.lane[i] > b.lane[i] || a.lane[i] != a.lane[i] ? x.lane[i] : y.lane[i]);
}
static inline vec v_where_equal(vec a, vec b, vec x, vec y) {
  V_EACH(a.lane[i] == b.lane[i] ? x.lane[i] : y.lane[i]);
}
// Whole numbers from 0 to 255, as bytes in memory.
static inline vec v_load_bytes(const uint8_t *p) { V_EACH(p[i]); }
static inline void v_store_bytes(uint8_t *p, vec x) {
  for (int i = 0; i < 16; i++)
    p[i] = (uint8_t)x.lane[i];
}
#undef V_EACH
