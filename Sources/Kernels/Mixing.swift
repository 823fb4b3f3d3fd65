import CKernels

/// How the images of a batch are mixed in pairs (Zhang et al., "mixup", ICLR 2018): image i with the one `partner`
/// places behind it, in a circle, and their labels likewise.
public struct Mixing: Sendable, Hashable {
  /// Of the image itself, in 0...1.
  public var share: Float
  public var partner: Int

  /// Places run from 1: a batch has as many as images, less one.
  public init(share: Float, partner: Int = 1) {
    precondition(partner > 0, "An image is not mixed with itself.")
    self.share = share
    self.partner = partner
  }

  /// output = share · image + (1 − share) · partner, for images of `count` floats each.
  public func run(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, images: Int, count: Int
  ) {
    var arguments = mix_images_arguments()
    arguments.source = source
    arguments.output = output
    arguments.count = count
    arguments.images = Int32(images)
    arguments.partner = Int32(partner)
    arguments.share = share
    processor.run(processor.functions.pointee.mix_images, tasks: images, arguments)
  }
}
