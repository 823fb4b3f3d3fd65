/// Why gradients cannot be summed as asked.
public struct CollectivesError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String

  init(_ description: String) { self.description = description }
}
