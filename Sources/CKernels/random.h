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

// The same for a block in each lane; loops over lanes become vectors.
static void philox_lanes(uint32_t word[4][16], const uint32_t key[2]) {
  uint32_t round[2] = {key[0], key[1]};
  for (int r = 0; r < 10; r++) {
    for (int i = 0; i < 16; i++) {
      const uint64_t a = (uint64_t)word[0][i] * 0xD2511F53u, b = (uint64_t)word[2][i] * 0xCD9E8D57u;
      word[0][i] = (uint32_t)(b >> 32) ^ word[1][i] ^ round[0];
      word[2][i] = (uint32_t)(a >> 32) ^ word[3][i] ^ round[1];
      word[1][i] = (uint32_t)b;
      word[3][i] = (uint32_t)a;
    }
    round[0] += 0x9E3779B9u;
    round[1] += 0xBB67AE85u;
  }
}

// Box and Muller: two normal numbers of two words, in every lane.
static inline void normal_lanes(const uint32_t radius_word[16], const uint32_t angle_word[16], float deviation,
                                float first[16], float second[16]) {
  float radius[16];
  for (int i = 0; i < 16; i++)
    radius[i] = -2 * own_log((float)((int)(radius_word[i] >> 8) + 1) * 0x1p-24f);  // Of a number in (0, 1].
  v_store(radius, v_square_root(v_load(radius)));
  for (int i = 0; i < 16; i++) {
    float sine, cosine;
    own_sincos((float)(int)(angle_word[i] >> 8) * 0x1p-24f, &sine, &cosine);
    first[i] = radius[i] * cosine * deviation;
    second[i] = radius[i] * sine * deviation;
  }
}

static void fill_normal(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct fill_normal_arguments *a = arguments;
  const long begin = a->first + task * a->range;
  const long end = a->first + (task * a->range + a->range < a->count ? task * a->range + a->range : a->count);
  for (long block = begin / 4; 4 * block < end; block += 16) {
    uint32_t word[4][16];
    for (int i = 0; i < 16; i++) {
      word[0][i] = (uint32_t)(block + i);
      word[1][i] = (uint32_t)((uint64_t)(block + i) >> 32);
      word[2][i] = a->counter[0];
      word[3][i] = a->counter[1];
    }
    philox_lanes(word, a->key);
    float normal[4][16];
    for (int pair = 0; pair < 4; pair += 2)
      normal_lanes(word[pair], word[pair + 1], a->deviation, normal[pair], normal[pair + 1]);
    float *output = a->output + (4 * block - a->first);
    if (4 * block >= begin && 4 * block + 64 <= end) {
      for (int i = 0; i < 64; i++)
        output[i] = normal[i % 4][i / 4];
      continue;
    }
    for (int i = 0; i < 64; i++)
      if (4 * block + i >= begin && 4 * block + i < end) output[i] = normal[i % 4][i / 4];
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
