import CHDF5

/// What other writers may put into a file and the reader refuses. Written only to test the refusals.
extension File {
  package enum RefusedStorage: String, CaseIterable, Sendable {
    case chunked, compact, virtual, external, unallocated
  }

  /// Links `name` to `target`, a path of this file.
  package borrowing func createSoftLink(_ name: String, to target: String) throws(HDF5Error) {
    let raw = identifier.raw
    try Library.call("create soft link \"\(name)\"") { H5Lcreate_soft(target, raw, name, 0, 0) }
  }

  /// Links `name` to the path `target` of the file `other`.
  package borrowing func createExternalLink(
    _ name: String, to target: String, of other: String
  ) throws(HDF5Error) {
    let raw = identifier.raw
    try Library.call("create external link \"\(name)\"") { H5Lcreate_external(other, target, raw, name, 0, 0) }
  }

  /// Removes the link `name`.
  package borrowing func unlink(_ name: String) throws(HDF5Error) {
    let raw = identifier.raw
    try Library.call("unlink \"\(name)\"") { H5Ldelete(raw, name, 0) }
  }

  /// Creates a one-dimensional dataset of bytes in a storage that the reader refuses; `other` is the file that
  /// external and virtual storage point at.
  package borrowing func createRefusedDataset(
    _ path: String, storage: RefusedStorage, count: Int, other: String = "other.h5"
  ) throws(HDF5Error) {
    let action = "create \(storage.rawValue) dataset \"\(path)\""
    let raw = identifier.raw
    let space = try dataspace([count], action)
    let creation = try Identifier(action) { chdf5_new_dataset_creation() }
    let list = creation.raw
    var length = hsize_t(count)
    try Library.call(action) {
      switch storage {
      case .chunked: H5Pset_chunk(list, 1, &length)
      case .compact: H5Pset_layout(list, H5D_COMPACT)
      case .virtual: H5Pset_virtual(list, space.raw, other, "/data", space.raw)
      case .external: H5Pset_external(list, other, 0, length)
      case .unallocated: H5Pset_alloc_time(list, H5D_ALLOC_TIME_LATE)
      }
    }
    _ = try Identifier(action) { H5Dcreate2(raw, path, chdf5_stored_type(CHDF5_U8), space.raw, 0, list, 0) }
  }
}
