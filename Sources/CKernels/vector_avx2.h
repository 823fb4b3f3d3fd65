// The logical vector of 16 floats on AVX2 with FMA: two registers.
#include <immintrin.h>

#include "vector_half.h"

typedef struct {
  __m256 low, high;
} vec;
#define V_TILE_1 6  // Largest tile with one vector per row, in rows. 12 of 16 registers accumulate.
#define V_TILE_2 0  // Tiles with two vectors per row do not fit.

#define V_BOTH(low_value, high_value) ((vec){(low_value), (high_value)})

static inline vec v_zero(void) { return V_BOTH(_mm256_setzero_ps(), _mm256_setzero_ps()); }
static inline vec v_broadcast(float x) {
  __m256 all = _mm256_set1_ps(x);
  return V_BOTH(all, all);
}
static inline vec v_load(const float *p) { return V_BOTH(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }
static inline void v_store(float *p, vec x) {
  _mm256_storeu_ps(p, x.low);
  _mm256_storeu_ps(p + 8, x.high);
}
// Past the caches, where p is a multiple of 32 bytes; v_stream_end before other threads may read it.
static inline void v_stream(float *p, vec x) {
  if ((uintptr_t)p % 32 != 0) {
    v_store(p, x);
    return;
  }
  _mm256_stream_ps(p, x.low);
  _mm256_stream_ps(p + 8, x.high);
}
static inline void v_stream_end(void) { _mm_sfence(); }
static inline vec v_add(vec a, vec b) { return V_BOTH(_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)); }
static inline vec v_subtract(vec a, vec b) {
  return V_BOTH(_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high));
}
static inline vec v_multiply(vec a, vec b) {
  return V_BOTH(_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high));
}
static inline vec v_divide(vec a, vec b) { return V_BOTH(_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)); }
static inline vec v_square_root(vec a) { return V_BOTH(_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)); }
static inline vec v_fma(vec a, vec b, vec c) {
  return V_BOTH(_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high));
}
// 2^n for whole n from -126 to 127.
static inline __m256 v_half_power_of_two(__m256 n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtps_epi32(_mm256_add_ps(n, _mm256_set1_ps(127))), 23));
}
static inline vec v_power_of_two(vec n) { return V_BOTH(v_half_power_of_two(n.low), v_half_power_of_two(n.high)); }
static inline vec v_max(vec a, vec b) { return V_BOTH(_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)); }
static inline vec v_where_greater(vec a, vec b, vec x, vec y) {
  return V_BOTH(_mm256_blendv_ps(y.low, x.low, _mm256_cmp_ps(a.low, b.low, _CMP_GT_OQ)),
                _mm256_blendv_ps(y.high, x.high, _mm256_cmp_ps(a.high, b.high, _CMP_GT_OQ)));
}
// x where a > b or a is NaN, else y.
static inline __m256 v_half_where_above(__m256 a, __m256 b, __m256 x, __m256 y) {
  return _mm256_blendv_ps(y, x, _mm256_or_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ), _mm256_cmp_ps(a, a, _CMP_UNORD_Q)));
}
static inline vec v_where_above(vec a, vec b, vec x, vec y) {
  return V_BOTH(v_half_where_above(a.low, b.low, x.low, y.low), v_half_where_above(a.high, b.high, x.high, y.high));
}
// x where the byte at p is `byte`, else 0; a lane each.
static inline __m256 v_half_where_byte(__m128i bytes, uint8_t byte, __m256 x) {
  return _mm256_and_ps(x, _mm256_castsi256_ps(_mm256_cvtepi8_epi32(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)byte)))));
}
static inline vec v_where_byte(const uint8_t *p, uint8_t byte, vec x) {
  return V_BOTH(v_half_where_byte(_mm_loadl_epi64((const __m128i *)p), byte, x.low),
                v_half_where_byte(_mm_loadl_epi64((const __m128i *)(p + 8)), byte, x.high));
}
static inline vec v_broadcast_whole(float x) { return v_broadcast(x); }
static inline half_vec v_low(vec x) { return x.low; }
// Whole numbers from 0 to 255 to bytes in memory.
static inline void v_store_bytes(uint8_t *p, vec x) {
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(_mm256_cvtps_epi32(x.low), _mm256_cvtps_epi32(x.high)), 0xd8);
  _mm_storeu_si128((__m128i *)p, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
#undef V_BOTH
