/* Vector primitives, the few operations on `vec`, a register of LANES floats: header with code.

   In the map: at the bottom; tiles.h, layer_rows.h and scan.h are written with it. LANES means this
   number, the floats of a register, wherever it is used.

   Why C and why explicit lanes: a reduction such as s += a[i] * b[i] may not be
   reassociated by a compiler, so plain loops stay scalar; and Cython has no vector type.
   GCC and Clang get their vector extension, as wide as the instruction set this file is
   compiled for; any other compiler gets the same operations as loops over an array. */

#ifndef NW_VECTOR_H
#define NW_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "prefetch.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(NW_PORTABLE) || !(defined(__GNUC__) || defined(__clang__))
#define PORTABLE 1
#define LANES 4
#elif defined(__AVX512F__)
#define PORTABLE 0
#define LANES 16
#elif defined(__AVX2__)
#define PORTABLE 0
#define LANES 8
#else
#define PORTABLE 0
#define LANES 4
#endif

/* In front of a loop over registers whose length is a constant: each round becomes code of its own. */
#if defined(__clang__)
#define NW_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__) && __GNUC__ >= 8
#define NW_UNROLL _Pragma("GCC unroll 8")
#else
#define NW_UNROLL
#endif

#if !PORTABLE
#define NW_INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t vec_bits __attribute__((vector_size(4 * LANES)));
typedef float vec4 __attribute__((vector_size(16)));
/* what a float* points at: any alignment, any effective type */
typedef float vec_memory __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef float vec4_memory __attribute__((vector_size(16), aligned(4), may_alias));

NW_INLINE vec v_load(const float *p) { return *(const vec_memory *)p; }
NW_INLINE void v_store(float *p, vec a) { *(vec_memory *)p = a; }
NW_INLINE vec v_splat(float x) { return x - (vec){0}; }
NW_INLINE vec v_add(vec a, vec b) { return a + b; }
NW_INLINE vec v_sub(vec a, vec b) { return a - b; }
NW_INLINE vec v_mul(vec a, vec b) { return a * b; }
NW_INLINE vec v_div(vec a, vec b) { return a / b; }
NW_INLINE vec v_fma(vec a, vec b, vec c) { return a * b + c; } /* contracted where the CPU can */

/* the smaller and the larger of a and b; b where one of them is NaN */
#if defined(__AVX512F__)
NW_INLINE vec v_min(vec a, vec b) { return (vec)_mm512_min_ps((__m512)a, (__m512)b); }
NW_INLINE vec v_max(vec a, vec b) { return (vec)_mm512_max_ps((__m512)a, (__m512)b); }
#elif defined(__AVX2__)
NW_INLINE vec v_min(vec a, vec b) { return (vec)_mm256_min_ps((__m256)a, (__m256)b); }
NW_INLINE vec v_max(vec a, vec b) { return (vec)_mm256_max_ps((__m256)a, (__m256)b); }
#else
NW_INLINE vec v_min(vec a, vec b) {
    const vec_bits less = a < b;
    return (vec)((less & (vec_bits)a) | (~less & (vec_bits)b));
}
NW_INLINE vec v_max(vec a, vec b) {
    const vec_bits more = a > b;
    return (vec)((more & (vec_bits)a) | (~more & (vec_bits)b));
}
#endif

/* whether any lane of a is below the limit; a NaN is not */
NW_INLINE int v_any_below(vec a, float limit) {
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask((__m512)a, _mm512_set1_ps(limit), _CMP_LT_OQ) != 0;
#elif defined(__AVX2__)
    return _mm256_movemask_ps(_mm256_cmp_ps((__m256)a, _mm256_set1_ps(limit), _CMP_LT_OQ)) != 0;
#else
    const vec_bits below = a < v_splat(limit);
    return (below[0] | below[1] | below[2] | below[3]) != 0;
#endif
}

/* 2^n for whole numbers n in [-126, 127], given as floats */
NW_INLINE vec v_power_of_two(vec n) {
    const vec_bits exponent = (vec_bits)(n + (12582912.0f + 127.0f)); /* 1.5 * 2^23: n + 127 lands in the low bits */
    return (vec)(exponent << 23);
}
/* a whole number nearest to a, |a| < 2^22 */
NW_INLINE vec v_round(vec a) { return (a + 12582912.0f) - 12582912.0f; }

/* Halves and pairs of registers. Registers of more than four floats exist on x86-64 alone, where
   intrinsics are there in every compiler; GCC has __builtin_shufflevector since version 12. */
#if LANES > 4
typedef float vec8 __attribute__((vector_size(32)));
NW_INLINE vec8 v_join8(vec4 a, vec4 b) {
    return (vec8)_mm256_insertf128_ps(_mm256_castps128_ps256((__m128)a), (__m128)b, 1);
}
NW_INLINE vec4 v8_low_half(vec8 a) { return (vec4)_mm256_castps256_ps128((__m256)a); }
NW_INLINE vec4 v8_high_half(vec8 a) { return (vec4)_mm256_extractf128_ps((__m256)a, 1); }
#endif
#if LANES == 16
NW_INLINE vec v_join(vec8 a, vec8 b) {
    return (vec)_mm512_insertf32x8(_mm512_castps256_ps512((__m256)a), (__m256)b, 1);
}
NW_INLINE vec8 v_low_half(vec a) { return (vec8)_mm512_castps512_ps256((__m512)a); }
NW_INLINE vec8 v_high_half(vec a) { return (vec8)_mm512_extractf32x8_ps((__m512)a, 1); }
#endif

