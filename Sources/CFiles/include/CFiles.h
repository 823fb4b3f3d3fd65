// Linux's file calls that Swift's Glibc module does not show.
#pragma once
#include <stdint.h>

// renameat2 with RENAME_NOREPLACE: 0, or -1 with errno.
int cfiles_rename_no_replace(const char *_Nonnull from, const char *_Nonnull to);

// renameat2 with RENAME_EXCHANGE: 0, or -1 with errno.
int cfiles_exchange(const char *_Nonnull first, const char *_Nonnull second);

// fallocate over bytes 0 ..< size: 0, or -1 with errno.
int cfiles_reserve(int descriptor, int64_t size);
