import FoundationEssentials
import TestSupport

/// What PyTorch computed for a model: written by scripts/peers/make_goldens.py.
struct PyTorchGolden: Decodable {
  var images: Batch
  var sgd: SGD
  /// How far PyTorch in single precision is from this.
  var rounding: Rounding
  /// The main head's, before each of the steps and after the last.
  var losses: [Double]
  /// Of every head, the main one first.
  var logits: [[Double]]
  var parameters: [Parameter]
  /// After the last step.
  var running: [Statistic]

  struct Batch: Decodable {
    /// N, C, H, W.
    var shape: [Int]
    /// Of `numbers`.
    var stream: Int
  }

  struct SGD: Decodable {
    var lr, momentum, weightDecay: Float
    var nesterov: Bool
  }

  /// The greatest relative errors.
  struct Rounding: Decodable {
    var logits, losses, gradients, running, weights: Double
  }

  struct Parameter: Decodable {
    var name: String
    var shape: [Int]
    /// Values are centre + spread · `number`, rounded.
    var centre, spread: Double
    /// Pairs of a channel and the multiple of 1/32 by which its bias is moved.
    var moved: [[Int]]?
    var gradientNorm: Double
    /// 16 values: number i stands at i · count / 16.
    var gradient: [Double]
    /// After the last step.
    var weightNorm: Double
  }

  struct Statistic: Decodable {
    var name: String
    var norm: Double
  }

  static func load(_ model: String) throws -> PyTorchGolden {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Self.self, from: Data(Golden.text("\(model)-pytorch.json", beside: #filePath).utf8))
  }

  /// Element `index` of the script's `number`: in [−1, 1).
  static func number(_ index: Int, stream: Int) -> Double {
    var h = UInt32(truncatingIfNeeded: index &* 2_654_435_761 &+ stream &* 40503 &+ 12345)
    h ^= h >> 15
    h = h &* 73_244_475
    h ^= h >> 13
    h = h &* 73_244_475
    h ^= h >> 16
    return Double(h >> 8) / 0x1p23 - 1
  }

  /// The script's images, in the order of PyTorch.
  var pixels: [Double] {
    (0..<images.shape.reduce(1, *)).map { Self.number($0, stream: images.stream) }
  }

  /// The script's values of the parameter at `place`.
  func weights(_ place: Int) -> [Float] {
    let parameter = parameters[place]
    var moves: [Int: Double] = [:]
    for move in parameter.moved ?? [] { moves[move[0]] = Double(move[1]) / 32 }
    return (0..<parameter.shape.reduce(1, *)).map { index in
      let value = parameter.centre + Self.number(index, stream: place) * parameter.spread
      return Float(moves.isEmpty ? value : value + (moves[index] ?? 0))
    }
  }
}
