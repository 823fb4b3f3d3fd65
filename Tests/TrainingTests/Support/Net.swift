/// Networks that are small enough to be trained in a test. Four microbatches each.
enum Net: String, CaseIterable, Sendable {
  case mlp, lenet5
  /// With batch norm.
  case resnet20

  private var model: String {
    switch self {
    case .mlp: "{name: mlp, classes: 10, inputSize: 16, inputChannels: 3, widths: [40]}"
    case .lenet5: "{name: lenet5, classes: 10, inputSize: 16, inputChannels: 3}"
    case .resnet20: "{name: resnet20, classes: 10, inputSize: 8}"
    }
  }

  /// Ten steps make an epoch of the fixture's shards.
  func configuration(train: String, validation: String) -> String {
    """
    model: \(model)
    data: {train: \(train), validation: \(validation)}
    batch: {global: 16, microbatch: 4}
    optimizer: {name: sgd, learningRate: 0.02, momentum: 0.9, nesterov: true, weightDecay: 5.0e-4}
    schedule: {name: constant, warmupSteps: 2}
    augmentation: {preset: cifar}
    train: {steps: 6}
    evaluation: {everyEpochs: null}
    checkpoint: {everyEpochs: null}
    logging: {everySeconds: 0.001}
    threads: 1
    seed: 3

    """
  }
}
