import CKernels

/// Floats per task of the kernels that go element by element.
let elementRange = 4096

/// How many tasks `count` elements make.
func elementTasks(_ count: Int) -> Int { (count + elementRange - 1) / elementRange }

/// Operations element by element. Counts are whole vectors: tensors are padded.
extension Processor {
  /// output = max(0, source).
  public func rectify(_ source: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int) {
    elementwise(functions.pointee.rectify, source, nil, output, count, accumulate: false)
  }

  /// sourceGradient (+)= output > 0 ? outputGradient : 0.
  public func rectifyGradient(
    output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into sourceGradient: UnsafeMutablePointer<Float>,
    count: Int, accumulate: Bool
  ) {
    elementwise(
      functions.pointee.rectify_gradient, output, outputGradient, sourceGradient, count, accumulate: accumulate)
  }

  /// output = a + b, optionally max(0, ·).
  public func add(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rectify: Bool, into output: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    elementwise(
      rectify ? functions.pointee.add_rectify : functions.pointee.add, a, b, output, count, accumulate: false)
  }

  /// output (+)= source.
  public func copy(
    _ source: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int, accumulate: Bool
  ) {
    elementwise(functions.pointee.copy, source, nil, output, count, accumulate: accumulate)
  }

  /// Copies, or adds, `rows` rows of `count` floats between arrays of different row lengths.
  public func copyRows(
    _ source: UnsafePointer<Float>, stride sourceStride: Int, into output: UnsafeMutablePointer<Float>,
    stride outputStride: Int, rows: Int, count: Int, accumulate: Bool
  ) {
    var arguments = rows_arguments()
    arguments.source = source
    arguments.output = output
    arguments.count = count
    arguments.source_stride = sourceStride
    arguments.output_stride = outputStride
    arguments.accumulate = accumulate
    run(functions.pointee.copy_rows, tasks: rows, arguments)
  }

  private func elementwise(
    _ kernel: kernel_function, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>?,
    _ output: UnsafeMutablePointer<Float>, _ count: Int, accumulate: Bool
  ) {
    var arguments = elementwise_arguments()
    arguments.a = a
    arguments.b = b
    arguments.output = output
    arguments.count = count
    arguments.range = elementRange
    arguments.accumulate = accumulate
    run(kernel, tasks: elementTasks(count), arguments)
  }
}
