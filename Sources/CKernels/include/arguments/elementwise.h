// Element by element.
#pragma once
#include <stdbool.h>

struct elementwise_arguments {
  const float *_Nullable a;
  const float *_Nullable b;
  float *_Nullable output;
  long count, range;                        // Floats of a row, and of a task within it.
  long a_stride, b_stride, output_stride;   // Between rows.
  bool accumulate;
};
