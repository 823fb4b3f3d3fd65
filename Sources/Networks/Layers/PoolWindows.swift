import Kernels
public import Tensors

/// The windows of a pooling layer, each of which makes one value of a channel.
public struct PoolWindows: Hashable, Sendable {
  public var kernel: Extent
  /// From one window to the next.
  public var stride: Extent
  /// Rows and columns outside of the input, on each side.
  public var padding: Extent
  public var rounding: PoolRounding

  /// Side by side if there is no stride.
  public init(
    kernel: Extent, stride: Extent? = nil, padding: Extent = Extent(0), rounding: PoolRounding = .down
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.rounding = rounding
  }

  /// Squares of `size` × `size` values.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0, rounding: PoolRounding = .down) {
    self.init(
      kernel: Extent(size), stride: Extent(stride ?? size), padding: Extent(padding), rounding: rounding)
  }

  /// The output of pooling, or why the windows do not fit.
  func output(of input: Shape) throws(ShapeError) -> Shape {
    for (name, extent, least) in [("window", kernel, 1), ("stride", stride, 1), ("padding", padding, 0)]
    where min(extent.rows, extent.columns) < least {
      throw ShapeError("a \(name) of \(extent) is not possible; it must be at least \(least).")
    }
    guard input.height + 2 * padding.rows >= kernel.rows, input.width + 2 * padding.columns >= kernel.columns else {
      throw ShapeError(
        "a \(kernel.rows)×\(kernel.columns) window does not fit into \(input.wholeDescription) with padding \(padding)."
      )
    }
    guard 2 * padding.rows <= kernel.rows, 2 * padding.columns <= kernel.columns else {
      throw ShapeError("padding \(padding) is more than half of the \(kernel.rows)×\(kernel.columns) window.")
    }
    return size(of: input)
  }

  /// The passes over `images` inputs, into which the windows fit.
  func pooling(of input: Shape, images: Int, countPadding: Bool = true) -> Pooling {
    Pooling(
      images: images, source: input, output: size(of: input), kernel: kernel, stride: stride, padding: padding,
      countPadding: countPadding)
  }

  private func size(of input: Shape) -> Shape {
    Shape(
      channels: input.channels,
      height: rounding.windows(in: input.height, size: kernel.rows, step: stride.rows, padding: padding.rows),
      width: rounding.windows(in: input.width, size: kernel.columns, step: stride.columns, padding: padding.columns))
  }
}

extension PoolWindows: CustomStringConvertible {
  public var description: String { "\(kernel) / \(stride)" }
}
