// The parameter-free shortcut (He et al. 2015, option A): every step-th pixel, channels moved up by `first_channel`
// between zeros.

// One task: one image and output block.
static void subsample(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct subsample_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const long image = task / a->output_blocks;
  const int block = (int)(task % a->output_blocks);
  const long source_plane = (long)w->source_height * w->source_width * 16;
  const float *source = a->source + image * a->source_blocks * source_plane;
  float *output = a->output + task * w->output_height * w->output_width * 16;
  for (int row = 0; row < w->output_height; row++) {
    for (int column = 0; column < w->output_width; column++, output += 16) {
      const long pixel = ((long)row * w->row_step * w->source_width + (long)column * w->column_step) * 16;
      for (int lane = 0; lane < 16; lane++) {
        const int channel = 16 * block + lane - a->first_channel;
        const bool inside = channel >= 0 && channel < 16 * a->source_blocks;
        output[lane] = inside ? source[(channel / 16) * source_plane + pixel + channel % 16] : 0;
      }
    }
  }
}

// One task: one image and source block. `source` is the output's gradient, `output` the source's; the sizes keep the
// names of the forward pass.
static void subsample_gradient(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct subsample_arguments *a = arguments;
  const struct windows *w = &a->windows;
  const long image = task / a->source_blocks;
  const int block = (int)(task % a->source_blocks);
  const long output_plane = (long)w->output_height * w->output_width * 16;
  const long source_count = (long)w->source_height * w->source_width * 16;
  const float *from = a->source + image * a->output_blocks * output_plane;
  float *gradient = a->output + task * source_count;
  if (!a->accumulate) memset(gradient, 0, source_count * sizeof(float));
  for (int row = 0; row < w->output_height; row++) {
    for (int column = 0; column < w->output_width; column++) {
      float *to = gradient + ((long)row * w->row_step * w->source_width + (long)column * w->column_step) * 16;
      const long pixel = ((long)row * w->output_width + column) * 16;
      for (int lane = 0; lane < 16 && 16 * block + lane < a->source_channels; lane++) {
        const int channel = 16 * block + lane + a->first_channel;
        to[lane] += from[(channel / 16) * output_plane + pixel + channel % 16];
      }
    }
  }
}
