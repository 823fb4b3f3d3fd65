// The kernels for NEON: a vocabulary, the bodies, a table. Nothing else.
#include "CKernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#if defined(__aarch64__)
#include "vector_neon.h"
#include "bodies.h"

const struct kernel_set kernel_set_neon = {
    .isa = KERNEL_NEON, .name = "neon", .lanes_per_register = 4, .multiply_adds_per_round = 16 * V_TILE_1,
#define KERNEL(name) .name = name,
#include "kernels.def"
#undef KERNEL
};
#endif
