import MessagePassing
import Testing

@Suite struct PreflightTests {
  struct Launch: Sendable, CustomTestStringConvertible {
    let environment: [String: String]
    let ranks: Int
    let isRefused: Bool
    var testDescription: String { "\(ranks) ranks, \(environment)" }
  }

  @Test(arguments: [
    Launch(environment: [:], ranks: 1, isRefused: false),
    Launch(environment: ["SLURM_STEP_NUM_TASKS": "1"], ranks: 1, isRefused: false),
    Launch(environment: ["SLURM_STEP_NUM_TASKS": "4"], ranks: 4, isRefused: false),
    Launch(environment: ["SLURM_STEP_NUM_TASKS": "4"], ranks: 1, isRefused: true),
    Launch(environment: ["SLURM_STEP_NUM_TASKS": "four"], ranks: 1, isRefused: false),
    // mpirun starts its daemons by a step of one task per node.
    Launch(environment: ["SLURM_STEP_NUM_TASKS": "2", "OMPI_COMM_WORLD_SIZE": "1"], ranks: 1, isRefused: false),
  ])
  func aStepOfSeveralLonelyTasksIsRefused(launch: Launch) throws {
    let command = ["convoy", "train", "it's.yaml"]
    guard launch.isRefused else {
      return try Preflight.check(environment: launch.environment, ranks: launch.ranks, command: command)
    }
    let error = #expect(throws: MessagePassingError.self) {
      try Preflight.check(environment: launch.environment, ranks: launch.ranks, command: command)
    }
    let text = try #require(error).description
    #expect(text.contains("srun --mpi=pmix -n 4 ") && text.hasSuffix(#"convoy train 'it'\''s.yaml'"#))
  }

  @Test(arguments: ["0", "-1", "two", ""])
  func aWrongNumberOfPretendedNodesIsRefused(text: String) throws {
    let error = #expect(throws: MessagePassingError.self) {
      try Preflight.pretendedNodes(environment: ["CONVOY_NODES": text])
    }
    #expect(try #require(error).description.contains("CONVOY_NODES is \"\(text)\""))
  }

  @Test func pretendedNodesAreRead() throws {
    #expect(try Preflight.pretendedNodes(environment: [:]) == 1)
    #expect(try Preflight.pretendedNodes(environment: ["CONVOY_NODES": "3"]) == 3)
  }

  @Test func nodesAreOrderedByTheirLowestRank() {
    let topology = Topology(colors: [7, 2, 7, 2, 9])
    #expect(topology.nodes == [[0, 2], [1, 3], [4]])
    #expect(topology.nodeOfRank == [0, 1, 0, 1, 2])
    #expect(topology.localRankOfRank == [0, 0, 1, 1, 0])
  }
}
