import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// Counts the allocations of whole processes, every thread of them, so nothing of a step can hide.
  @Suite struct Allocations {
    /// Stands before the C library's allocator, counts, and leaves the count of `convoy` behind.
    private static let counter = """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <stdatomic.h>
      #include <stddef.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      void *__libc_malloc(size_t); void *__libc_calloc(size_t, size_t); void *__libc_realloc(void *, size_t);
      void *__libc_memalign(size_t, size_t);
      static atomic_long count;
      void *malloc(size_t n) { count++; return __libc_malloc(n); }
      void *calloc(size_t n, size_t size) { count++; return __libc_calloc(n, size); }
      void *realloc(void *p, size_t n) { count++; return __libc_realloc(p, n); }
      void *aligned_alloc(size_t a, size_t n) { count++; return __libc_memalign(a, n); }
      int posix_memalign(void **p, size_t a, size_t n) { count++; *p = __libc_memalign(a, n); return *p ? 0 : 12; }
      __attribute__((destructor)) static void report(void) {
        long total = count;
        if (strcmp(program_invocation_short_name, "convoy")) return;
        FILE *file = fopen(getenv("ALLOCATIONS"), "w");
        if (file) { fprintf(file, "%ld", total); fclose(file); }
      }
      """

    /// A thousand steps more, across many epochs, allocate not once more. Lines of the console and the log, which are
    /// made every few seconds, are kept out.
    ///
    /// Neither does one that needs norms, averages and mixed images.
    @Test(arguments: [
      [],
      [
        "optimizer.name=lamb", "optimizer.nesterov=false", "optimizer.clipNorm=1", "average.name=ema",
        "augmentation.mixup=0.2", "optimizer.filterRenormalization=0.1", "optimizer.learningRate=0.001",
      ],
    ]) func aTrainingStepAllocatesNothing(_ overrides: [String]) async throws {
      let fixture = try Fixture.shared()
      let source = try fixture.newFile(Self.counter, ".c")
      let library = fixture.newPath(".so")
      let build = try await run("clang", ["-shared", "-fPIC", "-O1", "-o", library, source])
      try #require(build.succeeded, "\(build)")
      var counts: [Int] = []
      for steps in [1100, 2100] {
        let report = fixture.newPath(".count")
        let ended = try await fixture.newRun(.mlp, overrides).train(
          ["train.steps=\(steps)", "data.validation=null", "logging.everySeconds=1000", "threads=2"],
          environment: ["LD_PRELOAD": library, "ALLOCATIONS": report], timeout: .seconds(120))
        try #require(ended.succeeded, "\(ended)")
        counts.append(try #require(Int(try String(contentsOfFile: report, encoding: .utf8))))
      }
      // Threads come and go at their own pace at the ends of a run; a step's single allocation would make a thousand.
      #expect(abs(counts[1] - counts[0]) < 100, "\(counts)")
    }
  }
}
