import Foundation
import Glibc
import Metrics
import Testing

@Suite struct ConsoleReporterTests {
  /// What `body` makes a plain console print.
  private func lines(_ body: (Console) -> Void) throws -> [String] {
    try withFolder { folder in
      let descriptor = open(folder + "/out", O_WRONLY | O_CREAT, 0o600)
      defer { close(descriptor) }
      body(Console(style: .plain, descriptor: descriptor))
      return try text(of: folder + "/out").split(separator: "\n").map(String.init)
    }
  }

  private func sample(_ step: Int, epoch: Double = 2.4, loss: Double = 2.8143, top1Hits: Int? = 412) -> StepSample {
    StepSample(
      step: step, epoch: epoch, images: 1000, loss: loss, top1Hits: top1Hits, learningRate: 0.0981,
      dataWait: .milliseconds(20), communication: .milliseconds(90))
  }

  @Test func aLineComesEveryIntervalWithTheMeansOfTheInterval() throws {
    let clock = HandClock()
    var summaries: [IntervalSummary] = []
    let lines = try lines { console in
      var reporter = ConsoleReporter(
        console: console, every: .seconds(4), extent: .init(totalSteps: 450_360, totalEpochs: 90, ranks: 4),
        clock: RunClock(now: clock.now))
      for step in 11_997...12_004 {
        clock.advance(.seconds(1))
        if let summary = reporter.record(sample(step, loss: step == 11_997 ? 3.8143 : 2.8143)) {
          summaries.append(summary)
        }
      }
    }
    #expect(
      lines == [
        "epoch 3/90 step 12000/450360 loss 3.0643 top1 41.20 lr 0.0981 img/s 1000 (250/rank) data 2% comm 9% eta 5d1h",
        "epoch 3/90 step 12004/450360 loss 2.8143 top1 41.20 lr 0.0981 img/s 1000 (250/rank) data 2% comm 9% eta 5d1h",
      ])
    #expect(summaries.map(\.step) == [12_000, 12_004])
    #expect(summaries.map(\.steps) == [4, 4])
    #expect(summaries.last?.secondsElapsed == 8)
    #expect(abs((summaries.first?.loss ?? 0) - 3.0643) < 1e-12)
  }

  @Test func anIntervalCanEndEarlyAndPausesDoNotCount() throws {
    let clock = HandClock()
    let lines = try lines { console in
      var reporter = ConsoleReporter(
        console: console, every: .seconds(10), extent: .init(totalSteps: 4, totalEpochs: 2, ranks: 1),
        clock: RunClock(now: clock.now))
      clock.advance(.seconds(2))
      #expect(reporter.record(sample(1, epoch: 0.5)) == nil)
      reporter.pause()
      clock.advance(.seconds(3600))
      reporter.note("top1 91.20")
      reporter.resume()
      reporter.excluding { clock.advance(.seconds(60)) }
      clock.advance(.seconds(2))
      #expect(reporter.record(sample(2, epoch: 1, top1Hits: nil)) == nil)
      #expect(reporter.flush()?.imagesPerSecond == 500)
      #expect(reporter.flush() == nil, "an interval without a step has no means")
      clock.advance(.seconds(250))
      _ = reporter.record(sample(3, epoch: 1.5))
      clock.advance(.seconds(250))
      _ = reporter.record(sample(4, epoch: 2, loss: .nan))
    }
    #expect(
      lines == [
        "top1 91.20",
        "epoch 1/2 step 2/4 loss 2.8143 lr 0.0981 img/s 500 data 1% comm 5% eta 4s",
        "epoch 2/2 step 3/4 loss 2.8143 top1 41.20 lr 0.0981 img/s 4.0 data 0% comm 0% eta 1m26s",
        "epoch 2/2 step 4/4 loss nan top1 41.20 lr 0.0981 img/s 4.0 data 0% comm 0% eta 0s",
      ])
  }

  @Test func progressCountsFromManyThreads() throws {
    let clock = HandClock()
    let lines = try lines { console in
      let progress = ProgressReporter(
        "build train", total: 4000, unit: "images", console: console, every: .seconds(5),
        clock: RunClock(now: clock.now))
      DispatchQueue.concurrentPerform(iterations: 1000) { _ in progress.advance() }
      clock.advance(.seconds(5))
      progress.advance(by: 0)
      clock.advance(.seconds(1))
      progress.advance(by: 3000)
      progress.finish()
    }
    #expect(
      lines == [
        "build train 25% 1000/4000 200 images/s eta 15s",
        "build train 4000/4000 images in 6s, 667 images/s",
      ])
  }

  @Test(
    arguments: [
      (0, "0s"), (59.4, "59s"), (59.6, "1m"), (750, "12m30s"), (3600, "1h"), (18_720, "5h12m"), (86_400, "1d"),
      (273_600, "3d4h"), (.infinity, "?"), (-1, "?"), (.nan, "?"), (1e300, "?"),
    ] as [(Double, String)])
  func durationsAreShort(_ seconds: Double, _ text: String) {
    #expect(NumberText.duration(seconds) == text)
  }

  @Test func aReaderThatLeavesDoesNotEndTheRun() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    signal(SIGPIPE, SIG_IGN)
    Console(style: .plain, descriptor: ends[1]).line("nobody reads this")
    close(ends[1])
  }
}
