#include "CProcessor.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

void cprocessor_flush_denormals(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // Flush to zero, denormals are zero.
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" ::"r"(control | (1u << 24)));
#endif
}
