import Networks
import Tensors
import TestSupport
import Testing

@Suite("Networks that slide over larger images")
struct FullyConvolutionalTests {
  private func model(_ name: String, _ options: ModelOptions = ModelOptions()) throws -> Network {
    try #require(ModelCatalog.entry(named: name)).build(options).forEvaluation()
  }

  private func map(_ network: Network, _ height: Int, _ width: Int) throws -> Shape {
    let sliding = try network.fullyConvolutional(
      over: Shape(channels: network.input.shape.channels, height: height, width: width))
    return sliding.shape(of: sliding.output)
  }

  /// The maps of the papers: OverFeat's grows by one for every 36 pixels, the accurate model's total stride, VGG's for
  /// every 32.
  @Test func mapsHaveThePapersSizes() throws {
    let accurate = try model("overfeat-accurate")
    #expect(try map(accurate, 221, 221) == Shape(channels: 1000))
    #expect(try map(accurate, 245, 245 + 36) == Shape(channels: 1000, height: 1, width: 2))
    #expect(try map(accurate, 461, 569) == Shape(channels: 1000, height: 7, width: 10))
    let vgg = try model("vgg16")
    #expect(try map(vgg, 224, 224) == Shape(channels: 1000))
    #expect(try map(vgg, 256, 384) == Shape(channels: 1000, height: 2, width: 6))
    // Behind global average pooling there is one place, however large the image.
    for name in ["resnet50", "googlenet"] { #expect(try map(model(name), 320, 480) == Shape(channels: 1000)) }
    // A pooling to a fixed size, too: VGG for images of 256.
    var options = ModelOptions()
    options.inputSize = 256
    #expect(try map(model("vgg11", options), 512, 384) == Shape(channels: 1000))
  }

  /// Sermanet et al. 2013, table 5: the maps of the accurate model at its six scales.
  @Test(arguments: [
    (245, 245, 3, 3), (281, 317, 6, 9), (317, 389, 9, 15), (389, 461, 15, 21), (425, 497, 18, 24), (461, 569, 21, 30),
  ]) func mapsOfAllOffsetsHaveThePapersSizes(_ height: Int, _ width: Int, _ rows: Int, _ columns: Int) throws {
    let sliding = try model("overfeat-accurate").fullyConvolutional(
      over: Shape(channels: 3, height: height, width: width)
    ).poolingAtEveryOffset()
    #expect(sliding.shape(of: sliding.output) == Shape(channels: 1000, height: rows, width: columns))
  }

  /// Same names, same shapes but for dense weights, which lie in the arena as those of the convolution.
  @Test(arguments: ["vgg11", "alexnet", "lenet5", "mlp", "linear", "resnet20", "overfeat-fast", "zfnet"])
  func parametersStayWhereTheyAre(_ name: String) throws {
    let network = try model(name)
    let input = network.input.shape
    let sliding = try network.fullyConvolutional(
      over: Shape(channels: input.channels, height: input.height + 40, width: input.width + 9))
    #expect(sliding.nodes.map(\.name) == network.nodes.map(\.name))
    for (before, after) in zip(network.nodes, sliding.nodes) {
      let old = before.layer?.parameters(of: network.inputTypes(of: before)) ?? []
      let new = after.layer?.parameters(of: sliding.inputTypes(of: after)) ?? []
      #expect(old.map(\.name) == new.map(\.name) && old.map(\.mapping.floats) == new.map(\.mapping.floats))
      #expect(old.map(\.mapping.count) == new.map(\.mapping.count))
    }
  }

  @Test(arguments: [
    TensorType(Shape(channels: 21, height: 3, width: 2)), TensorType(Shape(channels: 16)),
    TensorType(Shape(channels: 3, height: 8, width: 4), .interleaved),
  ]) func denseWeightsLieAsTheConvolutions(_ input: TensorType) throws {
    var numbers = TestNumbers(seed: 5)
    let dense = Dense(37)
    let convolution = try dense.sliding(over: [input])
    for (old, new) in zip(dense.parameters(of: [input]), convolution.parameters(of: [input])) {
      let values = numbers.array(old.mapping.count)
      #expect(old.mapping.arenaValues(values) == new.mapping.arenaValues(values))
    }
  }

  @Test func whatCannotPoolAtEveryOffsetSaysWhy() throws {
    for (name, phrase) in [
      ("resnet20", "resnet20 has no max pooling with a stride."),
      ("resnet18", "resnet18 with pool4 at every offset: layer2.0.conv1: convolution 3 / 2 cannot take places"),
      ("googlenet", "max pool 3 / 1 cannot take places that lie 2 apart"),
    ] {
      let network = try model(name)
      let error = #expect(throws: ShapeError.self) {
        _ = try network.fullyConvolutional(over: network.input.shape).poolingAtEveryOffset()
      }
      #expect(error?.description.contains(phrase) == true, "\(String(describing: error))")
    }
  }

  @Test func whatCannotSlideSaysWhy() throws {
    func message(_ network: Network, _ height: Int, _ width: Int, channels: Int? = nil) -> String {
      do throws(ShapeError) {
        _ = try network.fullyConvolutional(
          over: Shape(channels: channels ?? network.input.shape.channels, height: height, width: width))
        return "no error"
      } catch {
        return error.description
      }
    }
    #expect(
      try message(model("alexnet"), 190, 224)
        == "alexnet over images of 3×190×224: fc6: a 6×6 kernel does not fit into 256×4×6 with padding 0.")
    #expect(try message(model("lenet5-1998"), 40, 40).contains("output: radial basis units"))
    var local = Network("local", input: Shape(channels: 3, height: 8, width: 8))
    local.add(LocallyConnected(4, kernel: Extent(3), bias: true), to: [0], name: "hidden")
    #expect(message(local, 9, 9).contains("hidden: a locally connected layer"))
    var odd = ModelOptions()
    odd.inputSize = 13
    #expect(try message(model("mlp", odd), 20, 20).contains("images of 169 values"))
    #expect(try message(model("lenet5"), 40, 40, channels: 3).contains("images of 1 channels, not of 3"))
  }
}
