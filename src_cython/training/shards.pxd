"""A shard of a round: copies of the rows that its span touches, and what they add up to.

In the map: below training.pyx, which trains the copies and says when they are merged; above
merge.h, the rule. negw2v/kernels/reference.py says the same in NumPy.

A shard trains a problem of its own, in which its copies are all the rows there are. What a span
touches is known before it is trained: the words that subsampling has kept, the negatives, which are
drawn at once, and the nodes of paths. So these are numbered anew, in the order in which they come
first, and their rows copied; block.pxd and tiles.h see no difference.

    take_copies       words, nodes and negatives numbered anew, rows copied
      place_of          the number of a row's copy
    merge_shards      rows of one matrix: what all shards of a round have changed
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from problem cimport Problem
from random cimport alias_pick, alias_slot, below, fill_random, high_bits

cdef extern from "prefetch.h" nogil:
    void NW_PREFETCH(const void *address)

cdef extern from "merge.h" nogil:
    enum:
        MOST_SHARDS
    int merge_lowest_bit(uint64_t bits)
    void merge_row(float *row, float **parts, int n, bint parts_are_rows, float most, int length)

cdef enum:
    PICKS_PER_DRAW = 8  # as in negw2v/kernels/problem.py
    DRAWS_AT_ONCE = 64
    ROWS_PER_WORD = 64  # of a bit set
    COPIES_AHEAD = 4  # how many rows before their use memory is requested


cdef struct Buffer:
    char *memory
    size_t size


cdef struct Copied:
    # which rows of a matrix, or of two, a shard has copies of
    int32_t *places  # of each shared row: the number of its copy, or -1
    uint64_t *bits  # of each shared row: whether it has one
    Buffer rows  # int32: the shared row of each copy
    int count


cdef struct Shard:
    Problem problem  # its matrices are the copies, its words are numbers of copies
    Copied words  # first those of the tokens
    Copied nodes
    int token_words  # so many words have a copy of their input row; all have one of the output row
    Buffer input_copies
    Buffer output_copies
    Buffer node_copies
    Buffer locks
    Buffer path_starts
    Buffer path_nodes
    Buffer path_signs
    Buffer pool  # int32: those of the negatives that are drawn
    Buffer negatives  # int32: all of the span, in their order, picked from the pool


cdef inline void *room(Buffer *buffer, size_t size) noexcept nogil:
    """At least `size` bytes that begin on a cache line; NULL: there is no memory.

    What was in the buffer is lost if it was smaller.
    """
    if size + 64 > buffer.size:
        free(buffer.memory)
        buffer.size = size + size // 4 + 64
        buffer.memory = <char *>malloc(buffer.size)
        if buffer.memory == NULL:
            buffer.size = 0
            return NULL
    return start_of(buffer)


cdef inline void *start_of(const Buffer *buffer) noexcept nogil:
    return buffer.memory + (-<uintptr_t>buffer.memory & 63)


cdef inline size_t bit_words(size_t rows) noexcept nogil:
    return (rows + ROWS_PER_WORD - 1) // ROWS_PER_WORD


cdef inline bint begin_copied(Copied *copied, size_t rows) noexcept nogil:
    """No row has a copy yet; False: there is no memory."""
    copied.places = <int32_t *>malloc((rows + 1) * sizeof(int32_t))
    copied.bits = <uint64_t *>calloc(bit_words(rows) + 1, sizeof(uint64_t))
    if copied.places == NULL or copied.bits == NULL:
        return False
    memset(copied.places, 0xFF, rows * sizeof(int32_t))
    return True


cdef inline void end_copied(Copied *copied) noexcept nogil:
    free(copied.places)
    free(copied.bits)
    free(copied.rows.memory)


cdef inline void end_shard(Shard *shard) noexcept nogil:
    end_copied(&shard.words)
    end_copied(&shard.nodes)
    free(shard.input_copies.memory)
    free(shard.output_copies.memory)
    free(shard.node_copies.memory)
    free(shard.locks.memory)
    free(shard.path_starts.memory)
    free(shard.path_nodes.memory)
    free(shard.path_signs.memory)
    free(shard.pool.memory)
    free(shard.negatives.memory)


# --- copies -------------------------------------------------------------------------------


cdef inline const int32_t *copied_rows(const Copied *copied) noexcept nogil:
    return <const int32_t *>start_of(&copied.rows)


cdef inline bint forget(Copied *copied, size_t most) noexcept nogil:
    """No row has a copy any more; room for `most` of them. False: there is no memory."""
    cdef const int32_t *rows = copied_rows(copied)
    cdef int i
    for i in range(copied.count):
        copied.places[rows[i]] = -1
        copied.bits[rows[i] // ROWS_PER_WORD] = 0
    copied.count = 0
    return room(&copied.rows, (most + 1) * sizeof(int32_t)) != NULL


cdef inline int32_t place_of(Copied *copied, int32_t *rows, int32_t row) noexcept nogil:
    """The number of a row's copy; a new one if it has none."""
    # Arithmetic instead of a branch, which would often be mispredicted.
    cdef int32_t place = copied.places[row]
    cdef int32_t is_new = -<int32_t>(place < 0)
    rows[copied.count] = row
    place = (copied.count & is_new) | (place & ~is_new)
    copied.places[row] = place
    copied.count -= is_new
    return place


