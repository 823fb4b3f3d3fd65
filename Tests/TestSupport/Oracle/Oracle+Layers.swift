public import Tensors

extension Oracle {
  /// Weights: output, feature; features in the order channel, row, column.
  public static func dense(_ source: Images, weights: [Double], bias: [Double]) -> Images {
    let features = source.shape.count
    var output = Images(count: source.count, shape: Shape(channels: bias.count))
    for image in 0..<source.count {
      for k in bias.indices {
        var sum = bias[k]
        for j in 0..<features { sum += weights[k * features + j] * source.values[image * features + j] }
        output.values[image * bias.count + k] = sum
      }
    }
    return output
  }

  public static func denseGradients(
    _ source: Images, weights: [Double], outputGradient: Images
  ) -> (source: Images, weights: [Double], bias: [Double]) {
    let features = source.shape.count
    let outputs = outputGradient.shape.channels
    var sourceGradient = Images(count: source.count, shape: source.shape)
    var weightGradient = [Double](repeating: 0, count: weights.count)
    var biasGradient = [Double](repeating: 0, count: outputs)
    for image in 0..<source.count {
      for k in 0..<outputs {
        let gradient = outputGradient.values[image * outputs + k]
        biasGradient[k] += gradient
        for j in 0..<features {
          weightGradient[k * features + j] += gradient * source.values[image * features + j]
          sourceGradient.values[image * features + j] += gradient * weights[k * features + j]
        }
      }
    }
    return (sourceGradient, weightGradient, biasGradient)
  }

  public static func rectify(_ source: Images) -> Images { source.map { max(0, $0) } }

  /// The gradient of what was rectified to `output`.
  public static func rectifyGradient(output: Images, outputGradient: Images) -> Images {
    Images(
      count: output.count, shape: output.shape,
      values: zip(output.values, outputGradient.values).map { $0 > 0 ? $1 : 0 })
  }

  public static func add(_ a: Images, _ b: Images) -> Images {
    Images(count: a.count, shape: a.shape, values: zip(a.values, b.values).map { $0 + $1 })
  }

  /// Option A of He et al. 2015: every stride-th pixel, the new channels split before and behind.
  public static func subsample(_ source: Images, channels: Int, stride: Extent) -> Images {
    moveSubsampled(source, channels: channels, stride: stride).output
  }

  public static func subsampleGradient(_ source: Images, outputGradient: Images, stride: Extent) -> Images {
    var gradient = Images(count: source.count, shape: source.shape)
    let pairs = moveSubsampled(source, channels: outputGradient.shape.channels, stride: stride).pairs
    for (from, to) in pairs { gradient.values[from] += outputGradient.values[to] }
    return gradient
  }

  private static func moveSubsampled(
    _ source: Images, channels: Int, stride: Extent
  ) -> (output: Images, pairs: [(from: Int, to: Int)]) {
    let from = source.shape
    let to = Shape(
      channels: channels, height: (from.height - 1) / stride.rows + 1, width: (from.width - 1) / stride.columns + 1)
    var output = Images(count: source.count, shape: to)
    var pairs: [(from: Int, to: Int)] = []
    let before = (channels - from.channels) / 2
    for image in 0..<source.count {
      for c in 0..<from.channels {
        for row in 0..<to.height {
          for column in 0..<to.width {
            let a =
              ((image * from.channels + c) * from.height + row * stride.rows) * from.width + column * stride.columns
            let b = ((image * channels + before + c) * to.height + row) * to.width + column
            output.values[b] = source.values[a]
            pairs.append((a, b))
          }
        }
      }
    }
    return (output, pairs)
  }
}
