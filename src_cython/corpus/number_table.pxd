"""A table from numbers to ids 0, 1, 2, ... in order of first appearance.

A number that is small for the quantity of numbers is a place in an array. Any other is a word of
eight bytes in a hash table, which also keeps all numbers in the order of their ids, and their counts.

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
    DIRECT = 1 << 26        # places, at most
    FIRST_DIRECT = 1 << 12
    PLACES_PER_NUMBER = 64  # at most, beyond the first ones: memory follows from what was read
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
    as_word(&number, &word)
    return look_up(&numbers.table, &word, &slot)


cdef inline int enlarge_direct(NumberIds *numbers, uint64_t size) noexcept nogil:
    """So many places; numbers of the hash table that have one now are found there from now on."""
    cdef const uint64_t *offsets
    cdef uint64_t before = numbers.n_direct, known
    cdef Py_ssize_t id
    cdef void *p = realloc(numbers.direct, size * sizeof(int32_t))
    if p == NULL:
        return NO_MEMORY
    numbers.direct = <int32_t *>p
    memset(numbers.direct + before, 0, (size - before) * sizeof(int32_t))
    numbers.n_direct = size
    offsets = numbers.table.offsets
    for id in range(numbers.table.used):
        if offsets[id + 1] > offsets[id]:       # a key that is not a number has no bytes
            known = (<const uint64_t *>(numbers.table.arena + offsets[id]))[0]
            if before <= known < size:
                numbers.direct[known] = <int32_t>id + 1
    return 0


cdef inline int32_t enter(NumberIds *numbers, uint64_t number) noexcept nogil:
    """The next id, for a number that was not found; or a negative result."""
    cdef Word word
    cdef uint64_t slot, size = numbers.n_direct
    cdef int32_t id
    while number >= size and size < DIRECT:
        size *= 2
    if size > numbers.n_direct and size <= PLACES_PER_NUMBER * <uint64_t>numbers.table.used:
        if enlarge_direct(numbers, size):
            return NO_MEMORY
    if number >= numbers.n_direct:
        as_word(&number, &word)
        look_up(&numbers.table, &word, &slot)
        return add(&numbers.table, &word, slot)
    id = append(&numbers.table, <uint8_t *>&number, 8, NUMBER)
    if id >= 0:
        numbers.direct[number] = id + 1
    return id
