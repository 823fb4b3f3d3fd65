import Kernels
import Tensors

/// The memory of all timed passes: activations and gradients share theirs, each layer has its own weights.
final class KernelMemory {
  /// Of a layer's inputs, one behind the other: rectified normal numbers.
  let inputs: Arena
  let inputGradients: Arena
  let output: Arena
  /// Normal numbers that no pass overwrites.
  let outputGradient: Arena
  /// Normal numbers that rectifying passes overwrite.
  let spentGradient: Arena
  let workspace: Arena
  let parameters: Arena
  let parameterGradients: Arena
  let statistics: Arena
  /// What forward passes leave for backward passes.
  let saved: Arena

  /// `workspace`: the most floats that a pass takes.
  init(_ places: KernelPlaces, workspace workspaceFloats: Int, on processor: Processor) {
    inputs = Arena(count: places.inputFloats)
    inputGradients = Arena(count: places.inputFloats)
    output = Arena(count: places.outputFloats)
    outputGradient = Arena(count: places.outputFloats)
    spentGradient = Arena(count: places.outputFloats)
    workspace = Arena(count: workspaceFloats)
    parameters = Arena(count: places.parameterFloats)
    parameterGradients = Arena(count: places.parameterFloats)
    statistics = Arena(count: places.statisticFloats)
    saved = Arena(count: places.savedFloats)
    func fill(_ arena: borrowing Arena, deviation: Float, stream: UInt32) {
      processor.fillNormal(
        arena.floats, count: arena.count, deviation: deviation, seed: 0, purpose: .test, stream: stream)
    }
    fill(inputs, deviation: 1, stream: 0)
    processor.rectify(inputs.floats, into: inputs.floats, count: inputs.count)
    fill(outputGradient, deviation: 1, stream: 1)
    fill(spentGradient, deviation: 1, stream: 2)
    fill(parameters, deviation: 0.05, stream: 3)
  }
}
