import CKernels

/// The kernels of one instruction set. All sets give the same bits.
public struct KernelSet: @unchecked Sendable {  // Points to constants.
  let table: UnsafePointer<kernel_set>

  /// The sets that this machine can run, the fastest last.
  public static let supported: [KernelSet] =
    [KERNEL_PORTABLE, KERNEL_NEON, KERNEL_AVX2, KERNEL_AVX512].compactMap(kernel_set_for).map(KernelSet.init(table:))

  /// The fastest set that this machine can run.
  public static var fastest: KernelSet { supported[supported.count - 1] }

  /// The set of this name, if this machine can run it.
  public init?(named name: String) {
    guard let set = Self.supported.first(where: { $0.name == name }) else { return nil }
    self = set
  }

  private init(table: UnsafePointer<kernel_set>) { self.table = table }

  /// `portable`, `neon`, `avx2` or `avx512`.
  public var name: String { String(cString: table.pointee.name) }
}
