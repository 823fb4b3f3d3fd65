// The file that Tests/TestSupport/Recording writes: calls of kernels, with memory before and after.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where the recorded memory lies, here as there.
#define RECORDED_START 0x200000000000ul
#define RECORDED_BYTES (1ul << 30)

struct recorded_block {
  uint32_t *words;                 // In recorded memory.
  size_t count;
  const uint32_t *before, *after;  // Runs, or null where nothing has changed.
  size_t before_count, after_count;
};

enum { RECORDED_BLOCKS = 64 };

struct recorded_call {
  char kernel[64];
  long tasks, scratch_floats, argument_bytes;
  const void *arguments;           // Aligned to 4 bytes only.
  int blocks;
  struct recorded_block block[RECORDED_BLOCKS];
};

struct recording {
  const uint32_t *next, *end;
};

// Maps the file and the memory; says what failed and exits if it cannot.
struct recording recording_open(const char *path);

// The next call, or false at the end. Ends the program where the file is broken.
bool recording_next(struct recording *recording, struct recorded_call *call);

// Writes runs to `words`, `count` in all.
void recording_unfold(const uint32_t *runs, size_t run_words, uint32_t *words, size_t count);

// Ends the program with a sentence.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
