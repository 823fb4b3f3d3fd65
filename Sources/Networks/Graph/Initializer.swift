/// A rule that gives a parameter's start from its fan-in: the number of inputs that one output sees.
public enum Initializer: Hashable, Sendable {
  case zero
  case he
  case pyTorchDefault
  case caffeXavier
  case leCun
  case normal(deviation: Float)
  case constant(Float)

  func callAsFunction(_ fanIn: Int) -> Initialization {
    switch self {
    case .zero: .constant(0)
    case .he: .he(fanIn: fanIn)
    case .pyTorchDefault: .pyTorchDefault(fanIn: fanIn)
    case .caffeXavier: .caffeXavier(fanIn: fanIn)
    case .leCun: .leCun(fanIn: fanIn)
    case .normal(let deviation): .normal(deviation: deviation)
    case .constant(let value): .constant(value)
    }
  }
}
