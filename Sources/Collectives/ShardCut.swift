/// How a bucket is cut into one piece per rank, its owner.
///
/// Cuts lie on multiples of `grain` floats of the arena: of 16, so that no two ranks write to one cache line, or of
/// more where sums over parts of the arena must not be cut. Small buckets leave some ranks without a piece.
struct ShardCut {
  let ranks: Int
  let grain: Int

  func piece(of bucket: Range<Int>, owner: Int) -> Range<Int> { cut(bucket, owner)..<cut(bucket, owner + 1) }

  private func cut(_ bucket: Range<Int>, _ index: Int) -> Int {
    if index == 0 { return bucket.lowerBound }
    if index == ranks { return bucket.upperBound }
    let exact = bucket.lowerBound + bucket.count * index / ranks
    return min((exact + grain - 1) / grain * grain, bucket.upperBound)
  }
}
