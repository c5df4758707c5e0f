"""The rows of a matrix that have the largest cosines with a query: passes over its rows.

A plain pass computes the cosine of every row. It takes as long as the memory takes to be read.

A pass over codes reads a quarter of it. Every row is kept in codes of one byte per dimension
(codes.h) with a bound of what a cosine computed from them can be wrong by. Rows whose cosine is
too small even so cannot be among the best, and they are all but some dozens; those are read in
full. So what is found, and each cosine, is what a plain pass finds, to the last bit.
"""

from libc.math cimport INFINITY, NAN, fabsf
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from heaps cimport (
    check_contiguous, check_exclusions, cosines, excluded_at, merge, offer, real, sort_heap,
)
from shortlist cimport Query, keep_hopeful, note

cdef extern from "int8_rows.h" nogil:
    enum:
        CODE_ROWS
        CODE_LIMIT
        CODE_ZERO
        CODE_QUERY_LIMIT
        CODE_TILE_QUERIES
        CODE_VECTORS
        LANES

    const double CODE_SMALLEST_NORM
    const double CODE_LARGEST_NORM

    ctypedef struct code_scale:
        float step, rest, length

    int64_t scan_claim(int64_t *next, int64_t count)
    void NW_PREFETCH_L2(const void *address)
    code_scale code_vector(float *vector, int64_t padded, int limit)
    void code_bytes(const float *vector, int64_t count, int offset, uint8_t *bytes)
    void code_place(const uint8_t *bytes, int64_t quads, uint8_t *row)
    void code_dots(const uint8_t *block, int64_t quads, const uint8_t *queries, int64_t stride,
                   int n, const int32_t *starts, int32_t *dots)

cdef extern from "spinning_threads.h" nogil:
    enum:
        TEAM_EXISTS

    ctypedef void (*team_work)(void *what, int64_t part) noexcept nogil
    void team_help(int64_t nanoseconds)
    void team_share(team_work work, void *what, int64_t most)
    void team_call()
    int64_t team_awake()
    void team_forget()

#: Rows in a block of codes.
BLOCK_ROWS = CODE_ROWS
#: More dimensions than this do not fit the sums.
MOST_DIMENSIONS = 65536
#: Whether there are instructions for products of bytes; without them this is no gain.
IS_FAST = bool(CODE_VECTORS)
#: Whether there can be threads that help.
HAS_HELPERS = bool(TEAM_EXISTS)

cdef enum:
    CLAIMED_CODES = 262144  # of the rows that a thread takes at a time: some microseconds
    CLAIMED_VALUES = 65536  # the same of rows that are read in full
    LINE = 64
    WAITING = 512  # entries beyond two for each of the k best
    AHEAD = 3  # of the rows that are read in full, how many are requested before their turn


cdef struct Batch:
    # what a thread knows of its queries
    Query *queries
    int32_t *starts  # of each query's sums
    float *vector  # scratch


cdef struct Search:
    # the arguments of a search; those that the type of the matrix decides are void
    const uint8_t *codes  # NULL for a plain pass, which needs none of the next three either
    const float *steps
    const float *rests
    const float *lengths
    const void *matrix
    Py_ssize_t stride
    const void *norms
    const void *vectors
    int64_t first_row, last_row
    # heaps of all threads, one thread's n after the other's
    void *best
    int64_t *rows
    int64_t *filled
    const int64_t *excluded_starts
    const int64_t *excluded
    int64_t next_block  # that no thread has taken
    int64_t n, k, dims, quads
    int64_t space  # for waiting rows of one query
    bint no_memory


cdef inline int64_t padded(int64_t dims) noexcept nogil:
    return (dims + LANES - 1) // LANES * LANES


