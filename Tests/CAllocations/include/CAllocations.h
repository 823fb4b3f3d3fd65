// Counts the calling thread's allocations, by standing before the C library's allocator in the test executable.
#pragma once

/// How often this thread has called malloc or one of its kin.
long callocations_of_this_thread(void);
