public import Networks

extension TensorMapping {
  /// Doubles in file order as floats in the arena's order; padding is zero.
  public func arenaValues(_ file: [Double]) -> [Float] {
    var arena = [Float](repeating: 0, count: floats)
    read(fromFile: file.floats, into: &arena)
    return arena
  }

  public func valuesInFileOrder(_ arena: [Float]) -> [Float] {
    var file = [Float](repeating: 0, count: count)
    write(arena, toFile: &file)
    return file
  }

  /// Whether all floats of the arena that hold no value are exactly zero.
  public func paddingIsZero(_ arena: [Float]) -> Bool {
    let marks = arenaValues([Double](repeating: 1, count: count))
    return zip(arena, marks).allSatisfy { $1 == 1 || $0 == 0 }
  }
}
