// What Swift cannot reach of the processor and the system.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected 0x82F63B78) of `count` bytes, continuing from `crc` (0 to begin).
uint32_t cprocessor_crc32c(uint32_t crc, const void *_Nonnull bytes, size_t count);

/// Makes this thread round denormal results and operands to zero. Every thread that computes calls it.
void cprocessor_flush_denormals(void);

/// Tells the processor that this thread spins.
static inline void cprocessor_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// The processors that the calling thread may use, ascending; returns how many there are, at most `capacity`.
int cprocessor_affinity(int *_Nonnull processors, int capacity);

/// Binds a thread to these processors, if the system allows it.
void cprocessor_pin(unsigned long thread, const int *_Nonnull processors, int count);
