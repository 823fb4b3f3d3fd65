import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

extension KernelTests {
  /// What `benchmarks/winograd-error.md` says.
  @Suite("Winograd convolutions round as published", .serialized)
  struct WinogradErrors {
    /// Winograd's error (norm) is at most so many times the direct one's. Direct weight gradients of few pixels are
    /// short sums, the more exact for it.
    static func mostTimesDirect(_ pass: ConvolutionErrors.Pass) -> Double { pass == .weightGradient ? 4 : 3 }

    /// Shapes of the sizes that networks have, few pixels each.
    static let small =
      [(32, 32, 14, 3, 1), (64, 32, 7, 3, 1), (32, 48, 13, 5, 1), (32, 32, 14, 3, 2)].map(square) + [leNet]

    /// The second convolution of Caffe's LeNet, whose backward-data goes over the tiles of the output.
    private static let leNet = ConvolutionCase(
      images: 16, source: Shape(channels: 20, height: 12, width: 12), outputs: 50, kernel: Extent(5))

    @Test(arguments: small.filter { Winograd.isPossible($0.shape) })
    func errorIsNearTheDirectOne(_ test: ConvolutionCase) throws {
      let errors = ConvolutionErrors(of: test)
      for pass in ConvolutionErrors.Pass.allCases {
        try expectBound(errors, pass)
      }
    }

    private func expectBound(_ errors: ConvolutionErrors, _ pass: ConvolutionErrors.Pass) throws {
      let direct = try #require(errors.direct[pass])
      let winograd = try #require(errors.winograd[pass])
      #expect(direct.relative > 1e-8, "direct \(pass) of \(errors.test.testDescription) is too exact to be true")
      #expect(
        winograd.relative <= Self.mostTimesDirect(pass) * direct.relative,
        "\(pass) of \(errors.test.testDescription): \(winograd.relative), direct \(direct.relative)")
    }

    /// The layers of ResNet-50, VGG-16, AlexNet, GoogLeNet and LeNet that the table shows; fewer rows where images are
    /// large.
    static let published: [ConvolutionCase] =
      [(64, 64, 56, 3, 1), (128, 128, 28, 3, 1), (256, 256, 14, 3, 1), (512, 512, 7, 3, 1)].map(square) + [
        ConvolutionCase(
          images: 1, source: Shape(channels: 64, height: 28, width: 224), outputs: 64, kernel: Extent(3),
          padding: Extent(1))
      ]
      + [
        (192, 384, 13, 3, 1), (64, 192, 27, 5, 1), (16, 32, 28, 5, 1), (128, 128, 56, 3, 2), (512, 512, 14, 3, 2),
      ].map(square) + [leNet]

    /// Written when asked for: `UPDATE_BENCHMARKS=1 scripts/test --filter WinogradErrors`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["UPDATE_BENCHMARKS"] == "1"))
    func errorsArePublished() throws {
      var rows: [String] = []
      for test in Self.published where Winograd.isPossible(test.shape) {
        let errors = ConvolutionErrors(of: test)
        for pass in ConvolutionErrors.Pass.allCases {
          try expectBound(errors, pass)
          rows.append(try row(errors, pass))
        }
      }
      let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "benchmarks/winograd-error.md")
      try Data((Self.head + rows.joined(separator: "\n") + "\n").utf8).write(to: page)
    }

    private func row(_ errors: ConvolutionErrors, _ pass: ConvolutionErrors.Pass) throws -> String {
      let direct = try #require(errors.direct[pass])
      let winograd = try #require(errors.winograd[pass])
      let test = errors.test
      let cells = [
        "\(test.source) → \(test.outputs)", "\(test.kernel)×\(test.kernel) / \(test.stride)", "\(test.images)",
        pass.rawValue, format(direct.relative), format(winograd.relative), ratio(winograd.relative, direct.relative),
        format(direct.greatest), format(winograd.greatest), ratio(winograd.greatest, direct.greatest),
      ]
      return "| " + cells.joined(separator: " | ") + " |"
    }

    private func format(_ value: Double) -> String { String(format: "%.1e", value) }
    private func ratio(_ a: Double, _ b: Double) -> String { String(format: "%.2f", a / b) }

    private static let head = """
      # Rounding errors of Winograd convolutions

      Of the results of direct convolution and of Winograd in single precision, against the same sums in double
      precision, on numbers like training's: rectified normal activations, normal weights of deviation √(2/fan-
      in), normal gradients. The error is ‖x − exact‖ / ‖exact‖, the greatest error max |x − exact| /
      rms(exact); ratios are Winograd's error by the direct one's. They are the same on every instruction set
      and any number of threads. Written by

      ```
      UPDATE_BENCHMARKS=1 scripts/test --filter WinogradErrors
      ```

      `scripts/test` holds the ratio of errors, on small shapes, below \(bounds).

      | source → outputs | kernel / stride | images | pass | direct | Winograd | ratio | direct, greatest \
      | Winograd, greatest | ratio |
      |---|---|---|---|---|---|---|---|---|---|

      """

    private static var bounds: String {
      ConvolutionErrors.Pass.allCases.map { "\(String(format: "%g", mostTimesDirect($0))) (\($0.rawValue))" }
        .joined(separator: ", ")
    }

    /// (channels, outputs, height and width, kernel, stride), padded so that stride 1 keeps the size.
    private static func square(_ c: Int, _ k: Int, _ size: Int, _ kernel: Int, _ stride: Int) -> ConvolutionCase {
      ConvolutionCase(
        images: max(1, min(4, 6000 / (size * size))), source: Shape(channels: c, height: size, width: size),
        outputs: k, kernel: Extent(kernel), stride: Extent(stride), padding: Extent(kernel / 2))
    }
  }
}
