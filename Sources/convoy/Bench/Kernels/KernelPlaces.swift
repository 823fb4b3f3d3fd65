import Glibc
import Networks
import Tensors

/// Where in the memory each layer finds what is its own, and how much all of it is.
struct KernelPlaces {
  private(set) var inputFloats = 0
  private(set) var outputFloats = 0
  private(set) var parameterFloats = 0
  private(set) var statisticFloats = 0
  private(set) var savedFloats = 0

  /// Bytes of the memory, but for workspace, scratch and what forward saves.
  var bytes: Int { 4 * (2 * inputFloats + 3 * outputFloats + 2 * parameterFloats) }

  /// Bytes of memory that this machine has.
  static var machineBytes: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

  /// What belongs to one layer: offsets in the arenas of `KernelMemory`.
  struct Place {
    var inputs: [Int] = []
    var parameters: [Int] = []
    /// Running statistics; those of the batch stand behind them.
    var statistics: [Int] = []
    var batchStatistics: [Int] = []
  }

  mutating func add(_ layer: DistinctLayer, images: Int) -> Place {
    var place = Place()
    var inputs = 0
    for input in layer.inputs {
      place.inputs.append(inputs)
      inputs += images * paddedToVector(input.floats)
    }
    inputFloats = max(inputFloats, inputs)
    outputFloats = max(outputFloats, images * layer.output.floats)
    for parameter in layer.layer.parameters(of: layer.inputs) {
      place.parameters.append(parameterFloats)
      parameterFloats += parameter.mapping.floats
    }
    let channels = layer.layer.statistics(of: layer.inputs).map { paddedToVector($0.channels) }
    for floats in channels {
      place.statistics.append(statisticFloats)
      place.batchStatistics.append(statisticFloats + floats)
      statisticFloats += 2 * floats
    }
    return place
  }

  /// Offset of `floats` floats that one layer's forward pass saves.
  mutating func save(_ floats: Int) -> Int {
    savedFloats += paddedToVector(floats)
    return savedFloats - paddedToVector(floats)
  }
}
