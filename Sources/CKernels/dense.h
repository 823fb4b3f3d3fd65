// The gradient of a dense layer's features: gradient · weightsᵀ.
//
// One task: a range of feature blocks. It transposes their weights a few output blocks at a time into scratch, where the
// tiles find them: no transposed copy of all weights is ever written. Each result is one chain over the outputs.

static void dense_backward_data(const void *arguments, long task, float *scratch) {
  const struct dense_backward_data_arguments *a = arguments;
  const int first = (int)task * a->range, blocks = smaller(a->range, a->feature_blocks - first);
  const int widest = V_TILE_2 > 0 ? 2 : 1;
  for (int chunk = 0; chunk < a->output_blocks; chunk += a->chunk_blocks) {
    const int outputs = smaller(a->chunk_blocks, a->output_blocks - chunk);
    for (int k = 0; k < outputs; k++)
      for (int b = 0; b < blocks; b++)
        transpose_block(a->weights + ((long)(chunk + k) * a->feature_blocks + first + b) * 256,
                        scratch + ((long)b * outputs + k) * 256);
    for (int b = 0; b < blocks; b += widest) {
      const int width = smaller(widest, blocks - b), most = balanced(a->images, tile_rows(width));
      struct tile_call call = {
          .source_step = 16,
          .batch_stride = 16l * a->images,
          .batches = outputs,
          .kernel_rows = 1,
          .depth = 16,
          .weights = scratch + (long)b * outputs * 256,
          .weight_block_stride = outputs * 256l,
          .output_step = 16l * a->feature_blocks,
          .output_block_stride = 16,
          .accumulate = chunk > 0 || a->accumulate,
      };
      for (int image = 0; image < a->images; image += most) {
        call.source = a->gradient + (long)chunk * call.batch_stride + 16l * image;
        call.output = a->source_gradient + image * call.output_step + 16l * (first + b);
        tiles_at_16(false, width, smaller(most, a->images - image))(&call);
      }
    }
  }
}
