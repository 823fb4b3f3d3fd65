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
    .locallyConnected(
      positions: Extent(rows: 3, columns: 2), outputs: 17, source: TensorType(Shape(channels: 18, height: 9, width: 9)),
      kernel: Extent(rows: 1, columns: 2)),
    .locallyConnected(
      positions: Extent(rows: 2, columns: 4), outputs: 5,
      source: TensorType(Shape(channels: 3, height: 9, width: 9), .interleaved), kernel: Extent(2)),
    .image(Shape(channels: 17, height: 3, width: 4)),
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

  @Test func weightsOfPositionsLieOneBehindTheOther() {
    let source = TensorType(Shape(channels: 20, height: 9, width: 9))
    let kernel = Extent(rows: 3, columns: 2)
    let mapping = TensorMapping.locallyConnected(
      positions: Extent(rows: 4, columns: 5), outputs: 40, source: source, kernel: kernel)
    let ofPosition = TensorMapping.convolution(outputs: 40, source: source, kernel: kernel)
    let (row, column) = (2, 3)
    let values = (0..<ofPosition.count).map { Float($0 + 1) }
    var file = [Float](repeating: 0, count: mapping.count)
    file.replaceSubrange(
      (row * 5 + column) * ofPosition.count..<(row * 5 + column + 1) * ofPosition.count, with: values)
    var arena = [Float](repeating: 0, count: mapping.floats)
    mapping.read(fromFile: file, into: &arena)
    let start = (row * 5 + column) * ofPosition.floats
    #expect(Array(arena[start..<start + ofPosition.floats]) == ofPosition.arenaValues(values.map(Double.init)))
    // Some rows alone, as checkpoints write them.
    var part = [Float](repeating: 0, count: 2 * 5 * ofPosition.count)
    mapping.write(rows: 2..<4, of: arena, toFile: &part)
    #expect(part == Array(file[2 * 5 * ofPosition.count..<4 * 5 * ofPosition.count]))
  }

  /// The weights of groups are as in PyTorch: each output has those of its group's channels.
  @Test(arguments: [(1, 33), (3, 33), (3, 48), (4, 64), (32, 96)])
  func weightsOfGroups(groups: Int, outputs: Int) {
    let channels = groups == 32 ? 32 : 16 * groups
    let layer = Convolution(outputs, kernel: Extent(rows: 3, columns: 2), groups: groups, bias: true)
    let specs = layer.parameters(of: [TensorType(Shape(channels: channels, height: 9, width: 9))])
    #expect(specs[0].mapping.fileShape == [outputs, channels / groups, 3, 2])
    #expect(specs[0].initialization == .he(fanIn: channels / groups * 6))
    let shape = Shape(channels: channels, height: 9, width: 9)
    #expect(layer.multiplyAdds(of: [shape]) == 7 * 8 * specs[0].mapping.count)
    #expect(layer.kind == "convolution 3×2" + (groups == 1 ? "" : ", \(groups) groups"))
  }

  @Test(arguments: mappings)
  func readingLeavesPaddingAlone(_ mapping: TensorMapping) {
    var arena = [Float](repeating: -7, count: mapping.floats)
    mapping.read(fromFile: [Float](repeating: 1, count: mapping.count), into: &arena)
    #expect(arena.filter { $0 == -7 }.count == mapping.floats - mapping.count)
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
