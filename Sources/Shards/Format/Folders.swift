import Glibc

/// Writes a new file, or replaces one; if `isDurable`, waits until it is on its disk.
func writeFile(_ bytes: [UInt8], to path: String, isDurable: Bool) throws(ShardError) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
  guard descriptor >= 0 else { throw ShardError(writing: "create \(path)", errno: errno) }
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
    if count < 0 {
      if errno == EINTR { continue }
      let error = ShardError(writing: "write \(path)", errno: errno)
      close(descriptor)
      throw error
    }
    done += count
  }
  // Network file systems report a full disk only now.
  guard !isDurable || fsync(descriptor) == 0 else {
    let error = ShardError(writing: "write \(path)", errno: errno)
    close(descriptor)
    throw error
  }
  guard close(descriptor) == 0 else { throw ShardError(writing: "write \(path)", errno: errno) }
}

/// Makes the folder `path` and its parents; true if it was not there.
@discardableResult
func makeFolder(_ path: String) throws(ShardError) -> Bool {
  if mkdir(path, 0o777) == 0 { return true }
  switch errno {
  case EEXIST: return false
  case ENOENT:
    guard let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex else { break }
    try makeFolder(String(path[..<slash]))
    // Where the parent is there, and yet no place for a folder, there is no second try.
    if mkdir(path, 0o777) == 0 { return true }
    if errno == EEXIST { return false }
  default: break
  }
  throw ShardError(writing: "create \(path)", errno: errno)
}

/// Removes the files of `folder` whose names are chosen; what cannot be removed stays.
func removeFiles(of folder: String, where isChosen: (String) -> Bool) {
  guard let stream = opendir(folder) else { return }
  defer { closedir(stream) }
  while let next = readdir(stream) {
    let name = withUnsafeBytes(of: &next.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if isChosen(name) { unlink(folder + "/" + name) }
  }
}
