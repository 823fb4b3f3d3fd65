/// Where a centred crop of a resized image lies in its source (torchvision's `Resize` and `CenterCrop`).
struct CentreCrop {
  var across: ResampleAxis
  var down: ResampleAxis

  /// The middle `crop` of `source`, resized so that its shorter side has `shorterSide` pixels; without one, so that
  /// `crop` just fits in.
  init(of source: PixelSize, resizedTo shorterSide: Int?, crop: PixelSize) {
    let resized = Self.resizedSize(source, shorterSide: shorterSide, covering: crop)
    across = Self.axis(source.width, resized.width, crop.width)
    down = Self.axis(source.height, resized.height, crop.height)
  }

  private static func resizedSize(_ source: PixelSize, shorterSide: Int?, covering crop: PixelSize) -> PixelSize {
    if let shorterSide { return source.resized(toShorterSide: shorterSide) }
    // Compares crop.width / source.width with crop.height / source.height.
    return crop.width * source.height >= crop.height * source.width
      ? PixelSize(width: crop.width, height: max(crop.height, crop.width * source.height / source.width))
      : PixelSize(width: max(crop.width, crop.height * source.width / source.height), height: crop.height)
  }

  private static func axis(_ source: Int, _ resized: Int, _ crop: Int) -> ResampleAxis {
    precondition(crop <= resized, "the crop is larger than the resized image")
    let first = Int((Double(resized - crop) / 2).rounded(.toNearestOrEven))
    return ResampleAxis(resizing: 0..<source, to: resized, targets: first..<first + crop)
  }
}

extension RGBImage {
  /// The middle `size` × `size` pixels of the image, resized so that its shorter side has `size` pixels.
  public func resizedCentreCrop(to size: Int) -> RGBImage {
    precondition(size > 0, "the size of an image is positive")
    if width == size, height == size { return self }
    let crop = CentreCrop(
      of: PixelSize(width: width, height: height), resizedTo: size, crop: PixelSize(width: size, height: size))
    var resampler = Resampler()
    var cropped: [UInt8] = []
    pixels.withUnsafeBufferPointer { bytes in
      let view = PixelView(bytes, PixelSize(width: width, height: height), channels: 3)
      _ = resampler.resample(view, crop.across, crop.down, into: &cropped)
    }
    return RGBImage(width: size, height: size, pixels: cropped)
  }
}
