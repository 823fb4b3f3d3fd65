import Execution
import Glibc

/// Whether a run's arenas fit this machine, found out before any of them is made: an allocation that the system cannot
/// keep would end the process later, at its first touch.
enum MemoryCheck {
  /// Throws when one rank alone needs more than the machine has; `stateArenas` is what lies beside the weights.
  static func requireRoom(for plan: Plan, gradientBuffers: Int, stateArenas: Int) throws(TrainingError) {
    let floats = plan.activationFloats + plan.parameterFloats * (1 + stateArenas + gradientBuffers)
    let (needed, overflows) = floats.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    let available = machineBytes
    guard overflows || needed > available else { return }
    throw TrainingError(
      .configuration,
      "batch.microbatch \(plan.images): a training step of \(plan.network) needs \(needed >> 20) MiB, and this machine "
        + "has \(available >> 20) MiB; make batch.microbatch smaller.")
  }

  /// All memory of the machine.
  static let machineBytes = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

  /// Throws when an evaluation that slides over the image at `place` needs more than the machine has.
  static func requireRoom(forSliding plan: Plan, place: String) throws(TrainingError) {
    let (needed, overflows) = plan.activationFloats.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard overflows || needed > machineBytes else { return }
    throw TrainingError(
      .configuration,
      "Cannot slide over \(place): \(plan.network) needs \(needed >> 20) MiB for images of that size, and "
        + "this machine has \(machineBytes >> 20) MiB; give smaller evaluation.scales or a smaller evaluation.batch.")
  }
}
