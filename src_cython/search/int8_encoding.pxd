"""Rows of a matrix at length 1, as 8-bit integers: the work of one thread.

int8_rows.h has the format; ``encode_rows`` in cosine_scan.pyx says what goes where.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from topk_heaps cimport real

cdef extern from "int8_rows.h" nogil:
    enum:
        INT8_ROWS
        INT8_ZERO
        LANES

    const double INT8_SMALLEST_NORM
    const double INT8_LARGEST_NORM

    ctypedef struct int8_scale:
        float scale, residual_norm, norm

    int64_t scan_claim(int64_t *next, int64_t count)
    float int8_row_scale(const float *row, int64_t padded)
    int8_scale int8_vector(float *vector, int64_t padded, float scale)
    void int8_bytes(const float *vector, int64_t count, int offset, uint8_t *bytes)
    void int8_place(const uint8_t *bytes, int64_t quads, uint8_t *row)

cdef enum:
    ENCODED_VALUES = 65536  # of rows that a thread takes at a time: some hundredths of a millisecond


cdef struct Encoding:
    # the arguments of encode_rows(); void where the type depends on that of the matrix
    const void *matrix
    Py_ssize_t stride
    const void *norms
    uint8_t *values
    float *scales
    float *residual_norms
    float *int8_norms
    int64_t n, dims, quads
    int64_t next_block, last_block  # the first that no thread has taken, and where they end
    bint no_memory


cdef inline int64_t padded(int64_t dims) noexcept nogil:
    return (dims + LANES - 1) // LANES * LANES


cdef inline void encode_part(const real *matrix, Encoding *job, int64_t part) noexcept nogil:
    """The work of one thread."""
    cdef int64_t block, claim = max(<int64_t>1, ENCODED_VALUES // (job.dims * INT8_ROWS))
    cdef float *vector = <float *>calloc(padded(job.dims), sizeof(float) + 1)
    if not vector:
        if part == 0:  # the others' rows are done by those that have memory
            job.no_memory = True
        return
    while True:
        block = scan_claim(&job.next_block, claim)
        if block >= job.last_block:
            break
        for block in range(block, min(block + claim, job.last_block)):
            encode_block(matrix, job, block, vector)
    free(vector)


cdef inline void encode_block(
    const real *matrix, const Encoding *job, int64_t block, float *vector
) noexcept nogil:
    """One block; `vector` is scratch for padded(dims) floats and as many bytes."""
    cdef int64_t row, d, dims = job.dims, size = padded(dims), first = block * INT8_ROWS
    cdef int64_t block_bytes = job.quads * 4 * INT8_ROWS
    cdef uint8_t *bytes = <uint8_t *>(vector + size)
    cdef uint8_t *at = job.values + block * block_bytes
    cdef float *scales = job.scales + first
    cdef float residual_norm = 0, int8_norm = 0
    cdef const real *source
    cdef real norm
    cdef int8_scale found
    memset(at, INT8_ZERO, block_bytes)
    memset(scales, 0, INT8_ROWS * sizeof(float))
    for row in range(first, min(first + INT8_ROWS, job.n)):
        norm = (<const real *>job.norms)[row]
        if norm == 0:
            continue
        if not INT8_SMALLEST_NORM < norm < INT8_LARGEST_NORM:
            residual_norm = INFINITY
            continue
        source = <const real *>(<const char *>matrix + row * job.stride)
        norm = 1 / norm  # rounding() in shortlist.pxd has room for what a product is off by
        for d in range(dims):
            vector[d] = <float>(source[d] * norm)
        for d in range(dims, size):
            vector[d] = 0
        found = int8_vector(vector, size, int8_row_scale(vector, size))
        int8_bytes(vector, 4 * job.quads, INT8_ZERO, bytes)
        int8_place(bytes, job.quads, at + 4 * (row - first))
        scales[row - first] = found.scale
        residual_norm = max(residual_norm, found.residual_norm)
        int8_norm = max(int8_norm, found.norm)
    job.residual_norms[block], job.int8_norms[block] = residual_norm, int8_norm
