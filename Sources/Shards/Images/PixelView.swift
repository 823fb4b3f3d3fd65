/// The pixels of an image, or of a part of one, that lie in someone else's memory.
struct PixelView {
  private let start: UnsafePointer<UInt8>
  private let rowBytes: Int
  let size: PixelSize
  /// 1 or 3, interleaved.
  let channels: Int

  /// `pixels` holds the whole image, row after row.
  init(_ pixels: UnsafeBufferPointer<UInt8>, _ size: PixelSize, channels: Int) {
    guard let start = pixels.baseAddress, pixels.count == size.count * channels, channels == 1 || channels == 3 else {
      preconditionFailure("pixels do not fill the image")
    }
    self.start = start
    self.size = size
    self.channels = channels
    rowBytes = size.width * channels
  }

  private init(_ whole: PixelView, _ start: UnsafePointer<UInt8>, _ size: PixelSize) {
    self.start = start
    self.size = size
    channels = whole.channels
    rowBytes = whole.rowBytes
  }

  func row(_ y: Int) -> UnsafePointer<UInt8> { start + y * rowBytes }

  /// The part of `size` whose first pixel is (left, top).
  func part(left: Int, top: Int, size: PixelSize) -> PixelView {
    precondition(left >= 0 && top >= 0 && left + size.width <= self.size.width && top + size.height <= self.size.height)
    return PixelView(self, row(top) + left * channels, size)
  }
}
