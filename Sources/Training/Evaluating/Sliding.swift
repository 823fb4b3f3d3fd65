import Networks
import Tensors

/// How a network slides over whole images, and what the class scores at its places come to.
package enum Sliding: Sendable {
  /// In the network's own steps; the mean over the places (Simonyan and Zisserman 2014, section 3.2).
  case averaging
  /// The last max pooling at every offset; of each class the greatest score (Sermanet et al. 2013, section 3.3).
  case everyOffset

  /// The network over images of `shape`.
  func network(_ network: Network, over shape: Shape) throws(ShapeError) -> Network {
    let sliding = try network.fullyConvolutional(over: shape)
    return switch self {
    case .averaging: sliding
    case .everyOffset: try sliding.poolingAtEveryOffset()
    }
  }

  /// The score of a class from those at all places, in their order.
  func score(of places: some Collection<Double>) -> Double {
    switch self {
    case .averaging: places.reduce(0, +) / Double(places.count)
    case .everyOffset: places.max() ?? -.infinity
    }
  }
}
