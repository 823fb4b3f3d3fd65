import CKernels
public import Workers

/// The kernels of one instruction set, run by one team of threads.
public struct Processor: Sendable {
  public let kernels: KernelSet
  public let team: Team

  public init(kernels: KernelSet = .fastest, team: Team) {
    self.kernels = kernels
    self.team = team
  }

  /// The functions of the set.
  var functions: UnsafePointer<kernel_set> { kernels.table }

  /// Runs all tasks of one kernel.
  func run<Arguments>(_ kernel: kernel_function, tasks: Int, _ arguments: Arguments) {
    withUnsafePointer(to: arguments) { team.run(tasks: tasks, kernel, $0) }
  }
}
