import Execution
import Shards
import Tensors

/// The network slides over whole images; the class scores of its places become those of a view, the softmax of these is
/// averaged over mirror images and scales.
struct DenseEvaluation: ViewEvaluation {
  let source: ShardSet
  let transform: WholeImageTransform
  let sliding: Sliding
  let replica: Replica
  let weights: UnsafePointer<Float>
  /// Images and mirror images of a pass, where images have one size.
  let batch: Int
  let threads: Int

  func measure(_ share: Range<Int>, details: Bool, judged: (_ image: Int, Prediction) -> Void) throws {
    let loader = try WholeImageLoader(
      share, of: source, transform: transform, threads: threads, buffers: threads + limit)
    var networks = SizedNetworks(replica: replica, sliding: sliding, weights: weights)
    var group: [WholeImage] = []
    for _ in 0..<loader.count {
      let image = try loader.next()
      if let first = group.first, group.count == limit || first.views.map(\.shape) != image.views.map(\.shape) {
        try judge(group, &networks, judged)
        group = []
      }
      group.append(image)
    }
    try judge(group, &networks, judged)
  }

  /// Images that are computed together.
  private var limit: Int {
    // Files have sizes of their own: groups of chance lengths would each need another plan.
    if case .raw = source.encoding { max(1, batch / 2) } else { 1 }
  }

  /// Images of one size.
  private func judge(
    _ images: [WholeImage], _ networks: inout SizedNetworks, _ judged: (_ image: Int, Prediction) -> Void
  ) throws {
    var means = [ProbabilityMean](repeating: ProbabilityMean(classes: replica.plan.classes), count: images.count)
    for scale in transform.scales.indices {
      let network = try networks.network(
        for: images[0].views[scale].shape, images: images.count, place: source.place(of: images[0].index))
      for (place, image) in images.enumerated() { network.take(image.views[scale].floats, at: place) }
      network.run()
      for image in images.indices {
        for mirror in 0..<2 { means[image].add(softmaxOf: network.scores(of: 2 * image + mirror)) }
      }
    }
    for (image, mean) in zip(images, means) {
      judged(image.index, Prediction(probabilities: mean.probabilities, label: image.label))
    }
  }
}
