// The logical vector of 16 floats on AVX-512: one register.
#include <immintrin.h>

#include "vector_half.h"

typedef __m512 vec;
#define V_TILE_1 28  // Largest tile with one vector per row, in rows.
#define V_TILE_2 14  // Largest tile with two vectors per row, in rows.

static inline vec v_zero(void) { return _mm512_setzero_ps(); }
static inline vec v_broadcast(float x) { return _mm512_set1_ps(x); }
static inline vec v_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void v_store(float *p, vec x) { _mm512_storeu_ps(p, x); }
// Past the caches, where p is a multiple of 64 bytes; v_stream_end before other threads may read it.
static inline void v_stream(float *p, vec x) {
  if ((uintptr_t)p % 64 == 0) _mm512_stream_ps(p, x);
  else v_store(p, x);
}
static inline void v_stream_end(void) { _mm_sfence(); }
static inline vec v_add(vec a, vec b) { return _mm512_add_ps(a, b); }
static inline vec v_subtract(vec a, vec b) { return _mm512_sub_ps(a, b); }
static inline vec v_multiply(vec a, vec b) { return _mm512_mul_ps(a, b); }
static inline vec v_divide(vec a, vec b) { return _mm512_div_ps(a, b); }
static inline vec v_square_root(vec a) { return _mm512_sqrt_ps(a); }
static inline vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
// 2^n for whole n from -126 to 127.
static inline vec v_power_of_two(vec n) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtps_epi32(_mm512_add_ps(n, _mm512_set1_ps(127))), 23));
}
static inline vec v_max(vec a, vec b) { return _mm512_max_ps(a, b); }
static inline vec v_where_greater(vec a, vec b, vec x, vec y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), y, x);
}
// x where a > b or a is NaN, else y.
static inline vec v_where_above(vec a, vec b, vec x, vec y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) | _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), y, x);
}
// x where the byte at p is `byte`, else 0; a lane each.
static inline vec v_where_byte(const uint8_t *p, uint8_t byte, vec x) {
  return _mm512_maskz_mov_ps(_mm_cmpeq_epi8_mask(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8((char)byte)), x);
}
// A broadcast whose lower half is used too. Left alone, the compiler would broadcast to that half and then shuffle.
static inline vec v_broadcast_whole(float x) {
  vec all = v_broadcast(x);
  __asm__("" : "+v"(all));
  return all;
}
static inline half_vec v_low(vec x) { return _mm512_castps512_ps256(x); }
// Whole numbers from 0 to 255 to bytes in memory.
static inline void v_store_bytes(uint8_t *p, vec x) {
  _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)));
}
