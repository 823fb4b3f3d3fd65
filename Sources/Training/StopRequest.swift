import Glibc
import Synchronization

/// Whether this process was asked to stop at the next step: by SIGTERM, SIGINT or SIGUSR1, as batch systems send them
/// ahead of the end of a job. The handlers only set a flag.
public enum StopRequest {
  private static let received = Atomic<Int32>(0)

  /// Takes over the signals.
  public static func listen() {
    for signal in [SIGTERM, SIGINT, SIGUSR1] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in StopRequest.received.store(number, ordering: .relaxed) }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
  }

  public static var isPending: Bool { received.load(ordering: .relaxed) != 0 }

  /// The signal's name, for messages.
  public static var signalName: String {
    switch received.load(ordering: .relaxed) {
    case SIGTERM: "SIGTERM"
    case SIGINT: "SIGINT"
    case SIGUSR1: "SIGUSR1"
    default: "no signal"
    }
  }
}
