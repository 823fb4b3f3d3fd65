import Glibc
import Metrics
import Testing

/// A console on a real pseudo terminal.
@Suite struct TerminalTests {
  /// Both ends of a pseudo terminal of 80 columns.
  private func withTerminal<Result>(_ body: (_ reader: Int32, _ terminal: Int32) throws -> Result) throws -> Result {
    var reader: Int32 = -1
    var terminal: Int32 = -1
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    let isOpen = openpty(&reader, &terminal, nil, nil, &size) == 0
    try #require(isOpen)
    defer {
      close(terminal)
      close(reader)
    }
    return try body(reader, terminal)
  }

  @Test(arguments: [
    ([:], Console.Style.plain), (["TERM": "xterm"], .live), (["TERM": "dumb"], .plain), (["TERM": ""], .plain),
    (["TERM": "xterm", "OMPI_COMM_WORLD_SIZE": "1"], .plain), (["TERM": "xterm", "PMIX_RANK": "0"], .plain),
    (["TERM": "xterm", "PMI_RANK": "0"], .plain),
  ])
  func onlyATerminalThatNoLauncherMadeIsLive(_ environment: [String: String], _ style: Console.Style) throws {
    try withTerminal { _, terminal in
      #expect(Console.style(descriptor: terminal, environment: environment) == style)
    }
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    #expect(Console.style(descriptor: ends[1], environment: environment) == .plain, "a pipe is never live")
  }

  @Test func theBarIsRewrittenInPlaceAndGivesWayToLines() throws {
    let output = try withTerminal { reader, terminal in
      let clock = HandClock()
      let console = Console(style: .live, descriptor: terminal)
      var reporter = ConsoleReporter(
        console: console, every: .seconds(1), extent: .init(totalSteps: 4, totalEpochs: 1, ranks: 1),
        clock: RunClock(now: clock.now))
      for step in 1...3 {
        clock.advance(.milliseconds(step == 3 ? 300 : 1000))
        _ = reporter.record(
          StepSample(step: step, epoch: Double(step) / 4, images: 10, loss: 1, learningRate: 0.1))
      }
      reporter.note("done")
      var output: [UInt8] = []
      while !String(decoding: output, as: UTF8.self).hasSuffix("done\r\n") {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(reader, &bytes, bytes.count)
        guard count > 0 else { break }
        output += bytes.prefix(count)
      }
      return String(decoding: output, as: UTF8.self)
    }
    let bars = output.split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false).map(String.init)
    try #require(bars.count == 5)
    #expect(bars[1] == "[=====>              ] epoch 1/1 step 1/4 loss 1.0000 lr 0.1 img/s 10 data 0% c")
    #expect(bars[2].hasPrefix("[==========>         ] epoch 1/1 step 2/4 "))
    #expect(bars[3].hasPrefix("[===============>    ] epoch 1/1 step 3/4 "), "between two intervals the bar moves on")
    #expect(bars[1...3].allSatisfy { $0.count == 79 })
    #expect(bars[4] == "done\r\n")
  }
}
