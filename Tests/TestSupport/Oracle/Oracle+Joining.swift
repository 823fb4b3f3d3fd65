public import Tensors

extension Oracle {
  /// Channels behind each other.
  public static func concatenate(_ sources: [Images]) -> Images {
    let first = sources[0]
    let channels = sources.reduce(0) { $0 + $1.shape.channels }
    var output = Images(
      count: first.count, shape: Shape(channels: channels, height: first.shape.height, width: first.shape.width))
    output.values = (0..<first.count).flatMap { image in
      sources.flatMap { $0.values[image * $0.shape.count..<(image + 1) * $0.shape.count] }
    }
    return output
  }

  /// The parts of a concatenation's gradient.
  public static func split(_ gradient: Images, into shapes: [Shape]) -> [Images] {
    var offset = 0
    return shapes.map { shape in
      defer { offset += shape.count }
      var part = Images(count: gradient.count, shape: shape)
      part.values = (0..<gradient.count).flatMap { image in
        gradient.values[image * gradient.shape.count + offset..<image * gradient.shape.count + offset + shape.count]
      }
      return part
    }
  }

  /// Means of windows ⌊i·l/n⌋ ..< ⌈(i+1)·l/n⌉.
  public static func adaptiveAverage(_ source: Images, to size: Extent) -> Images {
    var output = Images(
      count: source.count, shape: Shape(channels: source.shape.channels, height: size.rows, width: size.columns))
    forEachAdaptiveWindow(source, size) { place, taps in
      output.values[place] = taps.reduce(0) { $0 + source.values[$1] } / Double(taps.count)
    }
    return output
  }

  public static func adaptiveAverageGradient(_ source: Images, outputGradient: Images, to size: Extent) -> Images {
    var gradient = Images(count: source.count, shape: source.shape)
    forEachAdaptiveWindow(source, size) { place, taps in
      for tap in taps { gradient.values[tap] += outputGradient.values[place] / Double(taps.count) }
    }
    return gradient
  }

  private static func forEachAdaptiveWindow(
    _ source: Images, _ size: Extent, _ body: (_ place: Int, _ taps: [Int]) -> Void
  ) {
    let (height, width) = (source.shape.height, source.shape.width)
    func window(_ index: Int, _ length: Int, _ count: Int) -> Range<Int> {
      let first = (Double(index * length) / Double(count)).rounded(.down)
      let last = (Double((index + 1) * length) / Double(count)).rounded(.up)
      return Int(first)..<Int(last)
    }
    var place = 0
    for plane in 0..<source.count * source.shape.channels {
      for row in 0..<size.rows {
        for column in 0..<size.columns {
          let taps = window(row, height, size.rows).flatMap { y in
            window(column, width, size.columns).map { (plane * height + y) * width + $0 }
          }
          body(place, taps)
          place += 1
        }
      }
    }
  }
}
