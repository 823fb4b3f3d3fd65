import Foundation
import Glibc
import Metrics
import Testing

@Suite struct RunDirectoryTests {
  /// The error with which the folder is refused.
  private func refusal(_ path: String) -> MetricsError? {
    do throws(MetricsError) {
      _ = try RunDirectory(path: path).claim()
      return nil
    } catch {
      return error
    }
  }

  @Test func aClaimMakesTheFolders() throws {
    try withFolder { folder in
      let directory = RunDirectory(path: folder + "/a/b/run/")
      #expect(directory.path == folder + "/a/b/run")
      let lock = try directory.claim()
      #expect(lock.warning == nil)
      try directory.writeConfiguration("seed: 1\n")
      #expect(try text(of: directory.configurationPath) == "seed: 1\n")
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
      #expect(names == [".lock", "checkpoints", "config.yaml", "logs"], "and leaves no temporary file")
    }
  }

  @Test func aSecondClaimIsRefusedUntilTheFirstEnds() throws {
    try withFolder { folder in
      do {
        let lock = try RunDirectory(path: folder).claim()
        let error = refusal(folder)
        #expect(error?.kind == .inUse)
        #expect(
          error?.description
            == "cannot use the run directory \(folder): process \(getpid()) on \(RunEnvironment.host) is training in "
            + "it; wait for it to end or choose another --run-dir")
        #expect(lock.warning == nil)
      }
      #expect(refusal(folder) == nil)
      #expect(try text(of: folder + "/.lock") == "", "a lock that ended names nobody")
    }
  }

  @Test(arguments: [
    (#"{"pid": 4242, "host": "node7", "job": "99"}"#, "process 4242 on node7 (job 99)"),
    (#"{"pid": 4242, "host": "node7", "job": null}"#, "process 4242 on node7"),
    ("", "another process"),
  ])
  func anotherProcessHoldsTheLockUntilItDies(_ content: String, _ holder: String) throws {
    try withFolder { folder in
      let process = Process()
      let output = Pipe()
      process.executableURL = URL(filePath: "/usr/bin/flock")
      process.arguments = [
        "--no-fork", folder + "/.lock", "/bin/sh", "-c", #"printf %s "$1" > "$2"; echo ready; exec sleep 600"#, "sh",
        content,
        folder + "/.lock",
      ]
      process.standardOutput = output
      try process.run()
      defer { process.terminate() }
      #expect(output.fileHandleForReading.availableData == Data("ready\n".utf8))
      let error = refusal(folder)
      #expect(error?.kind == .inUse)
      #expect(error?.description.contains(": \(holder) is training in it;") == true)
      #expect(try text(of: folder + "/.lock") == content, "the holder's name is not touched")
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(refusal(folder) == nil)
    }
  }

  @Test func aProgramThatTheRunStartedDoesNotInheritTheLock() throws {
    try withFolder { folder in
      let lock = try RunDirectory(path: folder).claim()
      #expect(lock.warning == nil)
      var child: pid_t = 0
      var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
      defer { arguments.forEach { free($0) } }
      try #require(posix_spawn(&child, "/bin/sleep", nil, nil, &arguments, environ) == 0)
      defer {
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
      }
      let descriptors = "/proc/\(child)/fd"
      // The program may close a file of its own meanwhile.
      let open = try FileManager.default.contentsOfDirectory(atPath: descriptors).compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: descriptors + "/" + $0)
      }
      #expect(!open.isEmpty)
      #expect(!open.contains { $0.hasPrefix(folder) }, "\(open)")
    }
  }

  @Test func anEmptyNameIsRefused() {
    #expect(
      refusal("")?.description == "cannot create the run directory: its name is empty; give a --run-dir")
  }

  @Test func aFileInTheWayIsNamed() throws {
    try withFolder { folder in
      try "x".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
      #expect(
        refusal(folder + "/file/run")?.description
          == "cannot create the run directory: \(folder)/file exists and is not a folder; choose another --run-dir")
      #expect(refusal(folder + "/file/run")?.kind == .cannotCreate)
    }
  }

  @Test func aFolderThatMayNotBeWrittenIsNamed() throws {
    try withFolder { folder in
      // The superuser may write everywhere but in the kernel's own file systems.
      let closed = geteuid() == 0 ? "/proc/self" : folder
      if geteuid() != 0 { chmod(folder, 0o500) }
      defer { chmod(folder, 0o700) }
      let error = try #require(refusal(closed))
      #expect(error.kind == .cannotCreate)
      #expect(error.description.hasPrefix("cannot write \(closed)/.lock: "))
      #expect(error.description.hasSuffix("; choose a --run-dir where you may write"))
      let below = try #require(refusal(closed + "/run"))
      #expect(below.description.hasPrefix("cannot create the run directory \(closed)/run: "))
      #expect(below.description.hasSuffix("; choose a --run-dir where you may write"))
    }
  }

  @Test func theStatusIsReplacedAsAWhole() throws {
    try withFolder { folder in
      let directory = RunDirectory(path: folder)
      #expect(try directory.readStatus() == nil)
      var status = RunStatus(.preempted, step: 11)
      status.code = 75
      status.reason = "SIGUSR1"
      status.rank = 1
      status.host = "node7"
      status.epoch = 0.25
      status.weightsHash = "00ff"
      status.checkpoint = "checkpoints/step-000000011"
      var evaluated = MetricsRecord(.evaluation, step: 8)
      evaluated.epoch = 0.125
      evaluated.loss = .nan
      evaluated.top1 = 91.25
      evaluated.top5 = 99.5
      evaluated.distance = 1.5
      status.evaluation = RunStatus.Evaluation(evaluated)
      status.updated = "2015-12-10T08:00:00Z"
      try directory.writeStatus(RunStatus(.running, step: 3))
      try directory.writeStatus(status)
      status.evaluation?.loss = nil
      #expect(try directory.readStatus() == status)
      #expect(
        try text(of: directory.statusPath) == """
          {
            "state": "preempted",
            "code": 75,
            "reason": "SIGUSR1",
            "rank": 1,
            "host": "node7",
            "step": 11,
            "epoch": 0.25,
            "weights_hash": "00ff",
            "checkpoint": "checkpoints/step-000000011",
            "evaluation": {"step": 8, "epoch": 0.125, "top1": 91.25, "top5": 99.5, "distance": 1.5},
            "updated": "2015-12-10T08:00:00Z"
          }

          """)
      #expect(
        RunStatus(.running, step: 3).line
          == #"{"state": "running", "code": null, "reason": null, "rank": null, "host": null, "step": 3, "#
          + #""epoch": null, "weights_hash": null, "checkpoint": null, "evaluation": null, "#
          + #""updated": null}"#)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["status.json"])
      try "{".write(toFile: directory.statusPath, atomically: true, encoding: .utf8)
      let error = #expect(throws: MetricsError.self) { try directory.readStatus() }
      #expect(error?.kind == .invalid)
    }
  }
}
