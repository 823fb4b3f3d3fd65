import Tensors

/// How the outputs of a batch are covered with tiles: image by image, or with several images as one sheet.
///
/// Tiles of 4×4 that begin anew with every image of 13×13 compute 16×16 outputs. Images that lie below and beside each
/// other, with one row and column of zeros between them for both, share tiles: 14×14 of them for each.
struct WinogradSheet: Sendable, Equatable {
  /// Images below and beside each other.
  let rows: Int
  let columns: Int
  /// Positions from one image to the next.
  let pitch: Extent
  /// Of a sheet.
  let tileRows: Int
  let tileColumns: Int

  /// Sheets must save so much of the tiles: what lies across images has to be copied together.
  static let leastSaving = 0.03

  /// `images` of `source` and `output` positions, where the first output's window begins `padding` before the source.
  private init(rows: Int, columns: Int, source: Shape, output: Shape, padding: Extent, kernel: Int, tileSize: Int) {
    func pitch(_ source: Int, _ output: Int, _ padding: Int) -> Int {
      let behind = output - 1 - padding + kernel - source
      return max(source + max(padding, behind), output)
    }
    func tiles(_ images: Int, _ pitch: Int, _ size: Int) -> Int {
      ((images - 1) * pitch + size + tileSize - 1) / tileSize
    }
    self.rows = rows
    self.columns = columns
    self.pitch = Extent(
      rows: pitch(source.height, output.height, padding.rows),
      columns: pitch(source.width, output.width, padding.columns))
    tileRows = tiles(rows, self.pitch.rows, output.height)
    tileColumns = tiles(columns, self.pitch.columns, output.width)
  }

  /// Every image alone: what it gives does not depend on the others.
  init(source: Shape, output: Shape, padding: Extent, kernel: Int, tileSize: Int) {
    self.init(
      rows: 1, columns: 1, source: source, output: output, padding: padding, kernel: kernel, tileSize: tileSize)
  }

  /// All images as one sheet if that saves tiles, by a rule of the shape alone.
  init(images: Int, source: Shape, output: Shape, padding: Extent, kernel: Int, tileSize: Int) {
    let alone = Self(source: source, output: output, padding: padding, kernel: kernel, tileSize: tileSize)
    let sheets = (1...images).filter { images.isMultiple(of: $0) }.map { rows in
      Self(
        rows: rows, columns: images / rows, source: source, output: output, padding: padding, kernel: kernel,
        tileSize: tileSize)
    }
    let best = sheets.min { $0.tiles < $1.tiles } ?? alone
    self = Double(best.tiles) <= (1 - Self.leastSaving) * Double(images * alone.tiles) ? best : alone
  }

  var images: Int { rows * columns }
  var tiles: Int { tileRows * tileColumns }
}
