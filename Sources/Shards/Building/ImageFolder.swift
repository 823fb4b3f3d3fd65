import Glibc

/// A tree of images, one folder per class: which files there are, in a fixed order.
struct ImageFolder: Sendable {
  /// One image file: its class, its path below the tree's root, and its size.
  struct Item: Sendable {
    var label: Int
    var path: String
    var byteCount: Int
  }

  let root: String
  /// The names of the class folders, sorted by their bytes: class `label` is at index `label`.
  let classFolders: [String]
  /// Class by class, within a class sorted by the bytes of the path.
  let items: [Item]
  /// Files that are no images by their extension.
  let ignoredFiles: Int

  /// What is taken for an image, by its extension in lower case; others are left out, as torchvision does.
  private static let extensions: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "ppm", "pgm", "tif", "tiff", "webp",
  ]

  init(scanning root: String) throws(ShardError) {
    let folders = try Self.entries(of: root).filter(\.isFolder).map(\.name)
    guard !folders.isEmpty else {
      throw ShardError(.missing, "Could not find images in \(root): it has no folders; it needs one for each class.")
    }
    var items: [Item] = []
    var ignored = 0
    for (label, folder) in folders.enumerated() {
      var found: [Item] = []
      try Self.collect(folder, of: root, label: label, depth: 0, into: &found, ignored: &ignored)
      guard !found.isEmpty else {
        throw ShardError(.missing, "Could not find images in \(root)/\(folder): remove the folder or fill it.")
      }
      items += found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
    self.root = root
    self.items = items
    classFolders = folders
    ignoredFiles = ignored
  }

  private static func collect(
    _ folder: String, of root: String, label: Int, depth: Int, into items: inout [Item], ignored: inout Int
  ) throws(ShardError) {
    guard depth < 32 else {
      throw ShardError(
        .badData, "Could not read \(root)/\(folder): its folders are too deep, perhaps a link to itself.")
    }
    for entry in try entries(of: root + "/" + folder) {
      let path = folder + "/" + entry.name
      if entry.isFolder {
        try collect(path, of: root, label: label, depth: depth + 1, into: &items, ignored: &ignored)
      } else if let dot = entry.name.lastIndex(of: "."),
        extensions.contains(entry.name[entry.name.index(after: dot)...].lowercased())
      {
        items.append(Item(label: label, path: path, byteCount: entry.byteCount))
      } else {
        ignored += 1
      }
    }
  }

  private struct Entry {
    var name: String
    var isFolder: Bool
    var byteCount: Int
  }

  /// What a folder holds, sorted by the bytes of the names, without hidden files.
  private static func entries(of path: String) throws(ShardError) -> [Entry] {
    guard let stream = opendir(path) else { throw ShardError(reading: "read \(path)", errno: errno) }
    defer { closedir(stream) }
    var entries: [Entry] = []
    while true {
      errno = 0
      guard let next = readdir(stream) else {
        guard errno == 0 else { throw ShardError(reading: "read \(path)", errno: errno) }
        break
      }
      let name = withUnsafeBytes(of: &next.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !name.hasPrefix(".") else { continue }
      var status = stat()
      // A link that leads nowhere is listed as an empty file, and found unreadable later.
      let isThere = stat(path + "/" + name, &status) == 0
      entries.append(
        Entry(
          name: name, isFolder: isThere && status.st_mode & S_IFMT == S_IFDIR,
          byteCount: isThere ? Int(status.st_size) : 0))
    }
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}
