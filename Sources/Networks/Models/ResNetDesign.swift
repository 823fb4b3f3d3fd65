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

  /// The networks by name.
  static let all: [(name: String, summary: String, design: ResNetDesign)] =
    [(18, [2, 2, 2, 2]), (34, [3, 4, 6, 3])].flatMap { depth, blocks in
      [
        ("resnet\(depth)", "He et al. 2015, table 1, option B", .init(blocks: blocks, block: .basic, shortcut: .projection)),
        (
          "resnet\(depth)-a", "the same with shortcuts of option A",
          .init(blocks: blocks, block: .basic, shortcut: .identity)
        ),
        (
          "resnet\(depth)-c", "the same with shortcuts of option C",
          .init(blocks: blocks, block: .basic, shortcut: .projectionEverywhere)
        ),
        ("plain\(depth)", "the same without shortcuts", .init(blocks: blocks, block: .basic, shortcut: nil)),
      ]
    }
    + [(50, [3, 4, 6, 3]), (101, [3, 4, 23, 3]), (152, [3, 8, 36, 3])].flatMap { depth, blocks in
      [
        (
          "resnet\(depth)", "He et al. 2015, table 1, option B, v1.5: stride on the 3×3",
          .init(blocks: blocks, block: .bottleneck, shortcut: .projection)
        ),
        (
          "resnet\(depth)-v1", "the same as published: stride on the first 1×1",
          .init(blocks: blocks, block: .bottleneck, shortcut: .projection, stridesFirst: true)
        ),
      ]
    }
}
