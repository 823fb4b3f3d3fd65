import CKernels
import Tensors

/// What training minimises, per image of a batch of logits z with label y.
///
/// The label's rank is the number of classes above it: below k it is a top-k hit. Above it are classes of greater
/// scores; of an equal score the lower ones, so that a tie is a hit of one label alone; and, so that a broken network
/// hits nothing, those that NaN keeps from being compared.
public enum LossFunction: Hashable, Sendable {
  /// Softmax cross entropy; `smoothing` is the share of the target that is spread evenly over all classes.
  case crossEntropy(smoothing: Float)
  /// The multi-class perceptron's: max(0, max z − z[y]). Its step (one up for y, one down for the class that is
  /// predicted) is taken whenever that class is not y, be it by a tie, at which the loss is 0.
  case perceptron
  /// The multi-class hinge of Crammer and Singer 2001: max(0, 1 + max over the other classes − z[y]). Not PyTorch's
  /// `MultiMarginLoss`, which takes the mean over the classes. The gradient goes to the first of the greatest.
  case hinge
  /// ½·Σ (z − t)², where the target t = e^(−d² / 2σ²) is a bump around the label: d is the distance from it in classes,
  /// σ is `bumpWidth`.
  case squaredError(bumpWidth: Float)

  /// Writes per image the loss and the label's rank, and, if asked, the gradient of the logits times `gradientScale`.
  /// Labels must lie in 0..<classes. A logit that is not finite makes the loss NaN. With `mixing`, which is for cross
  /// entropy alone, the loss of an image is that by its own label and that by its partner's, in their shares; its rank
  /// is by its own.
  public func run(
    on processor: Processor, images: Int, classes: Int, logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    losses: UnsafeMutablePointer<Float>, ranks: UnsafeMutablePointer<Int32>, gradient: UnsafeMutablePointer<Float>?,
    gradientScale: Float, mixing: Mixing? = nil
  ) {
    var arguments = loss_arguments()
    arguments.logits = logits
    arguments.labels = labels
    arguments.losses = losses
    arguments.ranks = ranks
    arguments.gradient = gradient
    arguments.classes = Int32(classes)
    arguments.stride = paddedToVector(classes)
    arguments.gradient_scale = gradientScale
    let kernels = processor.functions.pointee
    let kernel: kernel_function
    switch self {
    case .crossEntropy(let smoothing):
      arguments.smoothing = smoothing
      arguments.images = Int32(images)
      if let mixing {
        arguments.partner = Int32(mixing.partner)
        arguments.share = mixing.share
      }
      kernel = kernels.softmax_cross_entropy
    case .perceptron: kernel = kernels.perceptron_loss
    case .hinge: kernel = kernels.hinge_loss
    case .squaredError(let bumpWidth):
      arguments.bump_width = bumpWidth
      kernel = kernels.squared_error
    }
    processor.run(kernel, tasks: images, arguments)
  }
}
