import CKernels
public import Workers

/// The kernels of one instruction set, run by one team of threads.
public struct Processor: Sendable {
  public let kernels: KernelSet
  public let team: Team
  /// Sees every call; for tests.
  package var observer: (any KernelObserver)?

  public init(kernels: KernelSet = .fastest, team: Team) {
    self.kernels = kernels
    self.team = team
  }

  /// The functions of the set.
  var functions: UnsafePointer<kernel_set> { kernels.table }

  /// Runs all tasks of one kernel. `constants` is memory of the caller's own to which a pointer of the arguments leads.
  func run<Arguments>(
    _ kernel: kernel_function, tasks: Int, _ arguments: Arguments, constants: UnsafeRawBufferPointer? = nil
  ) {
    withUnsafePointer(to: arguments) { pointer in
      guard let observer else { return team.run(tasks: tasks, kernel, pointer) }
      guard let name = kernel_name(functions, kernel) else { preconditionFailure("No kernel of \(kernels.name).") }
      observer.observe(
        String(cString: name), tasks: tasks,
        arguments: UnsafeRawBufferPointer(start: pointer, count: MemoryLayout<Arguments>.size), constants: constants
      ) { team.run(tasks: tasks, kernel, pointer) }
    }
  }
}
