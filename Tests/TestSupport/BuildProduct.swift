import Foundation

/// What keeps a test from running at all.
public struct TestSupportError: Error, CustomStringConvertible {
  public let description: String
}

/// The path of the executable product `name`, beside the running test bundle.
///
/// The test target must depend on the executable, so that it is built.
public func buildProduct(named name: String) throws -> String {
  let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let path = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
  guard FileManager.default.isExecutableFile(atPath: path) else {
    throw TestSupportError(
      description: "Could not find the product \(name): there is no executable \(path); "
        + "let the test target depend on it and run `swift build --build-tests`.")
  }
  return path
}
