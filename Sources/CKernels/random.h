// Normal numbers from Philox4x32-10 by Box and Muller. Element i of a stream depends on i alone.

static void philox(uint32_t word[4], const uint32_t key[2]) {
  uint32_t round[2] = {key[0], key[1]};
  for (int i = 0; i < 10; i++) {
    const uint64_t a = (uint64_t)word[0] * 0xD2511F53u, b = (uint64_t)word[2] * 0xCD9E8D57u;
    const uint32_t next[4] = {(uint32_t)(b >> 32) ^ word[1] ^ round[0], (uint32_t)b,
                              (uint32_t)(a >> 32) ^ word[3] ^ round[1], (uint32_t)a};
    memcpy(word, next, sizeof next);
    round[0] += 0x9E3779B9u;
    round[1] += 0xBB67AE85u;
  }
}

static void fill_normal(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct fill_normal_arguments *a = arguments;
  const long begin = a->first + task * a->range;
  const long end = a->first + (task * a->range + a->range < a->count ? task * a->range + a->range : a->count);
  for (long block = begin / 4; 4 * block < end; block++) {
    uint32_t word[4] = {(uint32_t)block, (uint32_t)((uint64_t)block >> 32), a->counter[0], a->counter[1]};
    philox(word, a->key);
    float normal[4];
    for (int pair = 0; pair < 4; pair += 2) {
      const float u = (float)((word[pair] >> 8) + 1) * 0x1p-24f;  // In (0, 1].
      const float radius = __builtin_sqrtf(-2 * own_log(u));
      float sine, cosine;
      own_sincos((float)(word[pair + 1] >> 8) * 0x1p-24f, &sine, &cosine);
      normal[pair] = radius * cosine;
      normal[pair + 1] = radius * sine;
    }
    for (int i = 0; i < 4; i++) {
      const long element = 4 * block + i;
      if (element >= begin && element < end) a->output[element - a->first] = normal[i] * a->deviation;
    }
  }
}

static void dropout(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct dropout_arguments *a = arguments;
  const uint64_t position = a->first_position + (uint64_t)task;
  const float *source = a->source + task * a->count;
  float *output = a->output + task * a->count;
  for (long i = 0; i < a->count; i += 4) {
    uint32_t word[4] = {(uint32_t)(i / 4), a->layer, (uint32_t)position, (uint32_t)(position >> 32)};
    philox(word, a->key);
    for (int lane = 0; lane < 4; lane++) {
      const float x = word[lane] < a->threshold ? 0 : source[i + lane] * a->scale;
      output[i + lane] = a->accumulate ? output[i + lane] + x : x;
    }
  }
}
