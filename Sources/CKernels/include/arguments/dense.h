// Dense layers: the gradient of their features, and features as blocks (layout.h).
#pragma once
#include <stdbool.h>

struct dense_backward_data_arguments {
  const float *_Nullable gradient;    // Of the outputs, packed: output block, image, 16.
  const float *_Nullable weights;     // Of the forward pass.
  float *_Nullable source_gradient;   // Images × features.
  int images, output_blocks, feature_blocks;
  int range;                          // Feature blocks of a task: even.
  int chunk_blocks;                   // Output blocks whose transposed weights, for `range` blocks, are in scratch at a time.
  bool accumulate;
};

struct pack_features_arguments {
  const float *_Nullable features;
  float *_Nullable packed;
  int images;
  long count, range;
};
