import CKernels
import Tensors
import Workers

extension Processor {
  /// The multiply-adds per second (two operations each) that the team reaches from registers: the ceiling of every
  /// kernel.
  public func measurePeakFlops() -> Double {
    let tasks = team.size
    let sink = Arena(count: vectorWidth * tasks)
    var arguments = peak_arguments()
    arguments.rounds = kernels.name == "portable" ? 20_000 : 2_000_000
    arguments.sink = sink.floats
    let flops = 2.0 * Double(functions.pointee.multiply_adds_per_round) * Double(arguments.rounds) * Double(tasks)
    var best = 0.0
    for _ in 0..<3 {
      let time = ContinuousClock().measure { run(functions.pointee.peak, tasks: tasks, arguments) }
      best = max(best, flops / (Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)))
    }
    return best
  }
}
