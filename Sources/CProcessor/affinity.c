#define _GNU_SOURCE
#include "CProcessor.h"
#include <pthread.h>
#include <sched.h>

int cprocessor_affinity(int *processors, int capacity) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  int count = 0;
  for (int processor = 0; processor < CPU_SETSIZE && count < capacity; processor++)
    if (CPU_ISSET(processor, &set)) processors[count++] = processor;
  return count;
}

void cprocessor_pin(unsigned long thread, const int *processors, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < count; i++)
    CPU_SET(processors[i], &set);
  pthread_setaffinity_np(thread, sizeof set, &set);
}
