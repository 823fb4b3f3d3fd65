import CKernels
public import Tensors

/// Sigmoids element by element. Counts are whole vectors: tensors are padded.
extension Processor {
  /// output = amplitude · tanh(slope · source); the tanh is within 2 ulp.
  public func hyperbolicTangent(
    _ source: UnsafePointer<Float>, amplitude: Float, slope: Float, into output: UnsafeMutablePointer<Float>, count: Int
  ) {
    var arguments = activation_arguments()
    arguments.a = source
    arguments.output = output
    arguments.amplitude = amplitude
    arguments.slope = slope
    run(functions.pointee.hyperbolic_tangent, over: count, arguments)
  }

  /// sourceGradient (+)= outputGradient · (amplitude · slope − slope / amplitude · output²). May be in place.
  public func hyperbolicTangentGradient(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>, amplitude: Float, slope: Float,
    into sourceGradient: UnsafeMutablePointer<Float>, count: Int, accumulate: Bool
  ) {
    var arguments = activation_arguments()
    arguments.a = output
    arguments.b = outputGradient
    arguments.output = sourceGradient
    arguments.amplitude = amplitude
    arguments.slope = slope
    arguments.accumulate = accumulate
    run(functions.pointee.hyperbolic_tangent_gradient, over: count, arguments)
  }

  /// output = 1 / (1 + e^−source), within 3 ulp, of `images` blocked images; 0 in the channels behind the last.
  public func sigmoid(
    _ source: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, images: Int, shape: Shape
  ) {
    var arguments = activation_arguments()
    arguments.a = source
    arguments.output = output
    arguments.image_floats = shape.floats(in: .blocked)
    arguments.last_block = (shape.blocks - 1) * vectorWidth * shape.pixels
    arguments.last_lanes = Int32(shape.channels - (shape.blocks - 1) * vectorWidth)
    run(functions.pointee.sigmoid, over: images * shape.floats(in: .blocked), arguments)
  }

  /// sourceGradient (+)= outputGradient · output · (1 − output). May be in place.
  public func sigmoidGradient(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into sourceGradient: UnsafeMutablePointer<Float>, count: Int, accumulate: Bool
  ) {
    var arguments = activation_arguments()
    arguments.a = output
    arguments.b = outputGradient
    arguments.output = sourceGradient
    arguments.accumulate = accumulate
    run(functions.pointee.sigmoid_gradient, over: count, arguments)
  }

  private func run(_ kernel: kernel_function, over count: Int, _ arguments: activation_arguments) {
    var arguments = arguments
    arguments.count = count
    arguments.range = elementRange
    run(kernel, tasks: elementTasks(count), arguments)
  }
}
