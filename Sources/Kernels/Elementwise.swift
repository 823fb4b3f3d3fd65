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

  /// sourceGradient (+)= output > 0 ? outputGradient : 0, of each of `rows` rows of `count` floats.
  ///
  /// Gaps are floats between the end of a row and the start of the next; that of the gradients is of both.
  public func rectifyGradient(
    output: UnsafePointer<Float>, outputGap: Int = 0, outputGradient: UnsafePointer<Float>,
    into sourceGradient: UnsafeMutablePointer<Float>, gradientGap: Int = 0, rows: Int = 1, count: Int, accumulate: Bool
  ) {
    let gapless = outputGap == 0 && gradientGap == 0
    let count = gapless ? rows * count : count
    elementwise(
      functions.pointee.rectify_gradient, output, outputGradient, sourceGradient, count, rows: gapless ? 1 : rows,
      strides: Strides(a: count + outputGap, b: count + gradientGap, output: count + gradientGap),
      accumulate: accumulate)
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
    elementwise(
      functions.pointee.copy, source, nil, output, count, rows: rows,
      strides: Strides(a: sourceStride, output: outputStride), accumulate: accumulate)
  }

  /// Floats between rows.
  private struct Strides {
    var a = 0, b = 0, output = 0
  }

  private func elementwise(
    _ kernel: kernel_function, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>?,
    _ output: UnsafeMutablePointer<Float>, _ count: Int, rows: Int = 1, strides: Strides = Strides(), accumulate: Bool
  ) {
    var arguments = elementwise_arguments()
    arguments.a = a
    arguments.b = b
    arguments.output = output
    arguments.count = count
    arguments.range = elementRange
    arguments.a_stride = strides.a
    arguments.b_stride = strides.b
    arguments.output_stride = strides.output
    arguments.accumulate = accumulate
    run(kernel, tasks: rows * elementTasks(count), arguments)
  }
}
