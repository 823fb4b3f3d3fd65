// Weights of convolutions in groups.
#pragma once

/// Weights of a convolution in groups, as they are trained and as a convolution of `bundle_groups` groups at a time reads them.
struct group_weights_arguments {
  float *_Nullable weights;       // Output block, tap, channel of the group, 16 outputs.
  float *_Nullable dense;         // Per bundle: output block, source block, tap, source channel, 16 outputs.
  int groups, group_channels, group_outputs, taps;
  int bundle_groups, bundle_blocks;  // Of a bundle: groups, output blocks.
  int source_block;               // 16, or all channels of interleaved images.
};
