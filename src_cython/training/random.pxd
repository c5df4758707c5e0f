"""SplitMix64 (Steele, Lea, Flood 2014): 64 random bits per call from a counter.

In the map: below training.pyx and layer_ops.pyx, which draw from it. negw2v/kernels/random.py is
the same in NumPy.
"""

from libc.stdint cimport uint32_t, uint64_t

cdef inline uint64_t advanced(uint64_t state, uint64_t draws) noexcept nogil:
    """The counter after so many draws."""
    return state + draws * <uint64_t>0x9E3779B97F4A7C15


cdef inline uint64_t mixed(uint64_t z) noexcept nogil:
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline uint64_t next_random(uint64_t *state) noexcept nogil:
    state[0] = advanced(state[0], 1)
    return mixed(state[0])


cdef inline void fill_random(uint64_t *state, uint64_t *draws, int n) noexcept nogil:
    """The next n draws; a loop that compilers turn into vectors."""
    cdef int i
    cdef uint64_t first = state[0]
    for i in range(n):
        draws[i] = mixed(advanced(first, i + 1))
    state[0] = advanced(first, n)


cdef inline uint32_t high_bits(uint64_t random) noexcept nogil:
    return <uint32_t>(random >> 32)


cdef inline uint32_t below(uint32_t bits, uint32_t bound) noexcept nogil:
    """A whole number in [0, bound) from 32 random bits (Lemire's multiplication)."""
    return <uint32_t>((<uint64_t>bits * bound) >> 32)


cdef inline uint32_t alias_slot(uint64_t random, uint32_t slots) noexcept nogil:
    """Which slot of an alias table a draw falls in: its low half decides."""
    return below(<uint32_t>random, slots)


cdef inline uint32_t alias_pick(uint64_t random, const uint32_t *entry, uint32_t slot) noexcept nogil:
    """What the draw gives: its high half decides between the slot and its alias."""
    # Arithmetic instead of a branch, which would be mispredicted every other time.
    cdef uint32_t alias = -<uint32_t>(high_bits(random) >= entry[0])
    return slot ^ ((slot ^ entry[1]) & alias)
