public import Shards

/// A confusion matrix as a picture: rows are true classes, columns predicted ones.
///
/// A cell is the darker the greater the share of its row; the shade is the share's root, so that rare confusions show.
/// Rows without images are grey. Where cells are large enough, classes have their names and cells their counts; else
/// every tenth, hundredth, … class has its number.
public struct ConfusionPicture: Sendable {
  public let image: RGBImage

  private static let gap = 4
  private static let longestName = 22
  private static let caption = "rows: true class   columns: predicted class   dark: a large share of the row"

  public init(_ matrix: ConfusionMatrix) {
    let classes = matrix.names.count
    let cell = Self.cellPixels(classes)
    let labels = Self.labels(matrix.names, cell: cell)
    let margin = Canvas.width(of: labels.map(\.text).max { $0.count < $1.count } ?? "") + 2 * Self.gap
    let side = classes * cell
    let captionHeight = Canvas.glyphHeight + 2 * Self.gap
    var canvas = Canvas(
      width: max(margin + side + Self.gap, Canvas.width(of: Self.caption) + 2 * Self.gap),
      height: margin + side + captionHeight)
    for row in 0..<classes {
      let counts = (0..<classes).map { matrix[row, $0] }
      let sum = counts.reduce(0, +)
      for (column, count) in counts.enumerated() {
        let shade = sum == 0 ? nil : (Double(count) / Double(sum)).squareRoot()
        let (x, y) = (margin + column * cell, margin + row * cell)
        canvas.fill(x, y, cell, cell, shade.map(Self.colour) ?? [225, 225, 225])
        let number = "\(count)"
        if count > 0, Canvas.width(of: number) + 2 <= cell, cell >= Canvas.glyphHeight + 2 {
          canvas.write(
            number, x + (cell - Canvas.width(of: number)) / 2, y + (cell - Canvas.glyphHeight) / 2,
            (shade ?? 0) > 0.6 ? [255, 255, 255] : [0, 0, 0])
        }
      }
    }
    canvas.frame(margin - 1, margin - 1, side + 2, side + 2, [120, 120, 120])
    for label in labels {
      let middle = margin + label.place * cell + (cell - Canvas.glyphHeight) / 2
      canvas.write(label.text, margin - Self.gap - Canvas.width(of: label.text), middle, [0, 0, 0])
      canvas.writeUpwards(label.text, middle, margin - Self.gap, [0, 0, 0])
    }
    canvas.write(Self.caption, Self.gap, margin + side + Self.gap, [90, 90, 90])
    image = canvas.image
  }

  /// About 1200 pixels in all, but never too small to see.
  private static func cellPixels(_ classes: Int) -> Int {
    min(36, max(classes > 1000 ? 1 : 2, 1200 / max(classes, 1)))
  }

  /// All names where there is room for them, else numbers, so far apart that they do not touch.
  private static func labels(_ names: [String], cell: Int) -> [(place: Int, text: String)] {
    if cell >= Canvas.glyphHeight + 2 {
      return names.enumerated().map { place, name in
        (place, name.count > longestName ? name.prefix(longestName - 1) + "~" : name)
      }
    }
    let step = [10, 20, 50, 100, 200, 500].first { $0 * cell >= 2 * Canvas.glyphHeight } ?? 1000
    return stride(from: 0, to: names.count, by: step).map { ($0, "\($0)") }
  }

  /// From white over blue to nearly black.
  private static func colour(_ shade: Double) -> [UInt8] {
    let stops: [[Double]] = [[255, 255, 255], [107, 174, 214], [8, 48, 107]]
    let place = min(max(shade, 0), 1) * 2
    let first = min(Int(place), 1)
    return (0..<3).map { UInt8(stops[first][$0] + (stops[first + 1][$0] - stops[first][$0]) * (place - Double(first))) }
  }
}
