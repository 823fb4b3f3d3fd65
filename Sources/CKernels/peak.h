// The greatest rate of multiply-adds: independent chains in registers, nothing else. What all other rates are held against.
// The greatest chain is the one that began highest, so that the result does not depend on how many there are.
static void peak(const void *arguments, long task, float *scratch) {
  (void)scratch;
  const struct peak_arguments *a = arguments;
  vec sum[V_TILE_1];
  UNROLL for (int i = 0; i < V_TILE_1; i++) sum[i] = v_broadcast((float)-i);
  const vec x = v_broadcast(0.999f), y = v_broadcast(0.001f);
  for (long round = 0; round < a->rounds; round++) {
    UNROLL for (int i = 0; i < V_TILE_1; i++) sum[i] = v_fma(sum[i], x, y);
  }
  vec greatest = sum[0];
  UNROLL for (int i = 1; i < V_TILE_1; i++) greatest = v_max(greatest, sum[i]);
  v_store(a->sink + 16 * task, greatest);
}
