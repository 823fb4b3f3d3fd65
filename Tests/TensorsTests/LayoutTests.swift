import Tensors
import Testing

@Suite("Layouts")
struct LayoutTests {
  static let shapes = [
    Shape(channels: 1), Shape(channels: 3, height: 5, width: 7), Shape(channels: 16, height: 2, width: 3),
    Shape(channels: 17, height: 4, width: 1), Shape(channels: 50, height: 3, width: 3),
  ]

  @Test(arguments: shapes, [Layout.interleaved, .blocked])
  func everyValueHasItsOwnPlace(_ shape: Shape, _ layout: Layout) {
    var places = Set<Int>()
    for channel in 0..<shape.channels {
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          places.insert(shape.index(channel: channel, row: row, column: column, in: layout))
        }
      }
    }
    #expect(places.count == shape.count)
    #expect(places.allSatisfy { (0..<shape.floats(in: layout)).contains($0) })
  }

  @Test func blockedIsBlockRowColumnChannel() {
    let shape = Shape(channels: 40, height: 3, width: 5)
    #expect(shape.floats(in: .blocked) == 48 * 15)
    #expect(shape.index(channel: 18, row: 2, column: 4, in: .blocked) == ((1 * 3 + 2) * 5 + 4) * 16 + 2)
    #expect(shape.index(channel: 18, row: 2, column: 4, in: .interleaved) == (2 * 5 + 4) * 40 + 18)
  }

  @Test func roundsUpToWholeVectors() {
    #expect([0, 1, 15, 16, 17, 32].map(paddedToVector) == [0, 16, 16, 16, 32, 32])
  }

  @Test(arguments: [0, 1, 1000, 3 << 18])
  func arenasAreZeroAndAligned(_ count: Int) {
    let arena = Arena(count: count)
    #expect(arena.count == count)
    #expect(UnsafeBufferPointer(start: arena.floats, count: count).allSatisfy { $0 == 0 })
    #expect(UInt(bitPattern: arena.floats) % (count * 4 >= 2 << 20 ? 2 << 20 : 64) == 0)
  }
}
