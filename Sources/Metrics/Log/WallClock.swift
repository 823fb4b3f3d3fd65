import FoundationEssentials

/// The time of day, as files show it.
enum WallClock {
  /// `2015-12-10T08:00:00Z`.
  static func now() -> String { Date.now.formatted(.iso8601) }
}
