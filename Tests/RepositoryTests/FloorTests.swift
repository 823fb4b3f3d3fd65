import Foundation
import Testing

/// ARCHITECTURE.md's table of floors, Package.swift and the import lines of the code say the same.
@Suite struct FloorTests {
  /// A row of the table of floors.
  struct Row {
    let floor: Int
    let target: String
    let uses: Set<String>
  }

  static func rows() throws -> [Row] {
    let floors = Repository.section("## Floors", of: try Repository.text("ARCHITECTURE.md"))
    return Repository.tableRows(floors).compactMap { cells in
      guard cells.count == 4, let floor = Int(cells[0]), let target = Repository.codeWords(cells[1]).first else {
        return nil
      }
      return Row(floor: floor, target: target, uses: Set(Repository.codeWords(cells[3])))
    }
  }

  @Test func theTableIsThePackage() throws {
    let manifest = try Manifest().uses
    #expect(manifest.count >= 20, "Package.swift was not understood: \(manifest.keys.sorted())")
    let table = Dictionary(grouping: try Self.rows(), by: \.target)
    #expect(Set(table.keys) == Set(manifest.keys))
    for (target, uses) in manifest {
      #expect(table[target]?.count == 1, "\(target) must stand once in the table of ARCHITECTURE.md")
      #expect(
        table[target]?.first?.uses == uses, "ARCHITECTURE.md and Package.swift differ in what \(target) uses")
    }
  }

  @Test func targetsUseOnlyLowerFloors() throws {
    let rows = try Self.rows()
    let floors = Dictionary(rows.map { ($0.target, $0.floor) }) { first, _ in first }
    for row in rows {
      for used in row.uses {
        guard let floor = floors[used] else { continue }  // A product of another package.
        #expect(floor < row.floor, "\(row.target) on floor \(row.floor) uses \(used) on floor \(floor)")
      }
    }
  }

  @Test func importsAreWhatThePackageDeclares() throws {
    let manifest = try Manifest().uses
    let system: Set = ["Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization"]
    for (target, uses) in manifest where !target.hasPrefix("C") || uses.count > 0 {
      var imported: Set<String> = []
      for file in try Repository.swiftFiles(below: "Sources/\(target)") {
        for match in try Repository.text(file).matches(of: /(?m)^ *(?:public |package )?import (?:\w+ )?(\w+)$/) {
          imported.insert(String(match.1))
        }
      }
      #expect(imported.subtracting(system) == uses, "imports of \(target), beside its dependencies in Package.swift")
    }
  }

  /// C stays behind the module that wraps it; whatever else a target declares.
  @Test(
    arguments: [
      ("CMPI", ["MessagePassing"]), ("CHDF5", ["HDF5"]), ("CKernels", ["Kernels"]), ("CFiles", ["Files"]),
      ("CTurboJPEG", ["Shards"]), ("CPNG", ["Shards"]), ("CXXHash", ["Checkpoints"]),
      ("CProcessor", ["Files", "MessagePassing", "Workers"]),
    ])
  func cIsWrapped(_ library: String, by owners: [String]) throws {
    let users = try Manifest().uses.filter { $0.value.contains(library) }.keys
    #expect(users.sorted() == owners)
    for file in try Repository.swiftFiles(below: "Sources") {
      #expect(
        try !Repository.text(file).contains(try Regex("(?m)^ *(public|package|@_exported) import \(library)$")),
        "\(file) shows \(library) to others")
    }
  }
}
