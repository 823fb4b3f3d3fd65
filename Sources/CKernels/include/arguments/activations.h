// Sigmoids.
#pragma once
#include <stdbool.h>

/// amplitude · tanh(slope · x), or the logistic sigmoid.
struct activation_arguments {
  const float *_Nullable a;
  const float *_Nullable b;
  float *_Nullable output;
  long count, range;
  float amplitude, slope;
  long image_floats, last_block;   // Of an image; where in it the last channel block begins.
  int last_lanes;                  // Channels of the last block.
  bool accumulate;
};
