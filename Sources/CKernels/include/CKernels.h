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

/// Weights of a convolution in groups, as they are trained and as a convolution of `bundle_groups` groups at a time reads them.
struct group_weights_arguments {
  float *_Nullable weights;       // Output block, tap, channel of the group, 16 outputs.
  float *_Nullable dense;         // Per bundle: output block, source block, tap, source channel, 16 outputs.
  int groups, group_channels, group_outputs, taps;
  int bundle_groups, bundle_blocks;  // Of a bundle: groups, output blocks.
  int source_block;               // 16, or all channels of interleaved images.
};

/// A convolution with one source and one output channel per group. Everything is blocked.
struct depthwise_arguments {
  const float *_Nullable source;
  const float *_Nullable weights;
  const float *_Nullable bias;
  float *_Nullable output;
  int images, blocks;
  int source_height, source_width, output_height, output_width;
  int kernel_rows, kernel_columns, row_step, column_step, tap_row_step, tap_column_step;
  int pad_top, pad_left;          // May be negative.
  bool turned;                    // The last tap first.
  bool accumulate, rectify;
};

struct depthwise_gradient_arguments {
  struct depthwise_arguments geometry;  // Of the forward pass; `weights`, `bias` and `output` are not used.
  const float *_Nullable gradient;      // Of the output.
  float *_Nullable sums;                // One set of weights per image group.
  long group_stride;
  int image_groups;
};

/// A convolution whose every output pixel has weights of its own.
struct locally_connected_arguments {
  const float *_Nullable source;      // Backward-data: the output's gradient.
  const float *_Nullable weights;
  const float *_Nullable bias;        // Output block, position, 16.
  const float *_Nullable gradient;    // Of the output, for the weight gradient.
  float *_Nullable output;            // Or the gradient of the source, or of the weights.
  int images, source_blocks, source_block, source_height, source_width;
  int output_blocks, output_height, output_width;
  long source_image_stride, output_image_stride;
  int kernel_rows, kernel_columns, row_step, column_step, pad_top, pad_left;
  int chunk_images;                   // Images whose patches are in scratch at a time.
  int block_parts;                    // Tasks that share the output blocks of a position.
  int image_parts;                    // Backward-data: tasks that share the images.
  bool accumulate, rectify;
  bool stream;                        // Write weight gradients past the caches.
};

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

struct elementwise_arguments {
  const float *_Nullable a;
  const float *_Nullable b;
  float *_Nullable output;
  long count, range;                        // Floats of a row, and of a task within it.
  long a_stride, b_stride, output_stride;   // Between rows.
  bool accumulate;
};

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

/// Each value divided by (bias + alpha · Σ over the maps at most `reach` away of (a − m)²)^beta; m is 0 or their mean.
struct channel_norm_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;    // May be `output_gradient`.
  int channels, blocks;
  long pixels, range;
  int reach;
  float bias, alpha, beta;
  bool centred;
  bool accumulate;
};

/// Keeps each value with probability 1 − rate and divides it by that; drawn by (key, layer, position of the image in the
/// run, element) alone.
struct dropout_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  long count;                    // Floats per image.
  uint64_t first_position;       // Of image 0.
  uint32_t key[2], layer;
  uint32_t threshold;            // rate · 2^32: words below it drop.
  float scale;                   // 1 / (1 − rate).
  bool accumulate;
};

struct pooling_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  uint8_t *_Nullable winners;  // Per output value, which tap of the window was greatest.
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;
  int blocks;
  long output_image_stride;    // Also of the output's gradient; winners lie without gaps.
  int source_height, source_width, output_height, output_width;
  int kernel_rows, kernel_columns, row_step, column_step, pad_top, pad_left;
  bool rows_first;             // Max pooling searches each source row once: with scratch, at most 8 kernel rows.
  bool count_padding;          // Average pooling divides by the whole window.
  bool adaptive;                 // Windows share out the source evenly; kernel, step and padding are not used.
  bool accumulate;
};

struct trained_pool_arguments {
  const float *_Nullable source;
  const float *_Nullable weights;
  const float *_Nullable bias;
  float *_Nullable output;
  const float *_Nullable output_gradient;
  float *_Nullable source_gradient;    // Null where there is none.
  float *_Nullable sums;               // images × 2 × blocks × 16.
  int blocks, source_height, source_width, kernel_rows, kernel_columns;
  bool accumulate;
};

