import Tensors

/// How the colours of training images are varied: by how much, in the measures of fb.resnet.torch's `ColorJitter` and
/// `Lighting`.
///
/// Values are neither rounded nor clipped in between or at the end, as there; so it does not matter in which order
/// brightness, contrast and saturation are changed, and no order is drawn. (Pillow, which Howard 2013 and torchvision
/// use, clips after each.)
public struct ColourVariation: Sendable, Hashable {
  /// The image is multiplied by a number that is uniform in 1 ± brightness; 0...1.
  public var brightness: Double
  /// Differences from the mean grey of the crop are multiplied by a number that is uniform in 1 ± contrast; 0...1.
  public var contrast: Double
  /// Differences from each pixel's own grey are multiplied by a number that is uniform in 1 ± saturation; 0...1.
  public var saturation: Double
  /// The standard deviation of the three normal numbers by which the principal components of the colours of ImageNet's
  /// pixels are added (Krizhevsky et al. 2012, section 4.1, where it is 0.1).
  public var lighting: Double

  public init(brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, lighting: Double = 0) {
    for share in [brightness, contrast, saturation] {
      precondition((0...1).contains(share), "a factor of 1 ± share is not negative")
    }
    precondition(lighting >= 0 && lighting.isFinite, "a standard deviation is not negative")
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.lighting = lighting
  }

  /// What is done to one image, by the next draws of `random`, none for what does not vary; nil where nothing does.
  func change(_ random: inout RandomStream) -> ColourChange? {
    guard self != ColourVariation() else { return nil }
    func factor(_ share: Double) -> Double { share > 0 ? random.uniform(1 - share, 1 + share) : 1 }
    var change = ColourChange()
    change.brightness = factor(brightness)
    change.contrast = factor(contrast)
    change.saturation = factor(saturation)
    if lighting > 0 {
      for component in PrincipalColours.all { change.shift += component * (lighting * random.normal()) }
    }
    return change
  }
}

/// The principal components of the colours of ImageNet's pixels in 0...1, each as long as its eigenvalue.
///
/// Values of facebookarchive/fb.resnet.torch (`datasets/imagenet.lua`), which the field has used since; Krizhevsky et
/// al. 2012 do not print theirs.
enum PrincipalColours {
  static let all: [SIMD3<Double>] = [
    SIMD3(-0.5675, -0.5808, -0.5836) * 0.2175,
    SIMD3(0.7192, -0.0045, -0.6948) * 0.0188,
    SIMD3(0.4009, -0.8140, 0.4203) * 0.0045,
  ]
}

/// What is done to the colours of one image, with values in 0...1.
struct ColourChange: Hashable {
  var brightness = 1.0
  var contrast = 1.0
  var saturation = 1.0
  /// Added to red, green and blue at the end.
  var shift = SIMD3<Double>.zero

  /// The weights of red, green and blue in grey (ITU-R BT.601).
  static let greyWeights = SIMD3(0.299, 0.587, 0.114)

  /// The grey of a colour.
  static func grey(_ colour: SIMD3<Double>) -> Double {
    let parts = colour * greyWeights
    return parts[0] + parts[1] + parts[2]
  }
}
