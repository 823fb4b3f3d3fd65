import Glibc
import HDF5

extension ShardError {
  /// A failure of libhdf5 while a shard was read: the file is absent, the system refused, or the content is wrong.
  init(reading error: HDF5Error) {
    switch error.systemError {
    case nil: self.init(.badData, error.description)
    case ENOENT, ENOTDIR: self.init(.missing, error.description)
    default: self.init(.io, error.description)
    }
  }

  /// A failure of libhdf5 while a shard was written.
  init(writing error: HDF5Error) {
    self.init(Self.writingKind(error.systemError ?? EIO), error.description)
  }

  /// "Could not `action`: " and what the system says about `number`.
  init(writing action: String, errno number: CInt) {
    self.init(Self.writingKind(number), "Could not \(action): \(String(cString: strerror(number))).")
  }

  /// "Could not `action`: " and what the system says about `number`.
  init(reading action: String, errno number: CInt) {
    let isMissing = number == ENOENT || number == ENOTDIR
    let advice = number == EMFILE ? "; raise `ulimit -n`, or build fewer and larger shards" : ""
    self.init(isMissing ? .missing : .io, "Could not \(action): \(String(cString: strerror(number)))\(advice).")
  }

  private static func writingKind(_ number: CInt) -> Kind {
    switch number {
    case ENOSPC, EDQUOT: .diskFull
    case ENOENT, ENOTDIR, EACCES, EPERM, EROFS, EISDIR: .cannotCreate
    default: .io
    }
  }
}

/// Runs `body` with errors of libhdf5 as failures to read a shard.
func readingHDF5<Result: ~Copyable>(_ body: () throws(HDF5Error) -> Result) throws(ShardError) -> Result {
  do { return try body() } catch { throw ShardError(reading: error) }
}

/// Runs `body` with errors of libhdf5 as failures to write a shard.
func writingHDF5<Result: ~Copyable>(_ body: () throws(HDF5Error) -> Result) throws(ShardError) -> Result {
  do { return try body() } catch { throw ShardError(writing: error) }
}
