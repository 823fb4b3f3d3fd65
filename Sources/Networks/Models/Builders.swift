public import Tensors

/// The words that models are written in.
extension Network {
  @discardableResult
  public mutating func convolution(
    _ input: NodeID, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = false, weights: Initializer = .he, biases: Initializer = .zero, name: String
  ) -> NodeID {
    convolution(
      input, channels, kernel: Extent(kernel), stride: Extent(stride), padding: Extent(padding),
      dilation: Extent(dilation), groups: groups, bias: bias, weights: weights, biases: biases, name: name)
  }

  @discardableResult
  public mutating func convolution(
    _ input: NodeID, _ channels: Int, kernel: Extent, stride: Extent = Extent(1), padding: Extent = Extent(0),
    dilation: Extent = Extent(1), groups: Int = 1, bias: Bool = false, weights: Initializer = .he,
    biases: Initializer = .zero, name: String
  ) -> NodeID {
    add(
      Convolution(
        channels, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups, bias: bias,
        weightInitialization: weights, biasInitialization: biases),
      to: [input], name: name)
  }

  /// A convolution of sequences: its input has one row. In files the weights keep the kernel's one row, outputs ×
  /// channels × 1 × taps.
  @discardableResult
  public mutating func convolution1D(
    _ input: NodeID, _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = false, weights: Initializer = .he, biases: Initializer = .zero, name: String
  ) -> NodeID {
    convolution(
      input, channels, kernel: Extent(rows: 1, columns: kernel), stride: Extent(rows: 1, columns: stride),
      padding: Extent(rows: 0, columns: padding), dilation: Extent(rows: 1, columns: dilation), groups: groups,
      bias: bias, weights: weights, biases: biases, name: name)
  }

  @discardableResult
  public mutating func dense(
    _ input: NodeID, _ outputs: Int, weights: Initializer = .pyTorchDefault, biases: Initializer = .pyTorchDefault,
    name: String
  ) -> NodeID {
    add(Dense(outputs, weightInitialization: weights, biasInitialization: biases), to: [input], name: name)
  }

  public mutating func relu(_ input: NodeID) -> NodeID { add(ReLU(), to: [input], name: "relu\(nodes.count)") }

  public mutating func maxPool(
    _ input: NodeID, kernel: Int, stride: Int, padding: Int = 0, rounding: PoolRounding = .down
  ) -> NodeID {
    add(
      MaxPool(PoolWindows(kernel, stride: stride, padding: padding, rounding: rounding)), to: [input],
      name: "pool\(nodes.count)")
  }

  /// `countPadding`: whether zeros of the padding count as values.
  public mutating func averagePool(
    _ input: NodeID, kernel: Int, stride: Int, padding: Int = 0, rounding: PoolRounding = .down,
    countPadding: Bool = true
  ) -> NodeID {
    add(
      AveragePool(
        PoolWindows(kernel, stride: stride, padding: padding, rounding: rounding), countPadding: countPadding),
      to: [input], name: "pool\(nodes.count)")
  }

  public mutating func l2Pool(
    _ input: NodeID, kernel: Int, stride: Int, padding: Int = 0, rounding: PoolRounding = .down
  ) -> NodeID {
    add(
      L2Pool(PoolWindows(kernel, stride: stride, padding: padding, rounding: rounding)), to: [input],
      name: "pool\(nodes.count)")
  }

  /// `alpha` multiplies the sum of squares itself, as in Krizhevsky et al. 2012: see `ResponseNormalization`.
  public mutating func localResponseNormalization(
    _ input: NodeID, window: Int = 5, bias: Float = 2, alpha: Float = 1e-4, beta: Float = 0.75
  ) -> NodeID {
    add(
      ResponseNormalization(window: window, bias: bias, alpha: alpha, beta: beta), to: [input],
      name: "norm\(nodes.count)")
  }

  /// `alpha` is divided by the window: see `ContrastNormalization`.
  public mutating func contrastNormalization(
    _ input: NodeID, window: Int = 5, bias: Float = 2, alpha: Float = 5e-4, beta: Float = 0.75
  ) -> NodeID {
    add(
      ContrastNormalization(window: window, bias: bias, alpha: alpha, beta: beta), to: [input],
      name: "norm\(nodes.count)")
  }

  public mutating func tanh(_ input: NodeID) -> NodeID {
    add(HyperbolicTangent(), to: [input], name: "tanh\(nodes.count)")
  }

  /// 1.7159 · tanh(2x/3).
  public mutating func scaledTanh(_ input: NodeID) -> NodeID {
    add(HyperbolicTangent.scaled, to: [input], name: "tanh\(nodes.count)")
  }

  public mutating func sigmoid(_ input: NodeID) -> NodeID { add(Sigmoid(), to: [input], name: "sigmoid\(nodes.count)") }

  public mutating func globalAveragePool(_ input: NodeID) -> NodeID {
    add(GlobalAveragePool(), to: [input], name: "avgpool")
  }

  /// Nothing where the input already has the size.
  public mutating func adaptiveAveragePool(_ input: NodeID, _ size: Int) -> NodeID {
    let shape = shape(of: input)
    if shape.height == size, shape.width == size { return input }
    return add(AdaptiveAveragePool(Extent(size)), to: [input], name: "avgpool")
  }

  /// `number` tells the dropout layers of a network apart.
  public mutating func dropout(_ input: NodeID, rate: Float, number: Int) -> NodeID {
    add(Dropout(rate: rate, number: number), to: [input], name: "dropout\(number)")
  }

  public mutating func concatenate(_ inputs: [NodeID], name: String) -> NodeID {
    add(Concatenate(), to: inputs, name: name)
  }
}
