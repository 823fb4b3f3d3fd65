// Direct convolution as loops around the tile: forward, and backward-data as the same walk over transposed weights.

// Copies the source rows of a band into scratch, with zeros around: blocks × rows × padded width × block.
static void pad_band(const struct convolution_arguments *a, const float *source, int first_row, int rows, float *scratch) {
  const int block = a->source_block, width = a->source_width;
  const long row_floats = (long)width * block, padded_floats = (long)a->padded_width * block;
  const long left = (long)a->pad_left * block, right = padded_floats - left - row_floats;
  for (int b = 0; b < a->source_blocks; b++) {
    const float *plane = source + b * a->source_block_stride;
    for (int r = 0; r < rows; r++, scratch += padded_floats) {
      const int row = first_row + r;
      if (row < 0 || row >= a->source_height) {
        memset(scratch, 0, padded_floats * sizeof(float));
        continue;
      }
      memset(scratch, 0, left * sizeof(float));
      memcpy(scratch + left, plane + row * row_floats, row_floats * sizeof(float));
      if (right > 0) memset(scratch + left + row_floats, 0, right * sizeof(float));
    }
  }
}

// The tiles of output rows [first, first + rows) of one phase and one image, for one group of output blocks and one
// chunk of source blocks.
static void convolve_rows(const struct convolution_arguments *a, const struct convolution_phase *phase, struct tile_call *call,
                          int blocks, bool narrow, const float *source, long row_floats, int first_band_row, int first, int rows,
                          float *output) {
  const int most = balanced(phase->output_columns, tile_rows(blocks));
  const int step_index = tile_step_index(call->source_step);
  for (int i = first; i < first + rows; i++) {
    const int source_row = i * a->source_row_step + phase->source_row - first_band_row;
    const float *source_pixels = source + source_row * row_floats + (long)(phase->source_column + a->pad_left) * a->source_block;
    float *output_pixels = output + (phase->output_row + (long)i * phase->output_row_step) * a->output_row_stride +
                           (long)phase->output_column * a->output_pixel_stride;
    for (int column = 0; column < phase->output_columns; column += most) {
      const int count = phase->output_columns - column < most ? phase->output_columns - column : most;
      call->source = source_pixels + (long)column * call->source_step;
      call->output = output_pixels + (long)column * call->output_step;
      tiles[narrow][blocks - 1][count][step_index](call);
    }
  }
}

static int smaller(int a, int b) { return a < b ? a : b; }

static void convolution(const void *arguments, long task, float *scratch) {
  const struct convolution_arguments *a = arguments;
  const int part = (int)(task % a->block_parts);
  const int band = (int)(task / a->block_parts % a->bands);
  const int first_image = (int)(task / a->block_parts / a->bands) * a->images_per_task;
  const int last_image = smaller(first_image + a->images_per_task, a->images);
  const int first_block = (int)((long)part * a->output_blocks / a->block_parts);
  const int last_block = (int)((long)(part + 1) * a->output_blocks / a->block_parts);

  // The source as the tiles see it: in place, or padded in scratch.
  const int first_source_row = band * a->band_rows * a->source_row_step + a->first_source_row;
  const int band_source_rows = a->band_source_rows;
  const long row_floats = (long)(a->padded ? a->padded_width : a->source_width) * a->source_block;
  const long block_stride = a->padded ? band_source_rows * row_floats : a->source_block_stride;
  const long image_stride = a->padded ? a->source_blocks * block_stride : a->source_image_stride;
  const float *source = a->source + first_image * a->source_image_stride;
  if (a->padded) {
    for (int image = first_image; image < last_image; image++)
      pad_band(a, a->source + image * a->source_image_stride, first_source_row, band_source_rows,
               scratch + (image - first_image) * image_stride);
    source = scratch;
  }

  const int widest = V_TILE_2 > 0 ? 2 : 1;
  for (int block = first_block; block < last_block; block += widest) {
    const int blocks = smaller(widest, last_block - block);
    for (int chunk = 0; chunk < a->source_blocks; chunk += a->chunk_blocks) {
      const int chunk_blocks = smaller(a->chunk_blocks, a->source_blocks - chunk);
      const bool last_chunk = chunk + chunk_blocks == a->source_blocks;
      for (int p = 0; p < a->phases; p++) {
        const struct convolution_phase *phase = &a->phase[p];
        const int first = band * a->band_rows, rows = smaller(a->band_rows, phase->output_rows - first);
        if (rows <= 0) continue;
        const int depth = phase->kernel_columns * a->source_block;
        struct tile_call call = {
            .source_step = (long)a->source_column_step * a->source_block,
            .batch_stride = block_stride,
            .kernel_row_stride = row_floats,
            .batches = phase->kernel_rows * phase->kernel_columns == 0 ? 0 : chunk_blocks,
            .kernel_rows = phase->kernel_rows,
            .depth = depth,
            .weights = a->weights + block * a->weight_block_stride + phase->weight_offset +
                       (long)chunk * phase->kernel_rows * depth * 16,
            .weight_block_stride = a->weight_block_stride,
            .output_step = phase->output_column_step * a->output_pixel_stride,
            .output_block_stride = a->output_block_stride,
            .start = a->bias ? a->bias + 16 * block : NULL,
            .accumulate = chunk > 0 || a->accumulate,
            .rectify = last_chunk && a->rectify,
            .fetch = block == first_block && !a->padded,
        };
        for (int image = first_image; image < last_image; image++)
          convolve_rows(a, phase, &call, blocks, a->narrow && block + blocks == a->output_blocks,
                        source + (image - first_image) * image_stride + chunk * block_stride, row_floats,
                        a->padded ? first_source_row : 0, first, rows,
                        a->output + image * a->output_image_stride + block * a->output_block_stride);
      }
    }
  }
}
