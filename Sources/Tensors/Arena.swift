import Glibc

/// A block of zeroed floats that lives as long as its owner: the memory behind a plan's offsets.
///
/// Aligned to 2 MiB and advised to use huge pages when large.
public struct Arena: ~Copyable, @unchecked Sendable {  // Sole owner of its memory.
  public let floats: UnsafeMutablePointer<Float>
  public let count: Int

  /// Traps when the machine has not enough memory.
  public init(count: Int) {
    let bytes = max(count, vectorWidth) * MemoryLayout<Float>.stride
    let hugePage = 2 << 20
    let alignment = bytes >= hugePage ? hugePage : 64
    var memory: UnsafeMutableRawPointer?
    let status = posix_memalign(&memory, alignment, (bytes + alignment - 1) / alignment * alignment)
    guard status == 0, let memory else { fatalError("Could not allocate \(bytes) bytes: out of memory.") }
    if bytes >= hugePage { madvise(memory, bytes, Int32(MADV_HUGEPAGE)) }
    memset(memory, 0, bytes)
    floats = memory.bindMemory(to: Float.self, capacity: max(count, vectorWidth))
    self.count = count
  }

  deinit { free(floats) }
}
