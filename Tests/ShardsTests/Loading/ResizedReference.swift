import Shards

/// A part of an image.
struct PixelPart {
  var left: Int
  var top: Int
  var width: Int
  var height: Int

  init(left: Int = 0, top: Int = 0, width: Int, height: Int) {
    self.left = left
    self.top = top
    self.width = width
    self.height = height
  }
}

/// The source pixels that target pixel `target` of `size` is made of, by the triangle filter, and their weights.
private func triangle(_ target: Int, of size: Int, from count: Int) -> [(pixel: Int, weight: Double)] {
  let scale = Double(count) / Double(size)
  let centre = (Double(target) + 0.5) * scale
  let all = (0..<count).map { (pixel: $0, weight: 1 - abs(Double($0) + 0.5 - centre) / max(scale, 1)) }
  let touched = all.filter { $0.weight > 0 }
  let sum = touched.reduce(0) { $0 + $1.weight }
  return touched.map { ($0.pixel, $0.weight / sum) }
}

/// The part resized to `width` × `height` in floating point, columns first: height × width × 3 values in 0...255.
func resized(_ image: RGBImage, _ part: PixelPart, width: Int, height: Int) -> [Double] {
  let rowValues = part.width * 3
  let across = (0..<width).map { triangle($0, of: width, from: part.width) }
  var result: [Double] = []
  for y in 0..<height {
    var row = [Double](repeating: 0, count: rowValues)
    for (v, weight) in triangle(y, of: height, from: part.height) {
      let start = ((part.top + v) * image.width + part.left) * 3
      for offset in 0..<rowValues { row[offset] += weight * Double(image.pixels[start + offset]) }
    }
    for x in 0..<width {
      for c in 0..<3 { result.append(across[x].reduce(0) { $0 + $1.weight * row[$1.pixel * 3 + c] }) }
    }
  }
  return result
}
