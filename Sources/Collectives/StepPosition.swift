/// Where a rank is in its step: what it has computed, and which buckets are on their way.
struct StepPosition {
  /// Steps begun.
  var step = 0
  var isOpen = false
  /// Leaves that are in their buffers and added.
  var leavesFinished = 0
  /// Buckets whose local sum is there.
  var bucketsCompleted = 0
  var replicatedIsComplete = false
  /// Buckets that all ranks of this node have completed.
  var bucketsCollected = 0
  var replicatedIsCollected = false
  /// All buckets before this one are done.
  var firstOpenBucket = 0
}
