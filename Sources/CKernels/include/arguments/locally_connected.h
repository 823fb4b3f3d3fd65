// Locally connected layers.
#pragma once
#include "windows.h"
#include <stdbool.h>

/// A convolution whose every output pixel has weights of its own.
struct locally_connected_arguments {
  const float *_Nullable source;      // Backward-data: the output's gradient.
  const float *_Nullable weights;
  const float *_Nullable bias;        // Output block, position, 16.
  const float *_Nullable gradient;    // Of the output, for the weight gradient.
  float *_Nullable output;            // Or the gradient of the source, or of the weights.
  int images, source_blocks, source_block, output_blocks;
  struct windows windows;
  long source_image_stride, output_image_stride;
  int chunk_images;                   // Images whose patches are in scratch at a time.
  int block_parts;                    // Tasks that share the output blocks of a position.
  int image_parts;                    // Backward-data: tasks that share the images.
  bool accumulate, rectify;
  bool stream;                        // Write weight gradients past the caches.
};
