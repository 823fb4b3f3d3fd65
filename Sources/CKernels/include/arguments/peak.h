// The machine itself.
#pragma once

struct peak_arguments {
  long rounds;                   // Each round is V_TILE_1 multiply-adds of 16 lanes.
  float *_Nullable sink;         // 16 per task, so that the work is not removed.
};
