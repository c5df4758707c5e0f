"""A hash table of pairs: of a node and the word that follows it. Everything works without the GIL.

A node is a word, or a word and the connector words after it: words have ids below 2**31, longer
nodes ids from there on. An entry is 16 bytes, so that counting a pair touches one line of memory.

In the map: below ngrams.pyx and joining.pyx, which hold tables; above word_table.pxd.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc

from word_table cimport NO_MEMORY, TOO_MANY, Entry, rehash

cdef extern from *:
    """
    #define NW_FIRST_NODE 0x80000000u
    #define NW_NO_NODE 0xFFFFFFFFu
    """
    uint32_t FIRST_NODE "NW_FIRST_NODE"
    uint32_t NO_NODE "NW_NO_NODE"

cdef enum:
    BATCH = 64              # pairs whose entries are under way at the same time


cdef struct PairTable:
    Entry *entries          # their values are counts, or what stands for the pairs
    uint64_t mask
    int64_t *positions      # by serial: where each pair was met first
    Py_ssize_t used, room


cdef inline uint64_t pair_key(uint32_t node, uint32_t word) noexcept nogil:
    return <uint64_t>node << 32 | word


cdef inline void free_pairs(PairTable *table) noexcept nogil:
    free(table.entries)
    free(table.positions)


cdef inline int room_for_pairs(PairTable *table, Py_ssize_t n) noexcept nogil:
    """Make room for n more pairs."""
    cdef void *p
    cdef Py_ssize_t room
    if table.used + n > table.room:
        room = max(2 * table.room + 512, table.used + n)
        p = realloc(table.positions, room * sizeof(int64_t))
        if p == NULL:
            return NO_MEMORY
        table.positions = <int64_t *>p
        table.room = room
    if table.used + n > <Py_ssize_t>FIRST_NODE - 2:
        return TOO_MANY
    if 8 * <uint64_t>(table.used + n) > 5 * table.mask:
        return rehash(&table.entries, &table.mask, False)
    return 0


cdef inline int start_pairs(PairTable *table, Py_ssize_t expected) noexcept nogil:
    """Make an empty table of zero-filled memory; free it with free_pairs() in any case."""
    cdef uint64_t size = 1024
    while 5 * (size - 1) < 8 * <uint64_t>(expected + 1):
        size *= 2
    table.mask = size - 1
    table.entries = <Entry *>calloc(size, sizeof(Entry))
    return NO_MEMORY if table.entries == NULL else room_for_pairs(table, expected + 1)


cdef inline Entry *find_pair(
    const PairTable *table, uint64_t key, uint64_t hash
) noexcept nogil:
    """The entry of a pair, or the free one where it belongs."""
    cdef uint64_t slot = hash & table.mask
    cdef Entry *entry
    while True:
        entry = &table.entries[slot]
        if entry.serial == 0 or entry.key == key:
            return entry
        slot = (slot + 1) & table.mask


cdef inline int add_pair(
    PairTable *table, Entry *entry, uint64_t key, uint32_t value, int64_t position
) noexcept nogil:
    """Fill the free entry that find_pair() gave, and make room for the next. It may move entries."""
    table.positions[table.used] = position
    table.used += 1
    entry.key = key
    entry.value = value
    entry.serial = <uint32_t>table.used
    return room_for_pairs(table, 1)
