/// What happens to a last window that does not fit: PyTorch's `ceil_mode`.
public enum PoolRounding: Hashable, Sendable {
  /// It is left out.
  case down
  /// It is cut off at the edge, unless it begins behind the padded input (Caffe's and PyTorch's rule).
  case up

  /// How many windows there are along an axis of `length` values.
  func windows(in length: Int, size: Int, step: Int, padding: Int) -> Int {
    let room = length + 2 * padding - size
    switch self {
    case .down: return room / step + 1
    case .up:
      let windows = (room + step - 1) / step + 1
      return (windows - 1) * step >= length + padding ? windows - 1 : windows
    }
  }
}
