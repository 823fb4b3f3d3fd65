extension RunConfiguration {
  /// The folders of shards and how they are read.
  public struct Data: Sendable, Equatable {
    /// The folder of training shards.
    ///
    /// Required.
    public var train = ""
    /// The folder of validation shards; null for a run that is not evaluated.
    public var validation: String?
    /// Subtracted from each channel of a pixel scaled to 0...1; null for the mean stored with the training shards.
    public var mean: [Double]?
    /// Divides each channel after the mean was subtracted; null for the deviation stored with the training shards.
    public var std: [Double]?
    /// Threads of each rank that read and decode images; auto leaves the choice to the loader.
    public var decodeThreads = ThreadCount.auto

    public init() {}
  }
}

extension RunConfiguration.Data: Section {
  static let keys: [Key<Self>] = [
    .value("train", \.train, .legible),
    .value("validation", \.validation, .legible),
    .value("mean", \.mean),
    .value("std", \.std, .positive),
    .value("decodeThreads", \.decodeThreads, .between(1, 4096)),
  ]
}
