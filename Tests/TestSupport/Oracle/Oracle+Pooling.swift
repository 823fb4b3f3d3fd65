public import Tensors

extension Oracle {
  /// The size of pooling along one axis, in PyTorch's words: `up` is `ceil_mode`, whose last window must begin inside
  /// the source or its padding before.
  public static func pooledSize(_ size: Int, kernel: Int, stride: Int, padding: Int, up: Bool) -> Int {
    var count = 0
    while true {
      let start = count * stride - padding
      let fits = start + kernel <= size + padding
      // With rounding up one more window may be cut off at the end.
      let previousReachedEnd = count > 0 && (count - 1) * stride - padding + kernel >= size + padding
      guard fits || (up && !previousReachedEnd && start < size) else { return count }
      count += 1
    }
  }

  public static func pooledShape(_ source: Shape, _ window: Window, up: Bool) -> Shape {
    Shape(
      channels: source.channels,
      height: pooledSize(
        source.height, kernel: window.kernel.rows, stride: window.stride.rows, padding: window.padding.rows, up: up),
      width: pooledSize(
        source.width, kernel: window.kernel.columns, stride: window.stride.columns, padding: window.padding.columns,
        up: up))
  }

  /// The greatest value of each window and its place in the source; the first of equal ones.
  public static func maxPool(_ source: Images, _ window: Window, up: Bool) -> (output: Images, winners: [Int]) {
    var output = Images(count: source.count, shape: pooledShape(source.shape, window, up: up))
    var winners = [Int](repeating: 0, count: output.values.count)
    forEachWindow(source, output.shape, window) { place, taps, _ in
      var best = taps[0]
      for tap in taps where source.values[tap] > source.values[best] { best = tap }
      output.values[place] = source.values[best]
      winners[place] = best
    }
    return (output, winners)
  }

  public static func maxPoolGradient(_ source: Images, winners: [Int], outputGradient: Images) -> Images {
    var gradient = Images(count: source.count, shape: source.shape)
    for (place, winner) in winners.enumerated() { gradient.values[winner] += outputGradient.values[place] }
    return gradient
  }

  public static func averagePool(_ source: Images, _ window: Window, up: Bool, countPadding: Bool) -> Images {
    var output = Images(count: source.count, shape: pooledShape(source.shape, window, up: up))
    forEachWindow(source, output.shape, window) { place, taps, padded in
      let sum = taps.reduce(0) { $0 + source.values[$1] }
      output.values[place] = sum / Double(countPadding ? padded : taps.count)
    }
    return output
  }

  public static func averagePoolGradient(
    _ source: Images, outputGradient: Images, _ window: Window, countPadding: Bool
  ) -> Images {
    var gradient = Images(count: source.count, shape: source.shape)
    forEachWindow(source, outputGradient.shape, window) { place, taps, padded in
      let share = outputGradient.values[place] / Double(countPadding ? padded : taps.count)
      for tap in taps { gradient.values[tap] += share }
    }
    return gradient
  }

  /// √(Σ x²) of each window.
  public static func normPool(_ source: Images, _ window: Window, up: Bool) -> Images {
    var output = Images(count: source.count, shape: pooledShape(source.shape, window, up: up))
    forEachWindow(source, output.shape, window) { place, taps, _ in
      output.values[place] = taps.map { source.values[$0] }.norm
    }
    return output
  }

  public static func normPoolGradient(_ source: Images, outputGradient: Images, _ window: Window) -> Images {
    var gradient = Images(count: source.count, shape: source.shape)
    forEachWindow(source, outputGradient.shape, window) { place, taps, _ in
      let norm = taps.map { source.values[$0] }.norm
      guard norm > 0 else { return }
      for tap in taps { gradient.values[tap] += outputGradient.values[place] * source.values[tap] / norm }
    }
    return gradient
  }

  /// Calls `body` with each output place, the source places of its window, and how many places of the padded source the
  /// window covers.
  private static func forEachWindow(
    _ source: Images, _ output: Shape, _ window: Window, _ body: (_ place: Int, _ taps: [Int], _ padded: Int) -> Void
  ) {
    let shape = source.shape
    var place = 0
    for plane in 0..<source.count * shape.channels {
      for row in 0..<output.height {
        for column in 0..<output.width {
          var taps: [Int] = []
          var padded = 0
          for r in 0..<window.kernel.rows {
            for s in 0..<window.kernel.columns {
              let y = row * window.stride.rows - window.padding.rows + r
              let x = column * window.stride.columns - window.padding.columns + s
              if y < shape.height + window.padding.rows, x < shape.width + window.padding.columns { padded += 1 }
              guard (0..<shape.height).contains(y), (0..<shape.width).contains(x) else { continue }
              taps.append((plane * shape.height + y) * shape.width + x)
            }
          }
          body(place, taps, padded)
          place += 1
        }
      }
    }
  }
}
