"""A hash table from words (byte strings) to ids 0, 1, 2, ... in order of first appearance.

Open addressing. A word of up to eight bytes is its own key, so that looking it up touches
one line of the table and nothing else. Everything works without the GIL.

In the map: below tokenizer.pyx and sentences.pyx, which hold tables; above word_bytes.h.
"""

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy

cdef extern from "word_bytes.h":
    bint MAY_OVERREAD "NW_MAY_OVERREAD"
    uint64_t hash_factor "nw_hash_factor"
    uint64_t hash_offset "nw_hash_offset"
    void prefetch "NW_PREFETCH"(const void *address) noexcept nogil
    int trailing_zeros "NW_TRAILING_ZEROS"(uint64_t x) noexcept nogil
    uint64_t load8 "nw_load8"(const uint8_t *p) noexcept nogil

cdef enum:
    PADDING = 8         # load8() may read this far beyond the last byte of a word
    MAX_WORD = 1 << 30  # bytes

cdef enum:              # results that are not ids
    ABSENT = -1
    NO_MEMORY = -2
    TOO_MANY = -3
    TOO_LONG = -4


cdef struct Entry:          # of a table of words, or of pairs (phrases/pair_table.pxd)
    uint64_t key        # a word's bytes where they fit, else their hash
    uint32_t value      # of a word its length and kind
    uint32_t serial     # the word's id plus one: zero-filled memory is an empty table


cdef struct Word:
    const uint8_t *start
    size_t size
    uint64_t key
    uint64_t hash
    uint32_t tag


cdef inline int choose_secrets(bytes random) except -1:
    """Make the hashes of this process differ from those of others; before there is a table.

    With an unknown odd factor, the upper half of a product is nearly as good as random, for each
    two words.
    """
    global hash_factor, hash_offset
    cdef const uint8_t *p = <const uint8_t *><char *>random
    if len(random) < 16:
        raise ValueError("16 random bytes are needed")
    hash_factor = load8(p) | 1
    hash_offset = load8(p + 8)
    return 0


cdef inline uint64_t mixed(uint64_t x) noexcept nogil:
    x = (x ^ hash_offset) * hash_factor
    x ^= x >> 32
    x *= 0xD6E8FEB86659FD93ULL
    return x ^ (x >> 29)


cdef inline uint64_t long_key(const uint8_t *start, size_t size) noexcept nogil:
    """Hash of a word of more than eight bytes."""
    cdef uint64_t h = size
    cdef const uint8_t *last = start + size - 8
    while start < last:
        h = mixed(h ^ load8(start))
        start += 8
    return mixed(h ^ load8(last))


cdef inline uint64_t short_key(const uint8_t *start, size_t size) noexcept nogil:
    """A word of at most eight bytes as a number; eight bytes must be readable."""
    if size == 0:
        return 0
    return load8(start) & (~<uint64_t>0 >> (8 * (8 - size)))


cdef inline uint64_t careful_key(const uint8_t *start, size_t size) noexcept nogil:
    """The same where the bytes after the word may not be readable."""
    cdef uint8_t[8] copy
    if MAY_OVERREAD and (<size_t>start & 4095) <= 4088:     # the same page as the word itself
        return short_key(start, size)
    memcpy(copy, start, size)
    return short_key(copy, size)


cdef inline void describe(Word *word, bint careful, uint32_t kind) noexcept nogil:
    if word.size > 8:
        word.key = long_key(word.start, word.size)
    elif careful:
        word.key = careful_key(word.start, word.size)
    else:
        word.key = short_key(word.start, word.size)
    word.tag = <uint32_t>(word.size << 2) | kind
    word.hash = mixed(word.key ^ word.tag)


cdef struct Table:
    Entry *entries
    uint64_t mask           # of a hash: the number of entries less one
    uint8_t *arena          # the words' bytes, one after the other
    size_t arena_used
    size_t arena_size
    uint64_t *offsets       # of each word in the arena; a last one ends the last word
    uint32_t *tags
    int64_t *counts
    Py_ssize_t used         # words
    Py_ssize_t room


cdef inline int enlarge(Table *table, Py_ssize_t room) noexcept nogil:
    """Make room for a number of words."""
    cdef void *p = realloc(table.offsets, (room + 1) * sizeof(uint64_t))
    if p == NULL:
        return NO_MEMORY
    table.offsets = <uint64_t *>p
    p = realloc(table.tags, room * sizeof(uint32_t))
    if p == NULL:
        return NO_MEMORY
    table.tags = <uint32_t *>p
    p = realloc(table.counts, room * sizeof(int64_t))
    if p == NULL:
        return NO_MEMORY
    table.counts = <int64_t *>p
    table.room = room
    return 0


cdef inline int enlarge_arena(Table *table, size_t size) noexcept nogil:
    cdef void *p = realloc(table.arena, size + PADDING)
    if p == NULL:
        return NO_MEMORY
    table.arena = <uint8_t *>p
    table.arena_size = size
    return 0


