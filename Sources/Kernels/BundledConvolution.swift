import CKernels
import Tensors

/// A convolution in groups as some ordinary convolutions, one after the other, over parts of the channels: nothing of
/// source and output is copied.
///
/// Groups of whole blocks are convolutions as they are. Of others, as many as make whole blocks are computed together,
/// with weights in the workspace that have zeros between the groups.
public struct BundledConvolution: GroupedPasses {
  public let groups: ConvolutionGroups
  private let parts: [Part]
  /// Floats of the weights with zeros; none where groups are whole blocks.
  private let denseFloats: Int

  private struct Part: Sendable {
    var bundle: ConvolutionGroups.Bundle
    var passes: Passes
  }

  private enum Passes: Sendable {
    case direct(ConvolutionForward, ConvolutionWeightGradient, ConvolutionBackwardData?)
    case winograd(Winograd)
  }

  /// `usesWinograd` tells of the shape of each of the convolutions, where it is possible.
  public init(_ groups: ConvolutionGroups, usesWinograd: (ConvolutionShape) -> Bool) {
    self.groups = groups
    var parts: [Part] = []
    for bundle in groups.bundles {
      if let last = parts.last, last.bundle.shape == bundle.shape {
        parts.append(Part(bundle: bundle, passes: last.passes))
      } else {
        parts.append(Part(bundle: bundle, passes: Self.passes(bundle.shape, winograd: usesWinograd(bundle.shape))))
      }
    }
    self.parts = parts
    denseFloats = groups.isAligned ? 0 : parts.reduce(0) { $0 + $1.bundle.shape.weightFloats }
  }

  private static func passes(_ shape: ConvolutionShape, winograd: Bool) -> Passes {
    if winograd { return .winograd(Winograd(shape)) }
    return .direct(
      ConvolutionForward(shape), ConvolutionWeightGradient(shape),
      shape.layout == .blocked ? ConvolutionBackwardData(shape) : nil)
  }

  public var algorithm: String {
    if case .winograd(let winograd)? = parts.first?.passes { return winograd.name }
    return "direct"
  }

  public var forwardWorkspaceFloats: Int {
    denseFloats + most { if case .winograd(let winograd) = $0 { winograd.forwardWorkspaceFloats } else { 0 } }
  }

  public var backwardWorkspaceFloats: Int {
    denseFloats
      + most {
        switch $0 {
        case .winograd(let winograd): winograd.backwardWorkspaceFloats
        case .direct(_, let weights, let data): max(weights.workspaceFloats, data?.workspaceFloats ?? 0)
        }
      }
  }

  public var scratchFloats: Int {
    most {
      switch $0 {
      case .winograd(let winograd): winograd.scratchFloats
      case .direct(let forward, let weights, let data):
        max(forward.scratchFloats, weights.scratchFloats, data?.scratchFloats ?? 0)
      }
    }
  }

  private func most(_ floats: (Passes) -> Int) -> Int { parts.map { floats($0.passes) }.max() ?? 0 }

  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    rectify: Bool, training: Bool, output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    let weights = denseWeights(weights, workspace, on: processor)
    for part in parts {
      let bundle = part.bundle
      switch part.passes {
      case .direct(let pass, _, _):
        pass.run(
          on: processor, source: source + bundle.source, weights: weights + bundle.weights,
          bias: bias.map { $0 + bundle.bias }, rectify: rectify, output: output + bundle.output)
      case .winograd(let winograd):
        winograd.forward(
          on: processor, source: source + bundle.source, weights: weights + bundle.weights,
          bias: bias.map { $0 + bundle.bias }, rectify: rectify, training: training, output: output + bundle.output,
          workspace: workspace + denseFloats)
      }
    }
  }

  public func weightGradient(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    let dense = groups.isAligned ? weightGradient : workspace
    for part in parts {
      let bundle = part.bundle
      switch part.passes {
      case .direct(_, let pass, _):
        pass.run(
          on: processor, source: source + bundle.source, outputGradient: outputGradient + bundle.output,
          weightGradient: dense + bundle.weights, biasGradient: nil, workspace: workspace + denseFloats)
      case .winograd(let winograd):
        winograd.weightGradient(
          on: processor, source: source + bundle.source, outputGradient: outputGradient + bundle.output,
          weightGradient: dense + bundle.weights, workspace: workspace + denseFloats)
      }
    }
    if !groups.isAligned {
      run(processor.functions.pointee.extract_groups, weightGradient, dense: workspace, on: processor)
    }
  }

  public func backwardData(
    on processor: Processor, outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>, accumulate: Bool,
    sourceGradient: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    let weights = denseWeights(weights, workspace, on: processor)
    for part in parts {
      let bundle = part.bundle
      switch part.passes {
      case .direct(_, _, let pass):
        pass?.run(
          on: processor, outputGradient: outputGradient + bundle.output, weights: weights + bundle.weights,
          accumulate: accumulate, sourceGradient: sourceGradient + bundle.source, workspace: workspace + denseFloats)
      case .winograd(let winograd):
        winograd.backwardData(
          on: processor, outputGradient: outputGradient + bundle.output, weights: weights + bundle.weights,
          accumulate: accumulate, sourceGradient: sourceGradient + bundle.source, workspace: workspace + denseFloats)
      }
    }
  }

  /// The weights as the parts read them: their own, or written with zeros into the workspace.
  private func denseWeights(
    _ weights: UnsafePointer<Float>, _ workspace: UnsafeMutablePointer<Float>, on processor: Processor
  ) -> UnsafePointer<Float> {
    if groups.isAligned { return weights }
    run(
      processor.functions.pointee.expand_groups, UnsafeMutablePointer(mutating: weights), dense: workspace,
      on: processor)
    return UnsafePointer(workspace)
  }

  private func run(
    _ kernel: kernel_function, _ weights: UnsafeMutablePointer<Float>, dense: UnsafeMutablePointer<Float>,
    on processor: Processor
  ) {
    let shape = groups.whole
    var arguments = group_weights_arguments()
    arguments.weights = weights
    arguments.dense = dense
    arguments.groups = Int32(groups.groups)
    arguments.group_channels = Int32(groups.channels)
    arguments.group_outputs = Int32(groups.outputs)
    arguments.taps = Int32(groups.taps)
    arguments.bundle_groups = Int32(groups.bundleGroups)
    arguments.bundle_blocks = Int32((groups.bundleGroups * groups.outputs + vectorWidth - 1) / vectorWidth)
    arguments.source_block = Int32(shape.sourceBlock)
    processor.run(kernel, tasks: shape.outputBlocks, arguments)
  }
}
