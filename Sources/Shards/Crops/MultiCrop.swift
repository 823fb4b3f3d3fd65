extension CropProtocol {
  /// A regular grid of 5 × 5 crops from edge to edge, row by row; with mirror images and three scales, 150 (Simonyan
  /// and Zisserman 2014, section 3.2).
  static func multiCrop(of resized: PixelSize, size: PixelSize) -> [Crop] {
    let area = CropArea(resized)
    return (0..<5).flatMap { row in (0..<5).map { area.crop(size, column: $0, row: row, of: 5) } }
  }
}
