/// What must hold between several keys.
struct Law: Sendable {
  /// The keys it speaks of; a message points at the one that was written last.
  let paths: [String]
  /// The sentence, if the law is broken.
  let violation: @Sendable (RunConfiguration) -> String?
}

extension RunConfiguration {
  static let laws: [Law] =
    [
      Law(paths: ["model.name"]) {
        $0.model.name.isEmpty ? "model.name is missing; name a network that `convoy models` lists" : nil
      },
      Law(paths: ["model.classes"]) {
        $0.model.classes == 0 ? "model.classes is missing; give the number of classes of the data" : nil
      },
      Law(paths: ["data.train"]) {
        $0.data.train.isEmpty ? "data.train is missing; give the folder of training shards" : nil
      },
      Law(paths: ["data.mean", "data.std"]) {
        $0.data.mean?.count == $0.data.std?.count
          ? nil : "data.mean and data.std must have one number for each channel, or both be null"
      },
      Law(paths: ["data.mean", "data.std"]) {
        $0.data.mean?.isEmpty ?? false ? "data.mean must have one number for each channel, or be null" : nil
      },
      Law(paths: ["data.mean", "data.std", "model.inputChannels"]) {
        guard let mean = $0.data.mean, let channels = $0.model.inputChannels, mean.count != channels else { return nil }
        return "data.mean has \(mean.count) numbers for a model.inputChannels of \(channels); give one for each channel"
      },
      Law(paths: ["batch.global", "batch.microbatch"]) {
        $0.batch.global.isMultiple(of: $0.batch.microbatch)
          ? nil
          : "batch.global must be a multiple of batch.microbatch, not \($0.batch.global) for \($0.batch.microbatch)"
      },
      Law(paths: ["loss.name", "loss.labelSmoothing"]) {
        $0.loss.labelSmoothing > 0 && $0.loss.name != .crossEntropy
          ? "loss.labelSmoothing is for crossEntropy; set it to 0 for \($0.loss.name.rawValue)" : nil
      },
      Law(paths: ["loss.name", "augmentation.mixup"]) {
        $0.augmentation.mixup > 0 && $0.loss.name != .crossEntropy
          ? "augmentation.mixup is for crossEntropy; set it to 0 for \($0.loss.name.rawValue)" : nil
      },
      Law(paths: ["train.epochs", "train.steps"]) { configuration in
        switch (configuration.train.epochs, configuration.train.steps) {
        case (nil, nil): "train needs a length; give train.epochs or train.steps"
        case (.some, .some): "train.epochs and train.steps are both given; set one of them to null"
        default: nil
        }
      },
    ] + optimizerLaws + scheduleLaws + augmentationLaws + measureLaws + evaluationLaws

