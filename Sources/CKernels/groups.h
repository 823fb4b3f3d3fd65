// Weights of convolutions in groups whose channels are no whole blocks.
//
// Some groups at a time, a bundle, are computed as one convolution with zeros between them. The weights themselves lie without
// these zeros: output block, tap, channel of the group, 16 outputs.

struct group_bundle {
  int groups, first_output;   // Of the bundle; of this task's block within it.
  int source_blocks;
  long dense_offset;
};

// The bundle of one output block, and where the dense weights of the block begin.
static struct group_bundle group_bundle_at(const struct group_weights_arguments *a, long block) {
  const int bundle = (int)(block / a->bundle_blocks), place = (int)(block % a->bundle_blocks);
  const int groups = smaller(a->bundle_groups, a->groups - bundle * a->bundle_groups);
  const int source_blocks = (groups * a->group_channels + a->source_block - 1) / a->source_block;
  const long source_floats = (long)a->source_block * a->taps * 16;
  const long whole_blocks = (a->bundle_groups * a->group_channels + a->source_block - 1) / a->source_block;
  return (struct group_bundle){groups, 16 * place, source_blocks,
                               (bundle * a->bundle_blocks * whole_blocks + (long)place * source_blocks) * source_floats};
}

// One task: one output block. Dense weights: output block, source block, tap, source channel, 16 outputs.
static void expand_groups(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct group_weights_arguments *a = arguments;
  const struct group_bundle bundle = group_bundle_at(a, task);
  const float *weights = a->weights + task * a->taps * a->group_channels * 16;
  float *to = a->dense + bundle.dense_offset;
  for (int block = 0; block < bundle.source_blocks; block++) {
    for (int tap = 0; tap < a->taps; tap++) {
      for (int row = 0; row < a->source_block; row++, to += 16) {
        const int channel = block * a->source_block + row, group = channel / a->group_channels;
        const float *from = weights + ((long)tap * a->group_channels + channel % a->group_channels) * 16;
        const int first = group * a->group_outputs - bundle.first_output, last = first + a->group_outputs;
        for (int lane = 0; lane < 16; lane++)
          to[lane] = group < bundle.groups && lane >= first && lane < last ? from[lane] : 0;
      }
    }
  }
}

// The way back: of dense gradients those that belong to weights. One task: one output block.
static void extract_groups(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct group_weights_arguments *a = arguments;
  const struct group_bundle bundle = group_bundle_at(a, task);
  const float *dense = a->dense + bundle.dense_offset;
  float *to = a->weights + task * a->taps * a->group_channels * 16;
  for (int tap = 0; tap < a->taps; tap++) {
    for (int row = 0; row < a->group_channels; row++, to += 16) {
      for (int lane = 0; lane < 16; lane++) {
        const int group = (bundle.first_output + lane) / a->group_outputs;
        const int channel = group * a->group_channels + row, block = channel / a->source_block;
        const long place = ((long)block * a->taps + tap) * a->source_block + channel % a->source_block;
        to[lane] = group < bundle.groups ? dense[place * 16 + lane] : 0;
      }
    }
  }
}
