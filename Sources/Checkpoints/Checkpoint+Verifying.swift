import Files

extension Checkpoint {
  /// The manifest of the checkpoint in a folder, with its files in their right sizes.
  static func manifest(in folder: String) throws(CheckpointError) -> Manifest {
    let path = "\(folder)/\(Manifest.name)"
    guard FileSystem.entry(at: path) != nil else {
      throw .corrupt(folder, "\(Manifest.name) is missing, so it was never completed")
    }
    let text = try broken { () throws(FileError) in
      try ReadableFile(path, followingLinks: false).contents(limit: Manifest.maximumBytes)
    }
    let manifest = try Manifest(parsing: text, path: path)
    guard Set(manifest.files.keys) == Set(fileNames) else {
      throw .corrupt(path, "it does not list the files of a checkpoint")
    }
    return manifest
  }

  static func open(
    _ name: String, in folder: String, _ manifest: Manifest
  ) throws(CheckpointError) -> ReadableFile {
    let file = try broken { () throws(FileError) in
      try ReadableFile("\(folder)/\(name)", followingLinks: false)
    }
    guard let expected = manifest.files[name], file.bytes == expected.bytes else {
      throw .corrupt(file.path, "it has \(file.bytes) bytes, and \(manifest.files[name]?.bytes ?? 0) were written")
    }
    return file
  }

  /// Runs `body`; what is missing inside a checkpoint, or is no file, makes it corrupt.
  private static func broken<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
  ) throws(CheckpointError) -> Result {
    do { return try body() } catch {
      let isDisk = error.code != 0 && FileSystem.entry(at: error.path) == .file
      throw CheckpointError(isDisk ? .io : .corrupt, error.description)
    }
  }

  /// The state of the checkpoint in a folder, compared with the manifest.
  static func verifiedState(in folder: String, _ manifest: Manifest) throws(CheckpointError) -> CheckpointState {
    let file = try open(stateName, in: folder, manifest)
    try verify(file, manifest)
    let text = try reading { () throws(FileError) in try file.contents(limit: maximumStateBytes) }
    let state = try JSONText.decode(
      CheckpointState.self, text, newest: CheckpointState.currentFormatVersion, path: file.path)
    guard state.step == manifest.step else {
      throw .corrupt(folder, "its state is of step \(state.step), its manifest of step \(manifest.step)")
    }
    return state
  }

  /// Reads all of a file, compares it with its manifest, and returns the hash of what follows a safetensors header.
  @discardableResult
  static func verify(
    _ file: borrowing ReadableFile, _ manifest: Manifest
  ) throws(CheckpointError) -> String {
    let expected = manifest.files[FileSystem.name(of: file.path)]?.crc32c ?? []
    let header = file.bytes < 8 ? 0 : min(try SafetensorsFile.headerBytes(file), UInt64(file.bytes))
    let dataStart = 8 + Int(header)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: ChunkedChecksum.chunkBytes, alignment: 64)
    defer { piece.deallocate() }
    var hash = WeightsHash()
    for start in stride(from: 0, to: file.bytes, by: piece.count) {
      let chunk = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(piece.count, file.bytes - start)])
      try reading { () throws(FileError) in try file.read(at: start, into: chunk) }
      let number = start / piece.count
      guard number < expected.count, CRC32C.checksum(of: UnsafeRawBufferPointer(chunk)).hexadecimal == expected[number]
      else { throw .corrupt(file.path, "bytes \(start)..<\(start + chunk.count) are not what was written (CRC-32C)") }
      let skipped = min(max(dataStart - start, 0), chunk.count)
      hash.update(UnsafeRawBufferPointer(rebasing: chunk[skipped...]))
    }
    guard expected.count == (file.bytes + piece.count - 1) / piece.count else {
      throw .corrupt(file.path, "its manifest has \(expected.count) checksums, which is not one per 4 MiB")
    }
    return hash.hexadecimal()
  }
}
