import Configuration
import Foundation
import Testing

/// A configuration in which no key has its default.
func unusual() -> RunConfiguration {
  var run = RunConfiguration()
  run.model.name = "mlp"
  run.model.classes = 1000
  run.model.widths = [512, 256]
  run.model.inputSize = 28
  run.model.inputChannels = 2
  run.data.train = "shards/\"quoted\" ünïcode: #1\\"
  run.data.validation = "null"
  run.data.mean = [0.1 + 0.2, .leastNonzeroMagnitude]
  run.data.std = [1.7976931348623157e308, 1]
  run.data.decodeThreads = .count(3)
  run.batch.global = 48
  run.batch.microbatch = 16
  run.optimizer.name = .lars
  run.optimizer.learningRate = 1e-5
  run.optimizer.scaleBatch = 256
  run.optimizer.momentum = 0.95
  run.optimizer.nesterov = true
  run.optimizer.momentumForm = .caffe
  run.optimizer.momentumCorrection = true
  run.optimizer.trustCoefficient = 0.002
  run.optimizer.weightDecay = 1e16
  run.optimizer.decayNormAndBias = false
  run.optimizer.clipNorm = 5
  run.optimizer.filterRenormalization = 0.1
  run.average.name = .ema
  run.average.decay = 0.999
  run.average.fromStep = 100
  run.schedule.name = .multistep
  run.schedule.warmupSteps = 12
  run.schedule.warmupEpochs = 0
  run.schedule.warmupLearningRate = 1e-6
  run.schedule.stepEpochs = 7.25
  run.schedule.milestonesEpochs = [1.5, 3]
  run.schedule.factor = 0.5
  run.schedule.plateauEvaluations = 3
  run.schedule.plateauMeasure = .loss
  run.schedule.power = 2
  run.schedule.endLearningRate = 1e-7
  run.loss.name = .squaredError
  run.loss.bumpWidth = 1.5
  run.initialization.weights = .normal
  run.initialization.deviation = 0.02
  run.initialization.biases = 0.1
  run.initialization.zeroGamma = true
  run.batchNorm.momentum = 0.01
  run.batchNorm.epsilon = 1e-3
  run.augmentation.preset = .imagenet
  run.augmentation.pad = 0
  run.augmentation.flip = false
  run.augmentation.cropArea = 0.25
  run.train.steps = 1 << 40
  run.evaluation.everyEpochs = nil
  run.evaluation.everySteps = 100
  run.evaluation.resize = 36
  run.evaluation.batch = 500
  run.checkpoint.everySteps = 50
  run.checkpoint.everyEpochs = nil
  run.checkpoint.keepLast = 1
  run.checkpoint.keepBest = nil
  run.convolution = .winograd
  run.threads = .count(2)
  run.seed = .max
  run.logging.everySeconds = 0.5
  return run
}

@Suite struct RoundTripTests {
  @Test func resolvedYAMLReadsBackAsTheSameValue() throws {
    let run = unusual()
    try run.validate()
    let text = run.resolvedYAML()
    #expect(try RunConfiguration(yaml: text, name: "resolved") == run)
    #expect(try RunConfiguration(yaml: text, name: "resolved").resolvedYAML() == text)
  }

  @Test func jsonReadsBackAsTheSameValue() throws {
    let run = unusual()
    let json = try JSONEncoder().encode(run)
    #expect(try JSONDecoder().decode(RunConfiguration.self, from: json) == run)
  }

  @Test func everyKeyIsWrittenAndDiffersFromItsDefault() throws {
    // `evaluation.protocol` has one choice so far, a multistep schedule has no other warm-up, lars has no other
    // moments, and only cross entropy smooths labels and mixes images.
    let same: Set = [
      "evaluation.protocol", "schedule.warmupEpochs", "train.epochs", "optimizer.beta1", "optimizer.beta2",
      "optimizer.epsilon", "optimizer.clipValue", "loss.labelSmoothing", "augmentation.mixup",
    ]
    let differing = Set(unusual().differences(from: RunConfiguration()).map(\.path))
    #expect(differing == Set(RunConfiguration.keyPaths).subtracting(same))
  }

