"""Values of Arrow's columns: where they are in memory, and what is said about them that is wrong.

In the map: below rows.pyx, which goes through rows of them.
"""

from libc.stdint cimport (
    int8_t,
    int16_t,
    int32_t,
    int64_t,
    uint8_t,
    uint16_t,
    uint32_t,
)
from libc.string cimport memcpy

cdef enum:                  # what is wrong; below what word_table.pxd has
    BACKWARDS = -20
    BEYOND = -21
    NO_ROOM = -22
    NEGATIVE = -23
    NO_BYTES = -24


cdef enum StringKind:
    NO_STRINGS
    STRINGS32
    STRINGS64
    STRING_VIEWS


cdef struct Bits:           # which values there are
    const uint8_t *bits     # NULL: all
    int64_t offset


cdef struct Strings:
    StringKind kind
    Bits valid
    const void *offsets
    const uint8_t *bytes
    const void **buffers    # of views: those that they point into, their lengths and number
    const int64_t *sizes
    int64_t n_buffers
    int64_t end             # of the bytes, as the last offset says
    int64_t offset, length


cdef struct Integers:       # words, or numbers of entries of a dictionary
    char format             # as in a schema; 0: none
    Bits valid
    const void *data
    int64_t offset, length


cdef inline bint is_null(const Bits *valid, int64_t i) noexcept nogil:
    i += valid.offset
    return valid.bits != NULL and not (valid.bits[i >> 3] >> (i & 7)) & 1


cdef inline int string_at(
    const Strings *strings, int64_t i, const uint8_t **start, size_t *size
) noexcept nogil:
    """The bytes of a string; or what is wrong."""
    cdef int64_t first, last
    cdef const uint8_t *view
    cdef int32_t[4] parts
    i += strings.offset
    if strings.kind == STRING_VIEWS:
        view = <const uint8_t *>strings.offsets + 16 * i
        memcpy(parts, view, 16)
        if parts[0] < 0:
            return BACKWARDS
        size[0] = parts[0]
        if parts[0] <= 12:
            start[0] = view + 4
            return 0
        if not 0 <= parts[2] < strings.n_buffers or parts[3] < 0 or (
            <int64_t>parts[3] + parts[0] > strings.sizes[parts[2]]
        ):
            return BEYOND
        start[0] = <const uint8_t *>strings.buffers[parts[2]] + parts[3]
        return 0 if strings.buffers[parts[2]] != NULL else NO_BYTES
    if strings.kind == STRINGS32:
        first = (<const int32_t *>strings.offsets)[i]
        last = (<const int32_t *>strings.offsets)[i + 1]
    else:
        first = (<const int64_t *>strings.offsets)[i]
        last = (<const int64_t *>strings.offsets)[i + 1]
    if first < 0 or last < first or last > strings.end:
        return BACKWARDS
    size[0] = last - first
    if strings.bytes == NULL:
        start[0] = <const uint8_t *>b""
        return NO_BYTES if last > first else 0
    start[0] = strings.bytes + first
    return 0


cdef inline int64_t integer_at(const Integers *integers, int64_t i) noexcept nogil:
    cdef const void *data = integers.data
    i += integers.offset
    if integers.format == c'c':
        return (<const int8_t *>data)[i]
    if integers.format == c'C':
        return (<const uint8_t *>data)[i]
    if integers.format == c's':
        return (<const int16_t *>data)[i]
    if integers.format == c'S':
        return (<const uint16_t *>data)[i]
    if integers.format == c'i':
        return (<const int32_t *>data)[i]
    if integers.format == c'I':
        return (<const uint32_t *>data)[i]
    return (<const int64_t *>data)[i]       # as an index, more than 2**63 is negative
