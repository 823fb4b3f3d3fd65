/// Looks on while a processor runs kernels.
package protocol KernelObserver: AnyObject, Sendable {
  /// Must call `run` once: all `tasks` tasks of the kernel that `kernels.def` calls `kernel`, on the bytes of its
  /// argument struct. `constants` is memory of the kernel's caller to which one of them points.
  func observe(
    _ kernel: String, tasks: Int, arguments: UnsafeRawBufferPointer, constants: UnsafeRawBufferPointer?,
    run: () -> Void)
}
