import Testing

/// All kernels, each with every instruction set and teams of 1, 2 and 3 threads. One after the other: teams spin.
@Suite("Kernels", .serialized)
struct KernelTests {}
