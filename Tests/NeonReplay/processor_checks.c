#include "processor_checks.h"
#include "CProcessor.h"
#include "recording.h"
#include <string.h>

// The vectors of RFC 3720, appendix B.4, and the check value of every catalogue of checksums.
static void check_crc(void) {
  uint8_t zeros[32] = {0}, ones[32], up[32];
  memset(ones, 0xFF, sizeof ones);
  for (int i = 0; i < 32; i++)
    up[i] = (uint8_t)i;
  if (cprocessor_crc32c(0, zeros, 32) != 0x8A9136AA || cprocessor_crc32c(0, ones, 32) != 0x62A8AB43 ||
      cprocessor_crc32c(0, up, 32) != 0x46DD794E || cprocessor_crc32c(0, "123456789", 9) != 0xE3069283 ||
      cprocessor_crc32c(cprocessor_crc32c(0, "1234", 4), "56789", 5) != 0xE3069283)
    fail("CRC-32C is wrong on this processor");
}

// Results, and operands: the least normal number halved, and a denormal doubled.
static void check_denormals(void) {
  volatile float least = 0x1p-126f, half = 0.5f, two = 2, denormal = 0x1p-127f;
  volatile double least_double = 0x1p-1022, denormal_double = 0x1p-1023;
  if (least * half != 0 || denormal * two != 0 || least_double * half != 0 || denormal_double * two != 0)
    fail("denormals are not zeros on this processor");
}

static void check_affinity(void) {
  int processors[4096];
  if (cprocessor_affinity(processors, 4096) < 1) fail("this thread may use no processor");
  cprocessor_pause();
}

void check_processor(void) {
  check_crc();
  check_denormals();
  check_affinity();
}