  @Test func resolvedYAMLShowsEveryKeyInOrder() throws {
    let text = try RunConfiguration(yaml: valid, name: "run.yaml").resolvedYAML()
    #expect(
      text == """
        model:
          name: resnet20
          classes: 10
          widths: null
          inputSize: null
          inputChannels: null
        data:
          train: shards/train
          validation: null
          mean: null
          std: null
          decodeThreads: auto
        batch:
          global: 128
          microbatch: 64
        optimizer:
          name: sgd
          learningRate: 0.1
          scaleBatch: null
          momentum: 0.9
          nesterov: false
          momentumForm: null
          momentumCorrection: false
          trustCoefficient: null
          beta1: null
          beta2: null
          epsilon: null
          weightDecay: 0.0001
          decayNormAndBias: true
          clipNorm: null
          clipValue: null
          filterRenormalization: null
        average:
          name: null
          decay: null
          fromStep: 0
        schedule:
          name: cosine
          warmupEpochs: 0.0
          warmupSteps: null
          warmupLearningRate: 0.0
          stepEpochs: 30.0
          milestonesEpochs: []
          factor: 0.1
          plateauEvaluations: 5
          plateauMeasure: top1
          power: 1.0
          endLearningRate: 0.0
        loss:
          name: crossEntropy
          labelSmoothing: 0.0
          bumpWidth: 2.236
        initialization:
          weights: model
          deviation: 0.01
          biases: null
          zeroGamma: false
        batchNorm:
          momentum: null
          epsilon: null
        augmentation:
          preset: none
          pad: null
          flip: null
          cropArea: null
          mixup: 0.0
        train:
          epochs: 10.0
          steps: null
        evaluation:
          everyEpochs: 1.0
          everySteps: null
          protocol: center
          resize: null
          batch: null
        checkpoint:
          everySteps: null
          everyEpochs: 1.0
          keepLast: 3
          keepBest: top1
        convolution: auto
        threads: auto
        seed: 7
        logging:
          everySeconds: 5.0

        """)
  }

  @Test(arguments: [
    ("a", "a"), ("../shards/x-1.5", "../shards/x-1.5"), ("yes", "\"yes\""), ("null", "\"null\""), ("1", "\"1\""),
    ("1e5", "\"1e5\""), (".5", "\".5\""), ("a b", "\"a b\""), ("a\"b\\", "\"a\\\"b\\\\\""), ("...", "\"...\""),
    ("ü", "\"ü\""), ("a\u{2028}b", "\"a\\U00002028b\""), ("-", "\"-\""), ("~", "\"~\""),
  ])
  func textIsQuotedWhereYAMLWouldMisreadIt(_ value: String, _ written: String) throws {
    var run = try RunConfiguration(yaml: valid, name: "run.yaml")
    run.data.train = value
    #expect(run.resolvedYAML().contains("\n  train: \(written)\n"))
    #expect(try RunConfiguration(yaml: run.resolvedYAML(), name: "resolved").data.train == value)
  }

  @Test func jsonOfAnOlderVersionGetsDefaultsAndUnknownKeysAreRefused() throws {
    let old = #"{"model": {"name": "a", "classes": 2}, "data": {"train": "b"}, "train": {"steps": 3}}"#
    let run = try JSONDecoder().decode(RunConfiguration.self, from: Foundation.Data(old.utf8))
    #expect(run.optimizer == RunConfiguration.Optimizer())
    #expect(run.train.steps == 3)
    let strange = #"{"model": {"name": "a", "clases": 2}}"#
    #expect(throws: ConfigurationError.self) {
      try JSONDecoder().decode(RunConfiguration.self, from: Foundation.Data(strange.utf8))
    }
  }

  @Test func aTreeThatTheProgramBrokeIsRefused() throws {
    var run = unusual()
    run.batch.global = 47
    let error = #expect(throws: ConfigurationError.self) { try run.validate() }
    #expect(error?.description == "batch.global must be a multiple of batch.microbatch, not 47 for 16")
    run.batch.global = -48
    let second = #expect(throws: ConfigurationError.self) { try run.validate() }
    #expect(second?.description == "batch.global must be between 1 and 16777216, not -48")
  }

  @Test func differencesAreNamedWithBothValues() throws {
    let run = try RunConfiguration(yaml: valid, name: "run.yaml")
    let other = try RunConfiguration(
      yaml: valid, name: "run.yaml", overrides: ["optimizer.learningRate=0.2", "threads=2"])
    #expect(run.differences(from: run).isEmpty)
    #expect(
      run.differences(from: other).map { "\($0.path): \($0.value) or \($0.otherValue)" }
        == ["optimizer.learningRate: 0.1 or 0.2", "threads: auto or 2"])
  }
}
