import ArgumentParser
import Kernels
import Networks

/// Which pass of a layer is timed.
enum PassKind: String, ExpressibleByArgument, CaseIterable, Encodable {
  case forward
  /// Of a convolution: the gradient of its source.
  case backwardData = "backward-data"
  /// Of a convolution: the gradient of its weights, without that of a bias.
  case weightGradient = "weight-gradient"
  /// Of any other layer: all its gradients.
  case backward
}

/// One pass over one shape, ready to be run again and again.
struct TimedPass {
  let layer: DistinctLayer
  let kind: PassKind
  /// Of a convolution: direct or winograd.
  let algorithm: ConvolutionAlgorithm?
  /// Of the direct way to compute it, two for each multiply-add; 0 for passes that have none.
  let operations: Int
  /// If each value is read or written once.
  let bytes: Int
  /// Floats of workspace, and of each thread's scratch.
  let workspaceFloats: Int
  let scratchFloats: Int
  let run: (KernelMemory, Processor) -> Void
}
