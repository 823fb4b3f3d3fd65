#define _GNU_SOURCE
#include "recording.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fflush(stdout);
  fputs("error: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

struct recording recording_open(const char *path) {
  const int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) fail("%s: %s", path, strerror(errno));
  if (status.st_size == 0) fail("%s: no kernel has been recorded", path);
  const uint32_t *words = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (words == MAP_FAILED) fail("%s: %s", path, strerror(errno));
  void *memory = mmap((void *)RECORDED_START, RECORDED_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (memory != (void *)RECORDED_START) fail("there is no memory to be had at %lx", RECORDED_START);
  return (struct recording){words, words + status.st_size / 4};
}

// Takes `count` words of the file.
static const uint32_t *take(struct recording *recording, size_t count) {
  const uint32_t *words = recording->next;
  if (count > (size_t)(recording->end - words)) fail("the recording ends within a call");
  recording->next += count;
  return words;
}

static size_t words_of(size_t bytes) { return (bytes + 3) / 4; }

static const uint32_t *take_runs(struct recording *recording, size_t *count) {
  *count = *take(recording, 1);
  const uint32_t *runs = take(recording, *count);
  return *count > 0 ? runs : NULL;
}

bool recording_next(struct recording *recording, struct recorded_call *call) {
  if (recording->next == recording->end) return false;
  const size_t count = *take(recording, 1);
  const uint32_t *start = recording->next, *head = take(recording, 5);
  if (head[2] >= sizeof call->kernel || head[4] > RECORDED_BLOCKS) fail("a recorded call is too large to be one");
  call->tasks = head[0];
  call->scratch_floats = head[1];
  call->argument_bytes = head[3];
  call->blocks = (int)head[4];
  memcpy(call->kernel, take(recording, words_of(head[2])), head[2]);
  call->kernel[head[2]] = 0;
  call->arguments = take(recording, words_of(call->argument_bytes));
  for (int i = 0; i < call->blocks; i++) {
    const uint32_t *place = take(recording, 3);
    const uint64_t address = place[0] | (uint64_t)place[1] << 32, bytes = 4ul * place[2];
    if (address < RECORDED_START || address % 4 != 0 || address + bytes > RECORDED_START + RECORDED_BYTES)
      fail("a recorded block lies at %lx", address);
    call->block[i].words = (uint32_t *)address;
    call->block[i].count = place[2];
    call->block[i].before = take_runs(recording, &call->block[i].before_count);
  }
  for (int i = 0; i < call->blocks; i++)
    call->block[i].after = take_runs(recording, &call->block[i].after_count);
  if (recording->next != start + count) fail("a recorded call has another length than it says");
  return true;
}

void recording_unfold(const uint32_t *runs, size_t run_words, uint32_t *words, size_t count) {
  const uint32_t *const runs_end = runs + run_words, *const end = words + count;
  while (runs < runs_end) {
    const bool same = *runs >> 31;
    const size_t length = *runs++ & 0x7FFFFFFF;
    if (length > (size_t)(end - words) || (same ? 1 : length) > (size_t)(runs_end - runs))
      fail("a recorded block is larger than it says");
    for (size_t i = 0; i < length; i++)
      words[i] = runs[same ? 0 : i];
    words += length;
    runs += same ? 1 : length;
  }
  if (words != end) fail("a recorded block is smaller than it says");
}
