/// How long each step of a plan took, summed over the passes since the last reset.
public final class ExecutionProfile {
  public internal(set) var forward: [Duration]
  public internal(set) var backward: [Duration]

  public init(_ plan: Plan) {
    forward = [Duration](repeating: .zero, count: plan.steps.count)
    backward = forward
  }

  public func reset() {
    for step in forward.indices {
      forward[step] = .zero
      backward[step] = .zero
    }
  }
}
