import Execution
import Tensors
import TestSupport
import Testing

@Suite("Arena layout")
struct ArenaLayoutTests {
  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func livingTensorsNeverOverlap(seed: UInt64) {
    var numbers = TestNumbers(seed: seed)
    let moments = 1 + numbers.next(below: 40)
    let requests = (0..<numbers.next(below: 120)).map { _ in
      let first = numbers.next(below: moments)
      return ArenaLayout.Request(
        floats: numbers.next(below: 5) == 0 ? 0 : 1 + numbers.next(below: 2000), first: first,
        last: first + numbers.next(below: moments - first))
    }
    let layout = ArenaLayout(requests)
    #expect(layout.places.count == requests.count)
    for (request, place) in zip(requests, layout.places) {
      #expect(place.count == paddedToVector(request.floats))
      #expect(place.lowerBound % vectorWidth == 0 && place.upperBound <= layout.floats)
    }
    for a in requests.indices {
      for b in requests.indices where a < b {
        guard requests[a].first <= requests[b].last, requests[b].first <= requests[a].last else { continue }
        #expect(!layout.places[a].overlaps(layout.places[b]))
      }
    }
    #expect(layout.floats == layout.places.map(\.upperBound).max() ?? 0)
  }

  @Test func memoryIsUsedAgain() {
    let chain = (0..<100).map { ArenaLayout.Request(floats: 160, first: $0, last: $0 + 1) }
    #expect(ArenaLayout(chain).floats == 320)
  }

  /// No layout can do with less than what lives at the busiest moment.
  @Test func littleIsWasted() {
    var numbers = TestNumbers(seed: 5)
    let requests = (0..<200).map { _ in
      let first = numbers.next(below: 100)
      let floats = 16 * (1 + numbers.next(below: 50))
      return ArenaLayout.Request(floats: floats, first: first, last: min(99, first + numbers.next(below: 10)))
    }
    let busiest =
      (0..<100).map { moment in
        requests.filter { $0.first <= moment && moment <= $0.last }.reduce(0) { $0 + $1.floats }
      }.max() ?? 0
    let floats = ArenaLayout(requests).floats
    #expect(floats >= busiest && Double(floats) < 1.3 * Double(busiest))
  }
}
