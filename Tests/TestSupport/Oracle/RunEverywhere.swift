public import Kernels
import Workers

/// What came out of running the same work with every instruction set and several team sizes.
public struct EverywhereRun {
  /// Of the first run.
  public let results: [[Float]]
  /// One sentence for every difference between runs, and for every touch outside the memory.
  public let faults: [String]
}

/// Runs `body` with every instruction set that this machine has and with teams of each size.
///
/// Each thread's scratch holds NaN before; behind `scratchFloats` it must do so after.
///
/// While kernels are being recorded, it runs `body` once: portably, on one thread.
public func runEverywhere(
  scratchFloats: Int = 0, teams: [Int] = [1, 2, 3], _ body: (Processor, TestMemory) -> Void
) -> EverywhereRun {
  var first: [[Float]]?
  var faults: [String] = []
  let recording = KernelRecording.requested
  for kernels in KernelSet.supported.prefix(recording == nil ? KernelSet.supported.count : 1) {
    for size in recording == nil ? teams : [1] {
      let team = Team(size: size)
      let guarded = max(1024, scratchFloats + 256)
      team.reserveScratch(floats: guarded)
      let pattern = Float(bitPattern: GuardedFloats.pattern)
      for scratch in team.scratch { scratch.update(repeating: pattern, count: guarded) }
      let memory = TestMemory()
      var processor = Processor(kernels: kernels, team: team)
      processor.observer = recording?.observer(scratchFloats: scratchFloats)
      body(processor, memory)
      let name = "\(kernels.name), \(size) threads"
      faults += memory.faults.map { "\(name): \($0)" }
      for (thread, scratch) in team.scratch.enumerated() {
        let intact = (scratchFloats..<guarded).allSatisfy { scratch[$0].bitPattern == GuardedFloats.pattern }
        if !intact { faults.append("\(name): thread \(thread) used more than \(scratchFloats) floats of scratch") }
      }
      let results = memory.results
      if let first {
        for (index, (a, b)) in zip(first, results).enumerated() where a.bits != b.bits {
          let place = a.indices.first { a[$0].bitPattern != b[$0].bitPattern } ?? 0
          faults.append("\(name): output \(index) differs at \(place): \(b[place]), not \(a[place])")
        }
      } else {
        first = results
      }
    }
  }
  return EverywhereRun(results: first ?? [], faults: faults)
}
