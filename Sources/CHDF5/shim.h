// What Swift cannot import of libhdf5: its macros, and the walk over its error stack.
#pragma once
#include <hdf5.h>
#include <string.h>

/// The element types of Convoy's files.
enum chdf5_scalar { CHDF5_U8, CHDF5_I32, CHDF5_U32, CHDF5_U64 };

/// The type as stored (little endian).
static inline hid_t chdf5_stored_type(enum chdf5_scalar scalar) {
  switch (scalar) {
  case CHDF5_U8: return H5T_STD_U8LE;
  case CHDF5_I32: return H5T_STD_I32LE;
  case CHDF5_U32: return H5T_STD_U32LE;
  case CHDF5_U64: return H5T_STD_U64LE;
  }
  return H5I_INVALID_HID;
}

/// The type as this machine holds it.
static inline hid_t chdf5_memory_type(enum chdf5_scalar scalar) {
  switch (scalar) {
  case CHDF5_U8: return H5T_NATIVE_UINT8;
  case CHDF5_I32: return H5T_NATIVE_INT32;
  case CHDF5_U32: return H5T_NATIVE_UINT32;
  case CHDF5_U64: return H5T_NATIVE_UINT64;
  }
  return H5I_INVALID_HID;
}

static inline hid_t chdf5_int64_memory_type(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_int64_stored_type(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_string_type(void) { return H5T_C_S1; }

static inline hid_t chdf5_new_file_access(void) { return H5Pcreate(H5P_FILE_ACCESS); }
static inline hid_t chdf5_new_dataset_creation(void) { return H5Pcreate(H5P_DATASET_CREATE); }

static inline hid_t chdf5_create_file(const char *_Nonnull path, hid_t access) {
  return H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
}
static inline hid_t chdf5_open_file(const char *_Nonnull path, hid_t access) {
  return H5Fopen(path, H5F_ACC_RDONLY, access);
}
static inline hid_t chdf5_whole_dataspace(void) { return H5S_ALL; }
static inline haddr_t chdf5_undefined_address(void) { return HADDR_UNDEF; }

/// Stops the library from printing errors. It keeps one such setting per thread, so every call sets it again.
static inline void chdf5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/// How the link `name` in `group` leads on: 0 hard, 1 soft, 2 external or of a user's class, negative when absent.
static inline int chdf5_link_kind(hid_t group, const char *_Nonnull name) {
  H5L_info_t info;
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
  return info.type == H5L_TYPE_HARD ? 0 : info.type == H5L_TYPE_SOFT ? 1 : 2;
}

struct chdf5_text {
  char *_Nonnull bytes;
  size_t capacity;
};

static inline herr_t chdf5_keep_first(unsigned depth, const H5E_error2_t *_Nonnull error, void *_Nullable data) {
  struct chdf5_text *text = (struct chdf5_text *)data;
  if (depth == 0 && text && text->capacity > 0 && error->desc) {
    strncpy(text->bytes, error->desc, text->capacity - 1);
    text->bytes[text->capacity - 1] = 0;
  }
  return 0;
}

/// Writes what the deepest frame of the error stack says, as a C string.
static inline void chdf5_deepest_error(char *_Nonnull bytes, size_t capacity) {
  struct chdf5_text text = {bytes, capacity};
  if (capacity > 0) bytes[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_keep_first, &text);
}
