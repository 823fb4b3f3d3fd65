import Glibc
import Kernels
import Training

/// The kernels that `CONVOY_ISA` names, or the fastest.
func selectedKernels() throws -> KernelSet {
  guard let name = getenv("CONVOY_ISA").map({ String(cString: $0) }), !name.isEmpty else { return .fastest }
  guard let set = KernelSet(named: name) else {
    let known = KernelSet.supported.map(\.name).joined(separator: ", ")
    throw TrainingError(.usage, "CONVOY_ISA=\(name) cannot be used: this machine has \(known).")
  }
  return set
}
