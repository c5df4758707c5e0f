"""Scans of all rows of a matrix: those that have the largest cosines with a query; all scores.

``scan_rows`` computes the cosine of every row. It takes as long as the memory takes to be read.

``scan_int8_rows`` reads a quarter of it: a copy of the rows with one byte per value (int8_rows.h)
and a bound of the error of a cosine that is computed from it. Rows whose cosine is too small
whatever the error cannot be among the best, and only some dozens are left; the cosines of those
are computed from the matrix. So it finds the same rows with the same cosines, to the last bit::

    encode_rows                      checks arguments, shares the work (spinning_threads.h)
      encode_part                    one thread: rows to int8 rows (int8_encoding.pxd)

    score_rows, score_products       likewise: scores of all rows, none of them ruled out
      score_part                     one thread: claims rows, writes their scores (row_scores.pxd)

    scan_rows, scan_int8_rows        check arguments, make the heaps of all threads
      run_scan                       shares the work, merges the heaps
        scan_part_of_rows            one thread: claims blocks of rows ...
          scan_block                 ... and offers their cosines to its heaps (topk_heaps.pxd)
        scan_part_of_int8_rows       one thread: claims blocks of int8 rows ...
          int8_dots                  ... their dot products with all queries (int8_rows.h)
          add_candidates             ... rows that may be among the best (shortlist.pxd)
          rescore                    ... exact cosines of the shortlist, offered to its heaps
          scan_block                 ... and rows that have no int8 rows yet
"""

from libc.math cimport INFINITY, NAN, fabsf
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free

from int8_encoding cimport Encoding, encode_part, int8_bytes, int8_scale, int8_vector, padded
from row_scores cimport Scoring, score_part
from topk_heaps cimport (
    check_contiguous, check_exclusions, cosines, excluded_at, merge, offer, real, sort_heap,
)
from shortlist cimport Query, add_candidates, prune

cdef extern from "int8_rows.h" nogil:
    enum:
        INT8_ROWS
        INT8_ZERO
        INT8_TILE_QUERIES
        INT8_VECTORS

    int64_t scan_claim(int64_t *next, int64_t count)
    void NW_PREFETCH_L2(const void *address)
    float int8_query_scale(const float *query, int64_t padded)
    void int8_dots(const uint8_t *block, int64_t quads, const uint8_t *queries, int64_t stride,
                   int n, const int32_t *starts, int32_t *dots)

cdef extern from "spinning_threads.h" nogil:
    enum:
        SPIN_THREADS_EXIST

    ctypedef void (*spin_work)(void *what, int64_t part) noexcept nogil
    void spin_help(int64_t nanoseconds)
    void spin_share(spin_work work, void *what, int64_t most)
    void spin_wake()
    int64_t spin_awake()
    void spin_forget()

#: Rows in a block of int8 rows.
BLOCK_ROWS = INT8_ROWS
#: More dimensions than this do not fit the sums.
MOST_DIMENSIONS = 65536
#: Whether the level has instructions for products of bytes; without them int8 rows are slower.
IS_FAST = bool(INT8_VECTORS)
#: Whether threads can help at all.
HAS_HELPERS = bool(SPIN_THREADS_EXIST)

cdef enum:
    CLAIMED_BYTES = 262144  # of int8 rows that a thread takes at a time: some microseconds
    CLAIMED_VALUES = 65536  # of rows that a thread takes at a time
    LINE = 64
    SHORTLIST = 512  # entries of a shortlist beyond two for each of the k best
    AHEAD = 3  # rows of the shortlist that are requested before their turn


cdef struct Batch:
    # a thread's queries
    Query *queries
    int32_t *starts  # where the sums of each query start
    float *vector  # scratch


cdef struct Search:
    # the arguments of a search; void where the type depends on that of the matrix
    const uint8_t *values  # NULL for a scan of the matrix alone, as the next three
    const float *scales
    const float *residual_norms
    const float *int8_norms
    int64_t int8_blocks  # the first blocks have int8 rows, the others are read from the matrix
    const void *matrix
    Py_ssize_t stride
    const void *norms
    const void *vectors
    int64_t first_row, last_row
    # heaps of all threads: n of the first, n of the second, ...
    void *best
    int64_t *rows
    int64_t *filled
    const int64_t *excluded_starts
    const int64_t *excluded
    int64_t next_block  # the first that no thread has taken
    int64_t n, k, dims, quads
    int64_t shortlist_size  # entries for one query
    bint no_memory


