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
static inline vec v_divide(vec a, vec b) { V_EACH(vdivq_f32(a.part[i], b.part[i])); }
static inline vec v_square_root(vec a) { V_EACH(vsqrtq_f32(a.part[i])); }
// 2^n for whole n from -126 to 127.
static inline vec v_power_of_two(vec n) {
  V_EACH(vreinterpretq_f32_s32(vshlq_n_s32(vcvtq_s32_f32(vaddq_f32(n.part[i], vdupq_n_f32(127))), 23)));
}
// As x86 defines it: b where either is NaN or both are zeros, and denormals are zeros. ARM's own maximum differs in all
// three; the product, which the compiler does not see through, flushes what a selection would let pass.
static inline float32x4_t v_greater_part(float32x4_t a, float32x4_t b) {
  return vmulxq_f32(vbslq_f32(vcgtq_f32(a, b), a, b), vdupq_n_f32(1));
}
static inline vec v_max(vec a, vec b) { V_EACH(v_greater_part(a.part[i], b.part[i])); }
static inline vec v_where_greater(vec a, vec b, vec x, vec y) {
  V_EACH(vbslq_f32(vcgtq_f32(a.part[i], b.part[i]), x.part[i], y.part[i]));
}
// x where a > b or a is NaN, else y.
static inline vec v_where_above(vec a, vec b, vec x, vec y) {
  V_EACH(vbslq_f32(vornq_u32(vcgtq_f32(a.part[i], b.part[i]), vceqq_f32(a.part[i], a.part[i])), x.part[i], y.part[i]));
}
// x where the byte at p is `byte`, else 0; a lane each.
static inline vec v_where_byte(const uint8_t *p, uint8_t byte, vec x) {
  const int8x16_t equal = vreinterpretq_s8_u8(vceqq_u8(vld1q_u8(p), vdupq_n_u8(byte)));
  const int16x8_t low = vmovl_s8(vget_low_s8(equal)), high = vmovl_high_s8(equal);
  const int32x4_t mask[4] = {vmovl_s16(vget_low_s16(low)), vmovl_high_s16(low), vmovl_s16(vget_low_s16(high)),
                             vmovl_high_s16(high)};
  V_EACH(vreinterpretq_f32_s32(vandq_s32(vreinterpretq_s32_f32(x.part[i]), mask[i])));
}
// Whole numbers from 0 to 255 to bytes in memory.
static inline void v_store_bytes(uint8_t *p, vec x) {
  const uint16x8_t low = vmovn_high_u32(vmovn_u32(vcvtq_u32_f32(x.part[0])), vcvtq_u32_f32(x.part[1]));
  const uint16x8_t high = vmovn_high_u32(vmovn_u32(vcvtq_u32_f32(x.part[2])), vcvtq_u32_f32(x.part[3]));
  vst1q_u8(p, vmovn_high_u16(vmovn_u16(low), high));
}
#undef V_EACH
#undef V_PARTS

// The lower 8 lanes: half the work.
typedef struct {
  float32x4_t low, high;
} half_vec;
#define H_BOTH(low_value, high_value) ((half_vec){(low_value), (high_value)})

static inline vec v_broadcast_whole(float x) { return v_broadcast(x); }
static inline half_vec v_low(vec x) { return H_BOTH(x.part[0], x.part[1]); }
static inline half_vec h_zero(void) { return H_BOTH(vdupq_n_f32(0), vdupq_n_f32(0)); }
static inline half_vec h_load(const float *p) { return H_BOTH(vld1q_f32(p), vld1q_f32(p + 4)); }
static inline void h_store(float *p, half_vec x) {
  vst1q_f32(p, x.low);
  vst1q_f32(p + 4, x.high);
}
static inline half_vec h_fma(half_vec a, half_vec b, half_vec c) {
  return H_BOTH(vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high));
}
static inline half_vec h_max(half_vec a, half_vec b) {
  return H_BOTH(v_greater_part(a.low, b.low), v_greater_part(a.high, b.high));
}
#undef H_BOTH
