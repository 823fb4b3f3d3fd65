import Execution
import Glibc

/// Whether a run's arenas fit this machine, found out before any of them is made: an allocation that the system cannot
/// keep would end the process later, at its first touch.
enum MemoryCheck {
  /// Throws when one rank alone needs more than the machine has; `stateArenas` is what lies beside the weights.
  static func requireRoom(for plan: Plan, gradientBuffers: Int, stateArenas: Int) throws(TrainingError) {
    let floats = plan.activationFloats + plan.parameterFloats * (1 + stateArenas + gradientBuffers)
    let (needed, overflows) = floats.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    let available = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard overflows || needed > available else { return }
    throw TrainingError(
      .configuration,
      "batch.microbatch \(plan.images): a training step of \(plan.network) needs \(needed >> 20) MiB, and this machine "
        + "has \(available >> 20) MiB; make batch.microbatch smaller.")
  }
}
