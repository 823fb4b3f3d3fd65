// The lower 8 lanes of the logical vector, half the work, on x86: one register with AVX2 and with AVX-512.
typedef __m256 half_vec;

static inline half_vec h_zero(void) { return _mm256_setzero_ps(); }
static inline half_vec h_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void h_store(float *p, half_vec x) { _mm256_storeu_ps(p, x); }
static inline half_vec h_fma(half_vec a, half_vec b, half_vec c) { return _mm256_fmadd_ps(a, b, c); }
static inline half_vec h_max(half_vec a, half_vec b) { return _mm256_max_ps(a, b); }
