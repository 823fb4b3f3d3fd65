import Foundation
import Metrics
import Testing

@Suite struct RunEnvironmentTests {
  @Test func secretsAreNamedButNotShown() {
    let published = RunEnvironment.published([
      "SLURM_JOB_ID": "99", "SLURM_JWT": "ey", "OMPI_MCA_btl": "self", "OMPI_api_key": "k", "PMIX_SECURITY_TOKEN": "t",
      "PBS_PASSWORD": "p", "CONVOY_SECRET_THING": "s", "AWS_SECRET_ACCESS_KEY": "x", "HOME": "/root",
    ])
    #expect(
      published == [
        "SLURM_JOB_ID": "99", "SLURM_JWT": "(redacted)", "OMPI_MCA_btl": "self", "OMPI_api_key": "(redacted)",
        "PMIX_SECURITY_TOKEN": "(redacted)", "PBS_PASSWORD": "(redacted)", "CONVOY_SECRET_THING": "(redacted)",
      ])
  }

  private struct Page: Decodable {
    let version, swift, host, kernel, libc, cpu, instruction_set, affinity, directory, time: String
    let libraries, variables: [String: String]
    let cpu_flags, command: [String]
    let threads, ranks: Int
  }

  @Test func thePageTellsOfThisMachine() throws {
    try withFolder { folder in
      let directory = RunDirectory(path: folder)
      let facts = RunEnvironment.Facts(
        version: "1.2.3", instructionSet: "avx2", threads: 2, ranks: 3,
        libraries: ["openmpi": "4.1.4", "hdf5": "1.10.8"])
      try directory.writeEnvironment(RunEnvironment(facts))
      let page = try JSONDecoder().decode(Page.self, from: Data(try text(of: directory.environmentPath).utf8))
      #expect(page.version == "1.2.3" && page.instruction_set == "avx2" && page.threads == 2 && page.ranks == 3)
      #expect(page.libraries == ["openmpi": "4.1.4", "hdf5": "1.10.8"])
      #expect(page.kernel + "\n" == (try text(of: "/proc/sys/kernel/osrelease")))
      #expect(page.host + "\n" == (try text(of: "/proc/sys/kernel/hostname")))
      #expect(try text(of: "/proc/self/status").contains("Cpus_allowed_list:\t\(page.affinity)\n"))
      #expect(try text(of: "/proc/cpuinfo").contains(page.cpu))
      #expect(page.libc.hasPrefix("glibc 2."))
      #expect(page.command.first == CommandLine.arguments.first)
      #expect(page.directory == FileManager.default.currentDirectoryPath)
    }
  }
}