  private static let scheduleLaws: [Law] = [
    Law(paths: ["schedule.warmupEpochs", "schedule.warmupSteps"]) {
      $0.schedule.warmupEpochs > 0 && $0.schedule.warmupSteps != nil
        ? "schedule.warmupEpochs and schedule.warmupSteps are both given; keep one of them" : nil
    },
    Law(paths: ["schedule.name", "schedule.milestonesEpochs"]) {
      $0.schedule.name == .multistep && $0.schedule.milestonesEpochs.isEmpty
        ? "schedule.milestonesEpochs is missing; a multistep schedule needs the epochs of its drops" : nil
    },
    Law(paths: ["schedule.milestonesEpochs"]) {
      zip($0.schedule.milestonesEpochs, $0.schedule.milestonesEpochs.dropFirst()).allSatisfy { $0.0 < $0.1 }
        ? nil : "schedule.milestonesEpochs must rise from one to the next"
    },
    Law(paths: ["schedule.warmupEpochs", "train.epochs"]) {
      guard let epochs = $0.train.epochs, $0.schedule.warmupEpochs > epochs else { return nil }
      return "schedule.warmupEpochs (\($0.schedule.warmupEpochs)) is longer than train.epochs (\(epochs))"
    },
    Law(paths: ["schedule.warmupSteps", "train.steps"]) {
      guard let steps = $0.train.steps, let warmup = $0.schedule.warmupSteps, warmup > steps else { return nil }
      return "schedule.warmupSteps (\(warmup)) is longer than train.steps (\(steps))"
    },
    Law(paths: ["schedule.endLearningRate", "schedule.name", "optimizer.learningRate"]) {
      guard [.polynomial, .cosine, .plateau].contains($0.schedule.name) else { return nil }
      let (end, peak) = ($0.schedule.endLearningRate, $0.peakLearningRate)
      return end > peak
        ? "schedule.endLearningRate (\(end)) is above the learning rate from which it falls (\(peak))" : nil
    },
    Law(paths: ["schedule.name", "data.validation", "evaluation.everyEpochs", "evaluation.everySteps"]) {
      guard $0.schedule.name == .plateau else { return nil }
      if $0.data.validation == nil { return "a plateau schedule needs data.validation, by which it goes" }
      return $0.evaluation.everyEpochs == nil && $0.evaluation.everySteps == nil
        ? "a plateau schedule needs evaluations; give evaluation.everyEpochs or evaluation.everySteps" : nil
    },
    Law(paths: ["schedule.warmupLearningRate", "schedule.warmupEpochs", "schedule.warmupSteps"]) {
      $0.schedule.warmupLearningRate > 0 && $0.schedule.warmupEpochs == 0 && ($0.schedule.warmupSteps ?? 0) == 0
        ? "schedule.warmupLearningRate needs a warm-up; give schedule.warmupEpochs or schedule.warmupSteps" : nil
    },
  ]

  private static let measureLaws: [Law] = [
    distanceLaw("checkpoint.keepBest") { $0.checkpoint.keepBest },
    distanceLaw("schedule.plateauMeasure") { $0.schedule.plateauMeasure },
  ]

  /// A measure that the loss does not know would never be the best.
  private static func distanceLaw(
    _ path: String, measure: @escaping @Sendable (RunConfiguration) -> Checkpoint.Measure?
  ) -> Law {
    Law(paths: [path, "loss.name"]) {
      measure($0) == .distance && !$0.loss.name.hasOrderedClasses
        ? "\(path) distance is for squaredError, whose classes are places on a line; use top1, top5 or loss for "
          + $0.loss.name.rawValue : nil
    }
  }

  private static let augmentationLaws: [Law] = [
    Law(paths: ["augmentation.pad", "augmentation.cropArea", "augmentation.preset"]) {
      $0.augmentation.resolvedPad > 0 && $0.augmentation.resolvedCropArea != nil
        ? "augmentation.pad and augmentation.cropArea are two ways to crop; choose one (pad: 0 turns padding off)" : nil
    },
    Law(paths: ["augmentation.shorterSide"]) {
      guard let sides = $0.augmentation.shorterSide else { return nil }
      return (1...2).contains(sides.count) && sides == sides.sorted()
        ? nil : "augmentation.shorterSide must be one number, or the least and the greatest, such as [256, 480]"
    },
    Law(
      paths: ["augmentation.shorterSide", "augmentation.pad", "augmentation.cropArea", "augmentation.preset"]
    ) {
      $0.augmentation.resolvedShorterSide != nil
        && ($0.augmentation.resolvedPad > 0 || $0.augmentation.resolvedCropArea != nil)
        ? "augmentation.shorterSide is another way to crop than augmentation.pad and augmentation.cropArea; choose one "
          + "(preset: none has none of them)" : nil
    },
    Law(paths: ["augmentation.centerSquare", "augmentation.shorterSide", "augmentation.preset"]) {
      $0.augmentation.resolvedCenterSquare && $0.augmentation.resolvedShorterSide == nil
        ? "augmentation.centerSquare needs a random crop of a resized image; give augmentation.shorterSide" : nil
    },
    Law(paths: ["augmentation.mixup", "batch.microbatch"]) {
      $0.augmentation.mixup > 0 && $0.batch.microbatch < 2
        ? "augmentation.mixup mixes images of one microbatch; batch.microbatch must be at least 2" : nil
    },
  ]
}
