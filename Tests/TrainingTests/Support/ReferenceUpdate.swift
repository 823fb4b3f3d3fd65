import Configuration
import Execution
import Networks
import TestSupport

/// What `WeightUpdate` does, in double precision and tensor by tensor, as the papers write it. Values are in the order
/// of files, which knows nothing of blocks and padding.
struct ReferenceUpdate {
  struct Tensor {
    let name: String
    let role: ParameterSpec.Role
    let shape: [Int]
    var weights: [Double]
    var first: [Double]
    var second: [Double]
    var average: [Double]
  }

  let configuration: RunConfiguration
  var tensors: [Tensor]
  /// How many filters were scaled back so far, and how many were left.
  private(set) var filtersScaled = 0
  private(set) var filtersLeft = 0
  /// Whether a gradient was clipped by its norm.
  private(set) var isClipped = false

  private var settings: RunConfiguration.Optimizer { configuration.optimizer }

  init(_ configuration: RunConfiguration, _ plan: Plan, weights: [[Double]]) {
    self.configuration = configuration
    tensors = zip(plan.parameters, weights).map { parameter, values in
      let zeros = [Double](repeating: 0, count: values.count)
      return Tensor(
        name: parameter.name, role: parameter.role, shape: parameter.shape, weights: values, first: zeros,
        second: zeros, average: values)
    }
  }

  /// Step `number`, counted from 1.
  mutating func step(_ number: Int, gradients: [[Double]], rate: Double, formerRate: Double) {
    var gradients = gradients
    if let limit = settings.clipValue { gradients = gradients.map { $0.map { max(-limit, min(limit, $0)) } } }
    if let limit = settings.clipNorm {
      let norm = gradients.reduce(0) { $0 + $1.norm * $1.norm }.squareRoot()
      if norm > limit {
        isClipped = true
        gradients = gradients.map { $0.map { $0 * limit / norm } }
      }
    }
    for place in tensors.indices {
      switch settings.name {
      case .sgd, .lars: momentum(place, gradients[place], rate, formerRate)
      case .adamw, .lamb: adam(place, gradients[place], rate, number)
      }
      if let radius = settings.filterRenormalization, tensors[place].shape.count == 4 { renormalize(place, radius) }
      average(place, number)
    }
  }

  private func decay(of tensor: Tensor) -> Double {
    tensor.role == .weight || settings.decayNormAndBias ? settings.weightDecay : 0
  }

  private mutating func momentum(_ place: Int, _ gradient: [Double], _ rate: Double, _ formerRate: Double) {
    let tensor = tensors[place]
    let decay = decay(of: tensor)
    var local = 1.0
    if settings.name == .lars, tensor.role == .weight {
      let norm = tensor.weights.norm
      local = (settings.trustCoefficient ?? 0.001) * norm / (gradient.norm + decay * norm)
    }
    let isCaffe = settings.momentumForm == .caffe || settings.momentumForm == nil && settings.name == .lars
    let momentum = settings.momentum * (settings.momentumCorrection ? rate / formerRate : 1)
    for i in gradient.indices {
      let g = (isCaffe ? rate * local : local) * (gradient[i] + decay * tensor.weights[i])
      let v = momentum * tensor.first[i] + g
      tensors[place].first[i] = v
      tensors[place].weights[i] -= (isCaffe ? 1 : rate) * (settings.nesterov ? g + momentum * v : v)
    }
  }

  private mutating func adam(_ place: Int, _ gradient: [Double], _ rate: Double, _ number: Int) {
    let (beta1, beta2) = (settings.beta1 ?? 0.9, settings.beta2 ?? 0.999)
    let epsilon = settings.epsilon ?? (settings.name == .lamb ? 1e-6 : 1e-8)
    var (first, second) = (1.0, 1.0)
    for _ in 0..<number {
      first *= beta1
      second *= beta2
    }
    let decay = decay(of: tensors[place])
    let old = tensors[place].weights
    var direction = gradient
    for i in gradient.indices {
      let m = beta1 * tensors[place].first[i] + (1 - beta1) * gradient[i]
      let v = beta2 * tensors[place].second[i] + (1 - beta2) * gradient[i] * gradient[i]
      tensors[place].first[i] = m
      tensors[place].second[i] = v
      direction[i] = m / (1 - first) / ((v / (1 - second)).squareRoot() + epsilon) + decay * old[i]
    }
    let isAdapted = settings.name == .lamb && tensors[place].role == .weight
    let ratio = isAdapted ? old.norm / direction.norm : 1
    for i in gradient.indices { tensors[place].weights[i] -= rate * ratio * direction[i] }
  }

  /// Rows of the file are filters.
  private mutating func renormalize(_ place: Int, _ radius: Double) {
    let count = tensors[place].shape.dropFirst().reduce(1, *)
    for filter in 0..<tensors[place].shape[0] {
      let range = filter * count..<(filter + 1) * count
      let size = (tensors[place].weights[range].reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
      guard size > radius else {
        filtersLeft += 1
        continue
      }
      filtersScaled += 1
      for i in range { tensors[place].weights[i] *= radius / size }
    }
  }

  private mutating func average(_ place: Int, _ number: Int) {
    let tensor = tensors[place]
    let counted = number - configuration.average.fromStep
    switch configuration.average.name {
    case nil: break
    case _ where counted <= 0: tensors[place].average = tensor.weights
    case .polyak:
      // The sum so far, and one more.
      tensors[place].average = zip(tensor.average, tensor.weights).map {
        ($0 * Double(counted - 1) + $1) / Double(counted)
      }
    case .ema:
      let decay = configuration.average.decay ?? 0.9999
      tensors[place].average = zip(tensor.average, tensor.weights).map { decay * $0 + (1 - decay) * $1 }
    }
  }
}
