// The vector kernels: one body per operation, compiled once per instruction set, one table of functions for each.
//
// Layouts. Activations: image, channel block, row, column, 16 channels ("blocked"); the input images of a network:
// image, row, column, channel ("interleaved", block = channels). Weights: output block, source block, kernel row,
// kernel column, source channel, 16 output channels. Channels behind the last are zero.
//
// Every kernel is `void kernel(const void *arguments, long task, float *scratch)`: tasks 0..<n of one call are
// independent and may run on any threads in any order without changing a bit. `scratch` belongs to the thread.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

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
  const float *source;
  const float *weights;
  const float *_Nullable bias;  // 16 per output block.
  float *output;
  int images, images_per_task;
  int source_blocks, source_block, source_height, source_width;
  long source_image_stride, source_block_stride;
  int output_blocks;
  long output_image_stride, output_block_stride, output_row_stride, output_pixel_stride;
  long weight_block_stride;
  int source_row_step, source_column_step;
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
  const float *gradient;                  // Of the output.
  float *sums;                            // One set of weights per image group.
  long group_stride;
  int image_groups, block_pairs;
};

struct sum_groups_arguments {
  const float *sums;
  float *output;
  int groups;
  long group_stride, count, range;
};

struct bias_gradient_arguments {
  const float *gradient;
  float *output;
  int images;
  long image_stride, block_stride, pixels;
};

struct transpose_weights_arguments {
  const float *weights;
  float *transposed;
  int output_blocks, source_blocks, kernel_rows, kernel_columns, row_step, column_step;
};

struct pack_features_arguments {
  const float *features;
  float *packed;
  int images;
  long count, range;
};

struct batch_norm_arguments {
  int images, blocks;
  long pixels;
  float epsilon;
  const float *source;
  const float *_Nullable residual;
  float *output;                 // Also read backward, as the mask of the rectifier.
  const float *scale, *shift;    // γ and β.
  float *running_mean, *running_variance;  // Read in evaluation; `running_mean` also shifts the training sums.
  float *mean, *inverse_deviation;         // Saved for backward.
  float *batch_mean, *batch_variance;      // Of this microbatch, unbiased variance: for the running statistics.
  float *partial;                // images × blocks × 32.
  float *coefficients;           // blocks × 48.
  bool rectify;
  // Backward.
  const float *output_gradient;
  float *source_gradient;
  float *_Nullable residual_gradient;
  float *scale_gradient, *shift_gradient;
  bool accumulate_source, accumulate_residual;
};

struct elementwise_arguments {
  const float *a;
  const float *_Nullable b;
  float *output;
  long count, range;
  bool accumulate;
};

struct pooling_arguments {
  const float *source;
  float *output;
  uint8_t *_Nullable winners;  // Per output value, which tap of the window was greatest.
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;
  int source_height, source_width, output_height, output_width;
  int kernel_rows, kernel_columns, row_step, column_step, pad_top, pad_left;
  bool count_padding;          // Average pooling divides by the whole window.
  bool accumulate;
};

struct subsample_arguments {
  const float *source;
  float *output;
  int source_blocks, source_height, source_width, output_blocks, output_height, output_width;
  int row_step, column_step, first_channel;
  bool accumulate;
};

struct loss_arguments {
  const float *logits;           // images × stride.
  const int32_t *labels;
  float *_Nullable gradient;     // images × stride; zeros behind the last class.
  float *losses;                 // Per image.
  int32_t *ranks;                // Per image: how many classes score above the label (0 is a top-1 hit).
  int classes;
  long stride;
  float smoothing, gradient_scale;
};

struct momentum_arguments {
  float *weights;
  const float *gradient;
  float *momentum;
  long count, range;
  float learning_rate, momentum_factor, weight_decay;
  bool nesterov;
};

struct fill_normal_arguments {
  float *output;
  long first, count, range;      // Elements first..<first + count of the stream.
  uint32_t key[2], counter[2];
  float deviation;
};

typedef void (*kernel_function)(const void *arguments, long task, float *scratch);

enum kernel_isa { KERNEL_PORTABLE, KERNEL_AVX2, KERNEL_AVX512 };

#pragma clang assume_nonnull end

/// One implementation of every kernel. Callers hold a set, never a single function.
struct kernel_set {
  enum kernel_isa isa;
  const char *_Nonnull name;
  int lanes_per_register;
#define KERNEL(name) kernel_function _Nonnull name;
#include "kernels.def"
#undef KERNEL
};

/// The kernels of an instruction set, or null when this machine cannot run it.
const struct kernel_set *_Nullable kernel_set_for(enum kernel_isa isa);
