/// A size, step or margin in rows and columns.
public struct Extent: Hashable, Sendable, Codable {
  public var rows: Int
  public var columns: Int

  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The same number of rows and columns.
  public init(_ size: Int) { self.init(rows: size, columns: size) }
}

extension Extent: CustomStringConvertible {
  public var description: String { rows == columns ? "\(rows)" : "\(rows)×\(columns)" }
}
