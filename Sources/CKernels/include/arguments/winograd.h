// Winograd convolution: forward, its adjoint, its weight gradient.
#pragma once
#include <stdbool.h>

struct winograd_weights_arguments {
  const float *_Nullable weights;
  float *_Nullable transformed;
  int kernel;                      // 3 or 5.
  bool turned;                     // The last tap first.
  int output_blocks, source_blocks;
};

/// A 3×3 or 5×5 convolution of stride 1 by tiles of 4×4 or 2×2 outputs.
struct winograd_arguments {
  const float *_Nullable source;
  const float *_Nullable weights;  // Transformed.
  const float *_Nullable bias;
  float *_Nullable output;
  int images, source_blocks, output_blocks;
  int source_channels;             // Of all source blocks, without padding.
  bool narrow;                     // The last output block has at most 8 channels.
  int height, width, output_height, output_width, pad_top, pad_left;
  long source_image_stride, output_image_stride;
  int kernel, tile_size;           // 3 and 4, or 5 and 2.
  int sheet_rows, sheet_columns;   // Images that lie below and beside each other and share tiles, with zeros between them.
  int row_pitch, column_pitch;     // Positions from one image of a sheet to the next.
  int tile_rows, tile_columns;     // Per sheet.
  int block_tiles;                 // Tiles per task.
  int block_parts;                 // Tasks that share the output blocks.
  int group_blocks;                // Output blocks whose products are in scratch at a time: even, or all.
  bool accumulate, rectify;
};

struct winograd_gradient_arguments {
  struct winograd_arguments geometry;  // `weights`, `output` and the cuts of output blocks are not used.
  const float *_Nullable gradient;     // Of the output.
  float *_Nullable weights;            // The result.
  int source_parts, output_parts;      // Tasks that share the blocks.
  int image_groups;
  float *_Nullable sums;               // With several image groups: per group 36 × output blocks × source blocks × 256,
                                       // with a cache line behind each place.
};

/// Backward-data as the adjoint of forward.
struct winograd_adjoint_arguments {
  struct winograd_arguments geometry;   // Of forward; `group_blocks` counts source blocks. `source`, `weights`, `bias`,
                                        // `output` and the other cuts are not used.
  const float *_Nullable gradient;      // Of the output.
  const float *_Nullable weights;       // Transposed, not turned, transformed.
  float *_Nullable source_gradient;
  int output_channels;                  // Of all output blocks, without padding.
  bool narrow;                          // The last source block has at most 8 channels.
  int task_images;                      // Images per task.
};
