// Steps of optimizers, and what they ask of pieces of an arena.
#pragma once
#include <stdbool.h>
#include <stdint.h>

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
