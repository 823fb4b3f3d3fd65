import Files

extension ShardIndex {
  /// Names what a run is trained on: equal for sets with the same shards in the same order. CRC-32C over the shards'
  /// checksums, as eight hexadecimal digits.
  public var identity: String {
    var crc = CRC32C()
    for shard in shards {
      var text = "\(shard.crc32c) \(shard.samples)\n"
      text.withUTF8 { crc.update(UnsafeRawBufferPointer($0)) }
    }
    return Entry.hexadecimal(crc.value)
  }
}