def encode_rows(
    const real[:, :] matrix, const real[::1] norms, int64_t first_block, int64_t last_block,
    uint8_t[:, ::1] values, float[::1] scales, float[::1] residual_norms, float[::1] int8_norms,
    int64_t threads=1,
):
    """Rows of a matrix at length 1, as 8-bit integers.

    Parameters
    ----------
    matrix
        Float (V, dims), each row contiguous.
    norms
        Float (V,): the norms of the rows. Where it is 0, the values are those of a zero vector.
    first_block, last_block
        Blocks first_block ... last_block - 1 of BLOCK_ROWS rows are encoded.
    values
        uint8 (blocks, quads * BLOCK_ROWS * 4), quads = ceil(dims / 4): for each block 4 values
        of each row, the next 4 of each row, and so on.
    scales
        float32 (blocks * BLOCK_ROWS,): a row at length 1 is (values - 128) * scale + residual.
    residual_norms, int8_norms
        float32 (blocks,): the largest norm of the residuals, and of (values - 128) * scale, in
        each block. The residual norm is infinite where a row cannot be encoded, because it, or
        its norm, is not finite or too small or large for sums of floats.
    threads
        The calling thread and up to threads - 1 of those in :func:`help`.
    """
    cdef Encoding job
    cdef int64_t blocks = blocks_of(matrix.shape[0])
    check_int8_rows(matrix.shape[1], values, scales, residual_norms, int8_norms)
    check_contiguous(matrix)
    if norms.shape[0] != matrix.shape[0] or values.shape[0] != blocks:
        raise ValueError("norms or values do not fit the matrix")
    if not 0 <= first_block <= last_block <= blocks:
        raise ValueError("blocks are outside the matrix")
    if threads < 1:
        raise ValueError("at least one thread is needed")
    if first_block == last_block:
        return
    job.matrix, job.stride, job.norms = &matrix[0, 0], matrix.strides[0], &norms[0]
    job.n, job.dims, job.quads = matrix.shape[0], matrix.shape[1], (matrix.shape[1] + 3) // 4
    job.next_block, job.last_block = first_block, last_block
    job.values, job.scales = &values[0, 0], &scales[0]
    job.residual_norms, job.int8_norms = &residual_norms[0], &int8_norms[0]
    job.no_memory = False
    with nogil:
        if real is float:
            spin_share(encode_part_of_floats, &job, threads - 1)
        else:
            spin_share(encode_part_of_doubles, &job, threads - 1)
    if job.no_memory:
        raise MemoryError("scratch memory for a vector")


cdef void encode_part_of_floats(void *job, int64_t part) noexcept nogil:
    encode_part(<const float *>(<Encoding *>job).matrix, <Encoding *>job, part)


cdef void encode_part_of_doubles(void *job, int64_t part) noexcept nogil:
    encode_part(<const double *>(<Encoding *>job).matrix, <Encoding *>job, part)


def scan_rows(
    const real[:, :] matrix, const real[::1] norms, const real[:, ::1] queries,
    int64_t first_row, int64_t last_row,
    const int64_t[::1] excluded_starts, const int64_t[::1] excluded,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t threads=1,
):
    """The rows with the largest cosines with each of some queries.

    Parameters
    ----------
    matrix
        Float (V, dims), each row contiguous.
    norms
        Float (V,): the norms of the rows. Where it is 0 the cosine is 0.
    queries
        Float (n, dims), each of length 1 or zero.
    first_row, last_row
        Rows first_row ... last_row - 1 are searched.
    excluded_starts, excluded
        As for ``offer_scores`` in topk.pyx.
    best, best_rows
        Float and int64 (n, k), where the results go: cosines and rows, the best first; NaN and
        -1 where there are fewer than k rows. Equal cosines rank by row, the lower row first.
    threads
        The calling thread and up to threads - 1 of those in :func:`help`.
    """
    cdef Search search
    search.values = NULL
    run_scan(&search, matrix, norms, queries, first_row, last_row, excluded_starts, excluded,
             best, best_rows, threads)


