import Configuration
import Testing

/// A small valid configuration, to which each case adds its slip.
///
/// It has 5 lines.
let valid = """
  model: {name: resnet20, classes: 10}
  data: {train: shards/train}
  batch: {global: 128, microbatch: 64}
  train: {epochs: 10}
  seed: 7

  """

/// The sentence with which a configuration is refused, or "accepted".
func refusal(_ text: String, _ overrides: [String] = []) -> String {
  do throws(ConfigurationError) {
    _ = try RunConfiguration(yaml: text, name: "run.yaml", overrides: overrides)
    return "accepted"
  } catch {
    return error.description
  }
}

struct Slip: Sendable, CustomTestStringConvertible {
  let text: String
  let sentence: String
  init(_ text: String, _ sentence: String) {
    self.text = text
    self.sentence = sentence
  }
  var testDescription: String { text.split(separator: "\n").joined(separator: "⏎") }
}

@Suite struct RefusalTests {
  @Test func theValidConfigurationIsAccepted() {
    #expect(refusal(valid) == "accepted")
  }

  @Test(arguments: [
    // Unknown keys.
    Slip("optimiser: {name: sgd}", "run.yaml:6: unknown key optimiser; did you mean optimizer?"),
    Slip(
      "optimizer:\n  learningrate: 1",
      "run.yaml:7: unknown key optimizer.learningrate; did you mean optimizer.learningRate?"),
    Slip(
      "optimizer: {learning_rate: 1}",
      "run.yaml:6: unknown key optimizer.learning_rate; did you mean optimizer.learningRate?"),
    Slip("optimizer: {lr: 1}", "run.yaml:6: unknown key optimizer.lr; did you mean optimizer.learningRate?"),
    Slip("learningRate: 1", "run.yaml:6: unknown key learningRate; did you mean optimizer.learningRate?"),
    Slip("loss: {momentum: 1}", "run.yaml:6: unknown key loss.momentum; did you mean optimizer.momentum?"),
    Slip("loss: {dice: 1}", "run.yaml:6: unknown key loss.dice; the keys of loss are name, labelSmoothing, bumpWidth"),
    Slip("loss: {3: 1}", "run.yaml:6: unknown key loss.3; the keys of loss are name, labelSmoothing, bumpWidth"),
    // Wrong kinds.
    Slip("optimizer: {learningRate: fast}", "run.yaml:6: optimizer.learningRate must be a number, not a string"),
    Slip("optimizer: {learningRate: '0.1'}", "run.yaml:6: optimizer.learningRate must be a number, not a string"),
    Slip("optimizer: {learningRate: null}", "run.yaml:6: optimizer.learningRate must be a number, not null"),
    Slip("optimizer: {learningRate: [0.1]}", "run.yaml:6: optimizer.learningRate must be a number, not a list"),
    Slip(
      "optimizer: {learningRate: {a: 1}}",
      "run.yaml:6: optimizer.learningRate must be a number, not a section of keys"),
    Slip("optimizer: {nesterov: yes}", "run.yaml:6: optimizer.nesterov must be true or false, not a string"),
    Slip("optimizer: {nesterov: 1}", "run.yaml:6: optimizer.nesterov must be true or false, not a number"),
    Slip("optimizer: 3", "run.yaml:6: optimizer must be a section of keys, not a number"),
    Slip("evaluation: {batch: 1.5}", "run.yaml:6: evaluation.batch must be a whole number or null, not 1.5"),
    Slip("evaluation: {resize: true}", "run.yaml:6: evaluation.resize must be a whole number or null, not true"),
    Slip(
      "evaluation: {protocol: tencrop}",
      "run.yaml:6: evaluation.protocol must be center, tenCrop, multiCrop, googlenet144, dense or overfeat, "
        + "not \"tencrop\"; did you mean tenCrop?"),
    Slip(
      "evaluation: {protocol: dense, scales: 256}",
      "run.yaml:6: evaluation.scales must be a list of whole numbers or null, not a number"),
    Slip(
      "evaluation: {protocol: dense, scales: [0]}",
      "run.yaml:6: evaluation.scales[0] must be between 1 and 16384, not 0"),
    Slip(
      "evaluation: {protocol: dense, scales: []}",
      "run.yaml:6: evaluation.scales must have at least one scale, or be null"),
    Slip(
      "evaluation: {protocol: dense, scales: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]}",
      "run.yaml:6: evaluation.scales has 17 scales; 16 are the limit"),
    Slip(
      "evaluation: {scales: [256]}",
      "run.yaml:6: evaluation.scales is for multiCrop, googlenet144, dense and overfeat; "
        + "give evaluation.resize for center"),
    Slip(
      "evaluation: {protocol: dense, resize: 256}",
      "run.yaml:6: evaluation.resize is for center and tenCrop; give evaluation.scales for dense"),
    Slip(
      "evaluation: {protocol: googlenet144, scales: [256, 288]}",
      "run.yaml:6: evaluation.scales has 2 scales; the 144 crops of googlenet144 need 4"),
    Slip("threads: all", "run.yaml:6: threads must be auto or a whole number, not \"all\""),
    Slip(
      "checkpoint: {everySteps: 99999999999999999999}",
      "run.yaml:6: checkpoint.everySteps must be a whole number or null, not 1.0e+20"),
    Slip(
      "schedule: {milestonesEpochs: [1,\n 2, x]}",
      "run.yaml:7: schedule.milestonesEpochs[2] must be a number, not a string"),
    Slip(
      "schedule: {milestonesEpochs: 3}", "run.yaml:6: schedule.milestonesEpochs must be a list of numbers, not a number"
    ),
    // Words.
    Slip(
      "schedule: {name: cosin}",
      "run.yaml:6: schedule.name must be constant, step, multistep, polynomial, inverse, cosine or plateau, not "
        + "\"cosin\"; did you mean cosine?"
    ),
    Slip(
      "optimizer: {name: adam}",
      "run.yaml:6: optimizer.name must be sgd, lars, adamw or lamb, not \"adam\"; did you mean adamw?"),
    Slip(
      "optimizer: {momentumForm: cafe}",
      "run.yaml:6: optimizer.momentumForm must be torch, caffe or null, not \"cafe\"; did you mean caffe?"),
    Slip(
      "average: {name: eam}", "run.yaml:6: average.name must be ema, polyak or null, not \"eam\"; did you mean ema?"),
    Slip(
      "schedule: {plateauMeasure: loss5}",
      "run.yaml:6: schedule.plateauMeasure must be top1, top5, loss or distance, not \"loss5\"; did you mean loss?"),
    Slip("optimizer: {clipnorm: 1}", "run.yaml:6: unknown key optimizer.clipnorm; did you mean optimizer.clipNorm?"),
    Slip("augmentation: {mixUp: 1}", "run.yaml:6: unknown key augmentation.mixUp; did you mean augmentation.mixup?"),
    Slip("convolution: 3", "run.yaml:6: convolution must be auto, direct or winograd, not a number"),
    Slip(
      "checkpoint: {keepBest: top2}",
      "run.yaml:6: checkpoint.keepBest must be top1, top5, loss, distance or null, not \"top2\"; did you mean top1?"),
    // Ranges.
    Slip("optimizer: {learningRate: -0.1}", "run.yaml:6: optimizer.learningRate must not be negative, not -0.1"),
    Slip("optimizer: {learningRate: .nan}", "run.yaml:6: optimizer.learningRate must be a finite number, not .nan"),
    Slip("optimizer: {learningRate: 1e999}", "run.yaml:6: optimizer.learningRate must be a finite number, not .inf"),
    Slip("optimizer: {momentum: 1}", "run.yaml:6: optimizer.momentum must be at least 0.0 and below 1.0, not 1"),
    Slip("threads: 0", "run.yaml:6: threads must be between 1 and 4096, not 0"),
    Slip(
      "data.train: x",
      "run.yaml:6: unknown key data.train; dotted paths are for overrides, in a file each section has its own lines"),
    Slip("logging: {everySeconds: 0}", "run.yaml:6: logging.everySeconds must be above 0.0 and at most 86400.0, not 0"),
    Slip("schedule: {milestonesEpochs: [30, -2]}", "run.yaml:6: schedule.milestonesEpochs[1] must be above 0, not -2"),
    Slip("optimizer: {clipNorm: 0}", "run.yaml:6: optimizer.clipNorm must be above 0, not 0"),
    Slip(
      "optimizer: {name: adamw, epsilon: 0}", "run.yaml:6: optimizer.epsilon must be above 0.0 and at most 1.0, not 0"),
    Slip("average: {name: ema, decay: 1}", "run.yaml:6: average.decay must be at least 0.0 and below 1.0, not 1"),
    Slip("augmentation: {mixup: -0.1}", "run.yaml:6: augmentation.mixup must be between 0.0 and 100.0, not -0.1"),
    // Contradictions.
    Slip(
      "loss: {name: hinge, labelSmoothing: 0.1}",
      "run.yaml:6: loss.labelSmoothing is for crossEntropy; set it to 0 for hinge"),
    Slip(
      "loss: {name: hing}",
      "run.yaml:6: loss.name must be crossEntropy, perceptron, hinge or squaredError, "
        + "not \"hing\"; did you mean hinge?"),
    Slip(
      "checkpoint: {keepBest: distance}",
      "run.yaml:6: checkpoint.keepBest distance is for squaredError, whose classes are places on a line; use top1, "
        + "top5 or loss for crossEntropy"),
    Slip(
      "loss: {name: hinge}\nschedule: {plateauMeasure: distance}",
      "run.yaml:7: schedule.plateauMeasure distance is for squaredError, whose classes are places on a line; use top1, "
        + "top5 or loss for hinge"),
    Slip(
      "loss: {name: squaredError}\nschedule: {plateauMeasure: distance}\ncheckpoint: {keepBest: distance}", "accepted"),
    Slip("loss: {bumpWidth: 0}", "run.yaml:6: loss.bumpWidth must be between 0.01 and 1000000.0, not 0"),
    Slip("optimizer: {nesterov: true, momentum: 0}", "run.yaml:6: optimizer.nesterov needs a momentum above 0"),
    Slip(
      "optimizer: {name: adamw, nesterov: true}",
      "run.yaml:6: optimizer.nesterov belongs to sgd and lars, and optimizer.name is adamw; remove it"),
    Slip(
      "optimizer: {name: lamb, momentum: 0.5}",
      "run.yaml:6: optimizer.momentum belongs to sgd and lars, and optimizer.name is lamb; remove it"),
    Slip(
      "optimizer:\n  trustCoefficient: 0.002",
      "run.yaml:7: optimizer.trustCoefficient belongs to lars, and optimizer.name is sgd; remove it"),
    Slip(
      "optimizer: {name: lars, beta2: 0.99}",
      "run.yaml:6: optimizer.beta2 belongs to adamw and lamb, and optimizer.name is lars; remove it"),
    Slip(
      "optimizer: {momentumCorrection: true}",
      "run.yaml:6: optimizer.momentumCorrection is for velocities that hold the learning rate; set "
        + "optimizer.momentumForm to caffe"),
    Slip(
      "optimizer: {clipNorm: 1, clipValue: 1}",
      "run.yaml:6: optimizer.clipNorm and optimizer.clipValue are both given; keep one of them"),
    Slip(
      "average: {name: polyak, decay: 0.9}",
      "run.yaml:6: average.decay belongs to ema, and average.name is polyak; remove it"),
    Slip(
      "average: {fromStep: 9}", "run.yaml:6: average.fromStep needs an average; set average.name to ema or polyak"),
    Slip("schedule: {name: plateau}", "run.yaml:6: a plateau schedule needs data.validation, by which it goes"),
    Slip(
      "schedule: {warmupLearningRate: 0.1}",
      "run.yaml:6: schedule.warmupLearningRate needs a warm-up; give schedule.warmupEpochs or schedule.warmupSteps"),
    Slip(
      "schedule: {name: multistep}",
      "run.yaml:6: schedule.milestonesEpochs is missing; a multistep schedule needs the epochs of its drops"),
    Slip(
      "schedule: {milestonesEpochs: [60, 30]}", "run.yaml:6: schedule.milestonesEpochs must rise from one to the next"),
    Slip(
      "schedule: {warmupEpochs: 1,\n warmupSteps: 5}",
      "run.yaml:7: schedule.warmupEpochs and schedule.warmupSteps are both given; keep one of them"),
    Slip(
      "schedule: {name: polynomial, endLearningRate: 5}",
      "run.yaml:6: schedule.endLearningRate (5.0) is above the learning rate from which it falls (0.1)"),
    Slip("schedule: {warmupEpochs: 11}", "run.yaml:6: schedule.warmupEpochs (11.0) is longer than train.epochs (10.0)"),
    Slip(
      "augmentation: {preset: cifar, cropArea: 0.1}",
      "run.yaml:6: augmentation.pad and augmentation.cropArea are two ways to crop; choose one "
        + "(pad: 0 turns padding off)"
    ),
    Slip(
      "augmentation: {cropArea: 1.5}",
      "run.yaml:6: augmentation.cropArea must be above 0.0 and at most 1.0, not 1.5"),
    Slip(
      "augmentation: {preset: imagenet, shorterSide: [256]}",
      "run.yaml:6: augmentation.shorterSide is another way to crop than augmentation.pad and augmentation.cropArea; "
        + "choose one (preset: none has none of them)"),
    Slip(
      "augmentation: {preset: vgg, cropArea: 0.5}",
      "run.yaml:6: augmentation.shorterSide is another way to crop than augmentation.pad and augmentation.cropArea; "
        + "choose one (preset: none has none of them)"),
    Slip(
      "augmentation: {shorterSide: [480, 256]}",
      "run.yaml:6: augmentation.shorterSide must be one number, or the least and the greatest, such as [256, 480]"),
    Slip(
      "augmentation: {shorterSide: [1, 2, 3]}",
      "run.yaml:6: augmentation.shorterSide must be one number, or the least and the greatest, such as [256, 480]"),
    Slip(
      "augmentation: {shorterSide: []}",
      "run.yaml:6: augmentation.shorterSide must be one number, or the least and the greatest, such as [256, 480]"),
    Slip(
      "augmentation: {shorterSide: [0, 256]}",
      "run.yaml:6: augmentation.shorterSide[0] must be between 1 and 16384, not 0"),
    Slip(
      "augmentation: {shorterSide: 256}",
      "run.yaml:6: augmentation.shorterSide must be a list of whole numbers or null, not a number"),
    Slip(
      "augmentation: {centerSquare: true}",
      "run.yaml:6: augmentation.centerSquare needs a random crop of a resized image; give augmentation.shorterSide"),
    Slip(
      "augmentation: {contrast: 1.5}",
      "run.yaml:6: augmentation.contrast must be between 0.0 and 1.0, not 1.5"),
    Slip(
      "augmentation: {lighting: -0.1}",
      "run.yaml:6: augmentation.lighting must be between 0.0 and 10.0, not -0.1"),
    Slip("schedule: {name: inverse, gamma: 0}", "run.yaml:6: schedule.gamma must be above 0, not 0"),
    // YAML that is more than a tree of values.
    Slip("seed: 8", "run.yaml:6: the key seed is given twice, first on line 5; keep one"),
    Slip(
      "optimizer:\n  momentum: 0.5\n  'nesterov': true\n  momentum: 0.9",
      "run.yaml:9: the key optimizer.momentum is given twice, first on line 7; keep one"),
    Slip(
      "optimizer: &fast {momentum: 0.5}", "run.yaml:6: anchors (&) and aliases (*) are not allowed; write the value out"
    ),
    Slip("threads: *fast", "run.yaml:6: anchors (&) and aliases (*) are not allowed; write the value out"),
    Slip(
      "threads: !!int 3", "run.yaml:6: tags such as \"tag:yaml.org,2002:int\" are not allowed; write the plain value"),
    Slip("--- \nseed: 8", "run.yaml:6: a second document starts here; a configuration is one document"),
    Slip("? [a, b]\n: 3", "run.yaml:6: a key must be a word, not a list or section"),
    Slip("optimizer: {momentum: 0.5\n", "run.yaml:7: the YAML cannot be parsed: did not find expected ',' or '}'"),
    Slip(
      "optimizer:\n\tmomentum: 0.5",
      "run.yaml:7: the YAML cannot be parsed: found character that cannot start any token"),
    Slip("threads: \u{1}", "run.yaml:6: the YAML cannot be read: control characters are not allowed"),
  ])
  func aSlipIsNamed(_ slip: Slip) {
    #expect(refusal(valid + slip.text) == slip.sentence)
  }

