// Rearrangements between layouts.

typedef float lanes16 __attribute__((vector_size(64), aligned(4)));

// to[16][16] = from[16][16]ᵀ: four rounds in which rows i and i + 8 are interleaved to rows 2i and 2i + 1.
static void transpose_block(const float *from, float *to) {
  lanes16 row[16], mixed[16];
  UNROLL for (int i = 0; i < 16; i++) { row[i] = *(const lanes16 *)(from + 16 * i); }
  UNROLL for (int round = 0; round < 4; round++) {
    UNROLL for (int i = 0; i < 8; i++) {
      mixed[2 * i] = __builtin_shufflevector(row[i], row[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      mixed[2 * i + 1] =
          __builtin_shufflevector(row[i], row[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < 16; i++) { row[i] = mixed[i]; }
  }
  UNROLL for (int i = 0; i < 16; i++) { *(lanes16 *)(to + 16 * i) = row[i]; }
}

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
        transpose_block(from + ((long)r * a->kernel_columns + s) * 256, to + (((long)k * rows + i) * columns + j) * 256);
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
