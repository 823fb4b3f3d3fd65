// Sets weights of a convolution to 0 that a table of connections leaves out. One task: one output block and source block.
static void keep_connections(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct connection_arguments *a = arguments;
  float *weights = a->weights + task * a->taps * 256;
  const uint16_t *lanes = a->lanes + task * 16;
  for (int tap = 0; tap < a->taps; tap++)
    for (int channel = 0; channel < 16; channel++, weights += 16)
      for (int lane = 0; lane < 16; lane++)
        if (!(lanes[channel] >> lane & 1)) weights[lane] = 0;
}
