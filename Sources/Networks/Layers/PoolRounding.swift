import Tensors

/// What happens to a last window that does not fit: PyTorch's `ceil_mode`.
public enum PoolRounding: Hashable, Sendable {
  /// It is left out.
  case down
  /// It is cut off at the edge, unless it begins behind the padded input (Caffe's and PyTorch's rule).
  case up

  /// The output of pooling, or why the window does not fit.
  func output(of input: Shape, kernel: Extent, stride: Extent, padding: Extent) throws(ShapeError) -> Shape {
    guard input.height + 2 * padding.rows >= kernel.rows, input.width + 2 * padding.columns >= kernel.columns else {
      throw ShapeError("a \(kernel.rows)×\(kernel.columns) window does not fit into \(input) with padding \(padding).")
    }
    guard 2 * padding.rows <= kernel.rows, 2 * padding.columns <= kernel.columns else {
      throw ShapeError("padding \(padding) is more than half of the \(kernel.rows)×\(kernel.columns) window.")
    }
    return size(of: input, kernel: kernel, stride: stride, padding: padding)
  }

  func size(of input: Shape, kernel: Extent, stride: Extent, padding: Extent) -> Shape {
    Shape(
      channels: input.channels,
      height: count(input.height, kernel.rows, stride.rows, padding.rows),
      width: count(input.width, kernel.columns, stride.columns, padding.columns))
  }

  private func count(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int) -> Int {
    let room = size + 2 * padding - kernel
    switch self {
    case .down: return room / stride + 1
    case .up:
      let windows = (room + stride - 1) / stride + 1
      return (windows - 1) * stride >= size + padding ? windows - 1 : windows
    }
  }
}
