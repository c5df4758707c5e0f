/* The rule by which the changes of several shards to one row become one change.

   In the map: below shards.pxd, which finds the rows; above simd/vector.h. negw2v/kernels/merge.py
   says the same in NumPy, and why. */

#ifndef NW_MERGE_H
#define NW_MERGE_H

#include "vector.h"

#define MOST_SHARDS 64

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

NW_INLINE float merge_total(vec squares) {
    float lanes[LANES], total = 0.0f;
    v_store(lanes, squares);
    for (int i = 0; i < LANES; i++) total += lanes[i];
    return total;
}

/* The change of one part: the part itself, or, where parts are whole rows, its distance from the row. */
NW_INLINE vec merge_change(const float *part, vec row, int parts_are_rows, int d) {
    return parts_are_rows ? v_sub(v_load(part + d), row) : v_load(part + d);
}

/* row += factor times the sum of n changes in their order. */
NW_INLINE void merge_sum(float *row, float *const *parts, int n, int parts_are_rows, float factor, int length) {
    const vec scale = v_splat(factor);
    for (int d = 0; d < length; d += LANES) {
        const vec before = v_load(row + d);
        vec total = merge_change(parts[0], before, parts_are_rows, d);
        for (int i = 1; i < n; i++) total = v_add(total, merge_change(parts[i], before, parts_are_rows, d));
        v_store(row + d, v_fma(scale, total, before));
    }
}

NW_INLINE void merge_copy(float *to, const float *row, int length) {
    for (int d = 0; d < length; d += LANES) v_store(to + d, v_load(row + d));
}

/* What makes the sum of n changes at most `most` times as long as the longest of them. Where parts are
   rows, the sum takes the place of the first one. */
NW_INLINE float merge_factor(const float *row, float *const *parts, int n, int parts_are_rows, float most, int length) {
    vec squares[MOST_SHARDS], of_sum = v_splat(0.0f);
    float longest = 0.0f, sum;
    for (int i = 0; i < n; i++) squares[i] = of_sum;
    for (int d = 0; d < length; d += LANES) {
        const vec before = v_load(row + d);
        vec total = merge_change(parts[0], before, parts_are_rows, d);
        squares[0] = v_fma(total, total, squares[0]);
        for (int i = 1; i < n; i++) {
            const vec change = merge_change(parts[i], before, parts_are_rows, d);
            squares[i] = v_fma(change, change, squares[i]);
            total = v_add(total, change);
        }
        of_sum = v_fma(total, total, of_sum);
        if (parts_are_rows) v_store(parts[0] + d, total);
    }
    for (int i = 0; i < n; i++) {
        const float square = merge_total(squares[i]);
        if (square > longest) longest = square;
    }
    sum = merge_total(of_sum);
    return sum > most * most * longest ? most * sqrtf(longest / sum) : 1.0f;
}

/* row += the sum of n changes in their order, shortened to `most` times the longest of them. `parts`
   holds them, or rows that have changed by them (a constant decides) and are not needed any more. n is at
   most MOST_SHARDS. */
NW_INLINE void merge_row(float *row, float *const *parts, int n, int parts_are_rows, float most, int length) {
    if ((float)n > most) { /* else the sum cannot be longer */
        const float factor = merge_factor(row, parts, n, parts_are_rows, most, length);
        if (parts_are_rows) merge_sum(row, parts, 1, 0, factor, length);
        else merge_sum(row, parts, n, 0, factor, length);
    } else if (n == 1) { /* constants: loops of their own */
        merge_sum(row, parts, 1, parts_are_rows, 1.0f, length);
    } else {
        merge_sum(row, parts, n, parts_are_rows, 1.0f, length);
    }
}

#endif
