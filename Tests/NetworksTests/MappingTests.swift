import Networks
import Tensors
import TestSupport
import Testing

@Suite("Parameters move between arena and file without loss")
struct MappingTests {
  static let mappings: [TensorMapping] = [
    .vector(count: 1), .vector(count: 16), .vector(count: 50),
    .convolution(outputs: 1, source: TensorType(Shape(channels: 1, height: 9, width: 9)), kernel: Extent(1)),
    .convolution(
      outputs: 33, source: TensorType(Shape(channels: 17, height: 9, width: 9)), kernel: Extent(rows: 3, columns: 2)),
    .convolution(outputs: 16, source: TensorType(Shape(channels: 48, height: 9, width: 9)), kernel: Extent(3)),
    .convolution(
      outputs: 20, source: TensorType(Shape(channels: 3, height: 9, width: 9), .interleaved),
      kernel: Extent(rows: 5, columns: 7)),
    .partialConvolution(
      sources: [[0, 2], [1], [0, 1, 2]], source: TensorType(Shape(channels: 3, height: 9, width: 9)), kernel: Extent(2)
    ),
    .partialConvolution(
      sources: (0..<20).map { [$0 % 5, 6 + $0 % 13] }, source: TensorType(Shape(channels: 19, height: 9, width: 9)),
      kernel: Extent(rows: 3, columns: 2)),
    .dense(outputs: 10, source: TensorType(Shape(channels: 84))),
    .dense(outputs: 17, source: TensorType(Shape(channels: 20, height: 3, width: 5))),
    .dense(outputs: 16, source: TensorType(Shape(channels: 3, height: 5, width: 7), .interleaved)),
  ]

  @Test(arguments: mappings)
  func everyValueHasItsOwnPlace(_ mapping: TensorMapping) {
    let file = (1...mapping.count).map(Float.init)
    var arena = [Float](repeating: 0, count: mapping.floats)
    mapping.read(fromFile: file, into: &arena)
    // All values are different and none is zero: each stands somewhere, and once.
    #expect(arena.filter { $0 != 0 }.sorted() == file)
    #expect(mapping.valuesInFileOrder(arena) == file)
    #expect(mapping.count == mapping.fileShape.reduce(1, *))
    #expect(mapping.floats % vectorWidth == 0)
  }

  @Test(arguments: mappings)
  func readingLeavesPaddingAlone(_ mapping: TensorMapping) {
    var arena = [Float](repeating: -7, count: mapping.floats)
    mapping.read(fromFile: [Float](repeating: 1, count: mapping.count), into: &arena)
    #expect(arena.filter { $0 == -7 }.count == mapping.floats - mapping.count)
  }

  /// Checkpoints read and write some rows at a time.
  @Test(arguments: mappings)
  func rowsMoveAlone(_ mapping: TensorMapping) {
    let file = (1...mapping.count).map(Float.init)
    let rows = mapping.fileShape[0]
    let width = mapping.count / rows
    var whole = [Float](repeating: 0, count: mapping.floats)
    mapping.read(fromFile: file, into: &whole)
    var arena = [Float](repeating: 0, count: mapping.floats)
    var copy = [Float](repeating: 0, count: mapping.count)
    for row in (0..<rows).reversed() {
      let values = Array(file[row * width..<(row + 1) * width])
      mapping.read(rows: row..<row + 1, fromFile: values, into: &arena)
      copy.withUnsafeMutableBufferPointer {
        guard let start = $0.baseAddress else { return }
        mapping.write(rows: row..<row + 1, of: whole, toFile: start + row * width)
      }
    }
    #expect(arena == whole && copy == file)
  }

  /// A connection's weights stand where a full convolution has them.
  @Test func partialConvolutionsLieInFullOnes() {
    let source = TensorType(Shape(channels: 18, height: 9, width: 9))
    let sources = [[0, 17], [1], [2, 3, 16]]
    let full = TensorMapping.convolution(outputs: 3, source: source, kernel: Extent(2))
    let partial = TensorMapping.partialConvolution(sources: sources, source: source, kernel: Extent(2))
    var weights = [Double](repeating: 0, count: full.count)
    for i in weights.indices where sources[i / 72].contains(i / 4 % 18) { weights[i] = Double(i + 1) }
    #expect(partial.fileShape == [6, 2, 2] && partial.floats == full.floats)
    #expect(partial.arenaValues(weights.filter { $0 != 0 }) == full.arenaValues(weights))
  }

  /// The places that the kernels' layout prescribes.
  @Test func convolutionWeightsAreBlocked() {
    let mapping = TensorMapping.convolution(
      outputs: 40, source: TensorType(Shape(channels: 20, height: 9, width: 9)), kernel: Extent(rows: 3, columns: 2))
    let (k, c, r, s) = (37, 18, 2, 1)
    var file = [Float](repeating: 0, count: mapping.count)
    file[((k * 20 + c) * 3 + r) * 2 + s] = 1
    var arena = [Float](repeating: 0, count: mapping.floats)
    mapping.read(fromFile: file, into: &arena)
    #expect(arena.firstIndex(of: 1) == ((((k / 16 * 2 + c / 16) * 3 + r) * 2 + s) * 16 + c % 16) * 16 + k % 16)
  }
}
