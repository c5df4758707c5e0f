"""A table from numbers to ids 0, 1, 2, ... in order of first appearance.

A small number is a place in an array. A large one is a word of eight bytes in a hash table, which
also keeps all numbers in the order of their ids, and their counts.

In the map: below rows.pyx; above word_table.pxd.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memset

from word_table cimport (
    ABSENT,
    NO_MEMORY,
    Table,
    Word,
    add,
    append,
    free_table,
    look_up,
    mixed,
    start_table,
)

cdef enum:
    DIRECT = 1 << 26        # smaller numbers are their own place
    FIRST_DIRECT = 1 << 12
    NUMBER = 8 << 2         # the tag of a number in the hash table: eight bytes


cdef struct NumberIds:
    Table table
    int32_t *direct         # small number -> id plus one
    uint64_t n_direct


cdef inline int start_numbers(NumberIds *numbers) noexcept nogil:
    """Make an empty table of zero-filled memory; free it with free_numbers() in any case."""
    if start_table(&numbers.table):
        return NO_MEMORY
    numbers.direct = <int32_t *>calloc(FIRST_DIRECT, sizeof(int32_t))
    numbers.n_direct = FIRST_DIRECT
    return 0 if numbers.direct != NULL else NO_MEMORY


cdef inline void free_numbers(NumberIds *numbers) noexcept nogil:
    free(numbers.direct)
    free_table(&numbers.table)


cdef inline void as_word(const uint64_t *number, Word *word) noexcept nogil:
    """A large number as a word of its eight bytes, which the caller keeps in their place."""
    word.start = <const uint8_t *>number
    word.size = 8
    word.key = number[0]
    word.tag = NUMBER
    word.hash = mixed(number[0] ^ NUMBER)


cdef inline int32_t find(const NumberIds *numbers, uint64_t number) noexcept nogil:
    """The number's id, or ABSENT."""
    cdef Word word
    cdef uint64_t slot
    if number < numbers.n_direct:
        return numbers.direct[number] - 1
    if number < DIRECT:
        return ABSENT
    as_word(&number, &word)
    return look_up(&numbers.table, &word, &slot)


cdef inline int32_t enter(NumberIds *numbers, uint64_t number) noexcept nogil:
    """The next id, for a number that was not found; or a negative result."""
    cdef Word word
    cdef uint64_t slot, size = numbers.n_direct
    cdef int32_t id
    cdef void *p
    if number >= DIRECT:
        as_word(&number, &word)
        look_up(&numbers.table, &word, &slot)
        return add(&numbers.table, &word, slot)
    if number >= size:
        while number >= size:
            size *= 2
        p = realloc(numbers.direct, size * sizeof(int32_t))
        if p == NULL:
            return NO_MEMORY
        numbers.direct = <int32_t *>p
        memset(numbers.direct + numbers.n_direct, 0, (size - numbers.n_direct) * sizeof(int32_t))
        numbers.n_direct = size
    id = append(&numbers.table, <uint8_t *>&number, 8, NUMBER)
    if id >= 0:
        numbers.direct[number] = id + 1
    return id
