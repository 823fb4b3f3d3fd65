import Foundation
import Metrics
import TestSupport
import Testing

extension EndToEnd {
  @Suite("Configurations that are refused") struct ConfigurationRefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
      var change: String
      var phrase: String
      var testDescription: String { change }

      init(_ change: String, _ phrase: String) {
        self.change = change
        self.phrase = phrase
      }
    }

    static let overrides = [
      Refusal("optimizer.learningRat=1", "did you mean optimizer.learningRate?"),
      Refusal("model.name=resnte20", "did you mean \"resnet20\"?"),
      Refusal("model.name=vgg", "did you mean \"vgg11\"?"),
      Refusal("model.name=zebra", "there is no model \"zebra\"; `convoy models` lists them."),
      Refusal("model.classes=5", "model.classes is 5, but"),
      Refusal("model.inputChannels=2", "model.inputChannels is 2"),
      Refusal("batch.microbatch=3", "batch.global must be a multiple of batch.microbatch, not 16 for 3"),
      Refusal("batch.microbatch=0", "batch.microbatch"),
      Refusal("optimizer.momentum=1", "optimizer.momentum"),
      Refusal("optimizer.learningRate=fast", "optimizer.learningRate"),
      Refusal("optimizer.learningRate=-1", "optimizer.learningRate"),
      Refusal("schedule.name=cosin", "did you mean"),
      Refusal("train.epochs=3", "set one of them to null"),
      Refusal("train.steps=null", "give train.epochs or train.steps"),
      Refusal("train.steps=2.5", "train.steps"),
      Refusal("evaluation.resize=4", "evaluation.resize is 4"),
      Refusal("seed=-1", "seed"),
      Refusal("data.mean=[0.5]", "data.mean and data.std"),
    ]

    @Test(arguments: overrides) func override(_ refusal: Refusal) async throws {
      let run = try Fixture.shared().newRun(.mlp)
      expectRefusal(try await run.train([refusal.change]), 78, refusal.phrase)
      #expect(!FileManager.default.fileExists(atPath: run.directory))
    }

    /// A line to be added to a configuration, and what is said of it.
    static let lines = [
      Refusal("sede: 4", "did you mean seed?"),
      Refusal("seed: 4", "seed"),
      Refusal("optimizer: {momentum: 0.9}", "optimizer"),
      Refusal("logging: 3", "logging"),
      Refusal("loss: {labelSmoothing: \"0.1\"}", "loss.labelSmoothing"),
      Refusal("loss: {labelSmoothing: 1.5}", "loss.labelSmoothing"),
      Refusal("loss: [1, 2]", "loss"),
      Refusal("loss: {labelSmoothing: 0.1, labelSmoothing: 0.2}", "labelSmoothing"),
    ]

    @Test(arguments: lines) func line(_ refusal: Refusal) async throws {
      let fixture = try Fixture.shared()
      let text = Net.mlp.configuration(train: fixture.train, validation: fixture.validation)
      let number = text.split(separator: "\n", omittingEmptySubsequences: false).count
      let file = try fixture.newFile(text + refusal.change + "\n", ".yaml")
      let run = TrainingRun(configuration: file, directory: fixture.newPath())
      expectRefusal(try await run.train(), 78, "\(file):\(number)", refusal.phrase)
      #expect(!FileManager.default.fileExists(atPath: run.directory))
    }

    /// All ranks end, none waits.
    @Test(arguments: ["model.name=lenet", "data.mean=[1, 2]", "model.classes=9", "batch.microbatch=5"])
    func onSeveralRanks(_ change: String) async throws {
      let key = String(change.prefix { $0 != "=" })
      expectRefusal(try await Fixture.shared().newRun(.mlp).train([change], ranks: 3), 78, key)
    }

    @Test func filesThatAreNone() async throws {
      let fixture = try Fixture.shared()
      let missing = TrainingRun(configuration: fixture.newPath(".yaml"), directory: fixture.newPath())
      expectRefusal(try await missing.train(), 66, "cannot read the configuration \(missing.configuration)")
      let torn = TrainingRun(
        configuration: try fixture.newFile("model: {name: [", ".yaml"), directory: fixture.newPath())
      expectRefusal(try await torn.train(), 78, torn.configuration)
      let empty = TrainingRun(configuration: try fixture.newFile("", ".yaml"), directory: fixture.newPath())
      expectRefusal(try await empty.train(), 78, "model.name is missing")
    }
  }
}
