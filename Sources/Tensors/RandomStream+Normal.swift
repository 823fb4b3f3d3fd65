extension RandomStream {
  /// A number in (0, 1], a multiple of 2^-32.
  public mutating func positive() -> Double { (Double(next()) + 1) * 0x1p-32 }

  /// A standard normal number (Box and Muller); takes two draws.
  public mutating func normal() -> Double {
    let radius = (-2 * Elementary.log(positive())).squareRoot()
    let turn = 2 * uniform()
    // cos(π · turn), of which there is one for turns of 0...1.
    return radius * Elementary.cosPi(turn <= 1 ? turn : 2 - turn)
  }
}
