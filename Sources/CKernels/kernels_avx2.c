// The kernels for AVX2: a vocabulary, the bodies, a table. Nothing else.
#include "CKernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "vector_avx2.h"
#include "bodies.h"
#pragma clang attribute pop

const struct kernel_set kernel_set_avx2 = {
    .isa = KERNEL_AVX2, .name = "avx2", .lanes_per_register = 8, .multiply_adds_per_round = 16 * V_TILE_1,
#define KERNEL(name) .name = name,
#include "kernels.def"
#undef KERNEL
};
#endif
