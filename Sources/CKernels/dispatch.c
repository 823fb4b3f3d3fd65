#include "CKernels.h"

extern const struct kernel_set kernel_set_portable;
#if defined(__x86_64__)
extern const struct kernel_set kernel_set_avx2, kernel_set_avx512;
#elif defined(__aarch64__)
extern const struct kernel_set kernel_set_neon;
#endif

const struct kernel_set *kernel_set_for(enum kernel_isa isa) {
  switch (isa) {
    case KERNEL_PORTABLE: return &kernel_set_portable;
#if defined(__x86_64__)
    case KERNEL_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernel_set_avx2 : 0;
    case KERNEL_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl")
                 ? &kernel_set_avx512
                 : 0;
#elif defined(__aarch64__)
    case KERNEL_NEON: return &kernel_set_neon;
#endif
    default: return 0;
  }
}

const char *kernel_name(const struct kernel_set *set, kernel_function function) {
#define KERNEL(name) \
  if (set->name == function) return #name;
#include "kernels.def"
#undef KERNEL
  return 0;
}
