// Locally connected layers: a convolution whose every output pixel, a position, has weights of its own.
//
// Per position the layer is a product of matrices over the images. Weights: position, output block, source block, kernel row,
// kernel column, source channel, 16 outputs; bias: output block, position, 16.

// Floats of the source that a position sees: those of its weights per output channel.
static inline long local_depth(const struct locally_connected_arguments *a) {
  return (long)a->source_blocks * a->windows.kernel_rows * a->windows.kernel_columns * a->source_block;
}

// Floats from one image's patch to the next: a cache line more, so that rows do not share one set of the cache.
static inline long local_patch_stride(const struct locally_connected_arguments *a) { return local_depth(a) + 16; }

// What position (row, column) of one image sees, in the order of the weights, with zeros beyond the edges.
static void local_patch(const struct locally_connected_arguments *a, const float *source, int row, int column, float *to) {
  const struct windows *w = &a->windows;
  const int block = a->source_block, columns = w->kernel_columns, left = column * w->column_step - w->pad_left;
  const int from = left < 0 ? smaller(-left, columns) : 0;
  const int room = w->source_width - left, end = room < from ? from : smaller(room, columns);
  for (int b = 0; b < a->source_blocks; b++) {
    const float *plane = source + (long)b * w->source_height * w->source_width * block;
    for (int r = 0; r < w->kernel_rows; r++, to += columns * block) {
      const int y = row * w->row_step - w->pad_top + r;
      if (y < 0 || y >= w->source_height) {
        memset(to, 0, (long)columns * block * sizeof(float));
        continue;
      }
      memset(to, 0, (long)from * block * sizeof(float));
      memcpy(to + from * block, plane + ((long)y * w->source_width + left + from) * block,
             (long)(end - from) * block * sizeof(float));
      memset(to + end * block, 0, (long)(columns - end) * block * sizeof(float));
    }
  }
}

static void local_patches(const struct locally_connected_arguments *a, int first_image, int images, long position, float *to) {
  const int row = (int)(position / a->windows.output_width), column = (int)(position % a->windows.output_width);
  for (int image = 0; image < images; image++, to += local_patch_stride(a))
    local_patch(a, a->source + (first_image + image) * a->source_image_stride, row, column, to);
}

// One task: one position, one part of the output blocks. Each output is one chain over (source block, kernel row, kernel
// column, channel).
static void locally_connected(const void *arguments, long task, float *scratch) {
  const struct locally_connected_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const int part = (int)(task % a->block_parts), widest = V_TILE_2 > 0 ? 2 : 1;
  const long position = task / a->block_parts, depth = local_depth(a), positions = (long)w->output_height * w->output_width;
  const int first_block = (int)((long)part * a->output_blocks / a->block_parts);
  const int last_block = (int)((part + 1l) * a->output_blocks / a->block_parts);
  const float *weights = a->weights + position * a->output_blocks * depth * 16;
  for (int first = 0; first < a->images; first += a->chunk_images) {
    const int images = smaller(a->chunk_images, a->images - first);
    local_patches(a, first, images, position, scratch);
    for (int block = first_block; block < last_block; block += widest) {
      const int blocks = smaller(widest, last_block - block), most = balanced(images, tile_rows(blocks));
      float start[32];
      for (int j = 0; a->bias && j < blocks; j++)
        v_store(start + 16 * j, v_load(a->bias + ((block + j) * positions + position) * 16));
      struct tile_call call = {
          .source_step = local_patch_stride(a),
          .batches = 1,
          .kernel_rows = 1,
          .depth = (int)depth,
          .weights = weights + block * depth * 16,
          .weight_block_stride = depth * 16,
          .output_step = a->output_image_stride,
          .output_block_stride = positions * 16,
          .start = a->bias ? start : NULL,
          .rectify = a->rectify,
      };
      const int step_index = tile_step_index(call.source_step);
      for (int image = 0; image < images; image += most) {
        call.source = scratch + image * call.source_step;
        call.output = a->output + (first + image) * a->output_image_stride + (block * positions + position) * 16;
        tiles[false][blocks - 1][smaller(most, images - image)][step_index](&call);
      }
    }
  }
}

