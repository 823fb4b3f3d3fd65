import HDF5
import Tensors

/// The images of a shard, seen from outside libhdf5.
struct ShardImages {
  var encoding: SampleEncoding
  var offsets: [UInt64]
  var offset: Int
  var byteCount: Int
}

extension ShardFile {
  /// Checks format, version and sizes of the root; returns the number of samples.
  static func checkAttributes(_ file: borrowing File) throws(ShardError) -> Int {
    let path = file.path
    let format = try readingHDF5 { () throws(HDF5Error) in try file.stringAttribute("format") }
    guard format == ShardFormat.name else {
      throw ShardError(.badData, "Could not use \(path): its format is \"\(format)\", not \"\(ShardFormat.name)\".")
    }
    let version = try readingHDF5 { () throws(HDF5Error) in try file.integerAttribute("format_version") }
    guard version == ShardFormat.version else {
      throw ShardError(
        .badData,
        "Could not use \(path): its format version is \(version), this program reads \(ShardFormat.version).")
    }
    let samples = try readingHDF5 { () throws(HDF5Error) in try file.integerAttribute("samples") }
    guard samples >= 0, samples < Int(Int32.max) else {
      throw ShardError(.badData, "Could not use \(path): it claims \(samples) samples.")
    }
    return samples
  }

  /// One number per sample, of exactly this type.
  static func column<Element: Scalar>(
    _ name: String, of file: borrowing File, count: Int
  ) throws(ShardError) -> [Element] {
    let dataset = try checkedDataset(name, of: file, type: Element.scalarType)
    guard dataset.shape == [count] else {
      throw ShardError(
        .badData, "Could not use \(file.path): the shape of \"\(name)\" is \(dataset.shape), not [\(count)].")
    }
    return try readingHDF5 { () throws(HDF5Error) in try dataset.read() }
  }

  static func classes(of file: borrowing File) throws(ShardError) -> [ShardClass] {
    let count = try readingHDF5 { () throws(HDF5Error) in try file.integerAttribute("num_classes") }
    let wnids = try readingHDF5 { () throws(HDF5Error) in try file.strings(at: "/classes/wnid") }
    let names = try readingHDF5 { () throws(HDF5Error) in try file.strings(at: "/classes/name") }
    guard count > 0, wnids.count == count, names.count == count else {
      throw ShardError(
        .badData,
        "Could not use \(file.path): it claims \(count) classes and names \(wnids.count) (wnid) and \(names.count) "
          + "(name)."
      )
    }
    return zip(wnids, names).map { ShardClass(wnid: $0, name: $1) }
  }

  static func images(of file: borrowing File, samples: Int) throws(ShardError) -> ShardImages {
    switch (file.contains("jpeg_bytes"), file.contains("images")) {
    case (true, false):
      let dataset = try checkedDataset("/jpeg_bytes", of: file, type: .uint8)
      let offsets: [UInt64] = try column("/jpeg_offsets", of: file, count: samples + 1)
      guard dataset.shape.count == 1, offsets[0] == 0, offsets[samples] == UInt64(dataset.byteCount) else {
        throw ShardError(
          .badData,
          "Could not use \(file.path): \"/jpeg_offsets\" do not run from 0 to the \(dataset.byteCount) bytes of "
            + "\"/jpeg_bytes\".")
      }
      return ShardImages(
        encoding: .jpeg, offsets: offsets, offset: dataset.offset, byteCount: dataset.byteCount)
    case (false, true):
      let dataset = try checkedDataset("/images", of: file, type: .uint8)
      let shape = dataset.shape
      let side = 1...ImageLimits.sidePixels
      guard shape.count == 4, shape[0] == samples, side.contains(shape[1]), side.contains(shape[2]),
        shape[3] == 1 || shape[3] == 3
      else {
        throw ShardError(
          .badData,
          "Could not use \(file.path): the shape of \"/images\" is \(shape), not [\(samples), height, width, 1 or 3].")
      }
      return ShardImages(
        encoding: .raw(Shape(channels: shape[3], height: shape[1], width: shape[2])), offsets: [],
        offset: dataset.offset, byteCount: dataset.byteCount)
    case (let both, _):
      throw ShardError(
        .badData,
        "Could not use \(file.path): it has \(both ? "both" : "neither") \"/jpeg_bytes\" \(both ? "and" : "nor") "
          + "\"/images\".")
    }
  }

  private static func checkedDataset(
    _ name: String, of file: borrowing File, type: ScalarType
  ) throws(ShardError) -> Dataset {
    let dataset = try readingHDF5 { () throws(HDF5Error) in try file.dataset(name) }
    guard dataset.type == type else {
      throw ShardError(
        .badData, "Could not use \(file.path): the elements of \"\(name)\" are \(dataset.type), not \(type).")
    }
    return dataset
  }
}
