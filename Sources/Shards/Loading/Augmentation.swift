/// How training images are varied, as a value: the drawing itself is a function of (seed, epoch, sample).
public struct Augmentation: Sendable, Hashable {
  /// Which part of an image is taken.
  public enum Framing: Sendable, Hashable {
    /// The middle, after resizing the image so that its shorter side has `resizedTo` pixels; without that number, so
    /// that it just covers the network's input. An image that already has the input's size is taken as it is.
    case centre(resizedTo: Int?)
    /// The image with `padding` pixels of zeros (after normalisation) on each side, cut to the network's input at a
    /// random place. An image of another size than the input is centre-cropped to it first.
    case paddedCrop(padding: Int)
    /// A part of the image of `minimumArea`...1 of its area and 3:4 to 4:3 in aspect, resized to the network's input
    /// (Szegedy et al. 2014, section 6, as torchvision's `RandomResizedCrop` draws it).
    case randomResizedCrop(minimumArea: Double)
  }

  public var framing: Framing
  /// Whether half of the images are mirrored left to right.
  public var flips: Bool

  public init(_ framing: Framing, flips: Bool) {
    switch framing {
    case .centre(let side): precondition(side ?? 1 > 0, "the shorter side has at least one pixel")
    case .paddedCrop(let padding): precondition(padding >= 0, "padding is not negative")
    case .randomResizedCrop(let area): precondition(area > 0 && area <= 1, "the least area is in (0, 1]")
    }
    self.framing = framing
    self.flips = flips
  }

  /// The transform of evaluation: resize the shorter side, cut out the middle.
  public static func centre(resizedTo shorterSide: Int?) -> Augmentation {
    Augmentation(.centre(resizedTo: shorterSide), flips: false)
  }

  /// The recipes that have a name in configurations.
  public enum Preset: String, Sendable, Hashable, CaseIterable, Codable {
    /// No variation: the middle of every image.
    case none
    /// Pad by 4, crop, flip (He et al. 2015, section 4.2).
    case cifar
    /// Random resized crop of 8 % to 100 % of the area, flip.
    case imagenet
  }

  public init(_ preset: Preset) {
    switch preset {
    case .none: self.init(.centre(resizedTo: nil), flips: false)
    case .cifar: self.init(.paddedCrop(padding: 4), flips: true)
    case .imagenet: self.init(.randomResizedCrop(minimumArea: 0.08), flips: true)
    }
  }
}
