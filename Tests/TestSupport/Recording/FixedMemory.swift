import Glibc
import Synchronization

/// Memory at addresses that another process, of another machine, can have too. Blocks follow each other; what the last
/// ones took is free again when they go.
final class FixedMemory: Sendable {
  /// As `recording.h` has them.
  private static let start: UInt = 0x2000_0000_0000
  private static let capacity: UInt = 1 << 30

  private let blocks = Mutex<[Block]>([])  // Ascending.

  struct Block: Sendable {
    let address: UInt
    let count: Int

    /// The bytes as words; what is no whole word is left out.
    var words: [UInt32] {
      Array(UnsafeBufferPointer(start: UnsafePointer(bitPattern: address), count: count / 4))
    }
  }

  init() {
    let wanted = UnsafeMutableRawPointer(bitPattern: Self.start)
    let mapped = mmap(
      wanted, Int(Self.capacity), PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | Int32(MAP_FIXED_NOREPLACE), -1, 0)
    precondition(mapped == wanted, "Could not map memory at \(String(Self.start, radix: 16)): it is in use.")
  }

  /// A block that begins at a multiple of 64.
  func allocate(bytes: Int) -> UnsafeMutableRawPointer {
    let address = blocks.withLock { blocks in
      let next = blocks.last.map { $0.address + UInt($0.count) } ?? Self.start
      let address = (next + 63) / 64 * 64
      precondition(
        address + UInt(bytes) <= Self.start + Self.capacity, "The tests hold more than \(Self.capacity) bytes.")
      blocks.append(Block(address: address, count: bytes))
      return address
    }
    guard let start = UnsafeMutableRawPointer(bitPattern: address) else { preconditionFailure("No address is 0.") }
    return start
  }

  func deallocate(_ start: UnsafeMutableRawPointer) {
    let address = UInt(bitPattern: start)
    blocks.withLock { blocks in blocks.removeAll { $0.address == address } }
  }

  /// The blocks into which the words of `arguments` point, ascending.
  func blocks(in arguments: UnsafeRawBufferPointer) -> [Block] {
    let words = stride(from: 0, through: arguments.count - 8, by: 8)
      .map { arguments.load(fromByteOffset: $0, as: UInt.self) }
    return blocks.withLock { $0 }.filter { block in
      words.contains { $0 >= block.address && $0 < block.address + UInt(block.count) }
    }
  }
}
