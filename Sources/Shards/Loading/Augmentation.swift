import Tensors

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
    /// A part at a random place of the image, resized so that its shorter side has a number of pixels that is uniform
    /// in `shorterSide`: one number in Krizhevsky et al. 2012, who take crops only from the middle square
    /// (`inCentreSquare`), a range in Simonyan and Zisserman 2014, section 3.1 ("scale jittering").
    case scaledCrop(shorterSide: ClosedRange<Int>, inCentreSquare: Bool)

    /// The least number of pixels to which the shorter side of an image is resized, which the network's input must fit
    /// into; nil where images are resized to fit.
    public var leastShorterSide: Int? {
      switch self {
      case .centre(let side): side
      case .scaledCrop(let sides, _): sides.lowerBound
      case .paddedCrop, .randomResizedCrop: nil
      }
    }
  }

  public var framing: Framing
  /// Whether half of the images are mirrored left to right.
  public var flips: Bool
  public var colours: ColourVariation

  public init(_ framing: Framing, flips: Bool, colours: ColourVariation = ColourVariation()) {
    switch framing {
    case .centre(let side): precondition(side ?? 1 > 0, "the shorter side has at least one pixel")
    case .paddedCrop(let padding): precondition(padding >= 0, "padding is not negative")
    case .randomResizedCrop(let area): precondition(area > 0 && area <= 1, "the least area is in (0, 1]")
    case .scaledCrop(let sides, _): precondition(sides.lowerBound > 0, "the shorter side has at least one pixel")
    }
    self.framing = framing
    self.flips = flips
    self.colours = colours
  }

  /// The transform of evaluation: resize the shorter side, cut out the middle.
  public static func centre(resizedTo shorterSide: Int?) -> Augmentation {
    Augmentation(.centre(resizedTo: shorterSide), flips: false)
  }
}