cdef inline int rehash(Entry **entries, uint64_t *mask, bint are_words) noexcept nogil:
    """Twice as many entries. A word's value belongs to its key; that of a pair changes."""
    cdef uint64_t old_mask = mask[0], slot, i
    cdef Entry *old = entries[0]
    cdef Entry *fresh = <Entry *>calloc(2 * (old_mask + 1), sizeof(Entry))
    if fresh == NULL:
        return NO_MEMORY
    mask[0] = 2 * old_mask + 1
    for i in range(old_mask + 1):
        if old[i].serial:
            slot = mixed(old[i].key ^ old[i].value if are_words else old[i].key) & mask[0]
            while fresh[slot].serial:
                slot = (slot + 1) & mask[0]
            fresh[slot] = old[i]
    entries[0] = fresh
    free(old)
    return 0


cdef inline int start_table(Table *table) noexcept nogil:
    """Make an empty table of zero-filled memory; free it with free_table() in any case."""
    table.mask = 1023
    table.entries = <Entry *>calloc(table.mask + 1, sizeof(Entry))
    if table.entries == NULL or enlarge(table, 512) or enlarge_arena(table, 8192):
        return NO_MEMORY
    table.offsets[0] = 0
    return 0


cdef inline void free_table(Table *table) noexcept nogil:
    free(table.entries)
    free(table.arena)
    free(table.offsets)
    free(table.tags)
    free(table.counts)


cdef inline int32_t look_up(const Table *table, const Word *word, uint64_t *where) noexcept nogil:
    """The word's id, or ABSENT with the free slot where it belongs."""
    cdef uint64_t slot = word.hash & table.mask
    cdef const Entry *entry
    where[0] = 0
    while True:
        entry = &table.entries[slot]
        if entry.serial == 0:
            where[0] = slot
            return ABSENT
        if entry.key == word.key and entry.value == word.tag and (
            word.size <= 8
            or memcmp(table.arena + table.offsets[entry.serial - 1], word.start, word.size) == 0
        ):
            return <int32_t>(entry.serial - 1)
        slot = (slot + 1) & table.mask


cdef inline int32_t append(
    Table *table, const uint8_t *start, size_t size, uint32_t tag
) noexcept nogil:
    """Give out the next id, for a word that is not in the entries; or a negative result."""
    cdef size_t arena_size = table.arena_size
    if table.used == INT32_MAX - 1:
        return TOO_MANY
    if table.used == table.room and enlarge(table, 2 * table.room):
        return NO_MEMORY
    if table.arena_used + size > arena_size:
        while table.arena_used + size > arena_size:
            arena_size *= 2
        if enlarge_arena(table, arena_size):
            return NO_MEMORY
    if size:
        memcpy(table.arena + table.arena_used, start, size)
    table.arena_used += size
    table.tags[table.used] = tag
    table.counts[table.used] = 0
    table.used += 1
    table.offsets[table.used] = table.arena_used
    return <int32_t>(table.used - 1)


cdef inline int32_t add(Table *table, const Word *word, uint64_t slot) noexcept nogil:
    """The same, and enter the word at the slot that look_up() named."""
    cdef int32_t id = append(table, word.start, word.size, word.tag)
    if id < 0:
        return id
    table.entries[slot].key = word.key
    table.entries[slot].value = word.tag
    table.entries[slot].serial = <uint32_t>(id + 1)
    if 2 * <uint64_t>table.used > table.mask and rehash(&table.entries, &table.mask, True):
        return NO_MEMORY
    return id


cdef inline void word_at(const Table *table, Py_ssize_t id, Word *word) noexcept nogil:
    word.start = table.arena + table.offsets[id]
    word.size = table.offsets[id + 1] - table.offsets[id]
    describe(word, False, table.tags[id] & 3)


cdef inline int check(int64_t result) except -1:
    """Raise where a result is an error."""
    if result == NO_MEMORY:
        raise MemoryError("no memory for another word")
    if result == TOO_MANY:
        raise OverflowError("more than 2**31 - 2 different words")
    if result == TOO_LONG:
        raise OverflowError("a word that is too long: is this a text, with blanks between words?")
    return 0


# ---------------------------------------------------------------- growing arrays

cdef struct Numbers:
    int64_t *data
    Py_ssize_t size
    Py_ssize_t room


cdef inline int push(Numbers *numbers, int64_t value) noexcept nogil:
    cdef void *p
    cdef Py_ssize_t room
    if numbers.size == numbers.room:
        room = 2 * numbers.room + 1024
        p = realloc(numbers.data, room * sizeof(int64_t))
        if p == NULL:
            return NO_MEMORY
        numbers.data = <int64_t *>p
        numbers.room = room
    numbers.data[numbers.size] = value
    numbers.size += 1
    return 0


cdef inline bytes take(Numbers *numbers):
    """The numbers so far as bytes; the array is empty afterwards."""
    cdef bytes result = (<char *>numbers.data)[:numbers.size * sizeof(int64_t)]
    numbers.size = 0
    return result


cdef inline object numbers_view(int32_t *data, Py_ssize_t n):
    """The numbers as a memoryview."""
    return <int32_t[:n]>data if n else memoryview(b"").cast("i")
