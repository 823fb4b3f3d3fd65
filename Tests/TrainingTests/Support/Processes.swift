import Foundation
import Testing

/// The processes called `convoy` among the descendants of a process: the ranks of an mpirun.
func ranks(below process: Int32) throws -> [Int32] {
  let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
  var children: [Int32: [Int32]] = [:]
  var names: [Int32: String] = [:]
  for identifier in all {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
      let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")")
    else { continue }
    names[identifier] = String(text[text.index(after: start)..<end])
    let fields = text[text.index(after: end)...].split(separator: " ")
    if fields.count > 1, let parent = Int32(fields[1]) { children[parent, default: []].append(identifier) }
  }
  var found: [Int32] = []
  var open = [process]
  while let next = open.popLast() {
    open += children[next] ?? []
    found += (children[next] ?? []).filter { names[$0] == "convoy" }
  }
  return found.sorted()
}

/// Whether there is a process of this number that is not a zombie.
func isAlive(_ process: Int32) -> Bool {
  guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
    let end = text.lastIndex(of: ")")
  else { return false }
  return !text[text.index(after: end)...].hasPrefix(" Z")
}
