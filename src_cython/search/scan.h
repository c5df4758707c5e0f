/* Dot products of one vector with many rows of a matrix, each of which is read once.

   Four rows at a time: their sums are reduced together, and four streams keep more cache lines
   on their way from memory than one. */

#ifndef NW_SCAN_H
#define NW_SCAN_H

#include <stddef.h>

#include "vector.h"

#if defined(_MSC_VER)
#include <intrin.h>
#endif

#define SCAN_ROWS 4
#define SCAN_AHEAD 4096 /* bytes between a row and what is requested while it is read */

/* The next `count` rows for the thread that asks; any number of threads share `next`. */
static inline int64_t scan_claim(int64_t *next, int64_t count) {
#if defined(_MSC_VER)
    return _InterlockedExchangeAdd64((volatile __int64 *)next, count);
#else
    return __atomic_fetch_add(next, count, __ATOMIC_RELAXED);
#endif
}

/* the part of a row that fills no whole register */
NW_INLINE float scan_rest(const float *row, const float *query, int64_t from, int64_t length) {
    float sum = 0.0f;
    for (int64_t d = from; d < length; d++) sum += row[d] * query[d];
    return sum;
}

/* scores[i] = row i . query, where rows are `stride` bytes apart. Every row is added up in the
   same order, wherever it stands, so that equal rows have equal scores. */
static inline void scan_dots(const float *rows, ptrdiff_t stride, const float *query, int64_t length,
                             int64_t count, float *scores) {
    const vec zero = v_splat(0.0f);
    const int64_t whole = length - length % LANES;
    const int overlaps = length > LANES && whole < length;
    vec last = zero;
    if (overlaps) { /* the last register of the row; what has been counted before counts 0 */
        float tail[LANES];
        for (int j = 0; j < LANES; j++) {
            const int64_t d = length - LANES + j;
            tail[j] = d < whole ? 0.0f : query[d];
        }
        last = v_load(tail);
    }
    for (int64_t i = 0; i < count; i += SCAN_ROWS) {
        const float *row[SCAN_ROWS];
        for (int r = 0; r < SCAN_ROWS; r++) { /* beyond the end: the last row again */
            const int64_t which = i + r < count ? i + r : count - 1;
            row[r] = (const float *)((const char *)rows + which * stride);
        }
        vec a = zero, b = zero, c = zero, e = zero;
        for (int64_t d = 0; d < whole; d += LANES) {
            const vec q = v_load(query + d);
            NW_PREFETCH_L2((const char *)(row[0] + d) + SCAN_AHEAD);
            NW_PREFETCH_L2((const char *)(row[1] + d) + SCAN_AHEAD);
            NW_PREFETCH_L2((const char *)(row[2] + d) + SCAN_AHEAD);
            NW_PREFETCH_L2((const char *)(row[3] + d) + SCAN_AHEAD);
            a = v_fma(q, v_load(row[0] + d), a);
            b = v_fma(q, v_load(row[1] + d), b);
            c = v_fma(q, v_load(row[2] + d), c);
            e = v_fma(q, v_load(row[3] + d), e);
        }
        if (overlaps) {
            a = v_fma(last, v_load(row[0] + length - LANES), a);
            b = v_fma(last, v_load(row[1] + length - LANES), b);
            c = v_fma(last, v_load(row[2] + length - LANES), c);
            e = v_fma(last, v_load(row[3] + length - LANES), e);
        }
        float found[SCAN_ROWS];
        const vec4 sums = v_sums(a, b, c, e);
        memcpy(found, &sums, sizeof sums);
        for (int r = 0; r < SCAN_ROWS && i + r < count; r++) {
            scores[i + r] = found[r] + (overlaps ? 0.0f : scan_rest(row[r], query, whole, length));
        }
    }
}

#endif
