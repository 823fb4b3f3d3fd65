// Losses (loss.h, losses.h), and mixing of images.
#pragma once
#include <stdint.h>

struct loss_arguments {
  const float *_Nullable logits;           // images × stride.
  const int32_t *_Nullable labels;
  float *_Nullable gradient;     // images × stride; zeros behind the last class.
  float *_Nullable losses;                 // Per image.
  int32_t *_Nullable ranks;                // Per image: how many classes are above the label (0 is a top-1 hit).
  int classes;
  long stride;
  float smoothing, gradient_scale;
  float bump_width;              // Squared error: σ of the target's bump, in classes.
  int images, partner;           // Each image also has the label of the one `partner` places behind it, in a circle.
  float share;                   // Of its own label.
};

struct mix_images_arguments {
  const float *_Nullable source;
  float *_Nullable output;
  long count;                    // Floats of an image.
  int images, partner;           // Each image is mixed with the one `partner` places behind it, in a circle.
  float share;                   // Of the image itself.
};
