/// Which parts of an image an evaluation shows to a network, whose outputs are then averaged.
///
/// Scales are the pixels of the shorter side to which an image is resized at its own aspect.
public enum CropProtocol: Hashable, Sendable {
  /// See ``tenCrop(of:size:)``.
  case tenCrop(resizedTo: Int)
  /// See ``multiCrop(of:size:)``.
  case multiCrop(scales: [Int])
  /// See ``googLeNet(of:size:)``.
  case googLeNet(scales: [Int])

  public var scales: [Int] {
    switch self {
    case .tenCrop(let scale): [scale]
    case .multiCrop(let scales), .googLeNet(let scales): scales
    }
  }

  /// The number of crops of each image.
  public var count: Int {
    switch self {
    case .tenCrop: 10
    case .multiCrop(let scales): 50 * scales.count
    case .googLeNet(let scales): 36 * scales.count
    }
  }

  /// The crops of an image in the order in which their outputs are added: those of the first scale first, and of each
  /// scale first those that are not mirrored. `size`, that of the network's input, is not larger than any scale.
  public func crops(of image: PixelSize, size: PixelSize) -> [Crop] {
    scales.flatMap { scale in
      let resized = image.resized(shorterSide: scale)
      let crops =
        switch self {
        case .tenCrop: Self.tenCrop(of: resized, size: size)
        case .multiCrop: Self.multiCrop(of: resized, size: size)
        case .googLeNet: Self.googLeNet(of: resized, size: size)
        }
      return crops + crops.map(\.mirrored)
    }
  }
}
