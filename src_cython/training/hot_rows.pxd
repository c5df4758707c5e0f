"""A thread's own copies of rows that all threads write all the time.

In the map: below problem.pxd, which decides when copies are merged; above tiles.h.

Without copies, the threads would wait for each other's cache lines of these rows. So each works
on copies, which are merged into the shared rows now and then: what a copy has gained since it
was made is added to the shared row, and the sum is the new copy.
"""

from libc.stddef cimport size_t
from libc.stdint cimport uintptr_t
from libc.string cimport memcpy

from tiles cimport row_merge


cdef struct HotRows:
    float *shared  # the first of `count` rows of a matrix
    float *copies
    float *starts  # what the copies were when they were made
    uintptr_t distance  # in bytes, from a shared row to its copy
    int count
    int length


cdef inline void copy_hot_rows(HotRows *hot, float *shared, int count, size_t length) noexcept nogil:
    """`copies` and `starts` have been reserved."""
    hot.shared = shared
    hot.count = count
    hot.length = <int>length
    hot.distance = <uintptr_t>hot.copies - <uintptr_t>shared
    if count == 0:  # there may be no such matrix
        return
    memcpy(hot.copies, shared, <size_t>count * length * sizeof(float))
    memcpy(hot.starts, shared, <size_t>count * length * sizeof(float))


cdef inline float *own_row(const HotRows *hot, float *row, bint is_hot) noexcept nogil:
    """Where to work on a row: on its copy if it has one."""
    # Arithmetic instead of a branch, which would often be mispredicted.
    return <float *>(<uintptr_t>row + (hot.distance & -<uintptr_t>is_hot))


cdef inline float *shared_row(const HotRows *hot, int i) noexcept nogil:
    return hot.shared + <size_t>i * hot.length


cdef inline void merge_hot_row(const HotRows *hot, int i) noexcept nogil:
    cdef size_t start = <size_t>i * hot.length
    row_merge(hot.shared + start, hot.copies + start, hot.starts + start, hot.length)


cdef inline void merge_hot_rows(const HotRows *hot) noexcept nogil:
    cdef int i
    for i in range(hot.count):
        merge_hot_row(hot, i)
