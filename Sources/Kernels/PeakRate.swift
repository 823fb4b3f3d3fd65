import CKernels
import Tensors
import Workers

extension Processor {
  /// The multiply-adds per second (two operations each) that the team reaches from registers: the ceiling of every
  /// kernel.
  public func measurePeakFlops() -> Double {
    let tasks = team.size
    let sink = Arena(count: vectorWidth * tasks)
    let rounds = kernels.name == "portable" ? 20_000 : 2_000_000
    let flops = 2.0 * Double(functions.pointee.multiply_adds_per_round) * Double(rounds) * Double(tasks)
    var best = 0.0
    for _ in 0..<3 {
      let time = ContinuousClock().measure { runPeak(rounds: rounds, tasks: tasks, sink: sink.floats) }
      best = max(best, flops / (Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)))
    }
    return best
  }

  /// What `measurePeakFlops` times. Leaves x after `rounds` of x = 0.999 · x + 0.001 from 0 in all 16 × `tasks` floats.
  package func runPeak(rounds: Int, tasks: Int, sink: UnsafeMutablePointer<Float>) {
    var arguments = peak_arguments()
    arguments.rounds = rounds
    arguments.sink = sink
    run(functions.pointee.peak, tasks: tasks, arguments)
  }
}