def encode_rows(
    const real[:, :] matrix, const real[::1] norms, int64_t[::1] next_block,
    uint8_t[:, ::1] codes, float[::1] steps, float[::1] rests, float[::1] lengths,
):
    """Codes of the rows of a matrix, at length 1.

    Threads that share `next_block` share the rows.

    Parameters
    ----------
    matrix
        Float (V, dims), each row contiguous.
    norms
        Float (V,): the rows' lengths. Where it is 0, the codes are those of a zero vector.
    next_block
        int64 (1,): the first block of BLOCK_ROWS rows that no thread has taken.
    codes
        uint8 (blocks, quads * BLOCK_ROWS * 4), quads = ceil(dims / 4): for each block 4 codes
        of each row, the next 4 of each row, and so on.
    steps
        float32 (blocks * BLOCK_ROWS,): codes - 128 times this are a row's values.
    rests, lengths
        float32 (blocks,): the largest length of what the codes leave of a row, and of what
        they stand for, in each block. Rests are infinite where a row has no codes, as it, or
        its norm, is not finite or too small or large for sums of floats.
    """
    cdef int64_t n = matrix.shape[0], dims = matrix.shape[1], blocks = codes.shape[0]
    cdef int64_t quads = (dims + 3) // 4, block, row, last, d, claim
    cdef real norm
    cdef const real *values
    cdef float *vector
    cdef uint8_t *bytes
    cdef uint8_t *at
    cdef code_scale scale
    check_codes(n, dims, codes, steps, rests, lengths)
    check_contiguous(matrix)
    if norms.shape[0] != n or next_block.shape[0] != 1 or next_block[0] < 0:
        raise ValueError("norms or next_block do not fit the matrix")
    if n == 0:
        return
    vector = <float *>calloc(padded(dims), sizeof(float) + 1)
    if not vector:
        raise MemoryError("scratch memory for a vector")
    bytes = <uint8_t *>(vector + padded(dims))
    claim = max(<int64_t>1, CLAIMED_CODES // codes.shape[1])
    with nogil:
        while True:
            block = scan_claim(&next_block[0], claim)
            if block >= blocks:
                break
            for block in range(block, min(block + claim, blocks)):
                at = &codes[block, 0]
                memset(at, CODE_ZERO, codes.shape[1])
                rests[block] = lengths[block] = 0
                last = min(n, (block + 1) * CODE_ROWS)
                for row in range(block * CODE_ROWS, (block + 1) * CODE_ROWS):
                    steps[row] = 0
                for row in range(block * CODE_ROWS, last):
                    norm = norms[row]
                    if norm == 0:
                        continue
                    if not CODE_SMALLEST_NORM < norm < CODE_LARGEST_NORM:
                        rests[block] = INFINITY
                        continue
                    values = &matrix[row, 0]
                    for d in range(dims):
                        vector[d] = <float>(values[d] / norm)
                    for d in range(dims, padded(dims)):
                        vector[d] = 0
                    scale = code_vector(vector, padded(dims), CODE_LIMIT)
                    code_bytes(vector, 4 * quads, CODE_ZERO, bytes)
                    code_place(bytes, quads, at + 4 * (row - block * CODE_ROWS))
                    steps[row] = scale.step
                    rests[block] = max(rests[block], scale.rest)
                    lengths[block] = max(lengths[block], scale.length)
    free(vector)


def find_plain(
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
        Float (V,): the rows' lengths. Where it is 0 the cosine is 0.
    queries
        Float (n, dims), each of length 1 or zero.
    first_row, last_row
        Rows first_row ... last_row - 1 are searched.
    excluded_starts, excluded
        As for :func:`ranking.offer_scores`.
    best, best_rows
        Float and int64 (n, k), for what is found: cosines and rows, the best first; NaN and -1
        where there are fewer than k rows. Equal cosines rank by row, the lower row first.
    threads
        The calling thread and up to threads - 1 of those in :func:`help`.
    """
    cdef Search search
    search.codes = NULL
    find(&search, matrix, norms, queries, first_row, last_row, excluded_starts, excluded,
         best, best_rows, threads)


def find_coded(
    const uint8_t[:, ::1] codes, const float[::1] steps, const float[::1] rests,
    const float[::1] lengths, const real[:, :] matrix, const real[::1] norms,
    const real[:, ::1] queries, int64_t first_row, int64_t last_row,
    const int64_t[::1] excluded_starts, const int64_t[::1] excluded,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t threads=1,
):
    """What :func:`find_plain` finds, from the codes for the most part.

    Parameters
    ----------
    codes, steps, rests, lengths
        What :func:`encode_rows` has made of `matrix` and `norms`.
    matrix, norms, queries, first_row, last_row, excluded_starts, excluded, best, best_rows, threads
        As for :func:`find_plain`.
    """
    cdef Search search
    check_codes(matrix.shape[0], matrix.shape[1], codes, steps, rests, lengths)
    search.codes = NULL
    if matrix.shape[0]:
        search.codes, search.steps = &codes[0, 0], &steps[0]
        search.rests, search.lengths = &rests[0], &lengths[0]
    find(&search, matrix, norms, queries, first_row, last_row, excluded_starts, excluded,
         best, best_rows, threads)


cdef int find(
    Search *search, const real[:, :] matrix, const real[::1] norms, const real[:, ::1] queries,
    int64_t first_row, int64_t last_row,
    const int64_t[::1] excluded_starts, const int64_t[::1] excluded,
    real[:, ::1] best, int64_t[:, ::1] best_rows, int64_t threads,
) except -1:
    cdef int64_t n = queries.shape[0], dims = matrix.shape[1], k = best.shape[1], i
    check_contiguous(matrix)
    check_exclusions(n, excluded_starts, excluded)
    if threads < 1:
        raise ValueError("at least one thread is needed")
    if norms.shape[0] != matrix.shape[0] or queries.shape[1] != dims or dims == 0:
        raise ValueError("norms or queries do not fit the matrix")
    if not 0 <= first_row <= last_row <= matrix.shape[0]:
        raise ValueError("rows are outside the matrix")
    if best.shape[0] != n or best_rows.shape[0] != n or best_rows.shape[1] != k:
        raise ValueError("best and best_rows need a line for each query")
    if n == 0 or k == 0:
        return 0
    search.n, search.k, search.dims, search.quads = n, k, dims, (dims + 3) // 4
    search.space = 2 * k + WAITING
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
    search.next_block = first_row // CODE_ROWS
    if matrix.shape[0]:
        search.matrix, search.norms = &matrix[0, 0], &norms[0]
    search.excluded_starts = &excluded_starts[0]
    search.excluded = excluded_at(excluded, 0)
    with nogil:
        if real is float:
            team_share(search_floats, search, threads - 1)
        else:
            team_share(search_doubles, search, threads - 1)
        for i in range(n):
            collect(search, i, threads, &best[i, 0], &best_rows[i, 0])
    free(search.rows)
    if search.no_memory:
        raise MemoryError(f"scratch memory for {n} queries and their {k} best rows")
    return 0


cdef inline void collect(
    const Search *search, int64_t number, int64_t threads, real *best, int64_t *best_rows
) noexcept nogil:
    """What all threads have found for one query, in order."""
    cdef int64_t filled = 0, k = search.k, heap, part, i
    for part in range(threads):
        heap = part * search.n + number
        merge(best, best_rows, &filled, k, <const real *>search.best + heap * k,
              search.rows + heap * k, search.filled[heap])
    sort_heap(best, best_rows, filled)
    for i in range(filled, k):
        best[i] = NAN
        best_rows[i] = -1


def help(double seconds):
    """What a thread that helps does, for ever.

    It sleeps until :func:`call_helpers` is called, then takes part in what a search
    does for others, until there has been nothing for so many seconds.
    """
    with nogil:
        team_help(<int64_t>(seconds * 1e9))


def call_helpers():
    """Wake the threads that are in :func:`help`."""
    with nogil:
        team_call()


def helpers_awake():
    """How many threads in :func:`help` do not sleep."""
    return team_awake()


def forget_helpers():
    """For a forked child: none of the threads that were in :func:`help` came along."""
    team_forget()


cdef void search_floats(void *search, int64_t part) noexcept nogil:
    search_part(<const float *>(<Search *>search).matrix, <Search *>search, part)


cdef void search_doubles(void *search, int64_t part) noexcept nogil:
    search_part(<const double *>(<Search *>search).matrix, <Search *>search, part)


cdef void search_part(const real *matrix, Search *search, int64_t part) noexcept nogil:
    """What one thread does."""
    if search.first_row == search.last_row:
        return
    if search.codes:
        pass_over_codes(matrix, search, part)
    else:
        pass_over_rows(matrix, search, part)


cdef void pass_over_rows(const real *matrix, Search *search, int64_t part) noexcept nogil:
    cdef int64_t dims = search.dims, block, claim, row, last, i, heap
    cdef real[CODE_ROWS] scores
    claim = max(<int64_t>1, CLAIMED_VALUES // (dims * CODE_ROWS))
    while True:
        block = scan_claim(&search.next_block, claim)
        if block * CODE_ROWS >= search.last_row:
            break
        for block in range(block, block + claim):
            row = max(block * CODE_ROWS, search.first_row)
            last = min((block + 1) * CODE_ROWS, search.last_row)
            if row >= last:
                break
            for i in range(search.n):
                heap = part * search.n + i
                cosines(row_at(matrix, search, row), search.stride,
                        <const real *>search.norms + row, vector_of(matrix, search, i), dims,
                        last - row, &scores[0])
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
    """A query; `matrix` tells its type alone."""
    return <const real *>search.vectors + number * search.dims


cdef void pass_over_codes(const real *matrix, Search *search, int64_t part) noexcept nogil:
    cdef int64_t n = search.n, quads = search.quads, block, claim, i, j, width
    cdef Batch batch = new_batch(n, search.k, search.space, search.dims)
    cdef int32_t[CODE_ROWS * 6] dots
    cdef const uint8_t *codes
    if not batch.queries:
        if part == 0:  # the others' rows are done by those that have memory
            search.no_memory = True
        return
    for i in range(n):
        encode_query(&batch, i, search, matrix)
    claim = max(<int64_t>1, CLAIMED_CODES // (quads * 4 * CODE_ROWS))
    while True:
        block = scan_claim(&search.next_block, claim)
        if block * CODE_ROWS >= search.last_row:
            break
        for block in range(block, block + claim):
            if block * CODE_ROWS >= search.last_row:
                break
            codes = search.codes + block * quads * 4 * CODE_ROWS
            j = 0
            while j < n:
                width = min(<int64_t>CODE_TILE_QUERIES, n - j)
                code_dots(codes, quads, batch.queries[j].codes, 4 * quads, <int>width,
                          &batch.starts[j], &dots[0])
                for i in range(j, j + width):
                    note(&batch.queries[i], &dots[(i - j) * CODE_ROWS],
                         search.steps + block * CODE_ROWS, search.rests[block],
                         search.lengths[block], search.dims, block * CODE_ROWS,
                         search.first_row, search.last_row, search.k)
                    if batch.queries[i].n_waiting > search.space - CODE_ROWS:
                        make_room(&batch.queries[i], search, matrix, part * n + i)
                j += width
    for i in range(n):
        settle(&batch.queries[i], search, matrix, part * n + i)
    free(batch.queries)


cdef Batch new_batch(int64_t n, int64_t k, int64_t space, int64_t dims) noexcept nogil:
    """Memory for n queries, all of it to be freed with `queries`; that is NULL if there is none."""
    cdef Batch batch
    cdef int64_t i, code_bytes = (dims + 3) // 4 * 4
    cdef size_t wide = sizeof(Query) + (k + space) * sizeof(int64_t)
    cdef size_t narrow = (k + space) * sizeof(float) + sizeof(int32_t) + code_bytes
    cdef int64_t *rows
    cdef float *bounds
    batch.starts, batch.vector = NULL, NULL
    batch.queries = <Query *>calloc(1, n * (wide + narrow) + padded(dims) * sizeof(float))
    if not batch.queries:
        return batch
    # in the order of their alignment
    rows = <int64_t *>(batch.queries + n)
    bounds = <float *>(rows + n * (k + space))
    batch.starts = <int32_t *>(bounds + n * (k + space))
    batch.vector = <float *>(batch.starts + n)
    for i in range(n):
        batch.queries[i].floor_rows = rows + i * (k + space)
        batch.queries[i].waiting = batch.queries[i].floor_rows + k
        batch.queries[i].floors = bounds + i * (k + space)
        batch.queries[i].uppers = batch.queries[i].floors + k
        batch.queries[i].codes = <uint8_t *>(batch.vector + padded(dims)) + code_bytes * i
        batch.queries[i].threshold = -INFINITY
    return batch


cdef inline void encode_query(
    Batch *batch, int64_t number, const Search *search, const real *matrix
) noexcept nogil:
    cdef Query *query = &batch.queries[number]
    cdef const real *vector = vector_of(matrix, search, number)
    cdef int64_t d
    cdef code_scale scale
    for d in range(search.dims):
        batch.vector[d] = <float>vector[d]
    for d in range(search.dims, padded(search.dims)):
        batch.vector[d] = 0
    scale = code_vector(batch.vector, padded(search.dims), CODE_QUERY_LIMIT)
    code_bytes(batch.vector, 4 * search.quads, 0, query.codes)
    query.step, query.rest, query.length = scale.step, scale.rest, scale.length
    # rows' codes have CODE_ZERO added; this takes it away from the sums
    for d in range(search.dims):
        batch.starts[number] -= CODE_ZERO * (<int8_t *>query.codes)[d]
    query.excluded = search.excluded + search.excluded_starts[number]
    query.n_excluded = search.excluded_starts[number + 1] - search.excluded_starts[number]


cdef void make_room(
    Query *query, const Search *search, const real *matrix, int64_t heap
) noexcept nogil:
    """Drop waiting rows; where many are left, read them all."""
    cdef real worst
    keep_hopeful(query)
    if query.n_waiting <= search.space // 2:
        return
    settle(query, search, matrix, heap)
    if search.filled[heap] == search.k:
        worst = (<real *>search.best)[heap * search.k]
        # rounded down, where it is a double
        query.threshold = max(query.threshold, <float>worst - fabsf(<float>worst) * <float>1.2e-7)


cdef void settle(
    Query *query, const Search *search, const real *matrix, int64_t heap
) noexcept nogil:
    """Offer the cosines of the waiting rows that reach the threshold to the heap."""
    cdef const real *vector = vector_of(matrix, search, heap % search.n)
    cdef const real *norms = <const real *>search.norms
    cdef int64_t i, row, byte
    cdef real score
    cdef const char *ahead
    keep_hopeful(query)
    for i in range(-AHEAD, query.n_waiting):
        if i + AHEAD < query.n_waiting:
            ahead = <const char *>row_at(matrix, search, query.waiting[i + AHEAD])
            byte = 0
            while byte < search.dims * <int64_t>sizeof(real):
                NW_PREFETCH_L2(ahead + byte)
                byte += LINE
        if i >= 0:
            row = query.waiting[i]
            cosines(row_at(matrix, search, row), search.stride, &norms[row], vector,
                    search.dims, 1, &score)
            offer(&score, 1, row, <real *>search.best + heap * search.k,
                  search.rows + heap * search.k, &search.filled[heap], search.k, NULL, 0)
    query.n_waiting = 0


cdef int check_codes(
    int64_t n, int64_t dims, const uint8_t[:, ::1] codes, const float[::1] steps,
    const float[::1] rests, const float[::1] lengths,
) except -1:
    cdef int64_t blocks = (n + CODE_ROWS - 1) // CODE_ROWS
    if not 0 < dims <= MOST_DIMENSIONS:
        raise ValueError(f"there are {dims} dimensions; codes are for 1 to {MOST_DIMENSIONS}")
    if codes.shape[0] != blocks or codes.shape[1] != (dims + 3) // 4 * 4 * CODE_ROWS:
        raise ValueError("codes do not fit the matrix")
    if steps.shape[0] != blocks * CODE_ROWS:
        raise ValueError("steps do not fit the codes")
    if rests.shape[0] != blocks or lengths.shape[0] != blocks:
        raise ValueError("rests or lengths do not fit the codes")
    return 0
