// Winograd's minimal filtering (Lavin and Gray 2015) on the points 0, ±5/8, ±3/2, ∞, whose rounding error is about twice
// that of direct convolution, half of what the textbook points 0, ±1, ±2 give.
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// for 6×6 inputs d, kernels g of r×r and m×m outputs Y with m + r = 7: F(4×4, 3×3) and F(2×2, 5×5). All functions here are
// the one-dimensional transforms and their adjoints; `m` and `r` are constants where they are called.

#define WINOGRAD_P 0.625f
#define WINOGRAD_Q 1.5f
#define WINOGRAD_P2 0.390625f
#define WINOGRAD_Q2 2.25f
#define WINOGRAD_P3 0.244140625f
#define WINOGRAD_Q3 3.375f
#define WINOGRAD_P4 0.152587890625f
#define WINOGRAD_Q4 5.0625f
#define WINOGRAD_PQ 0.87890625f   // p²q²
#define WINOGRAD_SUM 2.640625f    // p² + q²

#define WINOGRAD_F0 1.13777777777777778f    // 1 / (p²q²)
#define WINOGRAD_FP -0.68840336134453782f   // 1 / (2p²(p² − q²))
#define WINOGRAD_FQ 0.11951447245564893f    // 1 / (2q²(q² − p²))

// Rows 0, 1 and 2 of Bᵀ d for d of six.
ALWAYS_INLINE void winograd_input_low(const vec d[6], vec v[3]) {
  const vec q2 = v_broadcast(-WINOGRAD_Q2);
  const vec even = v_fma(q2, d[2], d[4]);
  const vec odd = v_multiply(v_broadcast(WINOGRAD_P), v_fma(q2, d[1], d[3]));
  v[0] = v_fma(v_broadcast(WINOGRAD_PQ), d[0], v_fma(v_broadcast(-WINOGRAD_SUM), d[2], d[4]));
  v[1] = v_add(even, odd);
  v[2] = v_subtract(even, odd);
}

// Rows 3, 4 and 5.
ALWAYS_INLINE void winograd_input_high(const vec d[6], vec v[3]) {
  const vec p2 = v_broadcast(-WINOGRAD_P2);
  const vec even = v_fma(p2, d[2], d[4]);
  const vec odd = v_multiply(v_broadcast(WINOGRAD_Q), v_fma(p2, d[1], d[3]));
  v[0] = v_add(even, odd);
  v[1] = v_subtract(even, odd);
  v[2] = v_fma(v_broadcast(WINOGRAD_PQ), d[1], v_fma(v_broadcast(-WINOGRAD_SUM), d[3], d[5]));
}

ALWAYS_INLINE void winograd_input(const vec d[6], vec v[6]) {
  winograd_input_low(d, v);
  winograd_input_high(d, v + 3);
}

// B v, the adjoint of winograd_input: rows 0, 2 and 4, or 1, 3 and 5.
ALWAYS_INLINE void winograd_input_adjoint(const bool odd, const vec v[6], vec d[3]) {
  const vec p2 = v_broadcast(-WINOGRAD_P2), q2 = v_broadcast(-WINOGRAD_Q2);
  const vec p = odd ? v_multiply(v_broadcast(WINOGRAD_P), v_subtract(v[1], v[2])) : v_add(v[1], v[2]);
  const vec q = odd ? v_multiply(v_broadcast(WINOGRAD_Q), v_subtract(v[3], v[4])) : v_add(v[3], v[4]);
  const vec end = odd ? v[5] : v[0], both = v_add(p, q), crossed = v_fma(q2, p, v_multiply(p2, q));
  d[0] = odd ? v_fma(v_broadcast(WINOGRAD_PQ), end, crossed) : v_multiply(v_broadcast(WINOGRAD_PQ), end);
  d[1] = v_fma(v_broadcast(-WINOGRAD_SUM), end, odd ? both : crossed);
  d[2] = odd ? end : v_add(end, both);
}

// Aᵀ products: m outputs.
ALWAYS_INLINE void winograd_output(const int m, const vec product[6], vec y[4]) {
  const vec even_p = v_add(product[1], product[2]), odd_p = v_subtract(product[1], product[2]);
  const vec even_q = v_add(product[3], product[4]), odd_q = v_subtract(product[3], product[4]);
  y[0] = v_add(product[0], v_add(even_p, even_q));
  const vec first = v_fma(v_broadcast(WINOGRAD_P), odd_p, v_multiply(v_broadcast(WINOGRAD_Q), odd_q));
  if (m == 2) {
    y[1] = v_add(product[5], first);
    return;
  }
  y[1] = first;
  y[2] = v_fma(v_broadcast(WINOGRAD_P2), even_p, v_multiply(v_broadcast(WINOGRAD_Q2), even_q));
  y[3] = v_add(product[5], v_fma(v_broadcast(WINOGRAD_P3), odd_p, v_multiply(v_broadcast(WINOGRAD_Q3), odd_q)));
}

