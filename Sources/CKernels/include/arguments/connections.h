// Convolutions whose maps see some maps only.
#pragma once
#include <stdint.h>

struct connection_arguments {
  float *_Nullable weights;            // Or their gradient.
  const uint16_t *_Nullable lanes;     // Output block, source block, source channel: a bit for each output channel.
  int taps;
};
