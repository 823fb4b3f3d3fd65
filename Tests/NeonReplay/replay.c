// Makes the calls of a recording with the portable and the NEON kernels of this processor, and compares every word of memory
// with what the recording processor had.
//
// Usage: replay RECORDING [PART PARTS]: of every PARTS calls only the one at PART.
#include "recording.h"
#include "CKernels.h"
#include "CProcessor.h"
#include "processor_checks.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KERNEL(name) 1 +
enum { KERNELS =
#include "kernels.def"
           0 };
#undef KERNEL

static const char *const names[KERNELS] = {
#define KERNEL(name) #name,
#include "kernels.def"
#undef KERNEL
};

struct kernels {
  const char *name;
  kernel_function function[KERNELS];
};

static struct kernels kernels_of(enum kernel_isa isa) {
  const struct kernel_set *set = kernel_set_for(isa);
  if (!set) fail("these kernels were not compiled for this processor");
  return (struct kernels){set->name,
                          {
#define KERNEL(name) set->name,
#include "kernels.def"
#undef KERNEL
                          }};
}

// What is being run, for the message of a crash.
static const char *running_set, *running_kernel;
static long running_call;

static void crashed(int signal, siginfo_t *info, void *context) {
  (void)context;
  char text[256];
  const int length = snprintf(text, sizeof text,
                              "error: %s of %s, call %ld, died of signal %d at address %p: that is none of the memory of "
                              "TestMemory, or the kernel is wrong\n",
                              running_kernel, running_set, running_call, signal, info->si_addr);
  if (write(STDERR_FILENO, text, (size_t)length) < 0) _exit(2);
  _exit(1);
}

// A NaN that an operation makes from none has the sign that x86 gives it, not ARM's. All other words must be the same.
static bool same(uint32_t got, uint32_t recorded) {
  return got == recorded || (recorded == 0xFFC00000 && got == 0x7FC00000);
}

static const uint32_t scratch_pattern = 0x7FC0DEAD;
enum { SCRATCH_GUARD = 256 };  // Floats behind the scratch that nobody may write.

struct totals {
  long calls, differences;
  long of_kernel[KERNELS];
};

// Says where a block differs from what was recorded; false if it does not.
static bool report(const struct recorded_block *block, int number, const uint32_t *expected) {
  long different = 0, first = -1;
  for (size_t i = 0; i < block->count; i++) {
    if (same(block->words[i], expected[i])) continue;
    if (different++ == 0) first = (long)i;
  }
  if (different == 0) return false;
  float got, wanted;
  memcpy(&got, block->words + first, 4);
  memcpy(&wanted, expected + first, 4);
  printf("%s, call %ld, %s: %ld of %zu words differ in block %d; the first is word %ld: %08x (%g), not %08x (%g)\n",
         running_kernel, running_call, running_set, different, block->count, number, first, block->words[first], got,
         expected[first], wanted);
  return true;
}

// Runs one call; returns whether something differs.
static bool run(const struct recorded_call *call, kernel_function function, const void *arguments, uint32_t **expected) {
  static uint32_t *scratch;
  static long capacity;
  const long floats = call->scratch_floats + SCRATCH_GUARD;
  if (floats > capacity) {
    free(scratch);
    capacity = floats;
    scratch = aligned_alloc(4096, ((size_t)capacity * 4 + 4095) / 4096 * 4096);
    if (!scratch) fail("no memory for %ld floats of scratch", floats);
  }
  for (long i = 0; i < floats; i++)
    scratch[i] = scratch_pattern;
  for (long task = 0; task < call->tasks; task++)
    function(arguments, task, (float *)scratch);
  bool differs = false;
  for (int i = 0; i < call->blocks; i++) {
    const struct recorded_block *block = &call->block[i];
    if (memcmp(block->words, expected[i], block->count * 4) != 0) differs |= report(block, i, expected[i]);
  }
  for (long i = call->scratch_floats; i < floats; i++) {
    if (scratch[i] == scratch_pattern) continue;
    printf("%s, call %ld, %s: wrote behind its scratch\n", running_kernel, running_call, running_set);
    return true;
  }
  return differs;
}

static int kernel_number(const char *name) {
  for (int i = 0; i < KERNELS; i++)
    if (strcmp(names[i], name) == 0) return i;
  fail("there is no kernel %s: the recording is of other kernels", name);
}

static uint32_t *copied(const uint32_t *words, size_t count) {
  uint32_t *copy = malloc(count * 4);
  if (!copy) fail("no memory for %zu words", count);
  memcpy(copy, words, count * 4);
  return copy;
}

// Brings memory to where the call began; with `wanted` makes the call with all sets; leaves memory as it was recorded.
static void replay(const struct recorded_call *call, bool wanted, const struct kernels sets[2], struct totals *totals) {
  uint32_t *before[RECORDED_BLOCKS], *expected[RECORDED_BLOCKS];
  for (int i = 0; i < call->blocks; i++) {
    const struct recorded_block *block = &call->block[i];
    if (block->before) recording_unfold(block->before, block->before_count, block->words, block->count);
    before[i] = copied(block->words, block->count);
    expected[i] = copied(block->words, block->count);
    if (block->after) recording_unfold(block->after, block->after_count, expected[i], block->count);
  }
  void *arguments = copied(call->arguments, ((size_t)call->argument_bytes + 3) / 4);
  const int kernel = kernel_number(call->kernel);
  totals->of_kernel[kernel]++;
  running_kernel = call->kernel;
  for (int set = 0; wanted && set < 2; set++) {
    running_set = sets[set].name;
    for (int i = 0; i < call->blocks; i++)
      memcpy(call->block[i].words, before[i], call->block[i].count * 4);
    totals->differences += run(call, sets[set].function[kernel], arguments, expected);
  }
  totals->calls += wanted;
  for (int i = 0; i < call->blocks; i++) {
    memcpy(call->block[i].words, expected[i], call->block[i].count * 4);
    free(before[i]);
    free(expected[i]);
  }
  free(arguments);
}

int main(int count, char **words) {
  if (count != 2 && count != 4) fail("usage: replay RECORDING [PART PARTS]");
  const long part = count == 4 ? atol(words[2]) : 0, parts = count == 4 ? atol(words[3]) : 1;
  if (parts < 1 || part < 0 || part >= parts) fail("there is no part %ld of %ld", part, parts);
  cprocessor_flush_denormals();
  check_processor();
  const struct sigaction action = {.sa_sigaction = crashed, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);

  struct recording recording = recording_open(words[1]);
  const struct kernels sets[2] = {kernels_of(KERNEL_PORTABLE), kernels_of(KERNEL_NEON)};
  struct totals totals = {0};
  static struct recorded_call call;
  while (recording_next(&recording, &call)) {
    running_call++;
    replay(&call, running_call % parts == part, sets, &totals);
  }

  int missing = 0;
  for (int i = 0; i < KERNELS; i++) {
    if (totals.of_kernel[i] > 0) continue;
    missing++;
    printf("%s: no test of the kernels calls it\n", names[i]);
  }
  if (missing > 0) fail("%d kernels of %d are not checked", missing, KERNELS);
  printf("%ld calls of %d kernels\n", totals.calls, KERNELS);
  if (totals.differences > 0) fail("%ld runs differ from the recorded ones", totals.differences);
  return 0;
}
