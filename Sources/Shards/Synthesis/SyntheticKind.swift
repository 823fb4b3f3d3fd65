import Tensors

/// What a synthetic data set shows.
public enum SyntheticKind: String, CaseIterable, Sendable {
  /// Coloured figures of ten classes over clutter; as high as wide. Picture i has class i modulo 10.
  case shapes
  /// The same figures where a linear rule can tell them apart: near the middle, about one size, never turned, and
  /// always lighter than what is behind them.
  case upright
  /// Roads before a car in grey, 15/16 as high as wide, as ALVINN's 30 × 32 pixels are; the class is the one of 30
  /// output units whose steering direction is nearest (``Road``).
  case roads

  /// The shape of pictures that are `size` pixels wide, as shards store them.
  func shape(size: Int) -> Shape {
    switch self {
    case .shapes, .upright: Shape(channels: 3, height: size, width: size)
    case .roads: Shape(channels: 1, height: max(1, size * 15 / 16), width: size)
    }
  }

  /// In alphabetical order, so that a tree of folders of these names has the same labels.
  var classes: [ShardClass] {
    let names =
      switch self {
      case .shapes, .upright: SyntheticShape.allCases.map(\.rawValue)
      case .roads: (0..<Road.units).map { "unit-" + ($0 < 10 ? "0\($0)" : "\($0)") }
      }
    return names.map { ShardClass(wnid: $0, name: $0) }
  }

  func picture(seed: UInt64, index: Int, size: Int) -> (image: RGBImage, label: Int) {
    switch self {
    case .shapes, .upright:
      var picture = ShapePicture(seed: seed, index: index, size: size, isUpright: self == .upright)
      return (picture.draw(), index % SyntheticShape.allCases.count)
    case .roads:
      let shape = shape(size: size)
      var picture = RoadPicture(seed: seed, index: index, height: shape.height, width: shape.width)
      return (picture.draw(), picture.road.unit)
    }
  }
}

extension RGBImage {
  /// The pixels as a shard stores them: of a grey picture one channel.
  func storedBytes(channels: Int) -> [UInt8] {
    channels == 3 ? pixels : stride(from: 0, to: pixels.count, by: 3).map { pixels[$0] }
  }
}