/* lanes of a and b: 0 to 3 are a's, 4 to 7 are b's */
#if defined(__clang__) || __GNUC__ >= 12
#define V4_LANES(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
typedef int32_t vec4_bits __attribute__((vector_size(16)));
#define V4_LANES(a, b, i, j, k, l) __builtin_shuffle(a, b, (vec4_bits){i, j, k, l})
#endif

/* the sum of a's groups of four lanes */
NW_INLINE vec4 v_fold(vec a) {
#if LANES == 16
    const vec8 half = v_low_half(a) + v_high_half(a);
    return v8_low_half(half) + v8_high_half(half);
#elif LANES == 8
    return v8_low_half(a) + v8_high_half(a);
#else
    return a;
#endif
}
/* the sums of the lanes of p, q, r, s: transposing adds instead of four horizontal sums */
NW_INLINE vec4 v4_sums(vec4 p, vec4 q, vec4 r, vec4 s) {
    const vec4 pq = V4_LANES(p, q, 0, 4, 1, 5) + V4_LANES(p, q, 2, 6, 3, 7);
    const vec4 rs = V4_LANES(r, s, 0, 4, 1, 5) + V4_LANES(r, s, 2, 6, 3, 7);
    return V4_LANES(pq, rs, 0, 1, 4, 5) + V4_LANES(pq, rs, 2, 3, 6, 7);
}
NW_INLINE vec4 v_sums(vec a, vec b, vec c, vec d) { return v4_sums(v_fold(a), v_fold(b), v_fold(c), v_fold(d)); }
/* the sums of two pairs of products: a0 * b0 + a1 * b1, lane by lane */
NW_INLINE vec4 v4_products(const float *a, const float *b) {
    return *(const vec4_memory *)a * *(const vec4_memory *)b + *(const vec4_memory *)(a + 4) * *(const vec4_memory *)(b + 4);
}

#else /* the portable twin, which the level "baseline" is built from */
#define NW_INLINE static inline

typedef struct { float lane[LANES]; } vec;
typedef vec vec4;

#define NW_EACH(expression) do { for (int i = 0; i < LANES; i++) { expression; } } while (0)

NW_INLINE vec v_load(const float *p) { vec r; memcpy(r.lane, p, sizeof r.lane); return r; }
NW_INLINE void v_store(float *p, vec a) { memcpy(p, a.lane, sizeof a.lane); }
NW_INLINE vec v_splat(float x) { vec r; NW_EACH(r.lane[i] = x); return r; }
NW_INLINE vec v_add(vec a, vec b) { NW_EACH(a.lane[i] += b.lane[i]); return a; }
NW_INLINE vec v_sub(vec a, vec b) { NW_EACH(a.lane[i] -= b.lane[i]); return a; }
NW_INLINE vec v_mul(vec a, vec b) { NW_EACH(a.lane[i] *= b.lane[i]); return a; }
NW_INLINE vec v_div(vec a, vec b) { NW_EACH(a.lane[i] /= b.lane[i]); return a; }
NW_INLINE vec v_fma(vec a, vec b, vec c) { NW_EACH(c.lane[i] += a.lane[i] * b.lane[i]); return c; }
NW_INLINE vec v_min(vec a, vec b) { NW_EACH(if (a.lane[i] < b.lane[i]) b.lane[i] = a.lane[i]); return b; }
NW_INLINE vec v_max(vec a, vec b) { NW_EACH(if (a.lane[i] > b.lane[i]) b.lane[i] = a.lane[i]); return b; }
NW_INLINE int v_any_below(vec a, float limit) {
    int below = 0;
    NW_EACH(below |= a.lane[i] < limit);
    return below;
}
NW_INLINE vec v_power_of_two(vec n) { NW_EACH(n.lane[i] = ldexpf(1.0f, (int)n.lane[i])); return n; }
NW_INLINE vec v_round(vec a) { NW_EACH(a.lane[i] = rintf(a.lane[i])); return a; }
NW_INLINE float v_sum(vec a) { float s = 0.0f; NW_EACH(s += a.lane[i]); return s; }
NW_INLINE vec4 v_sums(vec a, vec b, vec c, vec d) {
    const vec4 r = {{v_sum(a), v_sum(b), v_sum(c), v_sum(d)}};
    return r;
}
NW_INLINE vec4 v4_sums(vec4 p, vec4 q, vec4 r, vec4 s) { return v_sums(p, q, r, s); }
NW_INLINE vec4 v4_products(const float *a, const float *b) {
    return v_fma(v_load(a), v_load(b), v_mul(v_load(a + 4), v_load(b + 4)));
}
#endif

/* e^x for x in [-80, 80], relative error below 3e-7 + 1e-7 |x|: 2^n * 2^f with n whole and
   |f| <= 1/2, 2^f by its Taylor series, in an order that keeps the chain of dependent steps short.
   The product of x and log2(e) is rounded, hence the part that grows with x */
NW_INLINE vec v_exp(vec x) {
    const vec t = v_mul(x, v_splat(1.44269504088896341f));
    const vec n = v_round(t);
    const vec f = v_sub(t, n);
    const vec f2 = v_mul(f, f);
    const vec low = v_fma(v_splat(6.93147180559945e-1f), f, v_splat(1.0f));
    const vec middle = v_fma(v_splat(5.55041086648216e-2f), f, v_splat(2.40226506959101e-1f));
    const vec high = v_fma(v_splat(1.54035303933816e-4f), f2,
                           v_fma(v_splat(1.33335581464284e-3f), f, v_splat(9.61812910762848e-3f)));
    return v_mul(v_fma(f2, v_fma(f2, high, middle), low), v_power_of_two(n));
}

#endif
