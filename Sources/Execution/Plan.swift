public import Networks
public import Tensors

/// Where everything of a pass over a batch lives, and in which order it runs: plain data, no memory.
///
/// A pure function of (network, images, mode). Forward runs the steps in order; backward in reverse, so that it
/// completes the gradient arena from its end to its start.
public struct Plan: Codable, Equatable, Sendable {
  public enum Mode: String, Codable, Sendable, CaseIterable {
    case training, evaluation
  }

  public let network: String
  public let images: Int
  public let mode: Mode
  public let steps: [PlannedStep]
  public let parameters: [PlannedParameter]
  public let statistics: [PlannedStatistic]
  /// Floats of each arena. The gradient and momentum arenas are as large as the parameters'.
  public let parameterFloats: Int
  public let statisticFloats: Int
  public let activationFloats: Int
  /// Each thread's.
  public let scratchFloats: Int
  public let classes: Int
  /// The steps that hold logits, the main one first.
  public let outputs: [Int]
}

/// One node's two passes.
public struct PlannedStep: Codable, Equatable, Sendable {
  public let name: String
  /// With all that was fused into it, for example "batch norm + add + relu".
  public let kind: String
  public let shape: Shape
  /// Steps whose outputs this one reads; −1 is the images.
  public let inputs: [Int]
  /// In the activation arena, from its first float to its last.
  public let output: Range<Int>
  /// Floats between the end of an image of the output and the start of the next.
  public let outputGap: Int
  /// The step that finds this one's output where it would copy it: among the channels of its own.
  public let concatenation: Int?
  /// Written by forward for backward.
  public let saved: Range<Int>
  public let forwardWorkspace: Range<Int>
  public let backwardWorkspace: Range<Int>
  /// The gradient of the output.
  public let gradient: Range<Int>
  public let gradientGap: Int
  /// The input whose gradient takes the place of the output's.
  public let inPlaceGradient: Int?
  /// For each input, whether backward adds to a gradient that a later consumer has begun.
  public let accumulates: [Bool]
  /// Places in the plan's lists.
  public let parameters: Range<Int>
  public let statistics: Range<Int>
  /// Of the forward pass of one image.
  public let multiplyAdds: Int
  public let forward: PlannedPass
  /// Nil in evaluation.
  public let backward: PlannedPass?
}

/// What one pass of a step over the batch does, and what it costs.
public struct PlannedPass: Codable, Equatable, Sendable {
  /// For example "winograd 4x4 3x3"; empty where there is one way only.
  public let algorithm: String
  /// Two for each multiply-add of the direct computation; what is not a product of matrices counts none.
  public let flops: Int
  public let traffic: Traffic
}

/// One parameter's place, the same in the parameter, gradient and momentum arenas.
public struct PlannedParameter: Codable, Equatable, Sendable {
  /// For example "layer1.0.conv1.weight".
  public let name: String
  public let role: ParameterSpec.Role
  /// In files.
  public let shape: [Int]
  public let range: Range<Int>

  /// The number of trainable values.
  public var count: Int { shape.reduce(1, *) }
}

/// One running statistic's place in the statistics arena.
public struct PlannedStatistic: Codable, Equatable, Sendable {
  public let name: String
  public let channels: Int
  public let range: Range<Int>
  public let momentum: Float
}
