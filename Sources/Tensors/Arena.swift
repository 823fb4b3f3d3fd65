import Glibc

/// A block of zeroed floats that lives as long as its owner: the memory behind a plan's offsets.
///
/// Large blocks are aligned to 2 MiB, advised to use huge pages, and come from the system as they are touched: the
/// threads that work on them clear them, each its own part.
public struct Arena: ~Copyable, @unchecked Sendable {  // Sole owner of its memory.
  public let floats: UnsafeMutablePointer<Float>
  public let count: Int
  /// Of a mapping; nil where the memory is of the heap.
  private let mapping: UnsafeMutableRawBufferPointer?

  /// Traps when the machine has not enough memory.
  public init(count: Int) {
    let capacity = max(count, vectorWidth)
    let bytes = capacity * MemoryLayout<Float>.stride
    self.count = count
    if bytes >= Self.hugePage {
      let (start, mapping) = Self.map(bytes)
      floats = start.bindMemory(to: Float.self, capacity: capacity)
      self.mapping = mapping
    } else {
      var memory: UnsafeMutableRawPointer?
      let status = posix_memalign(&memory, 64, (bytes + 63) / 64 * 64)
      guard status == 0, let memory else { fatalError("Could not allocate \(bytes) bytes: out of memory.") }
      memset(memory, 0, bytes)
      floats = memory.bindMemory(to: Float.self, capacity: capacity)
      mapping = nil
    }
  }

  deinit {
    if let mapping { munmap(mapping.baseAddress, mapping.count) } else { free(floats) }
  }

  private static let hugePage = 2 << 20

  /// Maps `bytes` bytes from a multiple of 2 MiB on.
  private static func map(_ bytes: Int) -> (start: UnsafeMutableRawPointer, mapping: UnsafeMutableRawBufferPointer) {
    let size = bytes + hugePage
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { fatalError("Could not allocate \(bytes) bytes: out of memory.") }
    let start = memory.alignedUp(toMultipleOf: hugePage)
    madvise(start, bytes, Int32(MADV_HUGEPAGE))
    return (start, UnsafeMutableRawBufferPointer(start: memory, count: size))
  }
}
