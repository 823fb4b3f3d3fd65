extension RunConfiguration {
  /// Random changes of training images: a preset, and what differs from it.
  public struct Augmentation: Sendable, Equatable {
    /// A well-known set of changes.
    public enum Preset: String, CaseIterable, Sendable {
      /// No changes.
      case none
      /// Zero-pad by 4 pixels, crop back at a random place, flip half of the images (He et al. 2015, section 4.2).
      case cifar
      /// Crop a random 8 to 100 % of the area at a random shape, resize, flip half of the images
      /// (Szegedy et al. 2014, torchvision's `RandomResizedCrop`).
      case imagenet
    }

    /// A well-known set of changes.
    public var preset = Preset.none
    /// Pixels of zero padding before a random crop back to the input size; null for the preset's.
    public var pad: Int?
    /// Whether half of the images are mirrored; null for the preset's.
    public var flip: Bool?
    /// The smallest share of the image's area that a random resized crop takes; null for the preset's.
    public var cropArea: Double?
    /// Mixup (Zhang et al. 2018): every image is blended with another one of its microbatch, and so are their labels in
    /// the loss, in shares that each step draws from Beta(mixup, mixup); 0 for none. The paper has 0.2 for ImageNet
    /// and 1 for CIFAR.
    public var mixup = 0.0

    public init() {}

    /// Pixels of padding, the preset's filled in; 0 for no crop after padding.
    public var resolvedPad: Int { pad ?? (preset == .cifar ? 4 : 0) }

    /// Whether images are mirrored, the preset's choice filled in.
    public var resolvedFlip: Bool { flip ?? (preset != .none) }

    /// The shares of the area that a random resized crop takes, the preset's filled in; nil for no such crop.
    public var resolvedCropArea: ClosedRange<Double>? {
      (cropArea ?? (preset == .imagenet ? 0.08 : nil)).map { $0...1 }
    }
  }
}

extension RunConfiguration.Augmentation.Preset: Choice {}

extension RunConfiguration.Augmentation: Section {
  static let keys: [Key<Self>] = [
    .value("preset", \.preset),
    .value("pad", \.pad, .between(0, 1024)),
    .value("flip", \.flip),
    .value("cropArea", \.cropArea, .above(0, upTo: 1)),
    .value("mixup", \.mixup, .between(0.0, 100.0)),
  ]
}
