extension CropProtocol {
  /// The four corners and the centre of an image of size `resized`, which their mirror images make ten (Krizhevsky et
  /// al. 2012, section 4.1: 224 pixels of 256).
  ///
  /// As in torchvision's `TenCrop`, but for the centre's mirror image: here it is always that of the centre.
  static func tenCrop(of resized: PixelSize, size: PixelSize) -> [Crop] {
    CropArea(resized).cornersAndCentre(size)
  }
}
