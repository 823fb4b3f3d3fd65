// Pooling of all kinds: pooling.h, max_pool.h, l2_pool.h, trained_pool.h, subsample.h.
#pragma once
#include "windows.h"
#include <stdbool.h>
#include <stdint.h>

struct pooling_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  uint8_t *_Nullable winners;  // Per output value, which tap of the window was greatest.
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;
  int blocks;
  struct windows windows;
  long output_image_stride;    // Also of the output's gradient; winners lie without gaps.
  bool rows_first;             // Max pooling searches each source row once: with scratch, at most 8 kernel rows.
  bool count_padding;          // Average pooling divides by the whole window.
  bool adaptive;               // Windows share out the source evenly; kernel, step and padding are not used.
  bool accumulate;
};

struct trained_pool_arguments {
  const float *_Nullable source;
  const float *_Nullable weights;
  const float *_Nullable bias;
  float *_Nullable output;
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;    // Null where there is none.
  float *_Nullable sums;               // images × 2 × blocks × 16.
  int blocks;
  struct windows windows;              // Side by side.
  bool accumulate;
};

struct subsample_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  int source_channels, source_blocks, output_blocks, first_channel;
  struct windows windows;              // Of one pixel.
  bool accumulate;
};
