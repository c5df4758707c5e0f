"""The best few of a stream of scores, for many queries at once.

For every query there is a heap of its best k scores so far, the worst of them on top. Most
scores do not come near it: they are compared sixty-four at a time with that worst one, and
only where one is better does the heap change. Equal scores rank by row, the lower row first.

NaN is never among the best. Each function releases the GIL and touches the heaps it is given
alone, so any number of threads may work on different heaps.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int64_t

cdef extern from "scan.h" nogil:
    int64_t scan_claim(int64_t* next, int64_t count)
    void scan_dots(const float* rows, Py_ssize_t stride, const float* query, int64_t length,
                   int64_t count, float* scores)

ctypedef fused real:
    float
    double

cdef enum:
    CHUNK = 64
    STRIP = 256
    CLAIMED_VALUES = 65536  # of the rows that a thread takes at a time: some microseconds
    LANES = 16


cdef inline bint behind(real score, int64_t row, real other, int64_t other_row) noexcept nogil:
    return score < other or (score == other and row > other_row)


cdef void sink(
    real* scores, int64_t* rows, int64_t size, real score, int64_t row
) noexcept nogil:
    """Put an entry in the place of the heap's top, and let it sink to where it belongs."""
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


cdef void rise(
    real* scores, int64_t* rows, int64_t place, real score, int64_t row
) noexcept nogil:
    """Put an entry at the heap's end, and let it rise to where it belongs."""
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


cdef void offer(
    const real* scores, int64_t count, int64_t first_row,
    real* best, int64_t* best_rows, int64_t* filled, int64_t k,
    const int64_t* excluded, int64_t n_excluded,
) noexcept nogil:
    """Offer the scores of rows first_row, first_row + 1, ... to one heap."""
    cdef int64_t start, length, i, j, row
    cdef int hits
    cdef real bound = best[0] if filled[0] == k else <real>-INFINITY
    cdef const real* chunk
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


def offer_scores(
    const real[:, :] scores, int64_t first_row,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t[::1] filled,
    const int64_t[::1] excluded_starts, const int64_t[::1] excluded,
):
    """Offer a block of scores to the heaps of its queries.

    Parameters
    ----------
    scores
        Float (n, width), each row contiguous: the scores of rows first_row ... of the
        vocabulary for each query.
    first_row
        The row that column 0 belongs to.
    best, best_rows, filled
        The heaps: float (n, k), int64 (n, k), and int64 (n,), how much of each is filled.
    excluded_starts, excluded
        int64 (n + 1,) and int64: rows that query i must not find are
        excluded[excluded_starts[i]:excluded_starts[i + 1]].
    """
    cdef int64_t n = scores.shape[0], k = best.shape[1], i
    check_heaps(n, best, best_rows, filled, excluded_starts, excluded)
    check_contiguous(scores)
    if k == 0 or n == 0 or scores.shape[1] == 0:
        return
    with nogil:
        for i in range(n):
            offer(
                &scores[i, 0], scores.shape[1], first_row,
                &best[i, 0], &best_rows[i, 0], &filled[i], k,
                excluded_at(excluded, excluded_starts[i]),
                excluded_starts[i + 1] - excluded_starts[i],
            )


