// Rearrangements between layouts.

// weights[k][c][r][s][16c][16k] to transposed[c][phase][k][r'][s'][16k][16c] with the taps of each phase in reverse, so
// that backward-data is a forward convolution. One task: one (output block k, source block c).
static void transpose_weights(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct transpose_weights_arguments *a = arguments;
  const long taps = (long)a->kernel_rows * a->kernel_columns;
  const int k = (int)(task / a->source_blocks), c = (int)(task % a->source_blocks);
  const float *from = a->weights + ((long)k * a->source_blocks + c) * taps * 256;
  float *to = a->transposed + (long)c * a->output_blocks * taps * 256;
  for (int p = 0; p < a->row_step * a->column_step; p++) {
    const int row0 = p / a->column_step, column0 = p % a->column_step;
    const int rows = (a->kernel_rows - row0 + a->row_step - 1) / a->row_step;
    const int columns = (a->kernel_columns - column0 + a->column_step - 1) / a->column_step;
    if (rows <= 0 || columns <= 0) continue;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        const int r = row0 + a->row_step * (rows - 1 - i), s = column0 + a->column_step * (columns - 1 - j);
        const float *block = from + ((long)r * a->kernel_columns + s) * 256;
        float *out = to + (((long)k * rows + i) * columns + j) * 256;
        for (int x = 0; x < 16; x++)
          for (int y = 0; y < 16; y++)
            out[16 * y + x] = block[16 * x + y];
      }
    }
    to += (long)a->output_blocks * rows * columns * 256;
  }
}

// features[image][count] to blocks[⌈count/16⌉][image][16], zeros behind the last. One task: a range of blocks.
static void pack_features(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct pack_features_arguments *a = arguments;
  const long blocks = (a->count + 15) / 16;
  const long first = task * a->range, last = first + a->range < blocks ? first + a->range : blocks;
  for (long block = first; block < last; block++) {
    float *to = a->packed + block * a->images * 16;
    const long width = a->count - 16 * block < 16 ? a->count - 16 * block : 16;
    for (int image = 0; image < a->images; image++, to += 16) {
      const float *from = a->features + image * a->count + 16 * block;
      if (width == 16) {
        v_store(to, v_load(from));
      } else {
        for (int i = 0; i < 16; i++)
          to[i] = i < width ? from[i] : 0;
      }
    }
  }
}
