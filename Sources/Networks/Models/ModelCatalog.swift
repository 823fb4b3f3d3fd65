/// The models by name.
public enum ModelCatalog {
  public struct Entry: Sendable {
    public let name: String
    /// One line for `convoy models`.
    public let summary: String
    public let build: @Sendable (ModelOptions) -> Network
  }

  public static let entries: [Entry] =
    [
      Entry(name: "linear", summary: "softmax classifier on the pixels", build: Network.linear),
      Entry(name: "mlp", summary: "multi-layer perceptron, any widths (300-100)", build: Network.mlp),
      Entry(name: "lenet5", summary: "LeCun et al. 1998, modern form", build: Network.leNet5),
      Entry(name: "lenet5-1998", summary: "LeCun et al. 1998, as published", build: Network.leNet5Of1998),
      Entry(name: "lenet-caffe", summary: "Caffe's LeNet for MNIST", build: Network.leNetCaffe),
    ] + cifarEntries(residual: true) + cifarEntries(residual: false) + [
      Entry(name: "alexnet-owt", summary: "Krizhevsky 2014, one column, torchvision's", build: Network.alexNetOWT),
      Entry(name: "vgg16", summary: "Simonyan and Zisserman 2014, configuration D", build: Network.vgg16),
      Entry(
        name: "googlenet-bn", summary: "Szegedy et al. 2014, torchvision's with two heads", build: Network.googLeNetBN),
      Entry(name: "resnet18", summary: "He et al. 2015, table 1, option B", build: Network.resNet18),
      Entry(name: "resnet50", summary: "He et al. 2015, table 1, option B, v1.5", build: Network.resNet50),
    ]

  private static func cifarEntries(residual: Bool) -> [Entry] {
    [20, 32, 44, 56, 110].map { depth in
      Entry(
        name: "\(residual ? "resnet" : "plain")\(depth)",
        summary: residual ? "CIFAR, He et al. 2015, section 4.2, option A" : "CIFAR, the same without shortcuts",
        build: { Network.cifarResNet(depth: depth, residual: residual, $0) })
    }
  }

  public static func entry(named name: String) -> Entry? { entries.first { $0.name == name } }
}
