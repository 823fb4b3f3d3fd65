extension RunConfiguration {
  /// How samples are grouped.
  ///
  /// Both numbers change results; the number of ranks does not.
  public struct Batch: Sendable, Equatable {
    /// Samples of one step, over all ranks.
    ///
    /// 256 as in He et al. 2015.
    public var global = 256
    /// Samples of one leaf of the gradient tree, over which batch normalisation takes its statistics; a divisor of
    /// `global`.
    ///
    /// 32 as in Goyal et al. 2017.
    public var microbatch = 32

    public init() {}

    /// Leaves of the gradient tree, the largest possible number of ranks.
    public var microbatches: Int { global / microbatch }
  }
}

extension RunConfiguration.Batch: Section {
  static let keys: [Key<Self>] = [
    .value("global", \.global, .between(1, 1 << 24)),
    .value("microbatch", \.microbatch, .between(1, 1 << 24)),
  ]
}
