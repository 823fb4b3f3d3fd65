/// How a bucket is cut into one piece per rank, its owner.
///
/// Cuts lie on multiples of 16 floats of the arena, so that no two ranks write to one cache line; small buckets leave
/// some ranks without a piece.
enum ShardCut {
  static func piece(of bucket: Range<Int>, owner: Int, ranks: Int) -> Range<Int> {
    cut(bucket, owner, ranks)..<cut(bucket, owner + 1, ranks)
  }

  private static func cut(_ bucket: Range<Int>, _ index: Int, _ ranks: Int) -> Int {
    if index == 0 { return bucket.lowerBound }
    if index == ranks { return bucket.upperBound }
    let exact = bucket.lowerBound + bucket.count * index / ranks
    return min((exact + 15) / 16 * 16, bucket.upperBound)
  }
}
