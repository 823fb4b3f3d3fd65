/// A sum program with its vectors: everything is resolved, so that it runs without allocating.
struct PlannedSum {
  /// Vectors are summed in chunks that stay in the first-level cache, however many there are.
  static let chunk = 2048

  private let program: SumProgram
  private let inputs: [UnsafePointer<Float>]
  private let output: UnsafeMutablePointer<Float>
  private let count: Int

  /// Sums `count` floats of every input into `output`, which may be one of the inputs.
  init(
    _ program: SumProgram, inputs: [UnsafePointer<Float>], output: UnsafeMutablePointer<Float>, count: Int
  ) {
    precondition(inputs.count == program.inputs.count, "A sum needs as many vectors as its program has inputs.")
    self.program = program
    self.inputs = inputs
    self.output = output
    self.count = count
  }

  /// The floats of scratch memory that `run` needs.
  var scratchCount: Int { program.temporaryCount * Self.chunk }

  func run(scratch: UnsafeMutablePointer<Float>) {
    guard !program.steps.isEmpty else {
      if inputs[0] != UnsafePointer(output) { output.update(from: inputs[0], count: count) }
      return
    }
    var start = 0
    while start < count {
      let length = min(Self.chunk, count - start)
      for index in program.steps.indices {
        let step = program.steps[index]
        let target = step.result.map { scratch + $0 * Self.chunk } ?? output + start
        VectorSum.store(
          vector(step.left, from: start, scratch), vector(step.right, from: start, scratch), into: target,
          count: length)
      }
      start += length
    }
  }

  private func vector(
    _ term: SumProgram.Term, from start: Int, _ scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    switch term {
    case .input(let index): inputs[index] + start
    case .temporary(let index): UnsafePointer(scratch + index * Self.chunk)
    }
  }
}
