extension Augmentation {
  /// The recipes that have a name in configurations, which say there where they come from.
  public enum Preset: String, Sendable, Hashable, CaseIterable, Codable {
    /// No variation: the middle of every image.
    case none
    /// Pad by 4, crop, flip (He et al. 2015, section 4.2).
    case cifar
    /// Random resized crop of 8 % to 100 % of the area, flip.
    case imagenet
    /// Random crop of the middle 256 × 256 pixels, flip, lighting (Krizhevsky et al. 2012, section 4.1).
    case alexnet
    /// Random crop at a shorter side of 256, flip (Sermanet et al. 2013, section 3.1).
    case overfeat
    /// Random crop at a shorter side of 256 to 512, flip, lighting (Simonyan and Zisserman 2014, section 3.1).
    case vgg
    /// That of imagenet with changes of brightness, contrast, saturation and lighting (Szegedy et al. 2014, section 6).
    case googlenet
    /// Random crop at a shorter side of 256 to 480, flip, lighting (He et al. 2015, section 3.4).
    case resnet
  }

  public init(_ preset: Preset) {
    let lighting = ColourVariation(lighting: 0.1)
    switch preset {
    case .none: self.init(.centre(resizedTo: nil), flips: false)
    case .cifar: self.init(.paddedCrop(padding: 4), flips: true)
    case .imagenet: self.init(.randomResizedCrop(minimumArea: 0.08), flips: true)
    case .alexnet:
      self.init(.scaledCrop(shorterSide: 256...256, inCentreSquare: true), flips: true, colours: lighting)
    case .overfeat: self.init(.scaledCrop(shorterSide: 256...256, inCentreSquare: false), flips: true)
    case .vgg: self.init(.scaledCrop(shorterSide: 256...512, inCentreSquare: false), flips: true, colours: lighting)
    case .googlenet:
      self.init(
        .randomResizedCrop(minimumArea: 0.08), flips: true,
        colours: ColourVariation(brightness: 0.5, contrast: 0.5, saturation: 0.5, lighting: 0.1))
    case .resnet:
      self.init(.scaledCrop(shorterSide: 256...480, inCentreSquare: false), flips: true, colours: lighting)
    }
  }
}
