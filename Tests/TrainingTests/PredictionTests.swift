import Foundation
import Kernels
import Shards
import Tensors
import Testing
import Training
import Workers

@Suite("Predictions and their files") struct PredictionTests {
  /// Against the C library's functions.
  @Test func probabilitiesAreMeansOfSoftmax() {
    let views: [[Double]] = [[1, -2, 0.5], [700, 701, 3], [-3, -3, -3]]
    var mean = ProbabilityMean(classes: 3)
    for view in views { mean.add(softmaxOf: view) }
    let expected = (0..<3).map { k in
      views.reduce(0) { sum, view in
        let greatest = view.max() ?? 0
        return sum + exp(view[k] - greatest) / view.reduce(0) { $0 + exp($1 - greatest) } / 3
      }
    }
    for (found, wanted) in zip(mean.probabilities, expected) { #expect(abs(found - wanted) < 1e-14) }
    let prediction = Prediction(probabilities: mean.probabilities, label: 2)
    #expect(abs(prediction.loss + log(expected[2])) < 1e-13)
    #expect(prediction.rank == 2 && prediction.best == [0, 1, 2])
    #expect(prediction.probability == mean.probabilities[0])
  }

  /// The kernels and predictions rank alike: among few different scores, so that many tie, and with NaN.
  @Test func kernelsRankAsPredictionsDo() {
    let scores: [Float] = [-1, -0.0, 0, 0.5, 0.5, 2, .nan]
    let (images, classes) = (500, 11)
    let rows: [[Float]] = (0..<images).map { image in
      let different = image % 5 == 0 ? 7 : 6
      return (0..<classes).map { k -> Float in
        let place = image * 31 + k * k * (image + 3)
        return scores[place % different]
      }
    }
    let labels = (0..<images).map { Int32($0 * 7 % classes) }
    let padding = [Float](repeating: 0, count: paddedToVector(classes) - classes)
    let logits: [Float] = rows.flatMap { $0 + padding }
    for function in [LossFunction.crossEntropy(smoothing: 0), .perceptron, .hinge, .squaredError(bumpWidth: 1)] {
      var losses = [Float](repeating: 0, count: images)
      var ranks = [Int32](repeating: -1, count: images)
      function.run(
        on: Processor(team: Team(size: 1)), images: images, classes: classes, logits: logits, labels: labels,
        losses: &losses, ranks: &ranks, gradient: nil, gradientScale: 1)
      for (image, row) in rows.enumerated() {
        #expect(Int(ranks[image]) == Prediction.rank(of: Int(labels[image]), among: row.map(Double.init)))
      }
      #expect(Set(ranks).count == classes)
    }
  }

  /// Ties go to the lower class; what is not a number is above everything.
  @Test func ranksAreByProbability() {
    let tie = [0.1, 0.3, 0.1, 0.3, 0.2]
    #expect((0..<5).map { Prediction(probabilities: tie, label: $0).rank } == [3, 0, 4, 1, 2])
    #expect(Prediction(probabilities: tie, label: 0).best == [1, 3, 4, 0, 2])
    let broken = Prediction(probabilities: [0.5, .nan, 0.5], label: 0)
    #expect(broken.rank == 1 && broken.loss.isFinite)
    #expect(Prediction(probabilities: [.nan, .nan], label: 1).loss.isNaN)
    let impossible = Prediction(probabilities: [1, 0], label: 1)
    #expect(impossible.loss > 700 && impossible.loss.isFinite && impossible.rank == 1)
  }

  @Test func tablesAreQuoted() {
    let table = PredictionTable(
      [
        Prediction(loss: 0.25, rank: 0, best: [1, 0], probability: 0.75),
        Prediction(loss: 3, rank: 1, best: [0, 1], probability: 0.5),
      ], labels: [1, 1], sampleIDs: [7, .max], labelNames: ["plain", "a \"b\", c"], names: ["line\nfeed", "ü"])
    #expect(
      table.text == """
        index,sample_id,label,label_name,predicted,predicted_name,probability,label_rank,loss,top5
        0,7,1,"a ""b"", c",1,ü,0.75,1,0.25,1 0
        1,18446744073709551615,1,"a ""b"", c",0,"line
        feed",0.5,2,3.0,0 1

        """)
  }

  @Test func confusionsAreCounted() {
    let labels = [0, 0, 2, 2, 2, 1]
    let predicted = [0, 1, 2, 2, 0, 1]
    let matrix = ConfusionMatrix(
      predicted.map { Prediction(loss: 0, rank: 0, best: [$0]) }, labels: labels, names: ["a", "b,c", "d", "e"])
    #expect(matrix.counts == [1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0])
    #expect(matrix.text == "label,a,\"b,c\",d,e\na,1,1,0,0\n\"b,c\",0,1,0,0\nd,1,0,2,0\ne,0,0,0,0\n")
  }

  /// Dark where images are, white where none are; names where they fit.
  @Test(arguments: [1, 2, 10, 100, 1000, 1100]) func confusionsArePictures(_ classes: Int) throws {
    let labels = Array(0..<classes)
    let matrix = ConfusionMatrix(
      labels.map { Prediction(loss: 0, rank: 0, best: [$0 < classes / 2 ? $0 : 0]) }, labels: labels,
      names: labels.map { "class \($0)" })
    let image = ConfusionPicture(matrix).image
    #expect(image.width >= classes && image.height >= classes && image.width <= 2300 && image.height <= 2300)
    // The upper half is on the diagonal, the lower one in the first column.
    let dark: [UInt8] = [8, 48, 107]
    let count = stride(from: 0, to: image.pixels.count, by: 3).count { Array(image.pixels[$0..<$0 + 3]) == dark }
    let cell = min(36, max(classes > 1000 ? 1 : 2, 1200 / classes))
    #expect(count <= classes * cell * cell && count >= classes * cell * cell * 7 / 10)
    let decoded = try image.pngBytes().withUnsafeBytes { try RGBImage(decoding: $0, named: "picture") }
    #expect(decoded == image)
  }
}
