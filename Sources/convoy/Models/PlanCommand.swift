public import ArgumentParser
public import Configuration
import Execution
import Kernels
import Networks
import Tensors
import Training

/// `convoy plan`: a model's layers, parameters, multiply-adds and memory, or the schedule of a training step.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Prints every layer of a model, and the memory that training it takes.")

  @OptionGroup var model: ModelArguments

  @Option(help: "Images per microbatch.")
  var batch = 32

  @Option(help: "How convolutions are computed: auto, direct or winograd.")
  var convolution = ConvolutionAlgorithm.auto

  @Option(help: "The optimizer, as in a configuration: sgd, lars, adamw or lamb.")
  var optimizer = RunConfiguration.Optimizer.Name.sgd

  @Option(help: "The loss, as in a configuration: crossEntropy, perceptron, hinge or squaredError.")
  var loss = RunConfiguration.Loss.Name.crossEntropy

  @Flag(help: "Print every pass of a training step in the order of execution, with its cost and its memory.")
  var schedule = false

  @Flag(help: "Print JSON.")
  var json = false

  private struct Report: Encodable {
    let model, input: String
    /// `mainParameters` are those without auxiliary heads.
    let parameters, mainParameters, fixedValues, macs, batch: Int
    let layers: [Layer]
    let arenas: Arenas

    /// What else is to be said of the number of parameters.
    var besides: String {
      (mainParameters < parameters ? " (\(grouped(mainParameters)) without auxiliary heads)" : "")
        + (fixedValues > 0 ? " and \(grouped(fixedValues)) fixed values" : "")
    }

    struct Layer: Encodable {
      let name, kind, output: String
      let parameters, macs, activationBytes: Int
    }

    struct Arenas: Encodable {
      let parameterBytes, gradientBytes, momentumBytes, secondMomentBytes, activationBytes, statisticBytes,
        scratchBytes: Int
    }
  }

  func validate() throws {
    try requireOption("--batch", batch, in: OptionLimits.images)
  }

  func run() throws {
    let network = try model.network(images: batch).computing(with: convolution)
    if schedule {
      let plan = Plan(network.fused(), images: batch, mode: .training)
      let report = ScheduleReport(Schedule(plan, loss: lossFunction, optimizer: settings.pass))
      return json ? try printJSON(report) : print(report.text)
    }
    let report = report(network)
    if json { return try printJSON(report) }
    print(
      "\(report.model): \(grouped(report.parameters)) parameters\(report.besides), \(grouped(report.macs)) MACs per "
        + "\(report.input) image"
    )
    let table = TextTable(
      rows: [["layer", "kind", "output", "parameters", "MACs", "activation bytes"]]
        + report.layers.map {
          [$0.name, $0.kind, $0.output, grouped($0.parameters), grouped($0.macs), grouped($0.activationBytes)]
        },
      rightAligned: [2, 3, 4, 5])
    print(table.text)
    let a = report.arenas
    print(
      """
      Training on microbatches of \(batch): parameters \(readableBytes(a.parameterBytes)), gradients \
      \(readableBytes(a.gradientBytes)), momentum \(readableBytes(a.momentumBytes))\
      \(a.secondMomentBytes > 0 ? ", second moments \(readableBytes(a.secondMomentBytes))" : ""), activations \
      \(readableBytes(a.activationBytes)), statistics \(readableBytes(a.statisticBytes)), scratch per thread \
      \(readableBytes(a.scratchBytes))
      """)
  }

  private var settings: RunConfiguration.Optimizer {
    var settings = RunConfiguration.Optimizer()
    settings.name = optimizer
    return settings
  }

  private var lossFunction: LossFunction {
    var settings = RunConfiguration.Loss()
    settings.name = loss
    return LossFunction(settings)
  }

  private func report(_ network: Network) -> Report {
    let plan = Plan(network.fused(), images: batch, mode: .training)
    let layers = network.nodes.dropFirst().map { node in
      let inputs = network.inputTypes(of: node)
      return Report.Layer(
        name: node.name, kind: node.layer?.kind ?? "", output: node.type.shape.description,
        parameters: node.layer?.parameters(of: inputs).reduce(0) { $0 + $1.mapping.count } ?? 0,
        macs: node.layer?.multiplyAdds(of: inputs.map(\.shape)) ?? 0, activationBytes: 4 * batch * node.type.floats)
    }
    return Report(
      model: network.name, input: network.input.shape.description, parameters: network.parameterCount,
      mainParameters: network.forEvaluation().parameterCount, fixedValues: network.fixedCount,
      macs: network.multiplyAdds, batch: batch, layers: layers,
      arenas: .init(
        parameterBytes: 4 * plan.parameterFloats, gradientBytes: 4 * plan.parameterFloats,
        momentumBytes: 4 * plan.parameterFloats,
        secondMomentBytes: 4 * plan.parameterFloats * (settings.momentCount - 1),
        activationBytes: 4 * plan.activationFloats,
        statisticBytes: 4 * plan.statisticFloats, scratchBytes: 4 * plan.scratchFloats))
  }
}

extension RunConfiguration.Optimizer.Name: ExpressibleByArgument {}
extension RunConfiguration.Loss.Name: ExpressibleByArgument {}
