/// How the values of a batch of images lie in memory.
public enum Layout: String, Sendable, Codable {
  /// image, row, column, channel: the images that enter a network.
  case interleaved
  /// image, channel block, row, column, 16 channels; channels behind the last are zero. All that a network computes.
  case blocked
}

/// The number of floats of the logical vector, and of a channel block.
public let vectorWidth = 16

/// `count` rounded up to whole vectors.
public func paddedToVector(_ count: Int) -> Int {
  (count + vectorWidth - 1) / vectorWidth * vectorWidth
}

extension Shape {
  /// The number of channel blocks in the blocked layout.
  public var blocks: Int { (channels + vectorWidth - 1) / vectorWidth }

  /// The number of floats that one image takes in `layout`.
  public func floats(in layout: Layout) -> Int {
    switch layout {
    case .interleaved: count
    case .blocked: blocks * vectorWidth * pixels
    }
  }

  /// The place of (channel, row, column) in the floats of one image.
  public func index(channel: Int, row: Int, column: Int, in layout: Layout) -> Int {
    switch layout {
    case .interleaved: (row * width + column) * channels + channel
    case .blocked: ((channel / vectorWidth * height + row) * width + column) * vectorWidth + channel % vectorWidth
    }
  }
}
