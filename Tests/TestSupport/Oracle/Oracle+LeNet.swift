public import Tensors

/// What only the LeNet of 1998 has.
extension Oracle {
  /// weight · Σ window + bias, windows side by side.
  public static func trainedPool(_ source: Images, weights: [Double], bias: [Double], kernel: Extent) -> Images {
    var output = windowSums(source, kernel)
    let (channels, pixels) = (output.shape.channels, output.shape.pixels)
    for i in output.values.indices {
      let c = i / pixels % channels
      output.values[i] = weights[c] * output.values[i] + bias[c]
    }
    return output
  }

  public static func trainedPoolGradients(
    _ source: Images, weights: [Double], outputGradient: Images, kernel: Extent
  ) -> (source: Images, weights: [Double], bias: [Double]) {
    let sums = windowSums(source, kernel)
    let (channels, pixels) = (sums.shape.channels, sums.shape.pixels)
    var scaled = outputGradient
    var weightGradient = [Double](repeating: 0, count: channels)
    var biasGradient = weightGradient
    for (i, gradient) in outputGradient.values.enumerated() {
      let c = i / pixels % channels
      scaled.values[i] = gradient * weights[c] * Double(kernel.rows * kernel.columns)
      weightGradient[c] += gradient * sums.values[i]
      biasGradient[c] += gradient
    }
    let window = Window(kernel: kernel, stride: kernel, padding: Extent(0))
    return (
      averagePoolGradient(source, outputGradient: scaled, window, countPadding: true), weightGradient, biasGradient
    )
  }

  private static func windowSums(_ source: Images, _ kernel: Extent) -> Images {
    averagePool(
      source, Window(kernel: kernel, stride: kernel, padding: Extent(0)), up: false, countPadding: true
    ).map { $0 * Double(kernel.rows * kernel.columns) }
  }

  /// The weights of a full convolution, zero where there is no connection.
  public static func fullWeights(_ weights: [Double], sources: [[Int]], channels: Int, taps: Int) -> [Double] {
    var full = [Double](repeating: 0, count: sources.count * channels * taps)
    for (i, place) in connectedPlaces(sources, channels: channels, taps: taps).enumerated() { full[place] = weights[i] }
    return full
  }

  /// The weights of connections among a full convolution's.
  public static func connectedWeights(_ full: [Double], sources: [[Int]], channels: Int, taps: Int) -> [Double] {
    connectedPlaces(sources, channels: channels, taps: taps).map { full[$0] }
  }

  private static func connectedPlaces(_ sources: [[Int]], channels: Int, taps: Int) -> [Int] {
    sources.enumerated().flatMap { output, seen in
      seen.flatMap { source in (0..<taps).map { (output * channels + source) * taps + $0 } }
    }
  }

  /// −Σ (x − code)² for each code.
  public static func radialBasis(_ source: Images, codes: [[Double]]) -> Images {
    var output = Images(count: source.count, shape: Shape(channels: codes.count))
    for image in 0..<source.count {
      for (k, code) in codes.enumerated() {
        output.values[image * codes.count + k] = -code.indices.reduce(0) { sum, j in
          let d = source.values[image * code.count + j] - code[j]
          return sum + d * d
        }
      }
    }
    return output
  }

  public static func radialBasisGradient(_ source: Images, codes: [[Double]], outputGradient: Images) -> Images {
    var gradient = Images(count: source.count, shape: source.shape)
    for image in 0..<source.count {
      for (k, code) in codes.enumerated() {
        for j in code.indices {
          let i = image * code.count + j
          gradient.values[i] -= 2 * outputGradient.values[image * codes.count + k] * (source.values[i] - code[j])
        }
      }
    }
    return gradient
  }
}
