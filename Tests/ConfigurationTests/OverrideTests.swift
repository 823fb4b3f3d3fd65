import Configuration
import Testing

@Suite struct OverrideTests {
  @Test(arguments: [
    Slip(
      "optimizer.learningRate=fast",
      "override optimizer.learningRate=fast: optimizer.learningRate must be a number, not a string"),
    Slip(
      "optimizer.learningRate=-1",
      "override optimizer.learningRate=-1: optimizer.learningRate must not be negative, not -1"),
    Slip(
      "optimizer.learnigRate=1",
      "override optimizer.learnigRate=1: there is no key optimizer.learnigRate; did you mean optimizer.learningRate?"),
    Slip(
      "learningRate=1", "override learningRate=1: there is no key learningRate; did you mean optimizer.learningRate?"),
    Slip(
      "optimizer={name: sgd}",
      "override optimizer={name: sgd}: optimizer is a section; override one of its keys, for example optimizer.name=…"),
    Slip("seed.x=1", "override seed.x=1: there is no key seed.x; did you mean seed?"),
    Slip("frobnicate=1", "override frobnicate=1: there is no key frobnicate"),
    Slip("train", "override train: an override has the form key.path=value, for example train.epochs=10"),
    Slip("=3", "override =3: an override has the form key.path=value, for example train.epochs=10"),
    Slip(
      "train.steps=20",
      "override train.steps=20: train.epochs and train.steps are both given; set one of them to null"),
    Slip(
      "batch.microbatch=3",
      "override batch.microbatch=3: batch.global must be a multiple of batch.microbatch, not 128 for 3"),
    Slip("data.train=null", "override data.train=null: data.train must be a string, not null"),
    Slip(
      "data.validation=",
      "override data.validation=: data.validation must be a name or path without control characters, not \"\""),
    Slip(
      "schedule.milestonesEpochs=[30,",
      "override schedule.milestonesEpochs=[30,: the YAML cannot be parsed: did not find expected node content"),
    Slip("threads=&a 3", "override threads=&a 3: anchors (&) and aliases (*) are not allowed; write the value out"),
  ])
  func aSlipNamesTheOverride(_ slip: Slip) {
    #expect(refusal(valid, [slip.text]) == slip.sentence)
  }

  @Test func valuesAreTypedByTheirKey() throws {
    let configuration = try RunConfiguration(
      yaml: valid + "optimizer:\n", name: "run.yaml",
      overrides: [
        "train.epochs=null", "train.steps=20", "optimizer.learningRate=1e-3", "optimizer.nesterov=true",
        "schedule.milestonesEpochs=[30, 60.5]", "data.train=/data/2012: #1", "data.validation=2012",
        "checkpoint.keepBest=null", "threads=2", "seed=3", "seed=4",
      ])
    #expect(configuration.train.epochs == nil)
    #expect(configuration.train.steps == 20)
    #expect(configuration.optimizer.learningRate == 0.001)
    #expect(configuration.optimizer.nesterov)
    #expect(configuration.schedule.milestonesEpochs == [30, 60.5])
    #expect(configuration.data.train == "/data/2012: #1")
    #expect(configuration.data.validation == "2012")
    #expect(configuration.checkpoint.keepBest == nil)
    #expect(configuration.threads == .count(2))
    #expect(configuration.seed == 4, "the last override of a key wins")
    #expect(configuration.batch.global == 128, "what is not overridden stays")
  }

  @Test func anOverrideDoesNotExcuseTheFile() {
    #expect(
      refusal(valid + "threads: many", ["threads=2"])
        == "run.yaml:6: threads must be auto or a whole number, not \"many\"")
    #expect(
      refusal(valid + "optimizer: 3", ["optimizer.momentum=0.5"])
        == "run.yaml:6: optimizer must be a section of keys, not a number")
  }

  @Test func aContradictionThatAnOverrideResolvesIsNone() {
    #expect(refusal(valid, ["train.steps=20", "train.epochs=null"]) == "accepted")
    #expect(refusal(valid + "schedule: {warmupEpochs: 11}", ["train.epochs=12"]) == "accepted")
  }
}
