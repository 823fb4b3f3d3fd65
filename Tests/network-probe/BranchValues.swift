import Networks
import Tensors

/// What the kinks of a network decide by in one pass: the values that its rectifiers give and its max poolings read,
/// numbered in the order of execution.
final class BranchValues {
  private(set) var results = ProbeResults()
  private let network: Network
  private let images: Int
  /// What to call the output of a step, by its place in the plan.
  private var names: [Int: [String]] = [:]

  init(of network: Network, pass: Int, images: Int) {
    self.network = network
    self.images = images
    var rectifiers = 0
    var poolings = 0
    for (step, node) in network.nodes.dropFirst().enumerated() {
      if node.layer is ReLU || (node.layer as? any RectifiableLayer)?.rectify == true {
        names[step, default: []].append("relu.\(pass).\(rectifiers)")
        rectifiers += 1
      }
      if node.layer is MaxPool {
        names[node.inputs[0] - 1, default: []].append("pool.\(pass).\(poolings)")
        poolings += 1
      }
    }
  }

  /// To be an executor's observer.
  func observe(step: Int, output: UnsafePointer<Float>, gap: Int) {
    let shape = network.shape(of: step + 1)
    for name in names[step] ?? [] { results.add(name, images: images, shape, blocked: output, gap: gap) }
  }
}