def scan_int8_rows(
    const uint8_t[:, ::1] values, const float[::1] scales, const float[::1] residual_norms,
    const float[::1] int8_norms, const real[:, :] matrix, const real[::1] norms,
    const real[:, ::1] queries, int64_t first_row, int64_t last_row,
    const int64_t[::1] excluded_starts, const int64_t[::1] excluded,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t threads=1,
):
    """What :func:`scan_rows` finds, reading int8 rows and only a few rows of the matrix.

    Parameters
    ----------
    values, scales, residual_norms, int8_norms
        What :func:`encode_rows` has made of the first blocks of `matrix` and `norms`, all or some
        of them. The other rows are read from the matrix.
    matrix, norms, queries, first_row, last_row, excluded_starts, excluded, best, best_rows, threads
        As for :func:`scan_rows`.
    """
    cdef Search search
    check_int8_rows(matrix.shape[1], values, scales, residual_norms, int8_norms)
    if values.shape[0] > blocks_of(matrix.shape[0]):
        raise ValueError("values do not fit the matrix")
    search.values, search.int8_blocks = NULL, values.shape[0]
    if values.shape[0]:
        search.values, search.scales = &values[0, 0], &scales[0]
        search.residual_norms, search.int8_norms = &residual_norms[0], &int8_norms[0]
    run_scan(&search, matrix, norms, queries, first_row, last_row, excluded_starts, excluded,
             best, best_rows, threads)


cdef int run_scan(
    Search *search, const real[:, :] matrix, const real[::1] norms, const real[:, ::1] queries,
    int64_t first_row, int64_t last_row,
    const int64_t[::1] excluded_starts, const int64_t[::1] excluded,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t threads,
) except -1:
    cdef int64_t n = queries.shape[0], dims = matrix.shape[1], k = best.shape[1], i
    check_rows(matrix, norms, queries, threads)
    check_exclusions(n, excluded_starts, excluded)
    if not 0 <= first_row <= last_row <= matrix.shape[0]:
        raise ValueError("rows are outside the matrix")
    if best.shape[0] != n or best_rows.shape[0] != n or best_rows.shape[1] != k:
        raise ValueError("best and best_rows need a line for each query")
    if n == 0 or k == 0:
        return 0
    search.n, search.k, search.dims, search.quads = n, k, dims, (dims + 3) // 4
    search.shortlist_size = 2 * k + SHORTLIST
    search.no_memory = False
    search.rows = <int64_t *>calloc(
        threads * n, k * (sizeof(int64_t) + sizeof(real)) + sizeof(int64_t)
    )
    if not search.rows:
        raise MemoryError(f"scratch memory for {n} queries and their {k} best rows")
    search.filled = search.rows + threads * n * k
    search.best = search.filled + threads * n
    search.matrix = search.norms = NULL
    search.stride, search.vectors = matrix.strides[0], &queries[0, 0]
    search.first_row, search.last_row = first_row, last_row
    search.next_block = first_row // INT8_ROWS
    if matrix.shape[0]:
        search.matrix, search.norms = &matrix[0, 0], &norms[0]
    search.excluded_starts = &excluded_starts[0]
    search.excluded = excluded_at(excluded, 0)
    with nogil:
        if real is float:
            spin_share(scan_part_of_floats, search, threads - 1)
        else:
            spin_share(scan_part_of_doubles, search, threads - 1)
        for i in range(n):
            collect(search, i, threads, &best[i, 0], &best_rows[i, 0])
    free(search.rows)
    if search.no_memory:
        raise MemoryError(f"scratch memory for {n} queries and their {k} best rows")
    return 0


cdef inline void collect(
    const Search *search, int64_t number, int64_t threads, real *best, int64_t *best_rows
) noexcept nogil:
    """Merge what all threads have found for one query, the best first."""
    cdef int64_t filled = 0, k = search.k, heap, part, i
    for part in range(threads):
        heap = part * search.n + number
        merge(best, best_rows, &filled, k, <const real *>search.best + heap * k,
              search.rows + heap * k, search.filled[heap])
    sort_heap(best, best_rows, filled)
    for i in range(filled, k):
        best[i] = NAN
        best_rows[i] = -1


def score_rows(
    const real[:, :] matrix, const real[::1] norms, const real[:, ::1] queries,
    real[:, ::1] scores, int64_t threads=1,
):
    """Cosines of some queries with all rows.

    Parameters
    ----------
    matrix, norms, queries, threads
        As for :func:`scan_rows`.
    scores
        Float (n, V), where the results go.
    """
    cdef Scoring job
    if scores.shape[0] != queries.shape[0] or scores.shape[1] != matrix.shape[0]:
        raise ValueError("scores do not fit the queries or the matrix")
    check_rows(matrix, norms, queries, threads)
    if scores.shape[0] and scores.shape[1]:
        job.lengths, job.scores = NULL, &scores[0, 0]
        run_scoring(&job, matrix, norms, queries, threads)


