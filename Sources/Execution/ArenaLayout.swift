import Tensors

/// Gives places in one arena to tensors that live for known spans of time, so that tensors which never live together
/// may share memory.
package struct ArenaLayout {
  /// A tensor's floats and the first and last moment at which it must be there.
  package struct Request {
    package var floats: Int
    package var first: Int
    package var last: Int

    package init(floats: Int, first: Int, last: Int) {
      self.floats = floats
      self.first = first
      self.last = last
    }
  }

  package private(set) var places: [Range<Int>]
  package private(set) var floats = 0

  /// Largest first, each at the lowest place that is free during its life: a pure function of the requests.
  package init(_ requests: [Request]) {
    places = [Range<Int>](repeating: 0..<0, count: requests.count)
    let order = requests.indices.sorted { (requests[$0].floats, $1) > (requests[$1].floats, $0) }
    var placed: [Int] = []
    for index in order where requests[index].floats > 0 {
      let request = requests[index]
      let size = paddedToVector(request.floats)
      var place = 0
      let rivals = placed.filter { requests[$0].first <= request.last && request.first <= requests[$0].last }
        .map { places[$0] }.sorted { $0.lowerBound < $1.lowerBound }
      for rival in rivals where rival.lowerBound < place + size {
        place = max(place, rival.upperBound)
      }
      places[index] = place..<place + size
      placed.append(index)
      floats = max(floats, place + size)
    }
  }
}
