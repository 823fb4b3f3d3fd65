import TestSupport
import Testing

/// Cases of `rank-checks`, each on real ranks.
///
/// One at a time: they share few cores.
@Suite(.serialized) struct RankTests {
  private func check(
    _ arguments: String..., ranks: Int, nodes: Int = 1, timeout: Duration = .seconds(120)
  ) async throws -> ProgramRun {
    try await mpirun(
      ranks: ranks, executable: try buildProduct(named: "rank-checks"), arguments: arguments,
      environment: ["CONVOY_NODES": "\(nodes)"], timeout: timeout)
  }

  @Test(arguments: ["collectives", "messages", "shared-memory", "sharing"], [1, 2, 3, 4])
  func passes(_ name: String, ranks: Int) async throws {
    for nodes in 1...min(ranks, 3) {
      let run = try await check(name, ranks: ranks, nodes: nodes)
      #expect(run.succeeded, "\(nodes) nodes: \(run)")
    }
  }

  /// Leaves, parameters, replicated values, buckets, steps; and whether ranks are late at random.
  @Test(
    arguments: [
      ["4", "1", "0", "1", "2"],
      ["5", "17", "1", "2", "3"],
      ["7", "20011", "33", "3", "4", "late"],
      ["8", "4096", "5000", "4", "3", "late"],
      ["4", "65", "1", "2", "2", "held"],
      ["7", "20011", "33", "3", "4", "held", "late"],
    ])
  func sumsHaveTheSameBitsOnAllRanksAndNodes(size: [String]) async throws {
    var outputs: Set<String> = []
    for ranks in 1...4 {
      for nodes in 1...min(ranks, 3) {
        let run = try await mpirun(
          ranks: ranks, executable: try buildProduct(named: "rank-checks"), arguments: ["exchange"] + size,
          environment: ["CONVOY_NODES": "\(nodes)"])
        #expect(run.succeeded, "\(ranks) ranks, \(nodes) nodes: \(run)")
        outputs.insert(run.output)
      }
    }
    #expect(outputs.count == 1 && outputs.first?.hasPrefix("hash ") == true, "\(outputs)")
  }

  @Test(arguments: [(7, 3), (8, 1), (8, 2), (8, 3)])
  func nodesOfSeveralRanksSumBeforeTheySend(ranks: Int, nodes: Int) async throws {
    let run = try await check("exchange", "13", "3000", "70", "3", "3", "late", ranks: ranks, nodes: nodes)
    #expect(run.succeeded, "\(run)")
  }

  @Test func placesAreAsPretended() async throws {
    let run = try await check("place", ranks: 4, nodes: 3)
    #expect(
      run.output.split(separator: "\n") == [
        "0/4 node 0/3 local 0/2", "1/4 node 0/3 local 1/2", "2/4 node 1/3 local 0/1", "3/4 node 2/3 local 0/1",
      ], "\(run)")
  }

  @Test func aProgramWithoutLauncherIsOneRank() async throws {
    let program = try buildProduct(named: "rank-checks")
    let alone = try await run(program, ["place"])
    #expect(alone.succeeded && alone.output == "0/1 node 0/1 local 0/1\n", "\(alone)")
    let exchange = try await run(program, ["exchange", "5", "3000", "7", "2", "3"])
    #expect(exchange.succeeded, "\(exchange)")
  }

  @Test func tasksOfSlurmThatDoNotKnowEachOtherAreRefused() async throws {
    let result = try await run(
      try buildProduct(named: "rank-checks"), ["place"],
      environment: ["SLURM_STEP_NUM_TASKS": "2", "OMPI_COMM_WORLD_SIZE": nil])
    #expect(result.exitCode == 69 && result.errors.contains("srun --mpi=pmix -n 2 "), "\(result)")
    #expect(result.output.isEmpty)
  }

  @Test(arguments: ["barrier", "finish", "sleep"], [0, 2])
  func oneFailedRankEndsTheOthersWithItsCode(wait: String, rank: Int) async throws {
    for nodes in [1, 3] {
      let run = try await check("abort", "\(rank)", "75", wait, ranks: 3, nodes: nodes, timeout: .seconds(30))
      #expect(run.exitCode == 75 && !run.timedOut, "\(run)")
      let blocks = run.errors.count(of: "rank \(rank) of 3 on ")
      #expect(blocks == 1 && run.errors.contains("rank \(rank) was told to fail\n"), "\(run)")
    }
  }

  @Test func ranksThatDisagreeAreToldSo() async throws {
    let run = try await check("disagreement", ranks: 2, timeout: .seconds(30))
    #expect(run.exitCode == 70 && run.errors.contains("other microbatches, parameters or buckets"), "\(run)")
  }

  @Test func aShortMessageIsAnError() async throws {
    let run = try await check("short-message", ranks: 2, timeout: .seconds(30))
    #expect(run.exitCode == 69 && run.errors.contains("32 bytes were expected and 16 came"), "\(run)")
  }

  @Test(arguments: ["one", "set"])
  func aDroppedRequestTraps(kind: String) async throws {
    let run = try await check("dropped-request", kind, ranks: 1, timeout: .seconds(30))
    #expect(run.exitCode > 128 && !run.timedOut && !run.output.contains("still there"), "\(run)")
  }

  @Test func anUnknownNumberOfNodesIsRefused() async throws {
    let result = try await run(
      try buildProduct(named: "rank-checks"), ["place"], environment: ["CONVOY_NODES": "many"])
    #expect(result.exitCode == 69 && result.errors.contains("CONVOY_NODES is \"many\""), "\(result)")
  }
}

extension String {
  /// How often `part` occurs.
  fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