def score_products(
    const real[:, :] matrix, const real[::1] norms, const real[:, ::1] terms,
    const real[::1] lengths, int64_t positive, real[::1] scores, int64_t threads=1,
):
    """3CosMul (Levy and Goldberg 2014, eq. 4) of all rows.

    Parameters
    ----------
    matrix, norms, threads
        As for :func:`scan_rows`.
    terms, lengths
        Float (n, dims), each of length 1; and float (n,): their cosines are multiplied by these.
    positive
        The first terms, at least one: their (1 + cosine) / 2 are multiplied, and divided by those
        of the others.
    scores
        Float (V,), where the results go.
    """
    cdef Scoring job
    if not 1 <= positive <= terms.shape[0] or lengths.shape[0] != terms.shape[0]:
        raise ValueError("positive or lengths do not fit the terms")
    if scores.shape[0] != matrix.shape[0]:
        raise ValueError("scores do not fit the matrix")
    check_rows(matrix, norms, terms, threads)
    if scores.shape[0]:
        job.lengths, job.positive, job.scores = &lengths[0], positive, &scores[0]
        run_scoring(&job, matrix, norms, terms, threads)


cdef int run_scoring(
    Scoring *job, const real[:, :] matrix, const real[::1] norms, const real[:, ::1] vectors,
    int64_t threads,
) except -1:
    job.matrix, job.stride, job.norms = &matrix[0, 0], matrix.strides[0], &norms[0]
    job.vectors, job.n = &vectors[0, 0], vectors.shape[0]
    job.rows, job.dims, job.next_row = matrix.shape[0], matrix.shape[1], 0
    with nogil:
        if real is float:
            spin_share(score_part_of_floats, job, threads - 1)
        else:
            spin_share(score_part_of_doubles, job, threads - 1)
    return 0


cdef void score_part_of_floats(void *job, int64_t part) noexcept nogil:
    score_part(<const float *>(<Scoring *>job).matrix, <Scoring *>job)


cdef void score_part_of_doubles(void *job, int64_t part) noexcept nogil:
    score_part(<const double *>(<Scoring *>job).matrix, <Scoring *>job)


cdef int check_rows(
    const real[:, :] matrix, const real[::1] norms, const real[:, ::1] vectors, int64_t threads
) except -1:
    check_contiguous(matrix)
    if threads < 1:
        raise ValueError("at least one thread is needed")
    if norms.shape[0] != matrix.shape[0]:
        raise ValueError("norms do not fit the matrix")
    if vectors.shape[1] != matrix.shape[1] or matrix.shape[1] == 0:
        raise ValueError("vectors do not fit the matrix")
    return 0


def help(double seconds):
    """Take part in the scans of other threads, for ever.

    The thread sleeps until :func:`wake_helpers` is called. Then it spins until there has been no
    scan for `seconds`.
    """
    with nogil:
        spin_help(<int64_t>(seconds * 1e9))


def wake_helpers():
    """Wake the threads that are in :func:`help`."""
    with nogil:
        spin_wake()


def helpers_awake():
    """How many threads in :func:`help` are awake."""
    return spin_awake()


def forget_helpers():
    """For a forked child, which has none of the threads that were in :func:`help`."""
    spin_forget()


cdef void scan_part_of_floats(void *search, int64_t part) noexcept nogil:
    scan_part(<const float *>(<Search *>search).matrix, <Search *>search, part)


cdef void scan_part_of_doubles(void *search, int64_t part) noexcept nogil:
    scan_part(<const double *>(<Search *>search).matrix, <Search *>search, part)


cdef void scan_part(const real *matrix, Search *search, int64_t part) noexcept nogil:
    """The work of one thread."""
    if search.first_row == search.last_row:
        return
    if search.values:
        scan_part_of_int8_rows(matrix, search, part)
    else:
        scan_part_of_rows(matrix, search, part)


cdef void scan_part_of_rows(const real *matrix, Search *search, int64_t part) noexcept nogil:
    cdef int64_t block, claim = rows_claim(search)
    while True:
        block = scan_claim(&search.next_block, claim)
        if block * INT8_ROWS >= search.last_row:
            break
        for block in range(block, block + claim):
            scan_block(matrix, search, part, block)


