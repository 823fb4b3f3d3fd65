extension RunConfiguration {
  static let optimizerLaws: [Law] =
    [
      Law(paths: ["optimizer.nesterov", "optimizer.momentum"]) {
        $0.optimizer.nesterov && $0.optimizer.momentum == 0 ? "optimizer.nesterov needs a momentum above 0" : nil
      },
      Law(paths: ["optimizer.momentumCorrection", "optimizer.momentumForm", "optimizer.name"]) {
        $0.optimizer.momentumCorrection && $0.optimizer.resolvedMomentumForm != .caffe
          ? "optimizer.momentumCorrection is for velocities that hold the learning rate; set optimizer.momentumForm to "
            + "caffe" : nil
      },
      Law(paths: ["optimizer.clipNorm", "optimizer.clipValue"]) {
        $0.optimizer.clipNorm != nil && $0.optimizer.clipValue != nil
          ? "optimizer.clipNorm and optimizer.clipValue are both given; keep one of them" : nil
      },
    ] + belongings + averageLaws

  /// Keys that only some rules read are refused beside others, where they are set to anything.
  private static let belongings: [Law] = {
    let fresh = Optimizer()
    return [
      belonging("momentum", to: [.sgd, .lars]) { $0.momentum != fresh.momentum },
      belonging("nesterov", to: [.sgd, .lars]) { $0.nesterov },
      belonging("momentumForm", to: [.sgd, .lars]) { $0.momentumForm != nil },
      belonging("momentumCorrection", to: [.sgd, .lars]) { $0.momentumCorrection },
      belonging("trustCoefficient", to: [.lars]) { $0.trustCoefficient != nil },
      belonging("beta1", to: [.adamw, .lamb]) { $0.beta1 != nil },
      belonging("beta2", to: [.adamw, .lamb]) { $0.beta2 != nil },
      belonging("epsilon", to: [.adamw, .lamb]) { $0.epsilon != nil },
    ]
  }()

  private static func belonging(
    _ key: String, to names: [Optimizer.Name], isSet: @escaping @Sendable (Optimizer) -> Bool
  ) -> Law {
    Law(paths: ["optimizer.\(key)", "optimizer.name"]) { configuration in
      guard isSet(configuration.optimizer), !names.contains(configuration.optimizer.name) else { return nil }
      let owners = names.map(\.rawValue).joined(separator: " and ")
      return "optimizer.\(key) belongs to \(owners), and optimizer.name is \(configuration.optimizer.name.rawValue); "
        + "remove it"
    }
  }

  private static let averageLaws: [Law] = [
    Law(paths: ["average.decay", "average.name"]) {
      $0.average.decay != nil && $0.average.name != .ema
        ? "average.decay belongs to ema, and average.name is \($0.average.name?.rawValue ?? "null"); remove it" : nil
    },
    Law(paths: ["average.fromStep", "average.name"]) {
      $0.average.fromStep > 0 && $0.average.name == nil
        ? "average.fromStep needs an average; set average.name to ema or polyak" : nil
    },
  ]
}
