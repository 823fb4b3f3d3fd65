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
      /// Resize the shorter side to 256 pixels, crop at random from the middle square, flip half of the images,
      /// lighting of 0.1 (Krizhevsky et al. 2012, sections 2 and 4.1).
      case alexnet
      /// Resize the shorter side to 256 pixels, crop at random, flip half of the images (Sermanet et al. 2013, section
      /// 3.1).
      case overfeat
      /// Resize the shorter side to 256 to 512 pixels, crop at random, flip half of the images, lighting of 0.1
      /// (Simonyan and Zisserman 2014, section 3.1, multi-scale training).
      case vgg
      /// As imagenet, with brightness, contrast and saturation of 0.5 and lighting of 0.1 (Szegedy et al. 2014, section
      /// 6, after Howard 2013).
      case googlenet
      /// Resize the shorter side to 256 to 480 pixels, crop at random, flip half of the images, lighting of 0.1 (He et
      /// al. 2015, section 3.4).
      case resnet
    }

    /// A well-known set of changes.
    public var preset = Preset.none
    /// Pixels of zero padding before a random crop back to the input size; null for the preset's.
    public var pad: Int?
    /// Whether half of the images are mirrored; null for the preset's.
    public var flip: Bool?
    /// The smallest share of the image's area that a random resized crop takes; null for the preset's.
    public var cropArea: Double?
    /// The pixels to which the shorter side is resized before a random crop: one number, or the least and the greatest,
    /// between which each image draws its own; null for the preset's.
    public var shorterSide: [Int]?
    /// With `shorterSide`: whether crops are taken from the middle square only; null for the preset's.
    public var centerSquare: Bool?
    /// Each image is multiplied by a number that is uniform in 1 ± brightness; null for the preset's.
    public var brightness: Double?
    /// Each image's differences from its mean grey are multiplied by a number that is uniform in 1 ± contrast; null for
    /// the preset's.
    public var contrast: Double?
    /// Each image's differences from the grey of its pixels are multiplied by a number that is uniform in 1 ±
    /// saturation; null for the preset's.
    public var saturation: Double?
    /// The standard deviation of the multiples of the principal components of ImageNet's colours that are added to each
    /// image; null for the preset's.
    ///
    /// Krizhevsky et al. 2012, section 4.1.
    public var lighting: Double?
    /// Mixup (Zhang et al. 2018): every image is blended with another one of its microbatch, and so are their labels in
    /// the loss, in shares that each step draws from Beta(mixup, mixup); 0 for none. The paper has 0.2 for ImageNet
    /// and 1 for CIFAR.
    public var mixup = 0.0

    public init() {}
  }
}

extension RunConfiguration.Augmentation {
  /// Pixels of padding, the preset's filled in; 0 for no crop after padding.
  public var resolvedPad: Int { pad ?? (preset == .cifar ? 4 : 0) }

  /// Whether images are mirrored, the preset's choice filled in.
  public var resolvedFlip: Bool { flip ?? (preset != .none) }

  /// The shares of the area that a random resized crop takes, the preset's filled in; nil for no such crop.
  public var resolvedCropArea: ClosedRange<Double>? {
    (cropArea ?? (preset == .imagenet || preset == .googlenet ? 0.08 : nil)).map { $0...1 }
  }

  /// The pixels to which the shorter side is resized before a random crop, the preset's filled in; nil for no such
  /// crop.
  ///
  /// Of a validated configuration.
  public var resolvedShorterSide: ClosedRange<Int>? {
    if let least = shorterSide?.first, let greatest = shorterSide?.last, least <= greatest { return least...greatest }
    return switch preset {
    case .alexnet, .overfeat: 256...256
    case .vgg: 256...512
    case .resnet: 256...480
    case .none, .cifar, .imagenet, .googlenet: nil
    }
  }

  /// Whether crops are taken from the middle square only, the preset's choice filled in.
  public var resolvedCenterSquare: Bool { centerSquare ?? (preset == .alexnet) }

  public var resolvedBrightness: Double { brightness ?? presetJitter }
  public var resolvedContrast: Double { contrast ?? presetJitter }
  public var resolvedSaturation: Double { saturation ?? presetJitter }

  /// Howard 2013, section 2: numbers between 0.5 and 1.5.
  private var presetJitter: Double { preset == .googlenet ? 0.5 : 0 }

  /// The deviation of the lighting, the preset's filled in.
  public var resolvedLighting: Double {
    if let lighting { return lighting }
    return switch preset {
    case .alexnet, .vgg, .googlenet, .resnet: 0.1
    case .none, .cifar, .imagenet, .overfeat: 0
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
    .value("shorterSide", \.shorterSide, .between(1, 1 << 14)),
    .value("centerSquare", \.centerSquare),
    .value("brightness", \.brightness, .between(0.0, 1.0)),
    .value("contrast", \.contrast, .between(0.0, 1.0)),
    .value("saturation", \.saturation, .between(0.0, 1.0)),
    .value("lighting", \.lighting, .between(0.0, 10.0)),
    .value("mixup", \.mixup, .between(0.0, 100.0)),
  ]
}
