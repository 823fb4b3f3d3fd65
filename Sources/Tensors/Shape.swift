/// The shape of one image, or of one image's features: channels × height × width, without the batch.
///
/// A vector of features has height and width 1.
public struct Shape: Hashable, Sendable, Codable {
  public var channels: Int
  public var height: Int
  public var width: Int

  public init(channels: Int, height: Int = 1, width: Int = 1) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The number of values of one image.
  public var count: Int { channels * height * width }
  /// The number of pixels of one image.
  public var pixels: Int { height * width }
}

extension Shape {
  /// With height and width even where there is one pixel.
  public var wholeDescription: String { "\(channels)×\(height)×\(width)" }
}

extension Shape: CustomStringConvertible {
  public var description: String {
    pixels == 1 ? "\(channels)" : wholeDescription
  }
}