def offer_analogies(
    const real[:, :] scores, int64_t first_row, const int64_t[:, ::1] terms, bint product,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t[::1] filled,
    const int64_t[::1] excluded_starts, const int64_t[::1] excluded,
):
    """Offer what analogy questions score, made from the scores of their words, to their heaps.

    By linearity the score of "a is to b as c is to ?" needs no product of vectors of its own:
    it is scores[b] + scores[c] - scores[a] (3CosAdd), or else
    scores[b] * scores[c] / (scores[a] + 0.000001) (3CosMul, Levy and Goldberg 2014, eq. 4).

    Parameters
    ----------
    scores
        Float (words, width), each row contiguous.
    first_row
        The row of the vocabulary that column 0 belongs to.
    terms
        int64 (n, 3): rows of `scores` for a, b and c of each question.
    product
        True: multiply and divide; False: add and subtract.
    best, best_rows, filled, excluded_starts, excluded
        As for :func:`offer_scores`, one heap for each question.
    """
    cdef int64_t n = terms.shape[0], k = best.shape[1], width = scores.shape[1]
    cdef int64_t i, j, start, length
    cdef const real* a
    cdef const real* b
    cdef const real* c
    cdef real[STRIP] block
    check_heaps(n, best, best_rows, filled, excluded_starts, excluded)
    check_contiguous(scores)
    if terms.shape[1] != 3:
        raise ValueError("terms must have three columns")
    for i in range(n):
        for j in range(3):
            if not 0 <= terms[i, j] < scores.shape[0]:
                raise ValueError("a term is outside the scores")
    if k == 0 or width == 0:
        return
    with nogil:
        # a strip of every word's scores stays in the cache while all questions read it
        start = 0
        while start < width:
            length = STRIP if width - start >= STRIP else width - start
            for i in range(n):
                a = &scores[terms[i, 0], start]
                b = &scores[terms[i, 1], start]
                c = &scores[terms[i, 2], start]
                if product:
                    for j in range(length):
                        block[j] = b[j] * c[j] / (a[j] + <real>1e-6)
                else:
                    for j in range(length):
                        block[j] = b[j] + c[j] - a[j]
                offer(
                    &block[0], length, first_row + start,
                    &best[i, 0], &best_rows[i, 0], &filled[i], k,
                    excluded_at(excluded, excluded_starts[i]),
                    excluded_starts[i + 1] - excluded_starts[i],
                )
            start += length


cdef inline double inner(const double* a, const double* b, int64_t length) noexcept nogil:
    # Explicit lanes, added up in a tree: the compiler may not reorder a sum by itself. Every
    # index into the lanes is a constant once loops are unrolled, so that they stay in registers.
    cdef double[LANES] sums
    cdef double rest = 0
    cdef int64_t i = 0, j
    for j in range(LANES):
        sums[j] = 0
    while i + LANES <= length:
        for j in range(LANES):
            sums[j] += a[i + j] * b[i + j]
        i += LANES
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


def offer_rows(
    const real[:, :] matrix, const real[::1] norms, const real[::1] query,
    int64_t[::1] next_row, int64_t last_row,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t[::1] filled,
    const int64_t[::1] excluded,
):
    """Offer the cosines of one query with rows next_row[0] ... last_row - 1 to its heap.

    Threads that share `next_row`, each with a heap of its own, share the rows: whoever is free
    takes the next few.

    Parameters
    ----------
    matrix
        Float (V, dims), each row contiguous.
    norms
        Float (V,): lengths of the rows. Where it is 0 the cosine is 0.
    query
        Float (dims,), of length 1.
    next_row
        int64 (1,): the first row that no thread has taken.
    best, best_rows, filled
        One heap: (1, k), (1, k) and (1,).
    excluded
        int64: rows that must not be found.
    """
    cdef int64_t k = best.shape[1], dims = matrix.shape[1], row, end, length, claim
    cdef real[STRIP] block
    if best.shape[0] != 1 or best_rows.shape[0] != 1 or best_rows.shape[1] != k:
        raise ValueError("one heap is needed")
    if filled.shape[0] != 1 or not 0 <= filled[0] <= k:
        raise ValueError("filled does not fit the heap")
    check_rows(matrix, norms, query, next_row, last_row)
    if k == 0 or dims == 0:
        return
    claim = rows_to_claim(dims)
    with nogil:
        while True:
            row = scan_claim(&next_row[0], claim)
            if row >= last_row:
                break
            end = min(row + claim, last_row)
            while row < end:
                length = min(<int64_t>STRIP, end - row)
                cosines(&matrix[row, 0], matrix.strides[0], &norms[row], &query[0], dims,
                        length, &block[0])
                offer(
                    &block[0], length, row, &best[0, 0], &best_rows[0, 0], &filled[0], k,
                    excluded_at(excluded, 0), excluded.shape[0],
                )
                row += length


