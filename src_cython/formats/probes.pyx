"""How much work a dict has with keys: a count of the places that it looks at.

In the map: compiled once, for any processor, into negw2v.formats._probes, which
negw2v/formats/flooding.py calls.

CPython's dict is an open hash table whose probes follow from the hash alone, so that the count is
exact without a key. Hashes of numbers and tuples can be computed by anybody, and chosen so that
all keys follow each other through the same places: n of them take a time of n squared.
"""

cimport cython
from libc.stdint cimport int64_t, uint64_t, uint8_t
from libc.stdlib cimport calloc, free, realloc


@cython.final
cdef class Probes:
    """The table of a dict, without its keys; keys are added as they would be to the dict."""

    cdef uint8_t *taken         # places
    cdef uint64_t *hashes       # in order, to fill a larger table
    cdef uint64_t mask
    cdef Py_ssize_t used, room
    #: Places that were looked at.
    cdef readonly int64_t count

    def __cinit__(self):
        self.mask = 7
        self.taken = <uint8_t *>calloc(self.mask + 1, 1)
        if self.taken == NULL:
            raise MemoryError("no memory for a table of probes")

    def __dealloc__(self):
        free(self.taken)
        free(self.hashes)

    def __len__(self):
        return self.used

    cdef inline void enter(self, uint64_t hashed) noexcept:
        cdef uint64_t perturb = hashed, place = hashed & self.mask
        self.count += 1
        while self.taken[place]:
            perturb >>= 5
            place = (5 * place + perturb + 1) & self.mask
            self.count += 1
        self.taken[place] = 1

    cdef int make_room(self) except -1:
        cdef void *p
        cdef uint8_t *taken
        cdef uint64_t places = self.mask + 1
        if self.used == self.room:
            p = realloc(self.hashes, (2 * self.room + 64) * sizeof(uint64_t))
            if p == NULL:
                raise MemoryError("no memory for a table of probes")
            self.hashes = <uint64_t *>p
            self.room = 2 * self.room + 64
        if 3 * <uint64_t>(self.used + 1) > 2 * places:
            while places <= 3 * <uint64_t>self.used:    # as dicts grow
                places *= 2
            taken = <uint8_t *>calloc(places, 1)
            if taken == NULL:
                raise MemoryError("no memory for a table of probes")
            free(self.taken)
            self.taken = taken
            self.mask = places - 1
            return 1
        return 0

    def add(self, const int64_t[::1] hashes, int64_t most):
        """Add keys by their hashes; stop when more than `most` places were looked at in all.

        Returns
        -------
        bool
            Whether all were added.
        """
        cdef Py_ssize_t i, k
        for i in range(hashes.shape[0]):
            if self.make_room():
                for k in range(self.used):
                    self.enter(self.hashes[k])
                    if self.count > most:
                        return False
            self.enter(<uint64_t>hashes[i])
            self.hashes[self.used] = <uint64_t>hashes[i]
            self.used += 1
            if self.count > most:
                return False
        return True
