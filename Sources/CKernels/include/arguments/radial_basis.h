// Distances from fixed codes.
#pragma once
#include <stdbool.h>

struct radial_basis_arguments {
  const float *_Nullable source;
  const float *_Nullable codes;        // classes × features.
  float *_Nullable output;
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;
  int features, classes;               // Features: whole vectors.
  long output_stride;
  bool accumulate;
};
