import CKernels
import Tensors

extension windows {
  /// The windows by which `output` is made from `source`.
  init(from source: Shape, to output: Shape, kernel: Extent, stride: Extent, padding: Extent = Extent(0)) {
    self.init(
      source_height: Int32(source.height), source_width: Int32(source.width), output_height: Int32(output.height),
      output_width: Int32(output.width), kernel_rows: Int32(kernel.rows), kernel_columns: Int32(kernel.columns),
      row_step: Int32(stride.rows), column_step: Int32(stride.columns), pad_top: Int32(padding.rows),
      pad_left: Int32(padding.columns))
  }
}
