// Direct convolution, its weight gradient (weight_gradient.h) and its transposed weights (layout.h).
#pragma once
#include <stdbool.h>

/// The output pixels of a convolution that share the same kernel taps. Forward has one phase; backward-data has one per
/// residue of the stride.
struct convolution_phase {
  int kernel_rows, kernel_columns;
  long weight_offset;                              // Floats, within the weights of one output block.
  int output_row, output_row_step, output_rows;    // Row i of the phase is output row `output_row + i · step`.
  int output_column, output_column_step, output_columns;
  int source_row, source_column;                   // First tap of output (0, 0), in unpadded source coordinates.
};

struct convolution_arguments {
  const float *_Nullable source;
  const float *_Nullable weights;
  const float *_Nullable bias;  // 16 per output block.
  float *_Nullable output;
  int images, images_per_task;
  int source_blocks, source_block, source_height, source_width;
  long source_image_stride, source_block_stride;
  int output_blocks;
  bool narrow;                  // The last output block has at most 8 channels.
  long output_image_stride, output_block_stride, output_row_stride, output_pixel_stride;
  long weight_block_stride;
  int source_row_step, source_column_step;
  int tap_row_step, tap_column_step;  // Between the source pixels of neighbouring taps: the dilation.
  int phases;
  struct convolution_phase phase[16];
  bool padded;                  // Whether a band of the source is copied with zeros around it.
  int pad_left, padded_width, first_source_row, band_source_rows;
  int band_rows, bands;         // Phase rows per task.
  int block_parts;              // Tasks that share the output blocks.
  int chunk_blocks;             // Source blocks whose weights stay in cache.
  bool accumulate;              // Add to the output.
  bool rectify;                 // Write max(0, x).
};

struct weight_gradient_arguments {
  struct convolution_arguments geometry;  // Of the forward pass; `weights` and `output` are not used.
  const float *_Nullable gradient;                  // Of the output.
  float *_Nullable sums;                            // One set of weights per image group.
  long group_stride;
  int image_groups;
  bool stream;                                      // Write past the caches: the sums are larger than they are.
  int pair_parts, source_parts;                     // Tasks that share the pairs of output blocks and the source blocks.
};

struct sum_groups_arguments {
  const float *_Nullable sums;
  float *_Nullable output;
  int groups;
  long group_stride, count, range;
};

struct bias_gradient_arguments {
  const float *_Nullable gradient;
  float *_Nullable output;
  int images;
  long image_stride, block_stride, pixels;
};

struct transpose_weights_arguments {
  const float *_Nullable weights;
  float *_Nullable transposed;
  int output_blocks, source_blocks, kernel_rows, kernel_columns, row_step, column_step;
};
