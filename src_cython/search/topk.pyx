"""The best few of a stream of scores, for many queries at once.

Every query has a heap of its best k scores so far, the worst of them on top. Scores are compared
with that worst one, sixty-four at a time, and the heap changes only where one is better, which is
rare. Equal scores rank by row, the lower row first. NaN is never among the best.

Each function releases the GIL and writes only to the heaps it is given, so any number of threads
may work on different heaps.
"""

from libc.stdint cimport int64_t

from topk_heaps cimport (
    check_contiguous, check_exclusions, check_heaps, excluded_at, offer, real, sort_heap,
)

cdef enum:
    STRIP = 256


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
    check_heaps(n, best, best_rows, filled)
    check_exclusions(n, excluded_starts, excluded)
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
    """Offer the scores of analogy questions, computed from those of their words, to their heaps.

    By linearity "a is to b as c is to ?" needs no matrix product of its own: its score
    is scores[b] + scores[c] - scores[a] (3CosAdd), or else
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
    cdef const real *a
    cdef const real *b
    cdef const real *c
    cdef real[STRIP] block
    check_heaps(n, best, best_rows, filled)
    check_exclusions(n, excluded_starts, excluded)
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


def sort_heaps(real[:, ::1] best, int64_t[:, ::1] best_rows, const int64_t[::1] filled):
    """Sort the entries of each heap, the best first. Afterwards they are no longer heaps."""
    cdef int64_t n = best.shape[0], i
    check_heaps(n, best, best_rows, filled)
    if best.shape[1] == 0:
        return
    with nogil:
        for i in range(n):
            sort_heap(&best[i, 0], &best_rows[i, 0], filled[i])
