// The logical vector of 16 floats on NEON: four registers.
#include <arm_neon.h>

typedef struct {
  float32x4_t part[4];
} vec;
#define V_TILE_1 6  // Largest tile with one vector per row, in rows. 24 of 32 registers accumulate.
#define V_TILE_2 0  // Tiles with two vectors per row do not fit.

#define V_PARTS _Pragma("clang loop unroll(full)") for (int i = 0; i < 4; i++)
#define V_EACH(expression)                    \
  vec result;                                 \
  V_PARTS { result.part[i] = (expression); }  \
  return result

static inline vec v_zero(void) { V_EACH(vdupq_n_f32(0)); }
static inline vec v_broadcast(float x) { V_EACH(vdupq_n_f32(x)); }
static inline vec v_load(const float *p) { V_EACH(vld1q_f32(p + 4 * i)); }
static inline void v_store(float *p, vec x) {
  V_PARTS { vst1q_f32(p + 4 * i, x.part[i]); }
}
// Through the caches: what ARM has to go past them is no more than a hint.
static inline void v_stream(float *p, vec x) { v_store(p, x); }
static inline void v_stream_end(void) {}
static inline vec v_add(vec a, vec b) { V_EACH(vaddq_f32(a.part[i], b.part[i])); }
static inline vec v_subtract(vec a, vec b) { V_EACH(vsubq_f32(a.part[i], b.part[i])); }
static inline vec v_multiply(vec a, vec b) { V_EACH(vmulq_f32(a.part[i], b.part[i])); }
static inline vec v_fma(vec a, vec b, vec c) { V_EACH(vfmaq_f32(c.part[i], a.part[i], b.part[i])); }
// As x86 defines it: b where either is NaN or both are zeros, and denormals are zeros. ARM's own maximum differs in all
// three; the product, which the compiler does not see through, flushes what a selection would let pass.
static inline vec v_max(vec a, vec b) {
  V_EACH(vmulxq_f32(vbslq_f32(vcgtq_f32(a.part[i], b.part[i]), a.part[i], b.part[i]), vdupq_n_f32(1)));
}
static inline vec v_where_greater(vec a, vec b, vec x, vec y) {
  V_EACH(vbslq_f32(vcgtq_f32(a.part[i], b.part[i]), x.part[i], y.part[i]));
}
// x where a > b or a is NaN, else y.
static inline vec v_where_above(vec a, vec b, vec x, vec y) {
  V_EACH(vbslq_f32(vornq_u32(vcgtq_f32(a.part[i], b.part[i]), vceqq_f32(a.part[i], a.part[i])), x.part[i], y.part[i]));
}
static inline vec v_where_equal(vec a, vec b, vec x, vec y) {
  V_EACH(vbslq_f32(vceqq_f32(a.part[i], b.part[i]), x.part[i], y.part[i]));
}
// Whole numbers from 0 to 255, as bytes in memory.
static inline vec v_load_bytes(const uint8_t *p) {
  const uint8x16_t bytes = vld1q_u8(p);
  const uint16x8_t low = vmovl_u8(vget_low_u8(bytes)), high = vmovl_high_u8(bytes);
  return (vec){{vcvtq_f32_u32(vmovl_u16(vget_low_u16(low))), vcvtq_f32_u32(vmovl_high_u16(low)),
                vcvtq_f32_u32(vmovl_u16(vget_low_u16(high))), vcvtq_f32_u32(vmovl_high_u16(high))}};
}
static inline void v_store_bytes(uint8_t *p, vec x) {
  const uint16x8_t low = vmovn_high_u32(vmovn_u32(vcvtq_u32_f32(x.part[0])), vcvtq_u32_f32(x.part[1]));
  const uint16x8_t high = vmovn_high_u32(vmovn_u32(vcvtq_u32_f32(x.part[2])), vcvtq_u32_f32(x.part[3]));
  vst1q_u8(p, vmovn_high_u16(vmovn_u16(low), high));
}
#undef V_EACH
#undef V_PARTS