// A y: the adjoint of winograd_output.
ALWAYS_INLINE void winograd_output_adjoint(const int m, const vec y[4], vec factor[6]) {
  vec even_p = y[0], even_q = y[0];
  vec odd_p = v_multiply(v_broadcast(WINOGRAD_P), y[1]), odd_q = v_multiply(v_broadcast(WINOGRAD_Q), y[1]);
  if (m == 4) {
    even_p = v_fma(v_broadcast(WINOGRAD_P2), y[2], even_p);
    even_q = v_fma(v_broadcast(WINOGRAD_Q2), y[2], even_q);
    odd_p = v_fma(v_broadcast(WINOGRAD_P3), y[3], odd_p);
    odd_q = v_fma(v_broadcast(WINOGRAD_Q3), y[3], odd_q);
  }
  factor[0] = y[0];
  factor[1] = v_add(even_p, odd_p);
  factor[2] = v_subtract(even_p, odd_p);
  factor[3] = v_add(even_q, odd_q);
  factor[4] = v_subtract(even_q, odd_q);
  factor[5] = y[m - 1];
}

// G g for r taps.
ALWAYS_INLINE void winograd_weight(const int r, const vec g[5], vec u[6]) {
  vec even_p = v_fma(v_broadcast(WINOGRAD_P2), g[2], g[0]), even_q = v_fma(v_broadcast(WINOGRAD_Q2), g[2], g[0]);
  vec odd_p = v_multiply(v_broadcast(WINOGRAD_P), g[1]), odd_q = v_multiply(v_broadcast(WINOGRAD_Q), g[1]);
  if (r == 5) {
    even_p = v_fma(v_broadcast(WINOGRAD_P4), g[4], even_p);
    even_q = v_fma(v_broadcast(WINOGRAD_Q4), g[4], even_q);
    odd_p = v_fma(v_broadcast(WINOGRAD_P3), g[3], odd_p);
    odd_q = v_fma(v_broadcast(WINOGRAD_Q3), g[3], odd_q);
  }
  const vec fp = v_broadcast(WINOGRAD_FP), fq = v_broadcast(WINOGRAD_FQ);
  u[0] = v_multiply(v_broadcast(WINOGRAD_F0), g[0]);
  u[1] = v_multiply(fp, v_add(even_p, odd_p));
  u[2] = v_multiply(fp, v_subtract(even_p, odd_p));
  u[3] = v_multiply(fq, v_add(even_q, odd_q));
  u[4] = v_multiply(fq, v_subtract(even_q, odd_q));
  u[5] = g[r - 1];
}

// Gᵀ s: the adjoint of winograd_weight.
ALWAYS_INLINE void winograd_weight_adjoint(const int r, const vec s[6], vec g[5]) {
  const vec fp = v_broadcast(WINOGRAD_FP), fq = v_broadcast(WINOGRAD_FQ);
  const vec even_p = v_multiply(fp, v_add(s[1], s[2])), odd_p = v_multiply(fp, v_subtract(s[1], s[2]));
  const vec even_q = v_multiply(fq, v_add(s[3], s[4])), odd_q = v_multiply(fq, v_subtract(s[3], s[4]));
  g[0] = v_fma(v_broadcast(WINOGRAD_F0), s[0], v_add(even_p, even_q));
  g[1] = v_fma(v_broadcast(WINOGRAD_P), odd_p, v_multiply(v_broadcast(WINOGRAD_Q), odd_q));
  g[2] = v_fma(v_broadcast(WINOGRAD_P2), even_p, v_multiply(v_broadcast(WINOGRAD_Q2), even_q));
  if (r == 3) {
    g[2] = v_add(s[5], g[2]);
    return;
  }
  g[3] = v_fma(v_broadcast(WINOGRAD_P3), odd_p, v_multiply(v_broadcast(WINOGRAD_Q3), odd_q));
  g[4] = v_add(s[5], v_fma(v_broadcast(WINOGRAD_P4), even_p, v_multiply(v_broadcast(WINOGRAD_Q4), even_q)));
}