cdef inline int64_t rows_to_claim(int64_t dims) noexcept nogil:
    return max(<int64_t>1, <int64_t>CLAIMED_VALUES // dims)


cdef void cosines(
    const real* rows, Py_ssize_t stride, const real* norms, const real* query, int64_t dims,
    int64_t count, real* scores,
) noexcept nogil:
    """Cosines of a query of length 1 with consecutive rows, `stride` bytes apart."""
    cdef int64_t i
    cdef real norm
    if real is float:
        scan_dots(rows, stride, query, dims, count, scores)
    else:
        for i in range(count):
            scores[i] = inner(<const double*>(<const char*>rows + i * stride), query, dims)
    for i in range(count):
        norm = norms[i]
        scores[i] = scores[i] / norm if norm != 0 else 0


def score_rows(
    const real[:, :] matrix, const real[::1] norms, const real[::1] query,
    int64_t[::1] next_row, int64_t last_row, real[::1] scores,
):
    """Cosines of one query with rows next_row[0] ... last_row - 1, all of them.

    Parameters
    ----------
    matrix, norms, query, next_row
        As for :func:`offer_rows`.
    scores
        Float (V,): entries next_row[0] ... last_row - 1 are written.
    """
    cdef int64_t row, claim
    check_rows(matrix, norms, query, next_row, last_row)
    if scores.shape[0] != matrix.shape[0]:
        raise ValueError("scores do not fit the matrix")
    if matrix.shape[1] == 0:
        return
    claim = rows_to_claim(matrix.shape[1])
    with nogil:
        while True:
            row = scan_claim(&next_row[0], claim)
            if row >= last_row:
                break
            cosines(&matrix[row, 0], matrix.strides[0], &norms[row], &query[0],
                    matrix.shape[1], min(claim, last_row - row), &scores[row])


def sort_heaps(real[:, ::1] best, int64_t[:, ::1] best_rows, const int64_t[::1] filled):
    """Bring each heap's entries into order, the best first. After this they are no heaps."""
    cdef int64_t n = best.shape[0], k = best.shape[1], i, size, row
    cdef real score
    if best_rows.shape[0] != n or best_rows.shape[1] != k or filled.shape[0] != n:
        raise ValueError("the parts of the heaps differ in shape")
    for i in range(n):
        if not 0 <= filled[i] <= k:
            raise ValueError("filled does not fit the heaps")
    if k == 0:
        return
    with nogil:
        for i in range(n):
            size = filled[i]
            while size > 1:
                size -= 1
                score = best[i, size]
                row = best_rows[i, size]
                best[i, size] = best[i, 0]
                best_rows[i, size] = best_rows[i, 0]
                sink(&best[i, 0], &best_rows[i, 0], size, score, row)


cdef inline const int64_t* excluded_at(const int64_t[::1] excluded, int64_t start) noexcept nogil:
    # an empty view has no element whose address could be taken
    return &excluded[0] + start if excluded.shape[0] else NULL


cdef int check_contiguous(const real[:, :] rows) except -1:
    if rows.shape[1] > 1 and rows.strides[1] != <Py_ssize_t>sizeof(real):
        raise ValueError("each row must be contiguous")
    return 0


cdef int check_rows(
    const real[:, :] matrix, const real[::1] norms, const real[::1] query,
    const int64_t[::1] next_row, int64_t last_row,
) except -1:
    if next_row.shape[0] != 1:
        raise ValueError("next_row has one entry")
    # threads that came earlier may have claimed all rows, and more than there are
    if next_row[0] < 0 or not 0 <= last_row <= matrix.shape[0]:
        raise ValueError("rows are outside the matrix")
    if norms.shape[0] != matrix.shape[0] or query.shape[0] != matrix.shape[1]:
        raise ValueError("norms or query do not fit the matrix")
    return check_contiguous(matrix)


cdef int check_heaps(
    int64_t n, real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t[::1] filled,
    const int64_t[::1] starts, const int64_t[::1] excluded,
) except -1:
    cdef int64_t i
    if best.shape[0] != n or best_rows.shape[0] != n or best_rows.shape[1] != best.shape[1]:
        raise ValueError("there must be one heap for each query")
    if filled.shape[0] != n or starts.shape[0] != n + 1:
        raise ValueError("filled or excluded_starts do not fit the number of queries")
    if starts[0] < 0 or starts[n] > excluded.shape[0]:
        raise ValueError("excluded_starts are outside excluded")
    for i in range(n):
        if starts[i + 1] < starts[i]:
            raise ValueError("excluded_starts must not fall")
        if not 0 <= filled[i] <= best.shape[1]:
            raise ValueError("filled does not fit the heaps")
    return 0
