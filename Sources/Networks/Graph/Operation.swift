public import Kernels

/// A layer's two passes over a batch of fixed size. It holds no memory: the executor lends it some for one pass at a
/// time.
public protocol Operation: Sendable {
  /// What of the forward pass must still be there in the backward pass.
  var needs: BackwardNeeds { get }
  /// The input whose gradient backward may write over the output's, value by value, when nobody has begun it; nil if it
  /// must have a place of its own.
  var inPlaceGradient: Int? { get }
  /// Whether the output and its gradient may lie among the channels of a larger tensor, so that there are gaps between
  /// their images; and then, in the place of the output's gradient, that of the input `inPlaceGradient` too.
  var allowsGaps: Bool { get }
  /// Where the inputs stand in an image of the output, in floats, if the output is nothing but they: they may be
  /// computed there, and their gradients taken from there, and the passes then have nothing to do about them. Nil for
  /// all others.
  var partOffsets: [Int]? { get }
  /// Floats that forward writes for backward.
  var savedFloats: Int { get }
  /// Floats of workspace, free again after each pass.
  var forwardWorkspaceFloats: Int { get }
  var backwardWorkspaceFloats: Int { get }
  /// Floats of scratch of each thread.
  var scratchFloats: Int { get }

  /// How a pass is computed where there is a choice, for example "winograd 4x4 3x3"; else empty.
  func algorithm(of pass: Pass) -> String
  /// Floating-point operations of a pass: two for each multiply-add of the direct computation, whatever the algorithm,
  /// and none for what is not a product of matrices.
  func flops(of pass: Pass, on tensors: NodeTensors) -> Int
  /// What a pass moves: each tensor once, and again where a second sweep needs what the first has found out. By default
  /// `oneSweep`, which follows from `needs` and `savedFloats`.
  func traffic(of pass: Pass, on tensors: NodeTensors) -> Traffic

  func forward(_ memory: ForwardMemory, on processor: Processor)
  func backward(_ memory: BackwardMemory, on processor: Processor)
}

extension Operation {
  public var needs: BackwardNeeds { [] }
  public var inPlaceGradient: Int? { nil }
  public var allowsGaps: Bool { false }
  public var partOffsets: [Int]? { nil }
  public var savedFloats: Int { 0 }
  public var forwardWorkspaceFloats: Int { 0 }
  public var backwardWorkspaceFloats: Int { 0 }
  public var scratchFloats: Int { 0 }
}

/// Tensors of the forward pass that a backward pass reads.
public struct BackwardNeeds: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let inputs = BackwardNeeds(rawValue: 1)
  public static let output = BackwardNeeds(rawValue: 2)
  /// Of several inputs only the first.
  public static let firstInput = BackwardNeeds(rawValue: 4)

  /// Whether input number `place` must be there.
  public func keepsInput(_ place: Int) -> Bool { contains(.inputs) || contains(.firstInput) && place == 0 }
}

/// What a forward pass may touch. Gaps are floats between the end of an image and the start of the next; where none is
/// named there is none.
public struct ForwardMemory {
  public var inputs: [UnsafePointer<Float>]
  public var output: UnsafeMutablePointer<Float>
  public var outputGap = 0
  public var parameters: [UnsafePointer<Float>]
  /// Running statistics.
  public var statistics: [UnsafePointer<Float>]
  /// Where training leaves this batch's own statistics; empty in evaluation.
  public var batchStatistics: [UnsafeMutablePointer<Float>]
  public var saved: UnsafeMutablePointer<Float>
  public var workspace: UnsafeMutablePointer<Float>
  /// Whether a backward pass will follow.
  public var training: Bool
  /// What random layers draw by.
  public var random = RandomPosition()

  public init(
    inputs: [UnsafePointer<Float>], output: UnsafeMutablePointer<Float>, parameters: [UnsafePointer<Float>],
    statistics: [UnsafePointer<Float>], batchStatistics: [UnsafeMutablePointer<Float>],
    saved: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>, training: Bool
  ) {
    self.inputs = inputs
    self.output = output
    self.parameters = parameters
    self.statistics = statistics
    self.batchStatistics = batchStatistics
    self.saved = saved
    self.workspace = workspace
    self.training = training
  }
}

/// What a backward pass may touch. Gaps are as in `ForwardMemory`.
public struct BackwardMemory {
  public var inputs: [UnsafePointer<Float>]
  public var output: UnsafePointer<Float>
  public var outputGap = 0
  /// The pass may overwrite it: nobody reads it afterwards.
  public var outputGradient: UnsafeMutablePointer<Float>
  public var outputGradientGap = 0
  /// Nil where the input needs no gradient.
  public var inputGradients: [InputGradient?]
  public var parameters: [UnsafePointer<Float>]
  public var parameterGradients: [UnsafeMutablePointer<Float>]
  public var statistics: [UnsafePointer<Float>]
  public var saved: UnsafeMutablePointer<Float>
  public var workspace: UnsafeMutablePointer<Float>
  /// The forward pass's.
  public var random = RandomPosition()

  public init(
    inputs: [UnsafePointer<Float>], output: UnsafePointer<Float>, outputGradient: UnsafeMutablePointer<Float>,
    inputGradients: [InputGradient?], parameters: [UnsafePointer<Float>],
    parameterGradients: [UnsafeMutablePointer<Float>], statistics: [UnsafePointer<Float>],
    saved: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    self.inputs = inputs
    self.output = output
    self.outputGradient = outputGradient
    self.inputGradients = inputGradients
    self.parameters = parameters
    self.parameterGradients = parameterGradients
    self.statistics = statistics
    self.saved = saved
    self.workspace = workspace
  }
}

/// Where the gradient of an input goes.
public struct InputGradient {
  public var floats: UnsafeMutablePointer<Float>
  /// Not zero only where it is the gap of the output's gradient, in whose place this one is.
  public var gap: Int
  /// Add to what is there: another consumer of the input has written its part.
  public var accumulate: Bool

  public init(floats: UnsafeMutablePointer<Float>, gap: Int = 0, accumulate: Bool) {
    self.floats = floats
    self.gap = gap
    self.accumulate = accumulate
  }
}
