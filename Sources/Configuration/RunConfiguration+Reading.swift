extension RunConfiguration {
  /// The configuration in a YAML file, with overrides `key.path=value` of the command line on top; the last of
  /// several overrides of one key wins.
  ///
  /// Refused: unknown, duplicate, mistyped and out-of-range keys, contradictions between keys, anchors, tags, more than
  /// one document, more than 1 MiB. The error names file and line, or the override.
  public init(file path: String, overrides: [String] = []) throws(ConfigurationError) {
    try self.init(yaml: try ConfigurationFile.text(at: path), name: path, overrides: overrides)
  }

  /// The same for YAML at hand; `name` is what messages call it.
  public init(yaml text: String, name: String, overrides: [String] = []) throws(ConfigurationError) {
    var root = try YAMLDocument(file: name).read(text)
    // Each file is valid by itself: an override does not excuse a slip that it happens to cover.
    var written = RunConfiguration()
    try written.read(root, at: "")
    for override in overrides { root = try Override(override).applied(to: root) }
    try self.init(root, name: .file(name))
  }

  /// Checks a tree that the program made or changed.
  public func validate() throws(ConfigurationError) {
    _ = try RunConfiguration(Entry(content: content, origin: .program), name: .program)
  }

  init(_ root: Entry, name: Origin) throws(ConfigurationError) {
    self.init()
    try read(root, at: "")
    for law in Self.laws {
      guard let sentence = law.violation(self) else { continue }
      throw ConfigurationError(Self.lastOrigin(of: law.paths, in: root) ?? name, sentence)
    }
  }

  /// Where the last of these keys was written; the command line comes after the file.
  private static func lastOrigin(of paths: [String], in root: Entry) -> Origin? {
    let origins = paths.compactMap { root.member(at: $0)?.origin }
    return origins.max { first, second in
      switch (first, second) {
      case (.line(_, let a), .line(_, let b)): a < b
      case (.line, .override): true
      default: false
      }
    }
  }
}
