"""Heaps of the best k scores, and cosines to offer to them.

A heap has the worst of its entries on top. Of equal scores the one of the lower row is better.
NaN is never among the best.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int64_t

cdef extern from "scan.h" nogil:
    void scan_dots(const float *rows, Py_ssize_t stride, const float *query, int64_t length,
                   int64_t count, float *scores)

ctypedef fused real:
    float
    double

cdef enum:
    CHUNK = 64
    PARTIAL_SUMS = 16


cdef inline bint behind(real score, int64_t row, real other, int64_t other_row) noexcept nogil:
    return score < other or (score == other and row > other_row)


cdef inline void sink(
    real *scores, int64_t *rows, int64_t size, real score, int64_t row
) noexcept nogil:
    """Replace the top of the heap by an entry, and let that sink to its place."""
    cdef int64_t place = 0, child
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and behind(
            scores[child + 1], rows[child + 1], scores[child], rows[child]
        ):
            child += 1
        if not behind(scores[child], rows[child], score, row):
            break
        scores[place] = scores[child]
        rows[place] = rows[child]
        place = child
    scores[place] = score
    rows[place] = row


cdef inline void rise(
    real *scores, int64_t *rows, int64_t place, real score, int64_t row
) noexcept nogil:
    """Add an entry at the end of the heap, and let it rise to its place."""
    cdef int64_t parent
    while place > 0:
        parent = (place - 1) // 2
        if not behind(score, row, scores[parent], rows[parent]):
            break
        scores[place] = scores[parent]
        rows[place] = rows[parent]
        place = parent
    scores[place] = score
    rows[place] = row


cdef inline void sort_heap(real *scores, int64_t *rows, int64_t size) noexcept nogil:
    """Sort the entries, the best first. Afterwards they are no longer a heap."""
    cdef real score
    cdef int64_t row
    while size > 1:
        size -= 1
        score, row = scores[size], rows[size]
        scores[size], rows[size] = scores[0], rows[0]
        sink(scores, rows, size, score, row)


cdef inline void merge(
    real *best, int64_t *best_rows, int64_t *filled, int64_t k,
    const real *scores, const int64_t *rows, int64_t count,
) noexcept nogil:
    """Add the entries of one heap to another."""
    cdef int64_t i
    for i in range(count):
        if filled[0] < k:
            rise(best, best_rows, filled[0], scores[i], rows[i])
            filled[0] += 1
        elif behind(best[0], best_rows[0], scores[i], rows[i]):
            sink(best, best_rows, k, scores[i], rows[i])


cdef inline void offer(
    const real *scores, int64_t count, int64_t first_row,
    real *best, int64_t *best_rows, int64_t *filled, int64_t k,
    const int64_t *excluded, int64_t n_excluded,
) noexcept nogil:
    """Offer the scores of rows first_row, first_row + 1, ... to one heap."""
    cdef int64_t start, length, i, j, row
    cdef int hits
    cdef real bound = best[0] if filled[0] == k else <real>-INFINITY
    cdef const real *chunk
    start = 0
    while start < count:
        chunk = scores + start
        length = CHUNK if count - start >= CHUNK else count - start
        hits = 0
        if length == CHUNK:
            for i in range(CHUNK):
                hits += chunk[i] > bound
        else:
            hits = 1
        if hits:
            for i in range(length):
                if not chunk[i] > bound:
                    continue
                row = first_row + start + i
                for j in range(n_excluded):
                    if excluded[j] == row:
                        break
                else:
                    if filled[0] < k:
                        rise(best, best_rows, filled[0], chunk[i], row)
                        filled[0] += 1
                    else:
                        sink(best, best_rows, k, chunk[i], row)
                    if filled[0] == k:
                        bound = best[0]
        start += length


cdef inline double inner(const double *a, const double *b, int64_t length) noexcept nogil:
    # Explicit partial sums, added up in a tree: the compiler must not reorder a sum by itself.
    # Once loops are unrolled every index is a constant, so the partial sums stay in registers.
    cdef double[PARTIAL_SUMS] sums
    cdef double rest = 0
    cdef int64_t i = 0, j
    for j in range(PARTIAL_SUMS):
        sums[j] = 0
    while i + PARTIAL_SUMS <= length:
        for j in range(PARTIAL_SUMS):
            sums[j] += a[i + j] * b[i + j]
        i += PARTIAL_SUMS
    if i + 8 <= length:
        for j in range(8):
            sums[j] += a[i + j] * b[i + j]
        i += 8
    if i + 4 <= length:
        for j in range(4):
            sums[j] += a[i + j] * b[i + j]
        i += 4
    while i < length:
        rest += a[i] * b[i]
        i += 1
    for j in range(8):
        sums[j] += sums[j + 8]
    for j in range(4):
        sums[j] += sums[j + 4]
    return (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest


cdef inline void cosines(
    const real *rows, Py_ssize_t stride, const real *norms, const real *query, int64_t dims,
    int64_t count, real *scores,
) noexcept nogil:
    """Cosines of a query of length 1 with consecutive rows, `stride` bytes apart."""
    cdef int64_t i
    cdef real norm
    if real is float:
        scan_dots(rows, stride, query, dims, count, scores)
    else:
        for i in range(count):
            scores[i] = inner(<const double *>(<const char *>rows + i * stride), query, dims)
    for i in range(count):
        norm = norms[i]
        scores[i] = scores[i] / norm if norm != 0 else 0


cdef inline const int64_t *excluded_at(const int64_t[::1] excluded, int64_t start) noexcept nogil:
    # an empty view has no element whose address could be taken
    return &excluded[0] + start if excluded.shape[0] else NULL


cdef inline int check_contiguous(const real[:, :] rows) except -1:
    if rows.shape[1] > 1 and rows.strides[1] != <Py_ssize_t>sizeof(real):
        raise ValueError("each row must be contiguous")
    return 0


cdef inline int check_heaps(
    int64_t n, const real[:, ::1] best, const int64_t[:, ::1] best_rows, const int64_t[::1] filled,
) except -1:
    cdef int64_t i
    if best.shape[0] != n or best_rows.shape[0] != n or best_rows.shape[1] != best.shape[1]:
        raise ValueError("there must be one heap for each query")
    if filled.shape[0] != n:
        raise ValueError("filled does not fit the number of queries")
    for i in range(n):
        if not 0 <= filled[i] <= best.shape[1]:
            raise ValueError("filled does not fit the heaps")
    return 0


cdef inline int check_exclusions(
    int64_t n, const int64_t[::1] starts, const int64_t[::1] excluded
) except -1:
    cdef int64_t i
    if starts.shape[0] != n + 1:
        raise ValueError("excluded_starts does not fit the number of queries")
    if starts[0] < 0 or starts[n] > excluded.shape[0]:
        raise ValueError("excluded_starts are outside excluded")
    for i in range(n):
        if starts[i + 1] < starts[i]:
            raise ValueError("excluded_starts must not fall")
    return 0
