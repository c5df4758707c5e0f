"""One query of a scan of int8 rows: its shortlist, the rows that may be among its k best.

In order of a row's way through it::

    add_candidates   rows of a block whose upper bound reaches the threshold
    lower bounds     a heap of the k largest: its top is the threshold, as k rows reach it
    prune            drops the rows that the threshold has left behind

``cosine_scan.pyx`` computes the exact cosines of those that stay.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from topk_heaps cimport rise, sink

cdef extern from "int8_rows.h" nogil:
    enum:
        INT8_ROWS

    float int8_score(int32_t dot, float scale, float query_scale)
    uint64_t int8_hits(const int32_t *dots, const float *scales, float query_scale, float bound)
    int int8_lowest(uint64_t bits)


cdef struct Query:
    uint8_t *values
    float scale, residual_norm, norm  # as in int8_rows.h
    float threshold  # k rows have cosines of at least this
    float *lower_bounds  # heap of the k largest, and their rows
    int64_t *lower_rows
    int64_t n_lower
    float *upper_bounds  # of the rows of the shortlist
    int64_t *shortlist
    int64_t n_shortlist
    const int64_t *excluded
    int64_t n_excluded


cdef inline float rounding(int64_t dims) noexcept nogil:
    """The rounding error of a sum of `dims` products of floats, relative to the norms."""
    return <float>(dims + 16) * <float>1.1920929e-7


cdef inline void raise_threshold(Query *query, int64_t k, float score, int64_t row) noexcept nogil:
    """Take account of a row whose cosine is at least `score`."""
    if query.n_lower < k:
        rise(query.lower_bounds, query.lower_rows, query.n_lower, score, row)
        query.n_lower += 1
    elif score > query.lower_bounds[0]:
        sink(query.lower_bounds, query.lower_rows, k, score, row)
    if query.n_lower == k:
        query.threshold = max(query.threshold, query.lower_bounds[0])


cdef inline void add_candidates(
    Query *query, const int32_t *dots, const float *scales, float residual_norm, float norm,
    int64_t dims, int64_t block_row, int64_t first_row, int64_t last_row, int64_t k,
) noexcept nogil:
    """Add the rows of a block that may be among the k best to the shortlist.

    `dots` are the dot products of the 8-bit values; `scales`, `residual_norm` and `norm` are
    those of the block, whose first row is `block_row`. Only first_row ... last_row - 1 count.
    """
    cdef float query_norm = query.norm + query.residual_norm, margin, score
    cdef int64_t i, j, row
    cdef uint64_t hits
    # row . query - scaled values . scaled values
    #     = (residual of row) . query + (scaled values of row) . (residual of query)
    margin = residual_norm * query_norm + norm * query.residual_norm
    margin += rounding(dims) * (residual_norm + norm) * query_norm
    if not margin < INFINITY:
        margin = INFINITY
    hits = int8_hits(dots, scales, query.scale, query.threshold - margin)
    while hits:
        i = int8_lowest(hits)
        hits &= hits - 1
        row = block_row + i
        score = int8_score(dots[i], scales[i], query.scale)
        # the rows before may have moved the threshold
        if not (score >= query.threshold - margin and first_row <= row < last_row):
            continue
        for j in range(query.n_excluded):
            if query.excluded[j] == row:
                break
        else:
            query.upper_bounds[query.n_shortlist] = score + margin
            query.shortlist[query.n_shortlist] = row
            query.n_shortlist += 1
            raise_threshold(query, k, score - margin, row)


cdef inline void prune(Query *query) noexcept nogil:
    """Drop the rows of the shortlist that cannot reach the threshold."""
    cdef int64_t i, kept = 0
    for i in range(query.n_shortlist):
        query.upper_bounds[kept] = query.upper_bounds[i]
        query.shortlist[kept] = query.shortlist[i]
        kept += query.upper_bounds[i] >= query.threshold
    query.n_shortlist = kept
