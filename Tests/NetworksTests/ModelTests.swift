import Networks
import Tensors
import TestSupport
import Testing

@Suite("Models have the published sizes")
struct ModelTests {
  static let parameterCounts: [(name: String, count: Int)] = [
    ("lenet5", 61_706), ("lenet-caffe", 431_080), ("lenet5-1998", 60_000), ("resnet18", 11_689_512), ("mlp", 266_610),
    ("linear", 30_730),
    ("resnet50", 25_557_032), ("alexnet-owt", 61_100_840), ("vgg16", 138_357_544), ("googlenet-bn", 13_004_888),
    // He et al. 2015, section 4.2: 0.27, 0.46, 0.66, 0.85 and 1.7 M; counted from the same networks in PyTorch.
    ("resnet20", 269_722), ("resnet32", 464_154), ("resnet44", 658_586), ("resnet56", 853_018),
    ("resnet110", 1_727_962),
    ("plain20", 269_722), ("plain32", 464_154), ("plain44", 658_586), ("plain56", 853_018), ("plain110", 1_727_962),
  ]

  @Test(arguments: parameterCounts)
  func parameters(_ model: (name: String, count: Int)) throws {
    let network = try #require(ModelCatalog.entry(named: model.name)).build(ModelOptions())
    #expect(network.parameterCount == model.count)
    #expect(network.name == model.name)
  }

  /// LeCun et al. 1998, section II.B.
  @Test func leNet5Of1998HasThePublishedLayers() {
    let network = Network.leNet5Of1998(ModelOptions())
    let counts = network.nodes.compactMap { node -> (String, Int)? in
      let parameters = node.layer?.parameters(of: network.inputTypes(of: node)) ?? []
      return parameters.isEmpty ? nil : (node.name, parameters.reduce(0) { $0 + $1.mapping.count })
    }
    #expect(counts.map(\.0) == ["c1", "s2", "c3", "s4", "c5", "f6"])
    #expect(counts.map(\.1) == [156, 12, 1_516, 32, 48_120, 10_164])
    let shapes = network.nodes.filter { !($0.layer is HyperbolicTangent) }.map(\.type.shape.description)
    #expect(shapes == ["1×28×28", "6×28×28", "6×14×14", "16×10×10", "16×5×5", "120", "84", "10"])
    // Multiply-adds of connections alone; the paper's 151,600 of C3 count its biases too.
    #expect(network.nodes[5].layer?.multiplyAdds(of: [network.nodes[4].type.shape]) == 150_000)
  }

  /// Codes of ±1, each different from the others in many places.
  @Test func leNet5Of1998HasCodesOfTheDigits() throws {
    let network = Network.leNet5Of1998(ModelOptions())
    let codes = try #require(network.nodes.last?.layer as? RadialBasis).codes
    #expect(codes.map(\.count) == [Int](repeating: 84, count: 10))
    #expect(codes.allSatisfy { $0.allSatisfy { abs($0) == 1 } })
    for (number, code) in codes.enumerated() {
      for other in codes[..<number] { #expect(zip(code, other).count { $0 != $1 } >= 10) }
    }
    #expect(throws: ShapeError.self) { try Network.leNet5Of1998(ModelOptions(classes: 11)).validated() }
    #expect(try Network.leNet5Of1998(ModelOptions(classes: 7)).validated().shape(of: network.output).channels == 7)
  }

  @Test func everyModelIsCounted() {
    #expect(Set(ModelCatalog.entries.map(\.name)) == Set(Self.parameterCounts.map(\.name)))
  }

  /// Evaluation leaves out the auxiliary heads.
  @Test func googLeNetIsEvaluatedWithoutHeads() {
    let network = Network.googLeNetBN(ModelOptions()).forEvaluation()
    #expect(network.parameterCount == 6_624_904)
    #expect(!network.nodes.contains { $0.layer is Dropout })
  }

  @Test func linearClassifierOnLargeImages() {
    var options = ModelOptions(classes: 1000)
    options.inputSize = 224
    #expect(Network.linear(options).parameterCount == 150_529_000)
  }

  @Test func multiplyAdds() throws {
    for (name, macs) in [
      ("lenet5", 416_520), ("lenet5-1998", 325_680), ("lenet-caffe", 2_293_000), ("resnet18", 1_814_073_344),
      ("alexnet-owt", 714_188_480),
      ("vgg16", 15_470_264_320), ("resnet50", 4_089_184_256),
    ] {
      #expect(try #require(ModelCatalog.entry(named: name)).build(ModelOptions()).multiplyAdds == macs)
    }
  }

  /// Names and shapes of torchvision's state_dict, without `num_batches_tracked`, so that checkpoints load strictly.
  @Test func resNet18IsNamedAsInTorchvision() throws {
    let network = Network.resNet18(ModelOptions())
    let lines = network.nodes.flatMap { node -> [String] in
      let inputs = network.inputTypes(of: node)
      let parameters = node.layer?.parameters(of: inputs) ?? []
      let statistics = node.layer?.statistics(of: inputs) ?? []
      return parameters.map {
        "\(node.name).\($0.name) \($0.mapping.fileShape.map(String.init).joined(separator: "x"))"
      }
        + statistics.map { "\(node.name).\($0.name) \($0.channels)" }
    }
    let golden = try Golden.text("resnet18-torchvision.txt", beside: #filePath).split(separator: "\n").map(String.init)
    #expect(lines.sorted() == golden.sorted())
  }

  @Test func optionsChangeTheModel() {
    var options = ModelOptions(classes: 7)
    options.inputSize = 64
    options.inputChannels = 1
    options.zeroGamma = true
    let network = Network.resNet18(options)
    #expect(network.shape(of: network.output) == Shape(channels: 7))
    #expect(network.input.shape == Shape(channels: 1, height: 64, width: 64))
    let scales = network.nodes.flatMap { node in
      (node.layer?.parameters(of: network.inputTypes(of: node)) ?? []).filter { $0.role == .scale }
        .map { (node: node.name, start: $0.initialization) }
    }
    #expect(scales.filter { $0.start == .constant(0) }.allSatisfy { $0.node.hasSuffix(".bn2") })
    #expect(scales.filter { $0.start == .constant(0) }.count == 8)
    options.widths = [20, 30, 40]
    let perceptron = Network.mlp(options)
    #expect(perceptron.parameterCount == (64 * 64 + 1) * 20 + 21 * 30 + 31 * 40 + 41 * 7)
  }

  @Test func catalogFindsByName() {
    #expect(ModelCatalog.entry(named: "resnet20")?.name == "resnet20")
    #expect(ModelCatalog.entry(named: "resnet21") == nil)
    #expect(Set(ModelCatalog.entries.map(\.name)).count == ModelCatalog.entries.count)
  }
}
