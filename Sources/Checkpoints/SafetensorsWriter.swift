package import Files

/// Writes tensors as one safetensors file.
package enum SafetensorsWriter {
  /// Writes a new file and brings it to the disk; returns its checksums and the hash of its data section.
  @discardableResult
  package static func write(
    _ tensors: [TensorSource], to path: String
  ) throws(FileError) -> (digest: FileDigest, hash: String) {
    let stream = TensorStream(tensors)
    let header = SafetensorsHeader(tensors: stream.descriptions)
    let head = header.encoded()
    var file = try DurableFile(creating: path, reservedBytes: head.count + header.dataBytes)
    var hash = WeightsHash()
    try file.write(head)
    try stream.forEachPiece { (piece) throws(FileError) in
      try file.write(piece)
      hash.update(piece)
    }
    return (try file.finish(), hash.hexadecimal())
  }
}
