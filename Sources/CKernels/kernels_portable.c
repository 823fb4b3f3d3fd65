// The kernels for any machine: a vocabulary, the bodies, a table. Nothing else.
#include "CKernels.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#include "vector_portable.h"
#include "bodies.h"

const struct kernel_set kernel_set_portable = {
    .isa = KERNEL_PORTABLE, .name = "portable", .lanes_per_register = 1, .multiply_adds_per_round = 16 * V_TILE_1,
#define KERNEL(name) .name = name,
#include "kernels.def"
#undef KERNEL
};
