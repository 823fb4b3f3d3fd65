import Glibc

/// Two normal numbers from two words, in double precision.
func boxMuller(_ a: UInt32, _ b: UInt32) -> (Double, Double) {
  let radius = (-2 * log(Double((a >> 8) + 1) * 0x1p-24)).squareRoot()
  let angle = 2 * Double.pi * Double(b >> 8) * 0x1p-24
  return (radius * cos(angle), radius * sin(angle))
}
