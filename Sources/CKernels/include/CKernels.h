// The vector kernels: one body per operation, compiled once per instruction set, one table of functions for each.
//
// Layouts. Activations: image, channel block, row, column, 16 channels ("blocked"); the input images of a network:
// image, row, column, channel ("interleaved", block = channels). Weights: output block, source block, kernel row,
// kernel column, source channel, 16 output channels. Channels behind the last are zero.
//
// Every kernel is `void kernel(const void *arguments, long task, float *scratch)`: tasks 0..<n of one call are
// independent and may run on any threads in any order without changing a bit. `scratch` belongs to the thread.
#pragma once
#include "arguments/convolution.h"
#include "arguments/groups.h"
#include "arguments/depthwise.h"
#include "arguments/locally_connected.h"
#include "arguments/dense.h"
#include "arguments/winograd.h"
#include "arguments/batch_norm.h"
#include "arguments/channel_norm.h"
#include "arguments/elementwise.h"
#include "arguments/activations.h"
#include "arguments/pooling.h"
#include "arguments/connections.h"
#include "arguments/radial_basis.h"
#include "arguments/loss.h"
#include "arguments/optimizers.h"
#include "arguments/random.h"
#include "arguments/peak.h"

typedef void (*kernel_function)(const void *_Nonnull arguments, long task, float *_Nonnull scratch);

enum kernel_isa { KERNEL_PORTABLE, KERNEL_NEON, KERNEL_AVX2, KERNEL_AVX512 };

/// One implementation of every kernel. Callers hold a set, never a single function.
struct kernel_set {
  enum kernel_isa isa;
  const char *_Nonnull name;
  int lanes_per_register;
  int multiply_adds_per_round;  // Of `peak`, lanes counted.
#define KERNEL(name) kernel_function _Nonnull name;
#include "kernels.def"
#undef KERNEL
};

/// The kernels of an instruction set, or null when this machine cannot run it.
const struct kernel_set *_Nullable kernel_set_for(enum kernel_isa isa);

/// What kernels.def calls a function of this set, or null if it is none of them.
const char *_Nullable kernel_name(const struct kernel_set *_Nonnull set, kernel_function _Nonnull function);
