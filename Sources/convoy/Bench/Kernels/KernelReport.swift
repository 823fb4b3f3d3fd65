import Kernels
import Networks
import Tensors
import Workers

/// One line of `convoy bench kernels`: a pass over a shape, how often the network has it, and how fast it was.
struct KernelReport: Encodable {
  let model, kind, isa: String
  let pass: PassKind
  /// Of a convolution: direct or winograd.
  let algorithm: String?
  let threads, images, channels, height, width, output_channels, output_height, output_width: Int
  /// Of a convolution: rows and columns.
  let kernel, stride, padding: [Int]?
  let count, repetitions: Int
  let median_seconds, min_seconds, max_seconds: Double
  /// Direct-equivalent: operations of the direct way by time.
  let gflops: Double?
  let peak_gflops: Double
  let peak_fraction: Double?
  /// As if each value were read and written once.
  let gigabytes_per_second: Double

  init(_ pass: TimedPass, _ times: KernelBench.Times, model: String, images: Int, on processor: Processor) {
    self.model = model
    self.images = images
    self.pass = pass.kind
    isa = processor.kernels.name
    threads = processor.team.size
    let shape = pass.layer.convolution
    kind = pass.layer.kind
    algorithm = pass.algorithm?.rawValue
    let (source, output) = (pass.layer.inputs[0].shape, pass.layer.output.shape)
    (channels, height, width) = (source.channels, source.height, source.width)
    (output_channels, output_height, output_width) = (output.channels, output.height, output.width)
    kernel = shape.map { [$0.kernel.rows, $0.kernel.columns] }
    stride = shape.map { [$0.stride.rows, $0.stride.columns] }
    padding = shape.map { [$0.padding.rows, $0.padding.columns] }
    count = pass.layer.count
    repetitions = times.seconds.count
    let seconds = Measurements(times.seconds)
    (median_seconds, min_seconds, max_seconds) = (seconds.median, seconds.least, seconds.greatest)
    let operations = Double(pass.operations)
    let fractions = zip(times.seconds, times.peaks).map { operations / $0 / $1 }
    gflops = pass.operations == 0 ? nil : operations / seconds.median * 1e-9
    peak_gflops = Measurements(times.peaks).median * 1e-9
    peak_fraction = pass.operations == 0 ? nil : Measurements(fractions).median
    gigabytes_per_second = Double(pass.bytes) / seconds.median * 1e-9
  }
}

extension KernelReport {
  /// A table of all lines, and what a step's passes of each kind take together.
  static func text(_ rows: [KernelReport]) -> String {
    let head = [
      "layer", "source", "output", "count", "pass", "algorithm", "median ms", "min ms", "max ms", "GFLOP/s", "of peak",
      "GB/s",
    ]
    let table = TextTable(rows: [head] + rows.map(\.cells), rightAligned: [3, 6, 7, 8, 9, 10, 11])
    return table.text + "\n\n" + totals(rows).text
  }

  private var cells: [String] {
    [
      layer, Shape(channels: channels, height: height, width: width).description,
      Shape(channels: output_channels, height: output_height, width: output_width).description, "\(count)",
      pass.rawValue, algorithm ?? "", fixed(median_seconds * 1e3, 3), fixed(min_seconds * 1e3, 3),
      fixed(max_seconds * 1e3, 3), gflops.map { fixed($0, 1) } ?? "",
      peak_fraction.map { fixed($0 * 100, 1) + " %" } ?? "", fixed(gigabytes_per_second, 1),
    ]
  }

  private var layer: String {
    guard let kernel, let stride, let padding else { return kind }
    func extent(_ values: [Int]) -> Extent { Extent(rows: values[0], columns: values[1]) }
    let step = extent(stride) == Extent(1) ? "" : " / \(extent(stride))"
    let margin = extent(padding) == Extent(0) ? "" : " + \(extent(padding))"
    return "\(kind) \(extent(kernel))\(step)\(margin)"
  }

  /// Medians times counts.
  private static func totals(_ rows: [KernelReport]) -> TextTable {
    var table = TextTable(rows: [["all layers", "pass", "ms", "GFLOP/s"]], rightAligned: [2, 3])
    for isConvolution in [true, false] {
      for pass in PassKind.allCases {
        let chosen = rows.filter { ($0.kernel != nil) == isConvolution && $0.pass == pass }
        guard !chosen.isEmpty else { continue }
        let seconds = chosen.reduce(0) { $0 + $1.median_seconds * Double($1.count) }
        let gigaflops = chosen.reduce(0) { $0 + ($1.gflops ?? 0) * $1.median_seconds * Double($1.count) }
        table.rows.append([
          isConvolution ? "convolutions" : "others", pass.rawValue, fixed(seconds * 1e3, 1),
          isConvolution ? fixed(gigaflops / seconds, 1) : "",
        ])
      }
    }
    return table
  }
}
