// Depthwise convolution.
#pragma once
#include "windows.h"
#include <stdbool.h>

/// A convolution with one source and one output channel per group. Everything is blocked.
struct depthwise_arguments {
  const float *_Nullable source;
  const float *_Nullable weights;
  const float *_Nullable bias;
  float *_Nullable output;
  int images, blocks;
  struct windows windows;
  int tap_row_step, tap_column_step;  // Between the source pixels of neighbouring taps: the dilation.
  bool turned;                        // The last tap first.
  bool accumulate, rectify;
};

struct depthwise_gradient_arguments {
  struct depthwise_arguments geometry;  // Of the forward pass; `weights`, `bias` and `output` are not used.
  const float *_Nullable gradient;      // Of the output.
  float *_Nullable sums;                // One set of weights per image group.
  long group_stride;
  int image_groups;
};
