import CKernels
import Tensors

/// Units that measure how far a vector of features is from fixed codes: output k = −Σ (x − code k)².
public struct RadialBasisUnits: Sendable {
  public let images: Int
  public let classes: Int
  /// Class, feature; padded with zeros to whole vectors.
  private let codes: [Float]
  private let features: Int

  /// All codes have as many values as an image has features.
  public init(images: Int, codes: [[Float]]) {
    let count = codes.first?.count ?? 0
    precondition(codes.allSatisfy { $0.count == count }, "All codes have the same length.")
    self.images = images
    classes = codes.count
    let padded = paddedToVector(count)
    features = padded
    self.codes = codes.flatMap { $0 + [Float](repeating: 0, count: padded - count) }
  }

  public func forward(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    run(processor.functions.pointee.radial_basis, on: processor) {
      $0.source = source
      $0.output = output
    }
  }

  public func backward(
    on processor: Processor, source: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    sourceGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    run(processor.functions.pointee.radial_basis_gradient, on: processor) {
      $0.source = source
      $0.output_gradient = outputGradient
      $0.source_gradient = sourceGradient
      $0.accumulate = accumulate
    }
  }

  private func run(
    _ kernel: kernel_function, on processor: Processor, _ fill: (inout radial_basis_arguments) -> Void
  ) {
    codes.withUnsafeBufferPointer {
      var arguments = radial_basis_arguments()
      arguments.codes = $0.baseAddress
      arguments.features = Int32(features)
      arguments.classes = Int32(classes)
      arguments.output_stride = paddedToVector(classes)
      fill(&arguments)
      processor.run(kernel, tasks: images, arguments, constants: UnsafeRawBufferPointer($0))
    }
  }
}
