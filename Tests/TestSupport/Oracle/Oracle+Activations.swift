import Glibc

extension Oracle {
  public static func hyperbolicTangent(_ source: Images, amplitude: Double, slope: Double) -> Images {
    source.map { amplitude * tanh(slope * $0) }
  }

  public static func sigmoid(_ source: Images) -> Images { source.map { 1 / (1 + exp(-$0)) } }

  public static func hyperbolicTangentGradient(
    _ source: Images, outputGradient: Images, amplitude: Double, slope: Double
  ) -> Images {
    product(outputGradient, source.map { amplitude * slope / (cosh(slope * $0) * cosh(slope * $0)) })
  }

  public static func sigmoidGradient(_ source: Images, outputGradient: Images) -> Images {
    product(outputGradient, source.map { exp(-$0) / ((1 + exp(-$0)) * (1 + exp(-$0))) })
  }

  private static func product(_ a: Images, _ b: Images) -> Images {
    Images(count: a.count, shape: a.shape, values: zip(a.values, b.values).map { $0 * $1 })
  }
}
