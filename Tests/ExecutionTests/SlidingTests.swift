import Execution
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Workers

/// A network over a larger image against the network itself on every window of it.
@Suite("Sliding over images") struct SlidingTests {
  /// Two poolings of 2: windows lie 4 pixels apart. No padding, so that a window sees what a crop sees.
  static let plain: Network = {
    var net = Network("plain", input: Shape(channels: 3, height: 18, width: 22))
    var x = net.relu(net.convolution(0, 20, kernel: 3, bias: true, name: "conv1"))
    x = net.maxPool(x, kernel: 2, stride: 2)
    x = net.relu(net.convolution(x, 33, kernel: 3, bias: true, name: "conv2"))
    x = net.localResponseNormalization(net.maxPool(x, kernel: 2, stride: 2))
    x = net.relu(net.dense(x, 40, name: "fc1"))
    x = net.relu(net.dense(net.dropout(x, rate: 0.5, number: 0), 19, name: "fc2"))
    net.dense(x, 10, name: "fc3")
    return net
  }()

  /// Behind the pooling what reads other places, some of them far apart or beyond the edge, and what does not.
  static let branching: Network = {
    var net = Network("branching", input: Shape(channels: 3, height: 12, width: 14))
    let pool = net.maxPool(net.relu(net.convolution(0, 20, kernel: 3, bias: true, name: "conv1")), kernel: 2, stride: 2)
    let near = net.relu(
      net.add(BatchNorm(), to: [net.convolution(pool, 32, kernel: 3, padding: 1, name: "near")], name: "norm"))
    let far = net.add(
      Convolution(32, kernel: Extent(3), padding: Extent(2), dilation: Extent(2), bias: true), to: [near], name: "far")
    let sum = net.sigmoid(net.add(Add(), to: [far, near], name: "sum"))
    let both = net.concatenate([net.tanh(sum), net.relu(pool)], name: "both")
    net.dense(both, 10, name: "fc")
    return net
  }()

