// The kernels for AVX512: a vocabulary, the bodies, a table. Nothing else.
#include "CKernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), apply_to = function)
#include "vector_avx512.h"
#include "bodies.h"
#pragma clang attribute pop

const struct kernel_set kernel_set_avx512 = {
    .isa = KERNEL_AVX512, .name = "avx512", .lanes_per_register = 16, .multiply_adds_per_round = 16 * V_TILE_1,
#define KERNEL(name) .name = name,
#include "kernels.def"
#undef KERNEL
};
#endif
