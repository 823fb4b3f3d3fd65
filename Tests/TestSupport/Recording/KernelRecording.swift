import Glibc
import Kernels
import Synchronization

/// A file of kernel calls: arguments, and memory before and after. `Tests/NeonReplay` makes the same calls on another
/// processor and compares.
///
/// The file is a row of calls, each a row of 32-bit words: how many follow; tasks, floats of scratch, bytes of the name
/// and of the arguments, number of blocks; name and arguments, filled up to whole words; of each block its address (two
/// words), its size in words, and its contents before; of each block its contents after. Contents are a number of
/// words, then runs: a number n and n words, or 2^31 + n and one word that stands n times. No words at all stand for
/// what the block held in the call before, or for what it held before the call.
final class KernelRecording: Sendable {
  /// Asked for by `CONVOY_RECORD_KERNELS`, the path of the file.
  static let requested: KernelRecording? = getenv("CONVOY_RECORD_KERNELS").map {
    KernelRecording(path: String(cString: $0))
  }

  let memory = FixedMemory()
  private let file: Int32
  /// What the reader knows of each block, by address.
  private let known = Mutex<[UInt: [UInt32]]>([:])

  private init(path: String) {
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(file >= 0, "Could not write \(path): \(String(cString: strerror(errno))).")
  }

  /// Records the calls of a processor whose threads have so much scratch.
  func observer(scratchFloats: Int) -> any KernelObserver {
    RecordedCalls(recording: self, scratchFloats: scratchFloats)
  }

  /// Frees a block of `memory`.
  func forget(_ start: UnsafeMutableRawPointer) {
    let address = UInt(bitPattern: start)
    known.withLock { $0[address] = nil }
    memory.deallocate(start)
  }

  fileprivate func record(
    _ kernel: String, tasks: Int, scratchFloats: Int, arguments: UnsafeRawBufferPointer, run: () -> Void
  ) {
    let blocks = memory.blocks(in: arguments)
    let name = Array(kernel.utf8)
    var words = [tasks, scratchFloats, name.count, arguments.count, blocks.count].map { UInt32($0) }
    words += Self.words(of: name) + Self.words(of: Array(arguments))
    var before: [[UInt32]] = []
    for block in blocks {
      let contents = block.words
      words += [UInt32(truncatingIfNeeded: block.address), UInt32(block.address >> 32), UInt32(contents.count)]
      let isKnown = known.withLock { $0[block.address] == contents }
      Self.append(isKnown ? [] : Self.runs(contents), to: &words)
      before.append(contents)
    }
    run()
    for (block, before) in zip(blocks, before) {
      let contents = block.words
      Self.append(contents == before ? [] : Self.runs(contents), to: &words)
      known.withLock { $0[block.address] = contents }
    }
    write([UInt32(words.count)])
    write(words)
  }

  private static func append(_ contents: [UInt32], to words: inout [UInt32]) {
    words.append(UInt32(contents.count))
    words += contents
  }

  private static func words(of bytes: [UInt8]) -> [UInt32] {
    stride(from: 0, to: bytes.count, by: 4).map { start in
      bytes[start..<min(start + 4, bytes.count)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  /// `contents` with equal neighbours as one.
  private static func runs(_ contents: [UInt32]) -> [UInt32] {
    var runs: [UInt32] = []
    var place = 0
    var different = 0  // Words before `place` that no run has yet.
    func close() {
      if different > 0 { runs += [UInt32(different)] + contents[(place - different)..<place] }
      different = 0
    }
    while place < contents.count {
      var end = place + 1
      while end < contents.count, contents[end] == contents[place] { end += 1 }
      if end - place >= 4 {
        close()
        runs += [0x8000_0000 | UInt32(end - place), contents[place]]
      } else {
        different += end - place
      }
      place = end
    }
    close()
    return runs
  }

  private func write(_ words: [UInt32]) {
    words.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        precondition(count > 0, "Could not write the recording of kernels: \(String(cString: strerror(errno))).")
        written += count
      }
    }
  }
}

/// The calls of one processor.
private final class RecordedCalls: KernelObserver {
  let recording: KernelRecording
  let scratchFloats: Int

  init(recording: KernelRecording, scratchFloats: Int) {
    self.recording = recording
    self.scratchFloats = scratchFloats
  }

  func observe(
    _ kernel: String, tasks: Int, arguments: UnsafeRawBufferPointer, constants: UnsafeRawBufferPointer?,
    run: () -> Void
  ) {
    guard let constants, let start = constants.baseAddress else {
      recording.record(kernel, tasks: tasks, scratchFloats: scratchFloats, arguments: arguments, run: run)
      return
    }
    // The call that is recorded reads a copy of them, at an address that the reader can have.
    let copy = recording.memory.allocate(bytes: constants.count)
    defer { recording.forget(copy) }
    copy.copyMemory(from: start, byteCount: constants.count)
    var moved = Array(arguments)
    moved.withUnsafeMutableBytes { bytes in
      for offset in stride(from: 0, through: bytes.count - 8, by: 8)
      where bytes.load(fromByteOffset: offset, as: UInt.self) == UInt(bitPattern: start) {
        bytes.storeBytes(of: UInt(bitPattern: copy), toByteOffset: offset, as: UInt.self)
      }
    }
    moved.withUnsafeBytes {
      recording.record(kernel, tasks: tasks, scratchFloats: scratchFloats, arguments: $0, run: run)
    }
  }
}
