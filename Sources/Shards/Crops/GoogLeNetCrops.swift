extension CropProtocol {
  /// Of the left, central and right square of an image of size `resized` (of an upright one the top, central and bottom
  /// one) each the four corners, the centre, and the square itself, which is resized to the network's input; with
  /// mirror images and four scales, 144 (Szegedy et al. 2014, section 7).
  static func googLeNet(of resized: PixelSize, size: PixelSize) -> [Crop] {
    let side = min(resized.width, resized.height)
    let square = PixelSize(width: side, height: side)
    let whole = CropArea(resized)
    let isUpright = resized.height > resized.width
    return (0..<3).flatMap { place in
      let part = whole.crop(square, column: isUpright ? 0 : place, row: isUpright ? place : 0, of: 3)
      let area = CropArea(of: resized, left: part.columns.lowerBound, top: part.rows.lowerBound, size: square)
      return area.cornersAndCentre(size) + [area.whole]
    }
  }
}
