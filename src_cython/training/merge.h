/* The rule by which the changes of several shards to one row become one change.

   In the map: below shards.pxd, which finds the rows; above simd/vector.h. negw2v/kernels/merge.py
   says the same in NumPy, and why. */

#ifndef NW_MERGE_H
#define NW_MERGE_H

#include "vector.h"

#define MOST_SHARDS 64

/* neither inlined nor cloned */
#if defined(__clang__)
#define NW_ONCE static __attribute__((noinline, unused))
#elif defined(__GNUC__)
#define NW_ONCE static __attribute__((noinline, noclone, unused))
#else
#define NW_ONCE static __declspec(noinline)
#endif

/* The place of the lowest bit that is set; there is one. */
NW_INLINE int merge_lowest_bit(uint64_t bits) {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_ctzll(bits);
#else
    int place = 0;
    while (!(bits >> place & 1)) place++;
    return place;
#endif
}

NW_INLINE int merge_count_bits(uint64_t bits) {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_popcountll(bits);
#else
    int count = 0;
    for (; bits; bits &= bits - 1) count++;
    return count;
#endif
}

NW_INLINE float merge_total(vec squares) {
    float lanes[LANES], total = 0.0f;
    v_store(lanes, squares);
    for (int i = 0; i < LANES; i++) total += lanes[i];
    return total;
}

NW_INLINE void merge_copy(float *to, const float *row, int length) {
    for (int d = 0; d < length; d += LANES) v_store(to + d, v_load(row + d));
}

/* A change is what a part is more than the origin: where parts are rows that have changed, that is the
   row; where they are the changes themselves, a row of zeros. */
NW_INLINE vec merge_change(const float *part, const float *origin, int d) {
    return v_sub(v_load(part + d), v_load(origin + d));
}

/* row += the sum of n changes in their order. There are no products: the bits are the same wherever it is inlined. */
NW_INLINE void merge_sum(float *row, const float *origin, float *const *parts, int n, int length) {
    for (int d = 0; d < length; d += LANES) {
        vec total = merge_change(parts[0], origin, d);
        for (int i = 1; i < n; i++) total = v_add(total, merge_change(parts[i], origin, d));
        v_store(row + d, v_add(v_load(row + d), total));
    }
}

/* The same, the sum shortened to `most` times the longest change. `total` has room for a row. Whether a product
   and a sum are rounded once or twice is the compiler's choice, each time anew: so this is compiled once. */
NW_ONCE void merge_shortened(float *row, const float *origin, float *const *parts, int n, float *total, float most,
                             int length) {
    vec squares[MOST_SHARDS], of_sum = v_splat(0.0f), factor = v_splat(1.0f);
    float longest = 0.0f, sum;
    for (int i = 0; i < n; i++) squares[i] = of_sum;
    for (int d = 0; d < length; d += LANES) {
        vec so_far = v_splat(0.0f);
        for (int i = 0; i < n; i++) {
            const vec change = merge_change(parts[i], origin, d);
            squares[i] = v_fma(change, change, squares[i]);
            so_far = v_add(so_far, change);
        }
        of_sum = v_fma(so_far, so_far, of_sum);
        v_store(total + d, so_far);
    }
    for (int i = 0; i < n; i++) {
        const float square = merge_total(squares[i]);
        if (square > longest) longest = square;
    }
    sum = merge_total(of_sum);
    if (sum > most * most * longest) factor = v_splat(most * sqrtf(longest / sum));
    for (int d = 0; d < length; d += LANES) v_store(row + d, v_fma(factor, v_load(total + d), v_load(row + d)));
}

/* row += the sum of n changes in their order, shortened to `most` times the longest of them. n is at most
   MOST_SHARDS. */
NW_INLINE void merge_row(float *row, const float *origin, float *const *parts, int n, float *total, float most,
                         int length) {
    if ((float)n > most) merge_shortened(row, origin, parts, n, total, most, length); /* else it cannot be longer */
    else if (n == 1) merge_sum(row, origin, parts, 1, length); /* a constant: a loop of its own */
    else merge_sum(row, origin, parts, n, length);
}

#endif
