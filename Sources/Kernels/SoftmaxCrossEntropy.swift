/// Softmax cross entropy with label smoothing, per image of a batch of logits.
public struct SoftmaxCrossEntropy: Sendable {
  public let images: Int
  public let classes: Int
  /// The share of the target that is spread evenly over all classes.
  public let smoothing: Float

  public init(images: Int, classes: Int, smoothing: Float = 0) {
    self.images = images
    self.classes = classes
    self.smoothing = smoothing
  }

  /// Writes per image the loss and the label's rank (how many classes score above it: below k is a top-k hit), and, if
  /// asked, the gradient of the logits times `gradientScale`. Labels must lie in 0..<classes. With `mixing`, the loss
  /// of an image is that by its own label and that by its partner's, in their shares; its rank is by its own.
  public func run(
    on processor: Processor, logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    losses: UnsafeMutablePointer<Float>, ranks: UnsafeMutablePointer<Int32>, gradient: UnsafeMutablePointer<Float>?,
    gradientScale: Float, mixing: Mixing? = nil
  ) {
    LossFunction.crossEntropy(smoothing: smoothing).run(
      on: processor, images: images, classes: classes, logits: logits, labels: labels, losses: losses, ranks: ranks,
      gradient: gradient, gradientScale: gradientScale, mixing: mixing)
  }
}
