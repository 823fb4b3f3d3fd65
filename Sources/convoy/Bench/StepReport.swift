import Execution
import Glibc
import Kernels
import Workers

/// What `convoy bench step` found out.
struct StepReport: Encodable {
  let model, isa: String
  let mode: Plan.Mode
  let batch, threads, steps, rss_bytes: Int
  /// From the median step; `best` and `slowest` from the shortest and longest one.
  let images_per_second, best, slowest: Double
  let gflops, peak_gflops, peak_fraction: Double
  let median_seconds, lower_quartile_seconds, upper_quartile_seconds, minimum_seconds, maximum_seconds: Double
  /// From the start of the process to the end of its first step, which is not counted.
  let seconds_to_first_step: Double?
  /// Each pass, and sums of what is alike, when there was a profile.
  let passes, kinds: [PassTimes.Row]?
  /// The file of the trace.
  let trace: String?

  /// `seconds` are those of the counted steps, at least one.
  init(
    model: String, _ schedule: Schedule, seconds: [Double], toFirstStep: Double?, times: PassTimes?, trace: String?,
    on processor: Processor
  ) {
    let measured = Measurements(seconds)
    let images = Double(schedule.images)
    let median = measured.median
    let peak = processor.measurePeakFlops() * 1e-9
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    self.model = model
    isa = processor.kernels.name
    mode = schedule.mode
    batch = schedule.images
    threads = processor.team.size
    steps = seconds.count
    rss_bytes = usage.ru_maxrss * 1024
    images_per_second = images / median
    best = images / measured.least
    slowest = images / measured.greatest
    gflops = Double(schedule.flops) * 1e-9 / median
    peak_gflops = peak
    peak_fraction = gflops / peak
    median_seconds = median
    lower_quartile_seconds = measured.quantile(0.25)
    upper_quartile_seconds = measured.quantile(0.75)
    minimum_seconds = measured.least
    maximum_seconds = measured.greatest
    seconds_to_first_step = toFirstStep
    passes = times?.passes
    kinds = times?.kinds
    self.trace = trace
  }

  var text: String {
    func milliseconds(_ seconds: Double) -> String { fixed(seconds * 1e3) }
    let first = seconds_to_first_step.map { "; the first step ended \(fixed($0)) s after the start" } ?? ""
    return """
      \(model)\(mode == .training ? "" : ", evaluation"), batch \(batch), \(threads) threads, \
      \(isa): \(fixed(images_per_second, 1)) images/s (\(fixed(slowest, 1)) to \(fixed(best, 1))), \
      \(fixed(gflops, 1)) GFLOP/s of \(fixed(peak_gflops, 1)), \(readableBytes(rss_bytes))
      median of \(steps) steps \(milliseconds(median_seconds)) ms, quartiles \(milliseconds(lower_quartile_seconds)) \
      to \(milliseconds(upper_quartile_seconds)) ms\(first)
      """
  }
}
