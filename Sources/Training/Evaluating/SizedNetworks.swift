import Execution
import Networks
import Tensors

/// A network made fully convolutional for images of one size.
final class SizedNetwork {
  let shape: Shape
  /// Each with its mirror image.
  let images: Int
  private let executor: Executor
  private let pixels: Arena
  private let map: Shape
  private let sliding: Sliding

  /// Throws when the network cannot slide over such images or the machine has too little memory; `place` names the
  /// image.
  init(
    _ replica: Replica, sliding: Sliding, weights: UnsafePointer<Float>, shape: Shape, images: Int, place: String
  ) throws(TrainingError) {
    self.shape = shape
    self.images = images
    self.sliding = sliding
    let network: Network
    do throws(ShapeError) {
      network = try sliding.network(replica.network.forEvaluation(), over: shape).validated(images: 2 * images)
    } catch {
      throw TrainingError(.configuration, "Cannot slide over \(place): \(error.description)")
    }
    map = network.shape(of: network.output)
    executor = try replica.evaluationExecutor(of: network, weights: weights, images: 2 * images, place: place)
    pixels = Arena(count: 2 * images * shape.count)
  }

  /// Floats of activations and images.
  var floats: Int { executor.plan.activationFloats + pixels.count }

  /// Takes an image and its mirror image for the next pass.
  func take(_ view: [Float], at place: Int) {
    view.withUnsafeBufferPointer { view in
      guard let start = view.baseAddress else { return }
      (pixels.floats + place * view.count).update(from: start, count: view.count)
    }
  }

  func run() { executor.forward(images: pixels.floats) }

  /// The class scores of an input.
  func scores(of input: Int) -> [Double] {
    let logits = executor.logits + input * map.floats(in: .blocked)
    return (0..<map.channels).map { channel in
      let first = logits + map.index(channel: channel, row: 0, column: 0, in: .blocked)
      return sliding.score(of: (0..<map.pixels).lazy.map { Double(first[$0 * vectorWidth]) })
    }
  }
}

/// The networks of the sizes that were met last, as far as a part of the machine's memory has room for them.
struct SizedNetworks {
  let replica: Replica
  let sliding: Sliding
  let weights: UnsafePointer<Float>
  /// The one used last at the end.
  private var networks: [SizedNetwork] = []
  private let roomFloats = MemoryCheck.machineBytes / 16 / MemoryLayout<Float>.stride

  init(replica: Replica, sliding: Sliding, weights: UnsafePointer<Float>) {
    self.replica = replica
    self.sliding = sliding
    self.weights = weights
  }

  /// `place` names the first of the images in errors.
  mutating func network(for shape: Shape, images: Int, place: String) throws(TrainingError) -> SizedNetwork {
    if let known = networks.firstIndex(where: { $0.shape == shape && $0.images == images }) {
      let network = networks.remove(at: known)
      networks.append(network)
      return network
    }
    let network = try SizedNetwork(
      replica, sliding: sliding, weights: weights, shape: shape, images: images, place: place)
    networks.append(network)
    while networks.count > 1, networks.reduce(0, { $0 + $1.floats }) > roomFloats { networks.removeFirst() }
    return network
  }
}
