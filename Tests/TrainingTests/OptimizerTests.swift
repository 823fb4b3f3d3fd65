import Configuration
import Execution
import Kernels
import TestSupport
import Testing
import Training

@Suite("The update of weights") struct OptimizerTests {
  /// A rule with its settings, by the name that a failure shows.
  struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout RunConfiguration) -> Void

    init(_ name: String, _ change: @escaping @Sendable (inout RunConfiguration) -> Void) {
      testDescription = name
      self.change = { configuration in
        configuration.optimizer.weightDecay = 0.01
        change(&configuration)
      }
    }
  }

  static let rules = [
    Rule("sgd") { $0.optimizer.name = .sgd },
    Rule("sgd, Nesterov, no decay of norm and bias") {
      $0.optimizer.nesterov = true
      $0.optimizer.decayNormAndBias = false
    },
    Rule("sgd, caffe") { $0.optimizer.momentumForm = .caffe },
    Rule("sgd, caffe, Nesterov, correction") {
      $0.optimizer.momentumForm = .caffe
      $0.optimizer.nesterov = true
      $0.optimizer.momentumCorrection = true
    },
    Rule("sgd, clipped by norm") { $0.optimizer.clipNorm = 30 },
    Rule("sgd, clipped by value") { $0.optimizer.clipValue = 0.4 },
    Rule("sgd, renormalised") { $0.optimizer.filterRenormalization = 0.1 },
    Rule("lars") {
      $0.optimizer.name = .lars
      $0.optimizer.trustCoefficient = 0.1
    },
    Rule("lars, torch, Nesterov, no decay of norm and bias, clipped") {
      $0.optimizer.name = .lars
      $0.optimizer.momentumForm = .torch
      $0.optimizer.nesterov = true
      $0.optimizer.decayNormAndBias = false
      $0.optimizer.clipNorm = 30
    },
    Rule("lars, correction, clipped by value") {
      $0.optimizer.name = .lars
      $0.optimizer.momentumCorrection = true
      $0.optimizer.clipValue = 0.4
    },
    Rule("adamw") { $0.optimizer.name = .adamw },
    Rule("adamw, other moments, no decay of norm and bias, clipped") {
      $0.optimizer.name = .adamw
      $0.optimizer.beta1 = 0.8
      $0.optimizer.beta2 = 0.95
      $0.optimizer.epsilon = 0.01
      $0.optimizer.decayNormAndBias = false
      $0.optimizer.clipNorm = 30
    },
    Rule("lamb") { $0.optimizer.name = .lamb },
    Rule("lamb, no decay of norm and bias, clipped, renormalised") {
      $0.optimizer.name = .lamb
      $0.optimizer.decayNormAndBias = false
      $0.optimizer.clipNorm = 30
      $0.optimizer.filterRenormalization = 0.12
    },
  ]

  @Test(arguments: rules) func isThePapers(_ rule: Rule) {
    let test = UpdateCase(rule.change)
    let result = test.run()
    let reference = test.reference()
    for (place, tensor) in reference.tensors.enumerated() {
      // In float, a mean of moments that all but cancel keeps fewer digits than its summands.
      for (name, arena, expected) in [
        ("weights", result.weights, tensor.weights), ("first moment", result.first, tensor.first),
        ("second moment", result.second, tensor.second),
      ] where !arena.isEmpty {
        let error = relativeError(UpdateCase.values(of: place, in: arena), expected)
        #expect(error < 1e-6, "\(name) of \(tensor.name)")
      }
      let parameter = UpdateCase.store.parameters[place]
      #expect(parameter.mapping.paddingIsZero(Array(result.weights[parameter.range])), "padding of \(tensor.name)")
    }
    // What is tested has happened, and not everywhere.
    if test.configuration.optimizer.filterRenormalization != nil {
      #expect(reference.filtersScaled > 100 && reference.filtersLeft > 100)
    }
    #expect(reference.isClipped == (test.configuration.optimizer.clipNorm != nil))
  }

  /// A norm below the limit changes no bit.
  @Test func aSmallGradientIsNotClipped() {
    let plain = UpdateCase { _ in }.run()
    #expect(UpdateCase { $0.optimizer.clipNorm = 1e6 }.run() == plain)
    #expect(UpdateCase { $0.optimizer.clipValue = 3 }.run() == plain)
    #expect(UpdateCase { $0.optimizer.clipNorm = 100 }.run() != plain)
  }

  /// Pieces that know nothing of parameters, several instruction sets and teams.
  @Test(arguments: rules) func doesNotDependOnCutsAndThreads(_ rule: Rule) {
    let test = UpdateCase(rule.change)
    let whole = test.run()
    let count = UpdateCase.plan.parameterFloats
    let grain = WeightUpdate.isWhole(test.configuration) ? WeightUpdate.grain : 16
    #expect(UpdateCase.plan.parameters.contains { $0.range.count > 2 * WeightUpdate.grain })
    for cuts in [
      [grain], [count / 48 * 16, count / 32 * 16].map { $0 / grain * grain },
      Array(stride(from: grain, to: count, by: max(grain, 1024))),
    ] {
      #expect(test.run(cuts: cuts) == whole, "\(cuts.count) cuts")
    }
    for kernels in KernelSet.supported {
      for threads in [1, 3] { #expect(test.run(kernels: kernels, threads: threads) == whole, "\(kernels.name)") }
    }
  }

  static let averages = [
    Rule("ema") {
      $0.average.name = .ema
      $0.average.decay = 0.7
    },
    Rule("ema from step 2, whole updates") {
      $0.average.name = .ema
      $0.average.fromStep = 2
      $0.optimizer.clipNorm = 30
    },
    Rule("polyak") { $0.average.name = .polyak },
    Rule("polyak from step 1, renormalised") {
      $0.average.name = .polyak
      $0.average.fromStep = 1
      $0.optimizer.filterRenormalization = 0.1
    },
  ]

  @Test(arguments: averages) func averagesTheWeights(_ rule: Rule) {
    let test = UpdateCase(rule.change)
    let result = test.run()
    let reference = test.reference()
    for (place, tensor) in reference.tensors.enumerated() {
      #expect(relativeError(UpdateCase.values(of: place, in: result.average), tensor.average) < 1e-6)
      #expect(relativeError(tensor.average, tensor.weights) > 1e-5)
    }
    var trained = test
    trained.configuration.average.name = nil
    trained.configuration.average.fromStep = 0
    #expect(trained.run().weights == result.weights)
    #expect(test.run(cuts: [WeightUpdate.grain, 3 * WeightUpdate.grain]) == result)
  }
}
