"""What a search with codes knows of one query: rows that may be among its k best.

In order of a row's way through them::

    floors     heap of the k largest lower bounds: its top is the least that a row must reach
    waiting    rows that may reach it, with their upper bounds
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint8_t

from heaps cimport rise, sink

cdef extern from "int8_rows.h" nogil:
    enum:
        CODE_ROWS


cdef struct Query:
    # all that one query knows of; `best` is the caller's
    uint8_t *codes
    float step, rest, length  # as in codes.h
    float threshold  # what a row must reach: k rows do
    float *floors
    int64_t *floor_rows
    int64_t n_floors
    float *uppers
    int64_t *waiting
    int64_t n_waiting
    const int64_t *excluded
    int64_t n_excluded


cdef inline float rounding(int64_t dims) noexcept nogil:
    """What sums of so many products of floats are wrong by, relative to the lengths."""
    return <float>(dims + 16) * <float>1.1920929e-7


cdef inline void raise_floor(Query *query, int64_t k, float score, int64_t row) noexcept nogil:
    """The row's cosine is at least `score`; once k rows are known, this moves the threshold."""
    if query.n_floors < k:
        rise(query.floors, query.floor_rows, query.n_floors, score, row)
        query.n_floors += 1
    elif score > query.floors[0]:
        sink(query.floors, query.floor_rows, k, score, row)
    if query.n_floors == k:
        query.threshold = max(query.threshold, query.floors[0])


cdef inline void note(
    Query *query, const int32_t *dots, const float *steps, float rest, float length,
    int64_t dims, int64_t block_row, int64_t first_row, int64_t last_row, int64_t k,
) noexcept nogil:
    """Those rows of a block that may be among the k best wait from now on.

    `dots` are sums of products of codes, `steps`, `rest` and `length` what codes.h says of the
    block, whose first row is `block_row`; of its rows, first_row ... last_row - 1 count.
    """
    cdef float[CODE_ROWS] scores
    cdef float whole = query.length + query.rest, margin, bound
    cdef int64_t i, j, row
    cdef int hits = 0
    # row . query - codes . codes = (rest of row) . query + (codes of row) . (rest of query)
    margin = rest * whole + length * query.rest
    margin += rounding(dims) * (rest + length) * whole
    if not margin < INFINITY:
        margin = INFINITY
    bound = query.threshold - margin
    for i in range(CODE_ROWS):
        scores[i] = <float>dots[i] * (steps[i] * query.step)
        hits += scores[i] >= bound
    if not hits:
        return
    for i in range(CODE_ROWS):
        row = block_row + i
        if not (scores[i] >= query.threshold - margin and first_row <= row < last_row):
            continue
        for j in range(query.n_excluded):
            if query.excluded[j] == row:
                break
        else:
            query.uppers[query.n_waiting] = scores[i] + margin
            query.waiting[query.n_waiting] = row
            query.n_waiting += 1
            raise_floor(query, k, scores[i] - margin, row)


cdef inline void keep_hopeful(Query *query) noexcept nogil:
    """Drop the waiting rows that cannot reach the threshold."""
    cdef int64_t i, kept = 0
    for i in range(query.n_waiting):
        query.uppers[kept] = query.uppers[i]
        query.waiting[kept] = query.waiting[i]
        kept += query.uppers[i] >= query.threshold
    query.n_waiting = kept
