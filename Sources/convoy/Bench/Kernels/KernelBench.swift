import Execution
import Kernels
import Networks
import Tensors
import Workers

/// Times all distinct passes of a network, again and again in the order in which a training step runs them.
///
/// Every round runs each pass once, so a pass finds the caches as the one before it left them: activations, in buffers
/// that all share, may be warm, its weights come from memory or the last cache.
struct KernelBench {
  let passes: [TimedPass]
  private let memory: KernelMemory
  private let processor: Processor
  /// Places in `passes`: forward, then all else from the last layer to the first.
  private let order: [Int]

  /// The times of one pass.
  struct Times {
    var seconds: [Double] = []
    /// Operations per second that registers reached just before, for each of `seconds`.
    var peaks: [Double] = []
  }

  /// `isWanted` chooses among the passes. Throws when the machine has too little memory.
  init(
    _ network: Network, images: Int, algorithm: ConvolutionAlgorithm, on processor: Processor,
    isWanted: (DistinctLayer, PassKind) -> Bool
  ) throws(MemoryShortage) {
    self.processor = processor
    let layers = DistinctLayer.all(of: network.fused(), images: images)
    var places = KernelPlaces()
    let owned = layers.map { places.add($0, images: images) }
    guard places.bytes <= KernelPlaces.machineBytes else { throw MemoryShortage(needed: places.bytes) }
    var all: [TimedPass] = []
    for (layer, place) in zip(layers, owned) {
      if let shape = layer.convolution {
        all += TimedPass.passes(of: layer, shape, place, algorithm: algorithm)
      } else {
        all += TimedPass.passes(of: layer, place, images: images, places: &places)
      }
    }
    processor.team.reserveScratch(floats: all.map(\.scratchFloats).max() ?? 0)
    memory = KernelMemory(places, workspace: all.map(\.workspaceFloats).max() ?? 0, on: processor)
    // A backward pass reads what a forward pass saved.
    for pass in all where pass.algorithm == nil && pass.kind == .forward { pass.run(memory, processor) }
    let wanted = all.filter { isWanted($0.layer, $0.kind) }
    let forward = wanted.indices.filter { wanted[$0].kind == .forward }
    order = forward + wanted.indices.filter { wanted[$0].kind != .forward }.reversed()
    passes = wanted
  }

  /// A network whose passes do not fit into the machine.
  struct MemoryShortage: Error {
    /// Bytes.
    let needed: Int
  }

  /// The times of every pass over `repetitions` rounds, after one that is not counted. The peak is measured anew
  /// whenever a tenth of a second has passed.
  func times(repetitions: Int) -> [Times] {
    let clock = ContinuousClock()
    var times = [Times](repeating: Times(), count: passes.count)
    var peak = 0.0
    var measured: ContinuousClock.Instant?
    for round in 0...repetitions {
      for index in order {
        if measured.map({ clock.now - $0 > .milliseconds(100) }) ?? true {
          peak = processor.measurePeakFlops()
          measured = clock.now
        }
        let time = clock.measure { passes[index].run(memory, processor) }
        guard round > 0 else { continue }
        times[index].seconds.append(time.seconds)
        times[index].peaks.append(peak)
      }
    }
    return times
  }
}
