import Tensors

extension Oracle {
  /// A convolution without shared weights: row, column, output, channel, kernel row, kernel column. Bias: output, row,
  /// column.
  public static func locallyConnected(
    _ source: Images, weights: [Double], bias: [Double]?, outputs: Int, _ window: Window
  ) -> Images {
    let output = localOutput(source.shape, outputs: outputs, window)
    var result = Images(count: source.count, shape: output)
    if let bias { for i in result.values.indices { result.values[i] = bias[i % output.count] } }
    forEachLocalProduct(source.count, source.shape, output: output, window) { weight, x, y in
      result.values[y] += weights[weight] * source.values[x]
    }
    return result
  }

  /// The gradients of source, weights and bias.
  public static func locallyConnectedGradients(
    _ source: Images, weights: [Double], outputGradient: Images, _ window: Window
  ) -> (source: Images, weights: [Double], bias: [Double]) {
    var sourceGradient = Images(count: source.count, shape: source.shape)
    var weightGradient = [Double](repeating: 0, count: weights.count)
    var biasGradient = [Double](repeating: 0, count: outputGradient.shape.count)
    for (i, gradient) in outputGradient.values.enumerated() { biasGradient[i % biasGradient.count] += gradient }
    forEachLocalProduct(source.count, source.shape, output: outputGradient.shape, window) { weight, x, y in
      sourceGradient.values[x] += weights[weight] * outputGradient.values[y]
      weightGradient[weight] += source.values[x] * outputGradient.values[y]
    }
    return (sourceGradient, weightGradient, biasGradient)
  }

  private static func localOutput(_ source: Shape, outputs: Int, _ window: Window) -> Shape {
    Shape(
      channels: outputs,
      height: (source.height + 2 * window.padding.rows - window.kernel.rows) / window.stride.rows + 1,
      width: (source.width + 2 * window.padding.columns - window.kernel.columns) / window.stride.columns + 1)
  }

  /// Calls `body` with the places of weight, source and output of every product.
  private static func forEachLocalProduct(
    _ images: Int, _ source: Shape, output: Shape, _ window: Window, _ body: (Int, Int, Int) -> Void
  ) {
    let kernel = window.kernel
    for row in 0..<output.height {
      for column in 0..<output.width {
        for k in 0..<output.channels {
          for c in 0..<source.channels {
            for r in 0..<kernel.rows {
              for s in 0..<kernel.columns {
                let y = row * window.stride.rows - window.padding.rows + r
                let x = column * window.stride.columns - window.padding.columns + s
                guard (0..<source.height).contains(y), (0..<source.width).contains(x) else { continue }
                let position = row * output.width + column
                let weight =
                  (((position * output.channels + k) * source.channels + c) * kernel.rows + r) * kernel.columns + s
                for image in 0..<images {
                  body(
                    weight, ((image * source.channels + c) * source.height + y) * source.width + x,
                    (image * output.channels + k) * output.pixels + position)
                }
              }
            }
          }
        }
      }
    }
  }
}
