import CKernels
import Tensors

extension Pooling {
  /// output = √(Σ source²) over each window; what lies outside the source counts as 0.
  public func norm(on processor: Processor, source: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
    var arguments = sizes
    arguments.source = source
    arguments.output = output
    processor.run(processor.functions.pointee.l2_pool, tasks: images * self.source.blocks, arguments)
  }

  /// sourceGradient (+)= Σ over the windows of outputGradient · source / output; where the output is 0 the gradient is
  /// 0 too.
  public func normGradient(
    on processor: Processor, source: UnsafePointer<Float>, output: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, sourceGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    var arguments = sizes
    arguments.source = source
    arguments.output = UnsafeMutablePointer(mutating: output)
    arguments.output_gradient = outputGradient
    arguments.source_gradient = sourceGradient
    arguments.accumulate = accumulate
    processor.run(processor.functions.pointee.l2_pool_gradient, tasks: images * self.source.blocks, arguments)
  }
}
