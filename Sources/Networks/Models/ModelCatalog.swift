/// The models by name.
public enum ModelCatalog {
  public struct Entry: Sendable {
    public let name: String
    /// One line for `convoy models`.
    public let summary: String
    public let build: @Sendable (ModelOptions) -> Network

    init(_ name: String, _ summary: String, _ build: @escaping @Sendable (ModelOptions) -> Network) {
      self.name = name
      self.summary = summary
      self.build = build
    }
  }

  public static let entries: [Entry] = perceptrons + leNets + cifar + classics + residual + lecture

  private static let perceptrons = [
    Entry("linear", "linear classifier on the pixels, CIFAR", Network.linear),
    Entry("linear-imagenet", "linear classifier on the pixels, ImageNet", Network.linearImageNet),
    Entry("mlp", "multi-layer perceptron, any widths (300-100)", Network.mlp),
    Entry("alvinn", "Pomerleau 1989: from the road to the wheel, 960-5-30", Network.alvinn),
  ]

  private static let leNets = [
    Entry("lenet5", "LeCun et al. 1998, modern form", Network.leNet5),
    Entry("lenet5-1998", "LeCun et al. 1998, as published", Network.leNet5Of1998),
    Entry("lenet-caffe", "Caffe's LeNet for MNIST", Network.leNetCaffe),
  ]

  private static let cifar = [true, false].flatMap { residual in
    [20, 32, 44, 56, 110].map { depth in
      Entry(
        "\(residual ? "resnet" : "plain")\(depth)",
        residual ? "CIFAR, He et al. 2015, section 4.2, option A" : "CIFAR, the same without shortcuts"
      ) { Network.cifarResNet(depth: depth, residual: residual, $0) }
    }
  }

  private static let classics = [
    Entry("alexnet", "Krizhevsky et al. 2012, two groups", Network.alexNet),
    Entry("alexnet-owt", "Krizhevsky 2014, one column, torchvision's", Network.alexNetOWT),
    Entry("zfnet", "Zeiler and Fergus 2013", Network.zfNet),
    Entry("overfeat-fast", "Sermanet et al. 2013, table 1", Network.overFeatFast),
    Entry("overfeat-accurate", "Sermanet et al. 2013, table 3", Network.overFeatAccurate),
    Entry("vgg11", "Simonyan and Zisserman 2014, configuration A", Network.vgg11),
    Entry("vgg13", "Simonyan and Zisserman 2014, configuration B", Network.vgg13),
    Entry("vgg16c", "Simonyan and Zisserman 2014, configuration C, with 1×1", Network.vgg16C),
    Entry("vgg16", "Simonyan and Zisserman 2014, configuration D", Network.vgg16),
    Entry("vgg19", "Simonyan and Zisserman 2014, configuration E", Network.vgg19),
    Entry("googlenet", "Szegedy et al. 2014, with two heads", Network.googLeNet),
    Entry("googlenet-bn", "torchvision's GoogLeNet: batch norm, 3×3 for 5×5", Network.googLeNetBN),
  ]

  private static let residual = ResNetDesign.all.map { network in
    Entry(network.name, network.summary) { Network.resNet(network.name, network.design, $0) }
  }

  private static let lecture = [
    Entry("lecture-dense", "200×200×3 to 120,000 units, fully connected", Network.lectureDense),
    Entry("lecture-local", "the same, locally connected", Network.lectureLocal),
    Entry("lecture-conv", "the same, convolutional", Network.lectureConv),
  ]

  public static func entry(named name: String) -> Entry? { entries.first { $0.name == name } }
}
