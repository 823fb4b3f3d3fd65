import FoundationEssentials
import Networks
import Tensors
import TestSupport

/// What PyTorch computed for a model: written by scripts/peers/make_goldens.py.
struct PyTorchGolden: Decodable {
  var sgd: SGD
  /// Before each of the steps, and after the last.
  var losses: [Double]
  var logits: [Double]
  var parameters: [Parameter]
  var running: [Statistic]
  var weightNorms: [Double]

  struct SGD: Decodable {
    var lr, momentum, weightDecay: Float
    var nesterov: Bool
  }

  struct Parameter: Decodable {
    var name: String
    var shape: [Int]
    var gradientNorm: Double
    /// 16 values: number i stands at i · count / 16.
    var gradient: [Double]
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

  /// The numbers of the script's `number`: in [−1, 1).
  static func numbers(_ count: Int, stream: Int) -> [Double] {
    (0..<count).map { index in
      var h = UInt32(truncatingIfNeeded: index &* 2_654_435_761 &+ stream &* 40503 &+ 12345)
      h ^= h >> 15
      h = h &* 73_244_475
      h ^= h >> 13
      h = h &* 73_244_475
      h ^= h >> 16
      return Double(h >> 8) / 0x1p23 - 1
    }
  }

  /// The script's weights, by name.
  var weights: OracleNetwork.Values {
    var values: OracleNetwork.Values = [:]
    for (stream, parameter) in parameters.enumerated() {
      let numbers = Self.numbers(parameter.shape.reduce(1, *), stream: stream)
      if parameter.shape.count > 1 {
        let bound = (6 / Double(parameter.shape.dropFirst().reduce(1, *))).squareRoot()
        values[parameter.name] = numbers.map { Double(Float($0 * bound)) }
      } else if parameter.name.hasSuffix("weight") {
        values[parameter.name] = numbers.map { Double(Float(1 + $0 * 0.5)) }
      } else {
        values[parameter.name] = numbers.map { Double(Float($0 * 0.2)) }
      }
    }
    return values
  }
}
