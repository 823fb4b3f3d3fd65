import Foundation
import TestSupport
import Testing

@Suite struct AllocationTests {
  /// Stands before the C library's allocator and counts.
  private static let counter = """
    #include <stdatomic.h>
    #include <stddef.h>
    void *__libc_malloc(size_t); void *__libc_calloc(size_t, size_t); void *__libc_realloc(void *, size_t);
    void *__libc_memalign(size_t, size_t);
    static atomic_long count;
    long allocations(void) { return count; }
    void *malloc(size_t n) { count++; return __libc_malloc(n); }
    void *calloc(size_t n, size_t size) { count++; return __libc_calloc(n, size); }
    void *realloc(void *p, size_t n) { count++; return __libc_realloc(p, n); }
    void *aligned_alloc(size_t a, size_t n) { count++; return __libc_memalign(a, n); }
    int posix_memalign(void **p, size_t a, size_t n) { count++; *p = __libc_memalign(a, n); return *p ? 0 : 12; }
    """

  @Test(arguments: [1, 2, 3])
  func aStepOnOneNodeAllocatesNothing(ranks: Int) async throws {
    try await withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("allocations.c")
      let library = folder.appendingPathComponent("liballocations.so").path
      try Self.counter.write(to: source, atomically: true, encoding: .utf8)
      let build = try await run("clang", ["-shared", "-fPIC", "-O1", "-o", library, source.path])
      #expect(build.succeeded, "\(build)")
      let steps = try await mpirun(
        ranks: ranks, executable: try buildProduct(named: "rank-checks"), arguments: ["allocations"],
        environment: ["LD_PRELOAD": library])
      #expect(steps.succeeded, "\(steps)")
    }
  }
}
