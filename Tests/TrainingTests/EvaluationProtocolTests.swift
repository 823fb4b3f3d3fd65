import Configuration
import Foundation
import Networks
import Shards
import Tensors
import TestSupport
import Testing
import Training

@Suite("Protocols of evaluation") struct EvaluationProtocolTests {
  /// What a configuration asks for, of images that are stored with `stored` × `stored` pixels.
  private func made(
    _ model: String = "resnet20", input: Int, stored: Int, _ change: (inout RunConfiguration) -> Void
  ) throws -> EvaluationProtocol {
    try withTemporaryFolder { folder in
      let path = folder.path + "/shards"
      _ = try ShardSynthesis(
        count: 10, size: stored, seed: 0, split: "train", output: path, destination: .shards(shardByteCount: 1 << 20),
        threads: 1, overwrites: false
      ).run()
      var configuration = RunConfiguration()
      change(&configuration)
      var options = ModelOptions(classes: 10)
      options.inputSize = input
      options.inputChannels = 3
      let network = try #require(ModelCatalog.entry(named: model)).build(options)
      return try EvaluationProtocol(
        configuration, network, set: try ShardSet(folder: path),
        normalization: Normalization(mean: [0, 0, 0], deviation: [1, 1, 1]))
    }
  }

  private func crops(_ protocol: EvaluationProtocol) -> CropProtocol? {
    if case .crops(let transform) = `protocol` { transform.crops } else { nil }
  }

  private func scales(_ protocol: EvaluationProtocol) -> [Int]? {
    if case .dense(let transform, _) = `protocol` { transform.scales } else { nil }
  }

  @Test func scalesAreThePapers() throws {
    for (input, stored, ten, multi, google) in [
      (224, 256, 256, [256, 384, 512], [256, 288, 320, 352]), (28, 32, 32, [32, 48, 64], [32, 36, 40, 44]),
    ] {
      #expect(
        try crops(made(input: input, stored: stored) { $0.evaluation.protocol = .tenCrop }) == .tenCrop(resizedTo: ten))
      #expect(
        try crops(made(input: input, stored: stored) { $0.evaluation.protocol = .multiCrop })
          == .multiCrop(scales: multi))
      #expect(
        try crops(made(input: input, stored: stored) { $0.evaluation.protocol = .googlenet144 })
          == .googLeNet(scales: google))
      #expect(try scales(made(input: input, stored: stored) { $0.evaluation.protocol = .dense }) == [ten])
    }
    for (model, input, expected) in [
      ("overfeat-accurate", 221, [245, 281, 317, 389, 425, 461]),
      ("overfeat-fast", 231, [256, 293, 331, 406, 444, 481]),
    ] {
      let standard = try made(model, input: input, stored: 600) { $0.evaluation.protocol = .overfeat }
      #expect(scales(standard) == expected)
    }
    let given = try made(input: 32, stored: 32) {
      $0.evaluation.protocol = .dense
      $0.evaluation.scales = [32, 40]
    }
    #expect(scales(given) == [32, 40])
    let resized = try made(input: 32, stored: 32) {
      $0.evaluation.protocol = .tenCrop
      $0.evaluation.resize = 40
    }
    #expect(crops(resized) == .tenCrop(resizedTo: 40))
  }

  @Test func refusesWhatCannotBe() {
    func refuses(
      _ phrase: String, _ model: String = "resnet20", input: Int = 32, stored: Int = 32,
      _ change: (inout RunConfiguration) -> Void
    ) {
      let error = #expect(throws: TrainingError.self) { _ = try made(model, input: input, stored: stored, change) }
      #expect(error?.kind == .configuration)
      #expect(error?.description.contains(phrase) == true, "\(String(describing: error))")
    }
    for procedure in [RunConfiguration.Evaluation.Procedure.tenCrop, .multiCrop, .googlenet144, .dense] {
      refuses("has images of 32 × 32; build larger shards") { $0.evaluation.protocol = procedure }
    }
    refuses("takes images of at least 256 pixels", "alexnet", input: 224) { $0.evaluation.protocol = .tenCrop }
    refuses("evaluation.resize 31: tenCrop cuts crops of 32 × 32 pixels") {
      $0.evaluation.protocol = .tenCrop
      $0.evaluation.resize = 31
    }
    refuses("evaluation.scales 30: multiCrop cuts crops of 32 × 32 pixels") {
      $0.evaluation.protocol = .multiCrop
      $0.evaluation.scales = [48, 30]
    }
    refuses("evaluation.resize 20") { $0.evaluation.resize = 20 }
    refuses("at a scale of 64 is not possible: alexnet over images of 3×64×64", "alexnet", input: 224) {
      $0.evaluation.protocol = .dense
      $0.evaluation.scales = [256, 64]
    }
    refuses("overfeat at a scale of 35 is not possible: resnet20 has no max pooling", stored: 80) {
      $0.evaluation.protocol = .overfeat
    }
    refuses("cannot slide", "lenet5-1998", input: 28, stored: 40) { $0.evaluation.protocol = .dense }
  }

  @Test func placesMakeAScore() {
    #expect(Sliding.dense.score(of: [1, 2, 6]) == 3 && Sliding.overfeat.score(of: [1, 6, 2]) == 6)
    #expect(Sliding.overfeat.score(of: [-3, -5]) == -3 && Sliding.overfeat.score(of: [-.infinity]) == -.infinity)
    for places in [[1, .nan, 2], [.nan, 1], [2, .nan]] {
      #expect(Sliding.dense.score(of: places).isNaN && Sliding.overfeat.score(of: places).isNaN)
    }
  }

  /// Each crop is in exactly one place of the passes that are counted, and no pass reads beyond what is loaded.
  @Test func cropsAreCutIntoPasses() {
    for views in [1, 10, 50, 144, 150] {
      for batch in 1...200 {
        let cut = CropBatches(views: views, batch: batch)
        #expect(cut.inputs <= max(batch, 1) && cut.images >= 1)
        var next = 0
        for start in cut.starts {
          #expect(start >= 0 && start <= next && start + cut.inputs <= cut.images * views)
          next = max(next, start + cut.inputs)
        }
        #expect(next == cut.images * views, "\(views) views, batch \(batch)")
      }
    }
    #expect(CropBatches(views: 10, batch: 32).inputs == 30)
    #expect(CropBatches(views: 150, batch: 64).starts == [0, 50, 100])
    #expect(CropBatches(views: 144, batch: 32).starts == [0, 29, 58, 87, 115])
  }
}
