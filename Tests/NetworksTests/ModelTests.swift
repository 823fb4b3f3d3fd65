import Networks
import Tensors
import TestSupport
import Testing

@Suite("Models have the published sizes")
struct ModelTests {
  static let parameterCounts: [(name: String, count: Int)] = [
    ("linear", 30_730), ("linear-imagenet", 150_529_000), ("mlp", 266_610), ("alvinn", 4_985),
    ("lenet5", 61_706), ("lenet5-1998", 60_000), ("lenet-caffe", 431_080),
    ("alexnet", 60_965_224), ("alexnet-owt", 61_100_840), ("zfnet", 62_357_608),
    ("overfeat-fast", 145_920_872), ("overfeat-accurate", 144_656_488),
    ("vgg11", 132_863_336), ("vgg13", 133_047_848), ("vgg16c", 133_638_952), ("vgg16", 138_357_544),
    ("vgg19", 143_667_240), ("googlenet", 13_378_280), ("googlenet-bn", 13_004_888),
    ("resnet18", 11_689_512), ("resnet18-a", 11_515_688), ("resnet34", 21_797_672), ("resnet34-a", 21_623_848),
    ("plain18", 11_515_688), ("plain34", 21_623_848),
    // Option C adds w² + 2w values to every block of width w that has no projection yet.
    ("resnet18-c", 12_043_816), ("resnet34-c", 22_716_840),
    ("resnet50", 25_557_032), ("resnet50-v1", 25_557_032), ("resnet101", 44_549_160), ("resnet101-v1", 44_549_160),
    ("resnet152", 60_192_808), ("resnet152-v1", 60_192_808),
    // He et al. 2015, section 4.2: 0.27, 0.46, 0.66, 0.85 and 1.7 M; counted from the same networks in PyTorch.
    ("resnet20", 269_722), ("resnet32", 464_154), ("resnet44", 658_586), ("resnet56", 853_018),
    ("resnet110", 1_727_962),
    ("plain20", 269_722), ("plain32", 464_154), ("plain44", 658_586), ("plain56", 853_018), ("plain110", 1_727_962),
    ("lecture-dense", 14_400_000_000), ("lecture-local", 3_240_000), ("lecture-conv", 3 * 27),
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
  @Test(arguments: [("googlenet", 6_998_552), ("googlenet-bn", 6_624_904)])
  func googLeNetIsEvaluatedWithoutHeads(_ model: (name: String, count: Int)) throws {
    let network = try #require(ModelCatalog.entry(named: model.name)).build(ModelOptions()).forEvaluation()
    #expect(network.parameterCount == model.count)
    #expect(!network.nodes.contains { $0.layer is Dropout })
  }

  @Test func linearClassifierOnLargeImages() {
    var options = ModelOptions(classes: 1000)
    options.inputSize = 224
    #expect(Network.linear(options).parameterCount == 150_529_000)
  }

  @Test func multiplyAdds() throws {
    for (name, macs) in [
      ("linear-imagenet", 150_528_000), ("alvinn", 4_950), ("lenet5", 416_520), ("lenet5-1998", 325_680),
      ("lenet-caffe", 2_293_000),
      ("alexnet", 724_406_816), ("alexnet-owt", 714_188_480), ("zfnet", 1_168_032_896),
      ("overfeat-fast", 2_801_403_904), ("overfeat-accurate", 5_355_446_784), ("vgg16", 15_470_264_320),
      ("resnet18", 1_814_073_344), ("resnet50", 4_089_184_256),
    ] {
      #expect(try #require(ModelCatalog.entry(named: name)).build(ModelOptions()).multiplyAdds == macs)
    }
  }

  /// Of the table in He et al. 2015: 1.8, 3.6, 3.8, 7.6 and 11.3 billion.
  @Test(arguments: [
    ("vgg11", 7.609), ("vgg13", 11.308), ("vgg19", 19.632), ("resnet18-a", 1.795), ("resnet34", 3.664),
    ("resnet34-a", 3.644), ("plain18", 1.795), ("plain34", 3.644), ("resnet50-v1", 3.858), ("resnet101", 7.801),
    ("resnet101-v1", 7.570), ("resnet152", 11.514), ("resnet152-v1", 11.282),
  ])
  func billionsOfMultiplyAdds(_ model: (name: String, billions: Double)) throws {
    let network = try #require(ModelCatalog.entry(named: model.name)).build(ModelOptions())
    #expect(abs(Double(network.multiplyAdds) / 1e9 - model.billions) < 0.0006)
  }

  /// The main network and the two heads together.
  @Test func googLeNetsMultiplyAdds() throws {
    let network = try #require(ModelCatalog.entry(named: "googlenet")).build(ModelOptions())
    #expect(network.forEvaluation().multiplyAdds == 1_582_671_872)
    #expect(abs(Double(network.multiplyAdds - 1_582_671_872) / 1e6 - 8.4) < 0.05)
  }

  /// Names and shapes of torchvision's state_dict, without `num_batches_tracked`, so that checkpoints load strictly.
  @Test func resNet18IsNamedAsInTorchvision() throws {
    let network = try #require(ModelCatalog.entry(named: "resnet18")).build(ModelOptions())
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

  @Test func optionsChangeTheModel() throws {
    var options = ModelOptions(classes: 7)
    options.inputSize = 64
    options.inputChannels = 1
    options.zeroGamma = true
    let network = try #require(ModelCatalog.entry(named: "resnet18")).build(options)
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
