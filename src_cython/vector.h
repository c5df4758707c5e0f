/* Vector primitives: the few operations on `vec`, a register of LANES floats.

   Why C and why explicit lanes: a reduction such as s += a[i] * b[i] may not be
   reassociated by a compiler, so plain loops stay scalar; and Cython has no vector type.
   GCC and Clang get their vector extension, as wide as the instruction set this file is
   compiled for; any other compiler gets the same operations as loops over an array. */

#ifndef NEGW2V_VECTOR_H
#define NEGW2V_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX2__)
#define LANES 8
#else
#define LANES 4
#endif

#if (defined(__GNUC__) || defined(__clang__)) && !defined(NEGW2V_PORTABLE)
#define PORTABLE 0
#define NW_INLINE static inline __attribute__((always_inline))
#define NW_PREFETCH(address) __builtin_prefetch((address), 1, 3)
#define NW_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

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

/* condition[i] ? a[i] : b[i] */
NW_INLINE vec v_select(vec_bits condition, vec a, vec b) {
    return (vec)((condition & (vec_bits)a) | (~condition & (vec_bits)b));
}
NW_INLINE vec_bits v_is_positive(vec a) { return a > (vec){0}; }
NW_INLINE vec_bits v_is_less(vec a, vec b) { return a < b; }

/* 2^n for whole numbers n in [-126, 127], given as floats */
NW_INLINE vec v_power_of_two(vec n) {
    const vec_bits exponent = (vec_bits)(n + (12582912.0f + 127.0f)); /* 1.5 * 2^23: n + 127 lands in the low bits */
    return (vec)(exponent << 23);
}
/* a whole number nearest to a, |a| < 2^22 */
NW_INLINE vec v_round(vec a) { return (a + 12582912.0f) - 12582912.0f; }

/* the sum of a's groups of four lanes */
NW_INLINE vec4 v_fold(vec a) {
#if LANES == 16
    typedef float vec8 __attribute__((vector_size(32)));
    const vec8 half = __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7)
                    + __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(half, half, 0, 1, 2, 3)
         + __builtin_shufflevector(half, half, 4, 5, 6, 7);
#elif LANES == 8
    return __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
#else
    return a;
#endif
}
/* out[0..3] = the sums of all lanes of a, b, c, d: transposing adds instead of four
   horizontal sums */
NW_INLINE void v_store_sums(float *out, vec a, vec b, vec c, vec d) {
    const vec4 p = v_fold(a), q = v_fold(b), r = v_fold(c), s = v_fold(d);
    const vec4 pq = __builtin_shufflevector(p, q, 0, 4, 1, 5) + __builtin_shufflevector(p, q, 2, 6, 3, 7);
    const vec4 rs = __builtin_shufflevector(r, s, 0, 4, 1, 5) + __builtin_shufflevector(r, s, 2, 6, 3, 7);
    *(vec4_memory *)out = __builtin_shufflevector(pq, rs, 0, 1, 4, 5)
                        + __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
}

#else /* the portable twin, which the level "baseline" is built from */
#define PORTABLE 1
#define NW_INLINE static inline
#define NW_PREFETCH(address) ((void)(address))
#define NW_UNLIKELY(condition) (condition)

typedef struct { float lane[LANES]; } vec;
typedef struct { int lane[LANES]; } vec_bits;

#define NW_EACH(expression) do { for (int i = 0; i < LANES; i++) { expression; } } while (0)

NW_INLINE vec v_load(const float *p) { vec r; memcpy(r.lane, p, sizeof r.lane); return r; }
NW_INLINE void v_store(float *p, vec a) { memcpy(p, a.lane, sizeof a.lane); }
NW_INLINE vec v_splat(float x) { vec r; NW_EACH(r.lane[i] = x); return r; }
NW_INLINE vec v_add(vec a, vec b) { NW_EACH(a.lane[i] += b.lane[i]); return a; }
NW_INLINE vec v_sub(vec a, vec b) { NW_EACH(a.lane[i] -= b.lane[i]); return a; }
NW_INLINE vec v_mul(vec a, vec b) { NW_EACH(a.lane[i] *= b.lane[i]); return a; }
NW_INLINE vec v_div(vec a, vec b) { NW_EACH(a.lane[i] /= b.lane[i]); return a; }
NW_INLINE vec v_fma(vec a, vec b, vec c) { NW_EACH(c.lane[i] += a.lane[i] * b.lane[i]); return c; }
NW_INLINE vec v_select(vec_bits condition, vec a, vec b) {
    NW_EACH(if (condition.lane[i]) b.lane[i] = a.lane[i]);
    return b;
}
NW_INLINE vec_bits v_is_positive(vec a) { vec_bits r; NW_EACH(r.lane[i] = a.lane[i] > 0.0f); return r; }
NW_INLINE vec_bits v_is_less(vec a, vec b) { vec_bits r; NW_EACH(r.lane[i] = a.lane[i] < b.lane[i]); return r; }
NW_INLINE vec v_power_of_two(vec n) { NW_EACH(n.lane[i] = ldexpf(1.0f, (int)n.lane[i])); return n; }
NW_INLINE vec v_round(vec a) { NW_EACH(a.lane[i] = rintf(a.lane[i])); return a; }
NW_INLINE float v_sum(vec a) { float s = 0.0f; NW_EACH(s += a.lane[i]); return s; }
NW_INLINE void v_store_sums(float *out, vec a, vec b, vec c, vec d) {
    out[0] = v_sum(a); out[1] = v_sum(b); out[2] = v_sum(c); out[3] = v_sum(d);
}
#endif

/* e^x for x in [-80, 0], relative error below 3e-7: 2^n * 2^f with n whole and |f| <= 1/2,
   2^f by its Taylor series */
NW_INLINE vec v_exp(vec x) {
    const vec t = v_mul(x, v_splat(1.44269504088896341f));
    const vec n = v_round(t);
    const vec f = v_sub(t, n);
    vec p = v_splat(1.54035303933816e-4f);
    p = v_fma(p, f, v_splat(1.33335581464284e-3f));
    p = v_fma(p, f, v_splat(9.61812910762848e-3f));
    p = v_fma(p, f, v_splat(5.55041086648216e-2f));
    p = v_fma(p, f, v_splat(2.40226506959101e-1f));
    p = v_fma(p, f, v_splat(6.93147180559945e-1f));
    p = v_fma(p, f, v_splat(1.0f));
    return v_mul(p, v_power_of_two(n));
}

#endif
