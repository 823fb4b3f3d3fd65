// Normalization across maps.
#pragma once
#include <stdbool.h>

/// Each value divided by (bias + alpha · Σ over the maps at most `reach` away of (a − m)²)^beta; m is 0 or their mean.
struct channel_norm_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;    // May be `output_gradient`.
  int channels, blocks;
  long pixels, range;
  int reach;
  float bias, alpha, beta;
  bool centred;
  bool accumulate;
};