  /// The map of all offsets holds those of the network on images that begin at each offset: convolutions without
  /// padding come before the pooling, so an image's first rows and columns can be left out for its offset.
  @Test(arguments: [1, 2]) func offsetsHaveTheirOwnMaps(threads: Int) throws {
    let processor = Processor(team: Team(size: threads))
    let replica = Replica(NetworkCase(Self.branching, images: 2), on: processor)
    let (height, width) = (17, 20)
    var numbers = TestNumbers(seed: 11)
    let large = numbers.images(2, Shape(channels: 3, height: height, width: width))
    let sliding = try evaluated(replica).fullyConvolutional(over: large.shape).poolingAtEveryOffset()
    let map = run(sliding, of: replica, on: large, processor)
    try #require(map.shape == Shape(channels: 10, height: 6, width: 7))
    for (top, left) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
      var values: [Double] = []
      for row in 0..<2 * 3 * height where row % height >= top {
        values += large.values[row * width + left..<(row + 1) * width]
      }
      let shape = Shape(channels: 3, height: height - top, width: width - left)
      let own = run(
        try evaluated(replica).fullyConvolutional(over: shape), of: replica,
        on: Images(count: 2, shape: shape, values: values), processor)
      var found: [Double] = []
      for row in 0..<2 * 10 * 6 where row % 6 % 2 == top {
        found += (0..<7).filter { $0 % 2 == left }.map { map.values[row * 7 + $0] }
      }
      try #require(own.values.count == found.count)
      #expect(relativeError(found, own.values) < 1e-5, "offset \(top), \(left)")
    }
  }

  /// What `network`, which has parameters of the replica's, gives for `images`.
  private func run(_ network: Network, of replica: Replica, on images: Images, _ processor: Processor) -> Images {
    let executor = Executor(
      Plan(network, images: images.count, mode: .evaluation, parametersOf: replica.plan), network, on: processor,
      parameters: replica.parameters.floats, statistics: replica.statistics.floats)
    executor.overwriteActivations(with: .nan)
    images.packed(in: .interleaved).withUnsafeBufferPointer { pixels in
      if let start = pixels.baseAddress { executor.forward(images: start) }
    }
    return Images(
      count: images.count, shape: network.shape(of: network.output), layout: .blocked, floats: executor.logits)
  }

  private func evaluated(_ replica: Replica) -> Network { replica.test.network.fused().forEvaluation() }

  /// With the last pooling at every offset windows lie half as far apart.
  @Test(arguments: [1, 2], [4, 2]) func mapsAreTheLogitsOfWindows(threads: Int, step: Int) throws {
    let processor = Processor(team: Team(size: threads))
    let window = Self.plain.input.shape
    var numbers = TestNumbers(seed: 8)
    let large = numbers.images(2, Shape(channels: 3, height: 28, width: 35))
    let (rows, columns) = ((28 - 18) / step + 1, (35 - 22) / step + 1)
    let places = rows * columns
    let replica = Replica(NetworkCase(Self.plain, images: places), on: processor)
    var sliding = try evaluated(replica).fullyConvolutional(over: large.shape)
    if step == 2 { sliding = try sliding.poolingAtEveryOffset() }
    let map = run(sliding, of: replica, on: large, processor)
    #expect(map.shape == Shape(channels: 10, height: rows, width: columns))
    for image in 0..<2 {
      var values: [Double] = []
      for place in 0..<places {
        for channel in 0..<3 {
          for y in 0..<window.height {
            let row = ((image * 3 + channel) * 28 + y + step * (place / columns)) * 35 + step * (place % columns)
            values += large.values[row..<row + window.width]
          }
        }
      }
      let logits = run(
        evaluated(replica), of: replica, on: Images(count: places, shape: window, values: values), processor)
      for place in 0..<places {
        let found = (0..<10).map { map.values[(image * 10 + $0) * places + place] }
        #expect(
          relativeError(found, Array(logits.values[place * 10..<(place + 1) * 10])) < 1e-5,
          "image \(image), place \(place)")
      }
    }
  }

  /// On images of its own size the network gives its own logits, up to the order of additions.
  @Test(arguments: [
    NetworkCase(plain, images: 3), NetworkCase("lenet5", images: 4), NetworkCase("lenet-caffe", images: 2),
    NetworkCase("mlp", images: 3), NetworkCase(.classic, images: 2), NetworkCase("resnet20", images: 2, size: 16),
    NetworkCase(.joining, images: 2),
  ]) func oneWindowIsTheNetwork(_ test: NetworkCase) throws {
    let processor = Processor(team: Team(size: 2))
    let replica = Replica(test, on: processor)
    let whole = evaluated(replica)
    let sliding = try whole.fullyConvolutional(over: test.network.input.shape)
    let logits = run(whole, of: replica, on: test.batch, processor)
    let map = run(sliding, of: replica, on: test.batch, processor)
    #expect(map.shape == logits.shape)
    #expect(relativeError(map.values, logits.values) < 1e-5)
  }

  /// A network with global average pooling over larger images is the model for images of that size, to the bit.
  @Test func pooledNetworksAreTheLargerModel() throws {
    let processor = Processor(team: Team(size: 2))
    let small = Replica(NetworkCase("resnet20", images: 2, size: 16), on: processor)
    let large = Replica(NetworkCase("resnet20", images: 2, size: 26), on: processor)
    let sliding = try evaluated(small).fullyConvolutional(over: large.test.network.input.shape)
    let map = run(sliding, of: small, on: large.test.batch, processor)
    #expect(map == run(evaluated(large), of: large, on: large.test.batch, processor))
  }

  /// An image's scores do not depend on the others that are computed with it.
  @Test func imagesAreAlone() throws {
    let processor = Processor(team: Team(size: 2))
    let replica = Replica(NetworkCase(Self.plain, images: 2), on: processor)
    var numbers = TestNumbers(seed: 9)
    let shape = Shape(channels: 3, height: 30, width: 30)
    let images = numbers.images(5, shape)
    let sliding = try evaluated(replica).fullyConvolutional(over: shape)
    let together = run(sliding, of: replica, on: images, processor).values
    for image in 0..<5 {
      let alone = Images(
        count: 1, shape: shape, values: Array(images.values[image * shape.count..<(image + 1) * shape.count]))
      let found = run(sliding, of: replica, on: alone, processor).values
      #expect(found == Array(together[image * found.count..<(image + 1) * found.count]))
    }
  }
}
