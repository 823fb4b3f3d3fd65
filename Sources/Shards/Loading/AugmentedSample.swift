import Tensors

/// What training sees of one sample in one epoch, to be looked at.
public struct AugmentedSample: Sendable {
  /// The input of the network before normalisation. Padding shows as the mean colour, which is what it is to the
  /// network.
  public let image: RGBImage
  public let label: Int
  public let sampleID: UInt64

  /// Draws sample `index`, which is in 0..<source.count, exactly as a loader with the same transform and seed does.
  public init(
    _ index: Int, epoch: Int, of source: any SampleSource, transform: ImageTransform, seed: UInt64
  ) throws(ShardError) {
    precondition(index >= 0 && index < source.count, "there is no such sample")
    precondition(transform.views == 1, "training sees one crop of an image")
    let channels = transform.output.channels
    var input = [Float](repeating: 0, count: transform.output.count)
    var writer = InputWriter(source: source, transform: transform, seed: seed)
    try input.withUnsafeMutableBufferPointer { (floats) throws(ShardError) in
      guard let start = floats.baseAddress else { return }
      try writer.write(sample: index, epoch: epoch, to: start)
    }
    var pixels: [UInt8] = []
    for pixel in 0..<transform.output.pixels {
      for colour in 0..<3 {
        let channel = channels == 3 ? colour : 0
        pixels.append(transform.normalization.byte(of: input[pixel * channels + channel], channel: channel))
      }
    }
    image = RGBImage(width: transform.output.width, height: transform.output.height, pixels: pixels)
    label = source.label(of: index)
    sampleID = source.sampleID(of: index)
  }
}
