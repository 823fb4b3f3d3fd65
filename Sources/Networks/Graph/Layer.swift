public import Tensors

/// One kind of operation in a network: its shape rule and its parameters. A value without memory.
///
/// To add a layer: one file with the layer and its `Operation`, and one line in the gradient test's table.
public protocol Layer: Sendable {
  /// What plans and tables call it, for example "convolution 3".
  var kind: String { get }

  /// `kind` with what a plan has put into the layer beside rectifiers, for example "batch norm + add + relu".
  func kind(of inputs: [Shape]) -> String

  /// Whether it may read the images themselves, which are interleaved.
  var readsImages: Bool { get }

  /// The shape of the output, or why these inputs cannot be combined.
  func output(of inputs: [Shape]) throws(ShapeError) -> Shape

  /// The trainable parameters, in the order in which the operation receives them.
  func parameters(of inputs: [TensorType]) -> [ParameterSpec]

  /// What training measures and evaluation uses.
  func statistics(of inputs: [TensorType]) -> [StatisticSpec]

  /// The number of values that are fixed by the layer and not trained.
  var fixedValues: Int { get }

  /// Multiply-adds of the forward pass of one image.
  func multiplyAdds(of inputs: [Shape]) -> Int

  /// The layer's passes over batches of `images` images.
  func operation(on inputs: [TensorType], images: Int) -> any Operation

  /// The layer that computes at every place of larger inputs what this one computes of inputs of these types, with the
  /// same parameters lying in the same order; or why there is none.
  func sliding(over inputs: [TensorType]) throws(ShapeError) -> any Layer

  /// Whether the output's height and width are the same whatever those of the input.
  var fixesSize: Bool { get }

  /// The layer that does with places `step` apart what this one does with places side by side; or why there is none.
  func spread(by step: Extent) throws(ShapeError) -> any Layer
}

extension Layer {
  public func kind(of inputs: [Shape]) -> String { kind }
  public var readsImages: Bool { false }
  public func parameters(of inputs: [TensorType]) -> [ParameterSpec] { [] }
  public func statistics(of inputs: [TensorType]) -> [StatisticSpec] { [] }
  public var fixedValues: Int { 0 }
  public func multiplyAdds(of inputs: [Shape]) -> Int { 0 }
  public func sliding(over inputs: [TensorType]) throws(ShapeError) -> any Layer { self }
  public var fixesSize: Bool { false }

  public func spread(by step: Extent) throws(ShapeError) -> any Layer {
    throw ShapeError("\(kind) cannot take places that lie \(step) apart.")
  }
}

/// A layer whose output at a place depends on its inputs at that place alone.
public protocol PointwiseLayer: Layer {}

extension PointwiseLayer {
  public func spread(by step: Extent) throws(ShapeError) -> any Layer { self }
}

/// A layer that can apply max(0, ·) to its output in the same pass.
public protocol RectifiableLayer: Layer {
  var rectify: Bool { get set }
}

/// The shape and layout of one image's values.
public struct TensorType: Hashable, Sendable {
  public var shape: Shape
  public var layout: Layout

  public init(_ shape: Shape, _ layout: Layout = .blocked) {
    self.shape = shape
    self.layout = layout
  }

  /// Floats of one image.
  public var floats: Int { shape.floats(in: layout) }
}

/// Shapes that a layer cannot take.
public struct ShapeError: Error, CustomStringConvertible, Sendable {
  public let description: String
  public init(_ description: String) { self.description = description }
}
