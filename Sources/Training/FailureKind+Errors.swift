import Checkpoints
import Collectives
import Configuration
import MessagePassing
import Metrics
import Shards

extension FailureKind {
  /// The kind of any error of Convoy's modules.
  public init(of error: any Error) {
    self =
      switch error {
      case let error as TrainingError: error.kind
      case let error as ConfigurationError: error.kind == .unreadable ? .missing : .configuration
      case let error as ShardError: Self(error.kind)
      case let error as CheckpointError: Self(rawValue: error.exitCode) ?? .internal
      case let error as MetricsError: Self(error.kind)
      case is CollectivesError: .configuration
      case is MessagePassingError: .cluster
      default: .internal
      }
  }

  private init(_ kind: ShardError.Kind) {
    self =
      switch kind {
      case .badData: .badData
      case .missing: .missing
      case .exists, .cannotCreate: .cannotCreate
      case .io, .diskFull: .inputOutput
      }
  }

  private init(_ kind: MetricsError.Kind) {
    self =
      switch kind {
      case .cannotCreate, .inUse: .cannotCreate
      case .inputOutput: .inputOutput
      case .invalid: .badData
      }
  }
}
