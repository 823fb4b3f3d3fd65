/// What tells the residual networks for ImageNet apart (He et al. 2015, table 1 and section 3.3).
public struct ResNetDesign: Sendable {
  public enum Block: Sendable { case basic, bottleneck }

  /// The shortcut around a block.
  public enum Shortcut: Sendable {
    /// Option A: the identity; every second pixel and channels of zeros where the shapes differ. No parameters.
    case identity
    /// Option B: a 1×1 convolution and norm where the shapes differ, else the identity.
    case projection
    /// Option C: a 1×1 convolution and norm around every block.
    case projectionEverywhere
  }

  /// Blocks of each of the four stages.
  public var blocks: [Int]
  public var block: Block
  /// Nil in a plain network.
  public var shortcut: Shortcut?
  /// Whether a bottleneck's stride sits on its first 1×1 convolution, as in the paper ("v1"), or on the 3×3, as in
  /// torchvision ("v1.5").
  public var stridesFirst: Bool

  public init(blocks: [Int], block: Block, shortcut: Shortcut?, stridesFirst: Bool = false) {
    self.blocks = blocks
    self.block = block
    self.shortcut = shortcut
    self.stridesFirst = stridesFirst
  }

  /// A network of the paper.
  struct Named: Sendable {
    let name: String
    let summary: String
    let design: ResNetDesign
  }

  /// The networks of the paper, by depth.
  static let all: [Named] =
    shallow(18, [2, 2, 2, 2]) + shallow(34, [3, 4, 6, 3]) + deep(50, [3, 4, 6, 3]) + deep(101, [3, 4, 23, 3])
    + deep(152, [3, 8, 36, 3])

  private static func shallow(_ depth: Int, _ blocks: [Int]) -> [Named] {
    func named(_ name: String, _ summary: String, _ shortcut: Shortcut?) -> Named {
      Named(name: name, summary: summary, design: ResNetDesign(blocks: blocks, block: .basic, shortcut: shortcut))
    }
    return [
      named("resnet\(depth)", "He et al. 2015, table 1, option B", .projection),
      named("resnet\(depth)-a", "the same with shortcuts of option A", .identity),
      named("resnet\(depth)-c", "the same with shortcuts of option C", .projectionEverywhere),
      named("plain\(depth)", "the same without shortcuts", nil),
    ]
  }

  private static func deep(_ depth: Int, _ blocks: [Int]) -> [Named] {
    func named(_ name: String, _ summary: String, stridesFirst: Bool) -> Named {
      Named(
        name: name, summary: summary,
        design: ResNetDesign(
          blocks: blocks, block: .bottleneck, shortcut: .projection, stridesFirst: stridesFirst))
    }
    return [
      named("resnet\(depth)", "He et al. 2015, table 1, option B, v1.5: stride on the 3×3", stridesFirst: false),
      named("resnet\(depth)-v1", "the same as published: stride on the first 1×1", stridesFirst: true),
    ]
  }
}