cdef inline int64_t rows_claim(const Search *search) noexcept nogil:
    """How many blocks of rows a thread takes at a time."""
    return max(<int64_t>1, CLAIMED_VALUES // (search.dims * INT8_ROWS))


cdef void scan_block(
    const real *matrix, const Search *search, int64_t part, int64_t block
) noexcept nogil:
    """Offer the cosines of the rows of a block, as far as they are searched."""
    cdef int64_t row = max(block * INT8_ROWS, search.first_row), i, heap
    cdef int64_t last = min((block + 1) * INT8_ROWS, search.last_row)
    cdef real[INT8_ROWS] scores
    if row >= last:
        return
    for i in range(search.n):
        heap = part * search.n + i
        cosines(row_at(matrix, search, row), search.stride, <const real *>search.norms + row,
                vector_of(matrix, search, i), search.dims, last - row, &scores[0])
        offer(&scores[0], last - row, row, <real *>search.best + heap * search.k,
              search.rows + heap * search.k, &search.filled[heap], search.k,
              search.excluded + search.excluded_starts[i],
              search.excluded_starts[i + 1] - search.excluded_starts[i])


cdef inline const real *row_at(
    const real *matrix, const Search *search, int64_t row
) noexcept nogil:
    return <const real *>(<const char *>matrix + row * search.stride)


cdef inline const real *vector_of(
    const real *matrix, const Search *search, int64_t number
) noexcept nogil:
    """A query; `matrix` only tells its type."""
    return <const real *>search.vectors + number * search.dims


cdef void scan_part_of_int8_rows(const real *matrix, Search *search, int64_t part) noexcept nogil:
    cdef int64_t n = search.n, quads = search.quads, block, claim, i, j, width
    cdef Batch batch = new_batch(n, search.k, search.shortlist_size, search.dims)
    cdef int32_t[INT8_ROWS * 6] dots
    cdef const uint8_t *values
    if not batch.queries:
        if part == 0:  # the others' rows are done by those that have memory
            search.no_memory = True
        return
    for i in range(n):
        encode_query(&batch, i, search, matrix)
    claim = max(<int64_t>1, CLAIMED_BYTES // (quads * 4 * INT8_ROWS))
    if search.int8_blocks * INT8_ROWS < search.last_row:
        claim = rows_claim(search)
    while True:
        block = scan_claim(&search.next_block, claim)
        if block * INT8_ROWS >= search.last_row:
            break
        for block in range(block, block + claim):
            if block * INT8_ROWS >= search.last_row:
                break
            if block >= search.int8_blocks:
                for i in range(n):  # rows are offered in ascending order, as equal ones rank by it
                    rescore(&batch.queries[i], search, matrix, part * n + i)
                scan_block(matrix, search, part, block)
                continue
            values = search.values + block * quads * 4 * INT8_ROWS
            j = 0
            while j < n:
                width = min(<int64_t>INT8_TILE_QUERIES, n - j)
                int8_dots(values, quads, batch.queries[j].values, 4 * quads, <int>width,
                          &batch.starts[j], &dots[0])
                for i in range(j, j + width):
                    add_candidates(
                        &batch.queries[i], &dots[(i - j) * INT8_ROWS],
                        search.scales + block * INT8_ROWS, search.residual_norms[block],
                        search.int8_norms[block], search.dims, block * INT8_ROWS,
                        search.first_row, search.last_row, search.k,
                    )
                    if batch.queries[i].n_shortlist > search.shortlist_size - INT8_ROWS:
                        make_room(&batch.queries[i], search, matrix, part * n + i)
                j += width
    for i in range(n):
        rescore(&batch.queries[i], search, matrix, part * n + i)
    free(batch.queries)


cdef Batch new_batch(int64_t n, int64_t k, int64_t size, int64_t dims) noexcept nogil:
    """Memory for n queries with shortlists of `size` rows.

    ``free(batch.queries)`` frees all of it; where there is none, `queries` is NULL.
    """
    cdef Batch batch
    cdef int64_t i, value_bytes = (dims + 3) // 4 * 4
    cdef size_t wide = sizeof(Query) + (k + size) * sizeof(int64_t)
    cdef size_t narrow = (k + size) * sizeof(float) + sizeof(int32_t) + value_bytes
    cdef int64_t *rows
    cdef float *bounds
    batch.starts, batch.vector = NULL, NULL
    batch.queries = <Query *>calloc(1, n * (wide + narrow) + padded(dims) * sizeof(float))
    if not batch.queries:
        return batch
    # in the order of their alignment
    rows = <int64_t *>(batch.queries + n)
    bounds = <float *>(rows + n * (k + size))
    batch.starts = <int32_t *>(bounds + n * (k + size))
    batch.vector = <float *>(batch.starts + n)
    for i in range(n):
        batch.queries[i].lower_rows = rows + i * (k + size)
        batch.queries[i].shortlist = batch.queries[i].lower_rows + k
        batch.queries[i].lower_bounds = bounds + i * (k + size)
        batch.queries[i].upper_bounds = batch.queries[i].lower_bounds + k
        batch.queries[i].values = <uint8_t *>(batch.vector + padded(dims)) + value_bytes * i
        batch.queries[i].threshold = -INFINITY
    return batch


cdef inline void encode_query(
    Batch *batch, int64_t number, const Search *search, const real *matrix
) noexcept nogil:
    cdef Query *query = &batch.queries[number]
    cdef const real *vector = vector_of(matrix, search, number)
    cdef int64_t d
    cdef int8_scale found
    for d in range(search.dims):
        batch.vector[d] = <float>vector[d]
    for d in range(search.dims, padded(search.dims)):
        batch.vector[d] = 0
    found = int8_vector(
        batch.vector, padded(search.dims), int8_query_scale(batch.vector, padded(search.dims))
    )
    int8_bytes(batch.vector, 4 * search.quads, 0, query.values)
    query.scale, query.residual_norm, query.norm = found.scale, found.residual_norm, found.norm
    # stored values of rows have INT8_ZERO added; this takes it away from the sums
    for d in range(search.dims):
        batch.starts[number] -= INT8_ZERO * (<int8_t *>query.values)[d]
    query.excluded = search.excluded + search.excluded_starts[number]
    query.n_excluded = search.excluded_starts[number + 1] - search.excluded_starts[number]


cdef void make_room(
    Query *query, const Search *search, const real *matrix, int64_t heap
) noexcept nogil:
    """Prune the shortlist; where many rows are left, rescore them all."""
    cdef real worst
    prune(query)
    if query.n_shortlist <= search.shortlist_size // 2:
        return
    rescore(query, search, matrix, heap)
    if search.filled[heap] == search.k:
        worst = (<real *>search.best)[heap * search.k]
        # rounded down, where it is a double
        query.threshold = max(query.threshold, <float>worst - fabsf(<float>worst) * <float>1.2e-7)


cdef void rescore(
    Query *query, const Search *search, const real *matrix, int64_t heap
) noexcept nogil:
    """Offer the exact cosines of the rows that reach the threshold; empty the shortlist."""
    cdef const real *vector = vector_of(matrix, search, heap % search.n)
    cdef const real *norms = <const real *>search.norms
    cdef int64_t i, row, byte
    cdef real score
    cdef const char *ahead
    prune(query)
    for i in range(-AHEAD, query.n_shortlist):
        if i + AHEAD < query.n_shortlist:
            ahead = <const char *>row_at(matrix, search, query.shortlist[i + AHEAD])
            byte = 0
            while byte < search.dims * <int64_t>sizeof(real):
                NW_PREFETCH_L2(ahead + byte)
                byte += LINE
        if i >= 0:
            row = query.shortlist[i]
            cosines(row_at(matrix, search, row), search.stride, &norms[row], vector,
                    search.dims, 1, &score)
            offer(&score, 1, row, <real *>search.best + heap * search.k,
                  search.rows + heap * search.k, &search.filled[heap], search.k, NULL, 0)
    query.n_shortlist = 0


cdef inline int64_t blocks_of(int64_t rows) noexcept nogil:
    return (rows + INT8_ROWS - 1) // INT8_ROWS


cdef int check_int8_rows(
    int64_t dims, const uint8_t[:, ::1] values, const float[::1] scales,
    const float[::1] residual_norms, const float[::1] int8_norms,
) except -1:
    cdef int64_t blocks = values.shape[0]
    if not 0 < dims <= MOST_DIMENSIONS:
        raise ValueError(f"there are {dims} dimensions; int8 rows are for 1 to {MOST_DIMENSIONS}")
    if values.shape[1] != (dims + 3) // 4 * 4 * INT8_ROWS:
        raise ValueError("values do not fit the matrix")
    if scales.shape[0] != blocks * INT8_ROWS:
        raise ValueError("scales do not fit the values")
    if residual_norms.shape[0] != blocks or int8_norms.shape[0] != blocks:
        raise ValueError("residual_norms or int8_norms do not fit the values")
    return 0