  @Test(arguments: [
    Slip("", "run.yaml: model.name is missing; name a network that `convoy models` lists"),
    Slip("- a", "run.yaml:1: a configuration must be a section of keys, not a list"),
    Slip("resnet20", "run.yaml:1: a configuration must be a section of keys, not a string"),
    Slip("model: {name: a}", "run.yaml: model.classes is missing; give the number of classes of the data"),
    Slip("model: {name: ''}", "run.yaml:1: model.name must be a name or path without control characters, not \"\""),
    Slip("model: {name: a, classes: 1}", "run.yaml: data.train is missing; give the folder of training shards"),
    Slip(
      "model: {name: a, classes: 1}\ndata: {train: b}",
      "run.yaml: train needs a length; give train.epochs or train.steps"),
    Slip(
      "model: {name: a, classes: 1}\ndata: {train: b}\ntrain: {\n epochs: 1,\n steps: 2}",
      "run.yaml:5: train.epochs and train.steps are both given; set one of them to null"),
    Slip(
      "model: {name: a, classes: 1}\ndata: {train: b}\ntrain: {steps: 2}\nbatch:\n  global: 100",
      "run.yaml:5: batch.global must be a multiple of batch.microbatch, not 100 for 32"),
    Slip(
      "model: {name: a, classes: 1}\ndata: {train: b, mean: [1, 2]}",
      "run.yaml:2: data.mean and data.std must have one number for each channel, or both be null"),
    Slip(
      "model: {name: a, classes: 1}\ndata: {train: b, mean: [], std: []}",
      "run.yaml:2: data.mean must have one number for each channel, or be null"),
    Slip(
      "model: {name: a, classes: 1, inputChannels: 1}\ndata: {train: b, mean: [1, 2, 3], std: [1, 2, 3]}",
      "run.yaml:2: data.mean has 3 numbers for a model.inputChannels of 1; give one for each channel"),
    Slip(String(repeating: "[", count: 100_000), "run.yaml:1: the YAML cannot be parsed"),
  ])
  func anIncompleteFileIsNamed(_ slip: Slip) {
    #expect(refusal(slip.text).hasPrefix(slip.sentence))
  }

  @Test func aPlateauNeedsEvaluations() {
    let plateau = valid.replacing("shards/train}", with: "shards/train, validation: shards/test}")
    #expect(refusal(plateau + "schedule: {name: plateau}") == "accepted")
    #expect(
      refusal(plateau + "schedule: {name: plateau}", ["evaluation.everyEpochs=null"])
        == "override evaluation.everyEpochs=null: a plateau schedule needs evaluations; give evaluation.everyEpochs or "
        + "evaluation.everySteps")
  }

  @Test func mixupNeedsTwoImages() {
    #expect(
      refusal(valid + "augmentation: {mixup: 0.2}", ["batch.microbatch=1"])
        == "override batch.microbatch=1: augmentation.mixup mixes images of one microbatch; batch.microbatch must be "
        + "at least 2"
    )
  }

  @Test func aLongOrBinaryNameIsClipped() {
    let sentence = refusal(valid + "? \"\\a\(String(repeating: "x", count: 500))\"\n: 3")
    #expect(sentence.hasPrefix("run.yaml:6: unknown key \\u{07}xxx"))
    #expect(sentence.utf8.count < 400)
  }
}
