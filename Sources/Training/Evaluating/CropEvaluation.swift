import Execution
import Shards
import Tensors

/// How the crops of images are cut into passes: of several images together, or of one image in parts of equal size, the
/// last of which may begin in the one before it.
package struct CropBatches: Equatable {
  /// Crops of an image.
  package let views: Int
  /// Images that are loaded at a time.
  package let images: Int
  /// Inputs of a pass.
  package let inputs: Int
  /// The first input of each pass over what is loaded.
  package let starts: [Int]

  /// For passes of up to `batch` inputs, but no less than one.
  package init(views: Int, batch: Int) {
    self.views = views
    if batch >= views {
      images = batch / views
      inputs = images * views
      starts = [0]
    } else {
      let parts = (views + batch - 1) / batch
      images = 1
      let size = (views + parts - 1) / parts
      inputs = size
      starts = (0..<parts).map { min($0 * size, views - size) }
    }
  }
}

/// Several crops of each image; what is measured is the mean of their softmax outputs.
struct CropEvaluation: ViewEvaluation {
  let source: ShardSet
  let transform: ImageTransform
  let cut: CropBatches
  /// Of a plan for evaluation of `cut.inputs` images.
  let executor: Executor
  let threads: Int

  func measure(_ share: Range<Int>, details: Bool, judged: (_ image: Int, Prediction) -> Void) throws {
    let classes = executor.plan.classes
    let loader = try BatchLoader(
      evaluating: share, of: source, microbatch: cut.images, transform: transform, threads: threads,
      buffers: cut.images == 1 ? threads + 1 : 3)
    var done = share.lowerBound
    for _ in 0..<loader.batchCount {
      let batch = try loader.next()
      guard let pixels = batch.images.baseAddress else { continue }
      var means = [ProbabilityMean](repeating: ProbabilityMean(classes: classes), count: batch.count)
      let inputs = batch.count * cut.views
      var next = 0
      for start in cut.starts {
        executor.forward(images: pixels + start * transform.output.count)
        while next < min(inputs, start + cut.inputs) {
          means[next / cut.views].add(softmaxOf: executor.logits + (next - start) * paddedToVector(classes))
          next += 1
        }
      }
      for (image, mean) in means.enumerated() {
        judged(done + image, Prediction(probabilities: mean.probabilities, label: Int(batch.labels[image])))
      }
      done += batch.count
    }
  }
}
