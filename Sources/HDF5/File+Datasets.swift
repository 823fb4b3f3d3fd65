import CHDF5

extension File {
  /// Creates a contiguous dataset, allocated at once and not filled: its bytes lie at one known place of the file.
  public borrowing func createDataset(
    _ path: String, of type: ScalarType, shape: [Int]
  ) throws(HDF5Error) -> Dataset {
    let action = "create dataset \"\(path)\" of \(self.path)"
    let raw = identifier.raw
    let space = try dataspace(shape, action)
    let creation = try contiguousCreation(action)
    let code = type.code
    let dataset = try Identifier(action) {
      H5Dcreate2(raw, path, chdf5_stored_type(code), space.raw, 0, creation.raw, 0)
    }
    return Dataset(identifier: dataset, name: "\"\(path)\" of \(self.path)", shape: shape, type: type, offset: 0)
  }

  /// Opens a contiguous dataset whose bytes all lie inside this file.
  ///
  /// Throws on links, on external, virtual, chunked, compact or unallocated storage, on other element types, and on
  /// shapes that the file is too small for.
  public borrowing func dataset(_ path: String) throws(HDF5Error) -> Dataset {
    let action = "open \"\(path)\" of \(self.path)"
    let dataset = try openUntrusted(path)
    let stored = try Identifier(action) { H5Dget_type(dataset.raw) }
    let match = ScalarType.allCases.first { type in
      Library.run { H5Tequal(stored.raw, chdf5_stored_type(type.code)) } > 0
    }
    guard let type = match else {
      let known = ScalarType.allCases.map(\.rawValue).joined(separator: ", ")
      throw HDF5Error("Could not \(action): its elements are none of \(known).")
    }
    let shape = try extent(of: dataset, action)
    let offset = try storage(of: dataset, shape: shape, elementByteCount: type.byteCount, action)
    return Dataset(identifier: dataset, name: "\"\(path)\" of \(self.path)", shape: shape, type: type, offset: offset)
  }

  /// Opens a dataset by hard links only, after checking that its bytes are its own file's.
  borrowing func openUntrusted(_ path: String) throws(HDF5Error) -> Identifier {
    let action = "open \"\(path)\" of \(self.path)"
    try requireHardLinks(to: path)
    let raw = identifier.raw
    let dataset = try Identifier(action) { H5Dopen2(raw, path, 0) }
    let creation = try Identifier(action) { H5Dget_create_plist(dataset.raw) }
    guard try Library.call(action, { H5Pget_external_count(creation.raw) }) == 0 else {
      throw HDF5Error("Could not \(action): its data lie in another file (external storage).")
    }
    let layout = Library.run { H5Pget_layout(creation.raw) }
    guard layout == H5D_CONTIGUOUS else {
      let kind =
        switch layout {
        case H5D_CHUNKED: "chunked"
        case H5D_COMPACT: "compact"
        case H5D_VIRTUAL: "virtual"
        default: "unknown"
        }
      throw HDF5Error("Could not \(action): its storage is \(kind), it must be contiguous.")
    }
    return dataset
  }

  borrowing func extent(of dataset: borrowing Identifier, _ action: String) throws(HDF5Error) -> [Int] {
    let raw = dataset.raw
    let space = try Identifier(action) { H5Dget_space(raw) }
    let rank = try Library.call(action) { H5Sget_simple_extent_ndims(space.raw) }
    guard rank > 0 else { throw HDF5Error("Could not \(action): it has no dimensions.") }
    var lengths = [hsize_t](repeating: 0, count: Int(rank))
    try Library.call(action) { H5Sget_simple_extent_dims(space.raw, &lengths, nil) }
    guard let shape = lengths.exactIntegers else {
      throw HDF5Error("Could not \(action): its shape \(lengths) is beyond any file.")
    }
    return shape
  }

  /// Where a contiguous dataset lies in the file, after checking that it lies inside it.
  ///
  /// 0 for a dataset without elements.
  borrowing func storage(
    of dataset: borrowing Identifier, shape: [Int], elementByteCount: Int, _ action: String
  ) throws(HDF5Error) -> Int {
    guard let byteCount = shape.checkedProduct(times: elementByteCount), byteCount <= self.byteCount else {
      throw HDF5Error("Could not \(action): its shape \(shape) needs more bytes than the file has.")
    }
    guard byteCount > 0 else { return 0 }
    let raw = dataset.raw
    let address = Library.run { H5Dget_offset(raw) }
    guard address != chdf5_undefined_address() else {
      throw HDF5Error("Could not \(action): it was never written.")
    }
    guard let offset = Int(exactly: address), offset <= self.byteCount - byteCount else {
      throw HDF5Error("Could not \(action): its data end beyond the end of the file.")
    }
    return offset
  }

  borrowing func dataspace(_ shape: [Int], _ action: String) throws(HDF5Error) -> Identifier {
    let lengths = shape.map(hsize_t.init)
    return try Identifier(action) { H5Screate_simple(CInt(lengths.count), lengths, nil) }
  }

  /// Contiguous, allocated at once, never filled, without time stamps: the same content gives the same bytes.
  borrowing func contiguousCreation(_ action: String) throws(HDF5Error) -> Identifier {
    let creation = try Identifier(action) { chdf5_new_dataset_creation() }
    let raw = creation.raw
    try Library.call(action) { H5Pset_layout(raw, H5D_CONTIGUOUS) }
    try Library.call(action) { H5Pset_alloc_time(raw, H5D_ALLOC_TIME_EARLY) }
    try Library.call(action) { H5Pset_fill_time(raw, H5D_FILL_TIME_NEVER) }
    try Library.call(action) { H5Pset_obj_track_times(raw, false) }
    return creation
  }
}

extension [Int] {
  /// The product of all, times `factor`; nil on overflow.
  func checkedProduct(times factor: Int) -> Int? {
    reduce(Optional(factor)) { product, next in
      guard let product else { return nil }
      let (result, overflow) = product.multipliedReportingOverflow(by: next)
      return overflow ? nil : result
    }
  }
}

extension [hsize_t] {
  fileprivate var exactIntegers: [Int]? {
    let integers = compactMap { Int(exactly: $0) }
    return integers.count == count ? integers : nil
  }
}
