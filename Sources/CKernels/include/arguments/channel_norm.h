// Normalization across maps.
#pragma once
#include <stdbool.h>

/// Each value divided by (bias + alpha · sum)^beta, the sum being over the maps at most `reach` away.
struct channel_norm_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;    // May be `output_gradient`.
  int channels, blocks;
  long pixels, range;
  int reach;
  float bias, alpha, beta;
  bool contrast;                       // The sum is that of (a − m)², m the mean of these maps; else that of a².
  bool accumulate;
};
