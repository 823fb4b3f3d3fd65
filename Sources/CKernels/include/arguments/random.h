// Random numbers.
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct fill_normal_arguments {
  float *_Nullable output;
  long first, count, range;      // Elements first..<first + count of the stream.
  uint32_t key[2], counter[2];
  float deviation;
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
