public import Tensors

/// Where samples come from: a numbered set of encoded images with labels. Safe to use from several threads at once.
public protocol SampleSource: Sendable {
  /// The number of samples.
  var count: Int { get }
  /// How the bytes of every sample are encoded.
  var encoding: SampleEncoding { get }
  /// The class of sample `index`, counted from 0.
  func label(of index: Int) -> Int
  /// The number that names sample `index` for ever: its augmentation is drawn from it, wherever the sample is stored.
  func sampleID(of index: Int) -> UInt64
  /// Where sample `index` lies, for messages: "sample 12 of train-00001-of-00004.h5".
  func place(of index: Int) -> String
  /// Replaces `buffer`'s contents by the stored bytes of sample `index`, after checking their CRC-32C.
  ///
  /// Keeps the capacity of `buffer`: nothing is allocated once it has held the largest sample.
  func read(_ index: Int, into buffer: inout [UInt8]) throws(ShardError)
}

/// How the images of a set of samples are stored.
public enum SampleEncoding: Sendable, Hashable {
  /// Each image as a JPEG (or PNG) file of its own size.
  case jpeg
  /// Each image as height × width × channels bytes; 1 channel (grey) or 3 (red, green, blue).
  case raw(Shape)
}
