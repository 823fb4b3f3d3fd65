// Batch normalization.
#pragma once
#include <stdbool.h>

struct batch_norm_arguments {
  int images, blocks;
  long pixels;
  float epsilon;
  const float *_Nullable source;
  const float *_Nullable residual;
  float *_Nullable output;                 // With a residual also read backward, as the mask of the rectifier.
  const float *_Nullable scale, *_Nullable shift;    // γ and β.
  float *_Nullable running_mean, *_Nullable running_variance;  // Read in evaluation.
  float *_Nullable mean, *_Nullable inverse_deviation;         // Saved for backward.
  float *_Nullable batch_mean, *_Nullable batch_variance;      // Of this microbatch, unbiased variance: for the running statistics.
  float *_Nullable partial;                // images × blocks × 32.
  float *_Nullable normalization;          // blocks × 32: scale and shift of the source. Saved for backward.
  float *_Nullable coefficients;           // blocks × 48. Of backward.
  bool rectify;
  // Backward.
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;
  float *_Nullable residual_gradient;
  float *_Nullable scale_gradient, *_Nullable shift_gradient;
  bool accumulate_source, accumulate_residual;
  // Floats between the end of an image and the start of the next, where a tensor is a part of the channels of another.
  long output_gap, output_gradient_gap, source_gradient_gap, residual_gradient_gap;
};
