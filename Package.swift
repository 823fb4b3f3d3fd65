// swift-tools-version: 6.2
import PackageDescription

// The floors of the house, bottom to top. A target may use only targets of lower floors; see ARCHITECTURE.md.

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let cSettings: [CSetting] = [
  .treatAllWarnings(as: .error)
]

/// A Swift library target with the settings that all of them share.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// A C target: what Swift cannot reach.
func cLibrary(_ name: String) -> Target {
  .target(name: name, cSettings: cSettings)
}

/// The tests of one module.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: swiftSettings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
  name: "convoy",
  products: [.executable(name: "convoy", targets: ["convoy"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // Floor 0: C.
    .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    cLibrary("CProcessor"),
    cLibrary("CKernels"),
    cLibrary("CFiles"),

    // Floor 1: one noun each.
    library("Tensors"),
    library("Workers", ["CProcessor"]),
    library("Files", ["CFiles", "CProcessor"]),
    library("MessagePassing", ["CMPI", "CProcessor"]),
    library("HDF5", ["CHDF5"]),
    library("Configuration", [yams]),

    // Floor 2.
    library("Kernels", ["CKernels", "Tensors", "Workers"]),
    library("Shards", ["HDF5", "Files", "Tensors", "Workers", "CTurboJPEG", "CPNG"]),
    library("Collectives", ["MessagePassing"]),
    library("Checkpoints", ["Files", "CXXHash"]),
    library("Metrics"),

    // Floors 3 to 5.
    library("Networks", ["Kernels", "Tensors"]),
    library("Execution", ["Networks", "Kernels", "Tensors", "Workers"]),
    library(
      "Training",
      [
        "Execution", "Networks", "Collectives", "MessagePassing", "Checkpoints", "Shards", "Metrics", "Configuration",
        "Kernels", "Workers", "Tensors", "Files",
      ]),

    // Floor 6: the commands.
    .executableTarget(
      name: "convoy",
      dependencies: [
        "Training", "Execution", "Networks", "MessagePassing", "Checkpoints", "Shards", "Metrics", "Configuration",
        "Kernels", "Workers", "Tensors", "Files", argumentParser,
      ],
      swiftSettings: swiftSettings),

    // Tests mirror modules.
    .target(
      name: "TestSupport", dependencies: ["Networks", "Kernels", "Tensors", "Workers", subprocess],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .target(name: "CAllocations", path: "Tests/CAllocations", cSettings: cSettings),
    .executableTarget(
      name: "rank-checks", dependencies: ["Collectives", "MessagePassing", "Tensors", "Kernels"],
      path: "Tests/rank-checks", swiftSettings: swiftSettings),
    .executableTarget(
      name: "network-probe",
      dependencies: [
        "Training", "Execution", "Networks", "Checkpoints", "Kernels", "Tensors", "Workers", argumentParser,
      ],
      path: "Tests/network-probe", swiftSettings: swiftSettings),
    tests("TensorsTests", ["Tensors", "TestSupport"]),
    tests("WorkersTests", ["Workers", "CProcessor", "TestSupport"]),
    tests("FilesTests", ["Files", "TestSupport"]),
    tests("HDF5Tests", ["HDF5", "TestSupport"]),
    tests("ConfigurationTests", ["Configuration", "TestSupport"]),
    tests("KernelsTests", ["Kernels", "Networks", "Tensors", "Workers", "TestSupport"]),
    tests("ShardsTests", ["Shards", "HDF5", "Files", "Tensors", "TestSupport"]),
    tests("CollectivesTests", ["Collectives", "MessagePassing", "Tensors", "TestSupport", "rank-checks"]),
    tests("CheckpointsTests", ["Checkpoints", "Files", "TestSupport"]),
    tests("MetricsTests", ["Metrics", "TestSupport"]),
    tests("NetworksTests", ["Networks", "Kernels", "Tensors", "Workers", "TestSupport"], exclude: ["Golden"]),
    tests(
      "ExecutionTests", ["Execution", "Networks", "Kernels", "Tensors", "Workers", "TestSupport", "CAllocations"],
      exclude: ["Golden"]),
    tests("RepositoryTests", ["Configuration"]),
    tests(
      "TrainingTests",
      [
        "Training", "Configuration", "Execution", "Networks", "Kernels", "Tensors", "Workers", "Shards", "HDF5",
        "Checkpoints", "Metrics", "TestSupport", "convoy",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
