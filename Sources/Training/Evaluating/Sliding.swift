import Networks
import Tensors

/// How a network slides over whole images, and what the class scores at its places come to.
package enum Sliding: Sendable {
  /// In the network's own steps; the mean over the places (Simonyan and Zisserman 2014, section 3.2).
  case dense
  /// The last max pooling at every offset; of each class the greatest score (Sermanet et al. 2013, section 3.3).
  case overfeat

  /// The network over images of `shape`.
  func network(_ network: Network, over shape: Shape) throws(ShapeError) -> Network {
    let sliding = try network.fullyConvolutional(over: shape)
    return switch self {
    case .dense: sliding
    case .overfeat: try sliding.poolingAtEveryOffset()
    }
  }

  /// The score of a class from those at all places, of which there is at least one. NaN if one of them is.
  package func score(of places: some Collection<Double>) -> Double {
    switch self {
    case .dense: places.reduce(0, +) / Double(places.count)
    case .overfeat: places.reduce(-.infinity, Double.maximumOrNaN)
    }
  }
}

extension Double {
  /// Not `maximum`, which takes the number where one of the two is NaN.
  fileprivate static func maximumOrNaN(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
  }
}
