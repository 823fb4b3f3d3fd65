import CKernels
public import Tensors

extension Processor {
  /// Fills `output` with normal numbers of mean 0: elements 0..<count of the stream (seed, purpose, `stream`).
  public func fillNormal(
    _ output: UnsafeMutablePointer<Float>, count: Int, deviation: Float, seed: UInt64, purpose: RandomPurpose, stream: UInt32
  ) {
    let key = Philox(seed: seed, purpose: purpose).key
    var arguments = fill_normal_arguments()
    arguments.output = output
    arguments.count = count
    arguments.range = elementRange
    arguments.key = (key[0], key[1])
    arguments.counter = (stream, 0)
    arguments.deviation = deviation
    run(functions.pointee.fill_normal, tasks: elementTasks(count), arguments)
  }
}