cdef inline void mark(Copied *copied) noexcept nogil:
    cdef const int32_t *rows = copied_rows(copied)
    cdef int i
    for i in range(copied.count):
        copied.bits[rows[i] // ROWS_PER_WORD] |= <uint64_t>1 << (rows[i] % ROWS_PER_WORD)


cdef inline void request_row(const float *row, size_t length) noexcept nogil:
    cdef size_t d
    for d in range(0, length, 16):
        NW_PREFETCH(row + d)


cdef inline float *copy_rows(Buffer *copies, const float *shared, const int32_t *rows, int count,
                             size_t length) noexcept nogil:
    cdef float *result = <float *>room(copies, <size_t>count * length * sizeof(float))
    cdef int i
    if result == NULL:
        return NULL
    for i in range(count):
        if i + COPIES_AHEAD < count:
            request_row(shared + <size_t>rows[i + COPIES_AHEAD] * length, length)
        memcpy(result + i * length, shared + <size_t>rows[i] * length, length * sizeof(float))
    return result


cdef inline bint take_negatives(Shard *shard, const Problem *shared, int64_t draws,
                          uint64_t *random) noexcept nogil:
    """All negatives of the span, as numbers of copies: picked from a pool, which is drawn first."""
    cdef Copied *words = &shard.words
    cdef int32_t *rows = <int32_t *>start_of(&words.rows)
    cdef int64_t size = (draws + PICKS_PER_DRAW - 1) // PICKS_PER_DRAW
    cdef int32_t *pool = <int32_t *>room(&shard.pool, size * sizeof(int32_t))
    cdef int32_t *negatives = <int32_t *>room(&shard.negatives, draws * sizeof(int32_t))
    cdef uint64_t bits[DRAWS_AT_ONCE]
    cdef int64_t first, i
    cdef int n
    cdef uint32_t slot
    if pool == NULL or negatives == NULL:
        return False
    first = 0
    while first < size:
        n = <int>min(size - first, <int64_t>DRAWS_AT_ONCE)
        fill_random(random, bits, n)
        for i in range(n):
            NW_PREFETCH(shared.alias + 2 * <size_t>alias_slot(bits[i], shared.vocabulary))
        for i in range(n):
            slot = alias_slot(bits[i], shared.vocabulary)
            pool[first + i] = <int32_t>alias_pick(bits[i], shared.alias + 2 * <size_t>slot, slot)
            NW_PREFETCH(words.places + pool[first + i])
        for i in range(n):
            pool[first + i] = place_of(words, rows, pool[first + i])
        first += n
    first = 0
    while first < draws:
        n = <int>min(draws - first, <int64_t>DRAWS_AT_ONCE)
        fill_random(random, bits, n)
        for i in range(n):
            negatives[first + i] = pool[below(high_bits(bits[i]), <uint32_t>size)]
        first += n
    return True


cdef inline bint take_paths(Shard *shard, const Problem *shared) noexcept nogil:
    """The paths of the words of the tokens, and copies of their nodes."""
    cdef size_t n = shard.token_words
    cdef size_t most = n * shared.longest_path
    cdef const int32_t *words = copied_rows(&shard.words)
    cdef int64_t *starts = <int64_t *>room(&shard.path_starts, (n + 1) * sizeof(int64_t))
    cdef int32_t *nodes = <int32_t *>room(&shard.path_nodes, most * sizeof(int32_t))
    cdef int8_t *signs = <int8_t *>room(&shard.path_signs, most)
    cdef int32_t *rows
    cdef int64_t first, i, length
    cdef size_t word
    cdef Problem *own = &shard.problem
    if (starts == NULL or nodes == NULL or signs == NULL
            or not forget(&shard.nodes, min(most, <size_t>shared.vocabulary))):
        return False
    rows = <int32_t *>start_of(&shard.nodes.rows)
    starts[0] = 0
    for word in range(n):
        first = shared.path_starts[words[word]]
        length = shared.path_starts[words[word] + 1] - first
        for i in range(length):
            nodes[starts[word] + i] = place_of(&shard.nodes, rows, shared.path_nodes[first + i])
        memcpy(signs + starts[word], shared.path_signs + first, length)
        starts[word + 1] = starts[word] + length
    mark(&shard.nodes)
    own.path_starts, own.path_nodes, own.path_signs = starts, nodes, signs
    own.first_hot_node = shard.nodes.count
    own.node_vectors = copy_rows(&shard.node_copies, shared.node_vectors, rows, shard.nodes.count,
                                 shared.length)
    return own.node_vectors != NULL


cdef inline bint take_locks(Shard *shard, const Problem *shared) noexcept nogil:
    cdef const int32_t *words = copied_rows(&shard.words)
    cdef float *locks = <float *>room(&shard.locks, shard.token_words * sizeof(float))
    cdef int i
    if locks == NULL:
        return False
    for i in range(shard.token_words):
        locks[i] = shared.lock_factors[words[i]]
    shard.problem.lock_factors = locks
    return True


cdef inline bint take_copies(Shard *shard, const Problem *shared, int32_t *tokens, int n,
                             int64_t draws, uint64_t *random) noexcept nogil:
    """Numbers `tokens` anew, draws, and copies all rows of the span. False: there is no memory."""
    cdef Problem *own = &shard.problem
    cdef Copied *words = &shard.words
    cdef int32_t *rows
    cdef int i
    if not forget(words, min(<size_t>n + draws, <size_t>shared.vocabulary)):
        return False
    rows = <int32_t *>start_of(&words.rows)
    for i in range(n):
        tokens[i] = place_of(words, rows, tokens[i])
    shard.token_words = words.count
    if shared.locked and not shared.one_lock_factor and not take_locks(shard, shared):
        return False
    if shared.path_starts != NULL and not take_paths(shard, shared):
        return False
    own.input_vectors = copy_rows(&shard.input_copies, shared.input_vectors, rows, words.count,
                                  shared.length)
    if own.input_vectors == NULL:
        return False
    if shared.negative > 0:
        if not take_negatives(shard, shared, draws, random):
            return False
        own.given = <const int32_t *>start_of(&shard.negatives)
        own.output_vectors = copy_rows(&shard.output_copies, shared.output_vectors, rows,
                                       words.count, shared.length)
        if own.output_vectors == NULL:
            return False
    mark(words)
    return True


# --- merging ------------------------------------------------------------------------------


cdef struct Parts:
    # of a matrix: one shard's copies
    const Copied *copied
    float *copies
    int count  # copies of it


cdef inline void merge_shards(float *shared, size_t length, const Parts *shards, int n,
                              int64_t first, int64_t end, float most) noexcept nogil:
    """Merges the rows of the words `first` to before `end` of the bit sets."""
    cdef float *parts[ROWS_PER_WORD * MOST_SHARDS]
    cdef float *rows[ROWS_PER_WORD]
    cdef int starts[ROWS_PER_WORD + 1]
    cdef uint64_t bits
    cdef int64_t word
    cdef int count, used, i, s, place, row
    for word in range(first, end):
        bits = 0
        for s in range(n):
            bits |= shards[s].copied.bits[word]
        count = 0
        used = 0
        while bits:
            row = <int>(word * ROWS_PER_WORD) + merge_lowest_bit(bits)
            bits &= bits - 1
            starts[count] = used
            for s in range(n):
                place = shards[s].copied.places[row]
                if 0 <= place < shards[s].count:
                    parts[used] = shards[s].copies + <size_t>place * length
                    used += 1
            rows[count] = shared + <size_t>row * length
            count += used > starts[count]
        starts[count] = used
        for i in range(count + COPIES_AHEAD):
            if i < count:
                request_row(rows[i], length)
                for s in range(starts[i], starts[i + 1]):
                    request_row(parts[s], length)
            if i >= COPIES_AHEAD:
                row = i - COPIES_AHEAD
                merge_row(rows[row], parts + starts[row], starts[row + 1] - starts[row], True,
                          most, <int>length)