struct connection_arguments {
  float *_Nullable weights;            // Or their gradient.
  const uint16_t *_Nullable lanes;     // Output block, source block, source channel: a bit for each output channel.
  int taps;
};

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

struct subsample_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  int source_channels, source_blocks, source_height, source_width, output_blocks, output_height, output_width;
  int row_step, column_step, first_channel;
  bool accumulate;
};

struct loss_arguments {
  const float *_Nullable logits;           // images × stride.
  const int32_t *_Nullable labels;
  float *_Nullable gradient;     // images × stride; zeros behind the last class.
  float *_Nullable losses;                 // Per image.
  int32_t *_Nullable ranks;                // Per image: how many classes score above the label (0 is a top-1 hit).
  int classes;
  long stride;
  float smoothing, gradient_scale;
  float bump_width;              // Squared error: σ of the target's bump, in classes.
  int images, partner;           // Each image also has the label of the one `partner` places behind it, in a circle.
  float share;                   // Of its own label.
};

struct mix_images_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  long count;                    // Floats of an image.
  int images, partner;           // Each image is mixed with the one `partner` places behind it, in a circle.
  float share;                   // Of the image itself.
};

struct momentum_arguments {
  float *_Nullable weights;
  const float *_Nullable gradient;
  float *_Nullable momentum;
  long count, range;
  float gradient_scale, gradient_limit;  // The gradient is multiplied by the one, then kept within ± the other.
  float inner_rate;              // By what a decayed gradient is multiplied before it is added to the momentum.
  float learning_rate;           // By what the momentum is multiplied before it is taken off the weights.
  float momentum_factor, weight_decay;
  bool nesterov;
};

struct adam_arguments {
  float *_Nullable weights;
  const float *_Nullable gradient;
  float *_Nullable first_moment;
  float *_Nullable second_moment;
  float *_Nullable direction;    // If not null, gets what the weights would be moved by, and the weights stay.
  long count, range;
  float gradient_scale, gradient_limit;  // As in momentum_arguments.
  float first_decay, first_share, second_decay, second_share;  // β and 1 − β.
  float first_correction, second_correction;  // 1 / (1 − β^t).
  float epsilon, weight_decay, learning_rate;
};

struct blend_arguments {
  const float *_Nullable source;
  float *_Nullable target;
  long count, range;
  float share;
};

/// A run of floats of an arena: whole vectors.
struct arena_piece {
  long first, count;
};

struct squared_sums_arguments {
  const float *_Nullable arena;
  const struct arena_piece *_Nullable pieces;
  double *_Nullable sums;        // Per piece one, or 16 if `by_lane`.
  float limit;                   // Values are kept within ± this.
  bool by_lane;                  // One sum for each of the 16 lanes: of each filter of an output block.
};

struct scale_filters_arguments {
  float *_Nullable arena;
  const struct arena_piece *_Nullable pieces;
  const int32_t *_Nullable blocks;  // Of each piece: which 16 scales are its.
  const float *_Nullable scales;
};

struct peak_arguments {
  long rounds;                   // Each round is V_TILE_1 multiply-adds of 16 lanes.
  float *_Nullable sink;         // 16 per task, so that the work is not removed.
};

struct fill_normal_arguments {
  float *_Nullable output;
  long first, count, range;      // Elements first..<first + count of the stream.
  uint32_t key[2], counter[2];
  float deviation;
};

typedef void (*kernel_function)(const void *arguments, long task, float *scratch);

enum kernel_isa { KERNEL_PORTABLE, KERNEL_NEON, KERNEL_AVX2, KERNEL_AVX512 };

#pragma clang assume_nonnull end

/// One implementation of every kernel. Callers hold a set, never a single function.
struct kernel_set {
  enum kernel_isa isa;
  const char *_Nonnull name;
  int lanes_per_register;
  int multiply_adds_per_round;  // Of `peak`, lanes counted.
#define KERNEL(name) kernel_function _Nonnull name;
#include "kernels.def"
#undef KERNEL
};

/// The kernels of an instruction set, or null when this machine cannot run it.
const struct kernel_set *_Nullable kernel_set_for(enum kernel_isa isa);

/// What kernels.def calls a function of this set, or null if it is none of them.
const char *_Nullable kernel_name(const struct kernel_set *_Nonnull set, kernel_function _Nonnull function);