// The gradient of the source; `source` is the output's gradient, `output` the source's. One task: one source block of some
// images, whose planes are its own. Each result is a chain over (position, output channel).
//
// Scratch: transposed weights of one kernel row of a position, kernel column × output channels × 16, and the gradients of the
// position's outputs, image × channels.
static void locally_connected_backward_data(const void *arguments, long task, float *scratch) {
  const struct locally_connected_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const int block = (int)(task % a->source_blocks), part = (int)(task / a->source_blocks), widest = V_TILE_2 > 0 ? 2 : 1;
  const int first = (int)((long)part * a->images / a->image_parts);
  const int images = (int)((part + 1l) * a->images / a->image_parts) - first;
  const int taps = w->kernel_rows * w->kernel_columns;
  const long depth = 16l * a->output_blocks, tap_floats = depth * 16, gradient_step = depth + 16;
  const long positions = (long)w->output_height * w->output_width, pixels = (long)w->source_height * w->source_width;
  float *transposed = scratch, *gradients = scratch + w->kernel_columns * tap_floats;
  float *planes = a->output + first * a->source_image_stride + block * pixels * 16;
  for (int image = 0; !a->accumulate && image < images; image++)
    memset(planes + image * a->source_image_stride, 0, pixels * 16 * sizeof(float));
  for (long position = 0; position < positions; position++) {
    const float *weights = a->weights + position * a->output_blocks * a->source_blocks * taps * 256;
    for (int image = 0; image < images; image++)
      for (int k = 0; k < a->output_blocks; k++)
        v_store(gradients + image * gradient_step + 16 * k,
                v_load(a->source + (first + image) * a->output_image_stride + (k * positions + position) * 16));
    const int top = (int)(position / w->output_width) * w->row_step - w->pad_top;
    const int left = (int)(position % w->output_width) * w->column_step - w->pad_left;
    const int from = left < 0 ? smaller(-left, w->kernel_columns) : 0, end = smaller(w->kernel_columns, w->source_width - left);
    for (int r = 0; r < w->kernel_rows; r++) {
      if (top + r < 0 || top + r >= w->source_height) continue;
      for (int s = from; s < end; s++)
        for (int k = 0; k < a->output_blocks; k++)
          transpose_block(weights + (((long)k * a->source_blocks + block) * taps + r * w->kernel_columns + s) * 256,
                          transposed + s * tap_floats + k * 256);
      for (int s = from; s < end; s += widest) {
        const int columns = smaller(widest, end - s), most = balanced(images, tile_rows(columns));
        struct tile_call call = {
            .source_step = gradient_step,
            .batches = 1,
            .kernel_rows = 1,
            .depth = (int)depth,
            .weights = transposed + s * tap_floats,
            .weight_block_stride = tap_floats,
            .output_step = a->source_image_stride,
            .output_block_stride = 16,
            .accumulate = true,
        };
        const int step_index = tile_step_index(call.source_step);
        for (int image = 0; image < images; image += most) {
          call.source = gradients + image * gradient_step;
          call.output = planes + image * a->source_image_stride + ((long)(top + r) * w->source_width + left + s) * 16;
          tiles[false][columns - 1][smaller(most, images - image)][step_index](&call);
        }
      }
    }
  }
}

// One task: one position, one part of the output blocks. Each weight is one chain over the images. Scratch: patches, and the
// gradients of the position's outputs, output block × image × 16.
static void locally_connected_gradient(const void *arguments, long task, float *scratch) {
  const struct locally_connected_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const int part = (int)(task % a->block_parts), widest = V_TILE_2 > 0 ? 2 : 1;
  const long position = task / a->block_parts, depth = local_depth(a), positions = (long)w->output_height * w->output_width;
  const int first_block = (int)((long)part * a->output_blocks / a->block_parts);
  const int last_block = (int)((part + 1l) * a->output_blocks / a->block_parts);
  float *weights = a->output + position * a->output_blocks * depth * 16;
  float *gradients = scratch + a->chunk_images * local_patch_stride(a);
  for (int first = 0; first < a->images; first += a->chunk_images) {
    const int images = smaller(a->chunk_images, a->images - first);
    local_patches(a, first, images, position, scratch);
    for (int k = first_block; k < last_block; k++)
      for (int image = 0; image < images; image++)
        v_store(gradients + ((k - first_block) * images + image) * 16l,
                v_load(a->gradient + (first + image) * a->output_image_stride + (k * positions + position) * 16));
    for (int k = first_block; k < last_block; k += widest) {
      const int blocks = smaller(widest, last_block - k), most = balanced((int)depth, tile_rows(blocks));
      struct weight_tile_call call = {
          .source_step = local_patch_stride(a),
          .gradient = gradients + (k - first_block) * images * 16l,
          .gradient_block_stride = images * 16l,
          .rows = 1,
          .columns = images,
          .weight_block_stride = depth * 16,
          .accumulate = first > 0,
          .stream = a->stream && first + images == a->images,
      };
      for (int d = 0; d < depth; d += most) {
        call.source = scratch + d;
        call.weights = weights + (k * depth + d) * 16;
        weight_tiles[false][blocks - 1][smaller(most, (int)depth - d)](&call);
      }
    }
  }
  if (a->stream) v_stream_end();
}
