public import Tensors

/// The mathematics of every layer in double precision, as plain loops: what the kernels are measured against.
///
/// Nothing here shares code or layout with the kernels.
public enum Oracle {}

/// How the window of a convolution or pooling moves.
public struct Window: Sendable {
  public var kernel: Extent
  public var stride: Extent
  public var padding: Extent
  public var dilation: Extent

  public init(kernel: Extent, stride: Extent, padding: Extent, dilation: Extent = Extent(1)) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
  }
}

extension Oracle {
  /// Weights: output, channel of the output's group, row, column.
  public static func convolution(
    _ source: Images, weights: [Double], bias: [Double]?, outputs: Int, _ window: Window, groups: Int = 1
  ) -> Images {
    let shape = source.shape
    let reach = Extent(
      rows: (window.kernel.rows - 1) * window.dilation.rows,
      columns: (window.kernel.columns - 1) * window.dilation.columns)
    let height = (shape.height + 2 * window.padding.rows - reach.rows - 1) / window.stride.rows + 1
    let width = (shape.width + 2 * window.padding.columns - reach.columns - 1) / window.stride.columns + 1
    var output = Images(count: source.count, shape: Shape(channels: outputs, height: height, width: width))
    if let bias {
      for i in output.values.indices { output.values[i] = bias[i / (height * width) % outputs] }
    }
    let step = window.stride.columns
    output.values.withUnsafeMutableBufferPointer { y in
      source.values.withUnsafeBufferPointer { x in
        forEachRun(
          source.count, shape, output: Shape(channels: outputs, height: height, width: width), window, groups: groups
        ) {
          run in
          let weight = weights[run.weight]
          for i in 0..<run.length { y[run.output + i] += weight * x[run.source + i * step] }
        }
      }
    }
    return output
  }

  /// The gradients of source, weights and bias.
  public static func convolutionGradients(
    _ source: Images, weights: [Double], outputGradient: Images, _ window: Window, groups: Int = 1
  ) -> (source: Images, weights: [Double], bias: [Double]) {
    var sourceGradient = Images(count: source.count, shape: source.shape)
    var weightGradient = [Double](repeating: 0, count: weights.count)
    let outputShape = outputGradient.shape
    var biasGradient = [Double](repeating: 0, count: outputShape.channels)
    for (i, gradient) in outputGradient.values.enumerated() {
      biasGradient[i / outputShape.pixels % outputShape.channels] += gradient
    }
    let step = window.stride.columns
    sourceGradient.values.withUnsafeMutableBufferPointer { dx in
      source.values.withUnsafeBufferPointer { x in
        outputGradient.values.withUnsafeBufferPointer { dy in
          forEachRun(source.count, source.shape, output: outputShape, window, groups: groups) { run in
            let weight = weights[run.weight]
            var sum = 0.0
            for i in 0..<run.length {
              let gradient = dy[run.output + i]
              sum += gradient * x[run.source + i * step]
              dx[run.source + i * step] += weight * gradient
            }
            weightGradient[run.weight] += sum
          }
        }
      }
    }
    return (sourceGradient, weightGradient, biasGradient)
  }

  /// Places in weights, source and output of one tap's row of output pixels that fall into the source.
  private struct Run {
    var weight, source, output, length: Int
  }

  private static func forEachRun(
    _ images: Int, _ source: Shape, output: Shape, _ window: Window, groups: Int, _ body: (Run) -> Void
  ) {
    let (kernel, stride, padding) = (window.kernel, window.stride, window.padding)
    let dilation = window.dilation
    let groupChannels = source.channels / groups
    for image in 0..<images {
      for k in 0..<output.channels {
        let firstChannel = k / (output.channels / groups) * groupChannels
        for c in firstChannel..<firstChannel + groupChannels {
          for r in 0..<kernel.rows {
            for s in 0..<kernel.columns {
              let columns = (0..<output.width).filter {
                (0..<source.width).contains($0 * stride.columns - padding.columns + s * dilation.columns)
              }
              guard let first = columns.first else { continue }
              let weight = ((k * groupChannels + c - firstChannel) * kernel.rows + r) * kernel.columns + s
              for row in 0..<output.height {
                let y = row * stride.rows - padding.rows + r * dilation.rows
                guard (0..<source.height).contains(y) else { continue }
                let x = first * stride.columns - padding.columns + s * dilation.columns
                body(
                  Run(
                    weight: weight, source: ((image * source.channels + c) * source.height + y) * source.width + x,
                    output: ((image * output.channels + k) * output.height + row) * output.width + first,
                    length: columns.count))
              }
            }
          }
        }
      }
    }
  }
}
