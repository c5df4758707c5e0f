"""The scores of all rows of a matrix: cosines with some vectors, or what is made of them.

``score_part`` is the work of one thread: it claims rows, some at a time, and writes their scores.
"""

from libc.stdint cimport int64_t

from topk_heaps cimport cosines, real

cdef extern from "scan.h" nogil:
    int64_t scan_claim(int64_t *next, int64_t count)

cdef enum:
    SCORED_VALUES = 65536  # of the rows that a thread takes at a time: some microseconds
    CACHED_VALUES = 4096  # of the rows that several vectors read before the next ones come
    CACHED_ROWS = 256  # the most such rows


cdef struct Scoring:
    # void where the type depends on that of the matrix
    const void *matrix
    Py_ssize_t stride
    const void *norms
    const void *vectors  # of length 1, one after the other
    int64_t rows, dims, n
    const void *lengths  # of products: what the cosines are multiplied by; else NULL
    int64_t positive  # the first vectors, which are multiplied; the product is divided by the others
    void *scores  # a row for each vector; one for their product
    int64_t next_row  # the first that no thread has taken


cdef inline void score_part(const real *matrix, Scoring *job) noexcept nogil:
    cdef int64_t claim = max(<int64_t>1, SCORED_VALUES // job.dims), row, end, step, count, i
    step = claim
    if job.n > 1 or job.lengths:
        step = min(<int64_t>CACHED_ROWS, max(<int64_t>1, CACHED_VALUES // job.dims))
    while True:
        row = scan_claim(&job.next_row, claim)
        if row >= job.rows:
            break
        end = min(row + claim, job.rows)
        while row < end:
            count = min(step, end - row)
            if job.lengths:
                score_products_of(matrix, job, row, count)
            else:
                for i in range(job.n):
                    cosines_of(matrix, job, i, row, count, <real *>job.scores + i * job.rows + row)
            row += count


cdef inline void cosines_of(
    const real *matrix, const Scoring *job, int64_t number, int64_t row, int64_t count, real *scores
) noexcept nogil:
    """The cosines of one vector with some rows."""
    cosines(<const real *>(<const char *>matrix + row * job.stride), job.stride,
            <const real *>job.norms + row, <const real *>job.vectors + number * job.dims,
            job.dims, count, scores)


cdef inline void score_products_of(
    const real *matrix, const Scoring *job, int64_t row, int64_t count
) noexcept nogil:
    cdef real[CACHED_ROWS] part
    cdef real[CACHED_ROWS] above
    cdef real[CACHED_ROWS] below
    cdef real length
    cdef int64_t i, j
    for j in range(count):
        above[j] = below[j] = 1
    for i in range(job.n):
        length = (<const real *>job.lengths)[i]
        cosines_of(matrix, job, i, row, count, &part[0])
        if i < job.positive:
            for j in range(count):
                above[j] *= (part[j] * length + 1) * <real>0.5
        else:
            for j in range(count):
                below[j] *= (part[j] * length + 1) * <real>0.5
    for j in range(count):
        (<real *>job.scores)[row + j] = above[j] / (below[j] + <real>1e-6)
