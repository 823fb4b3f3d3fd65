// What pooling, depthwise convolutions and locally connected layers walk over.
#pragma once

/// Windows over the pixels of a source. That of output pixel (0, 0) begins at source pixel (−pad_top, −pad_left).
struct windows {
  int source_height, source_width, output_height, output_width;
  int kernel_rows, kernel_columns;  // Of a window.
  int row_step, column_step;        // From one window to the next.
  int pad_top, pad_left;            // May be negative.
};
