/// What a rank's time in a gradient exchange went to.
public struct ExchangeTime: Hashable, Sendable {
  /// Waiting for other ranks, with nothing to do.
  public var waiting: Duration = .zero
  /// Adding gradients, this rank's own and the ranks' together.
  public var summing: Duration = .zero
  /// Writing new weights from the sums.
  public var updating: Duration = .zero
}
