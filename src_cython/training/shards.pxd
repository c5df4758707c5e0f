"""A shard of a round: copies of the rows that its span touches, and what they add up to.

In the map: below training.pyx, which trains the copies and says when they are merged; above
merge.h, the rule. negw2v/kernels/rounds_reference.py says the same in NumPy.

A shard trains a problem of its own, in which its copies are all the rows there are. What a span
touches is known before it is trained: the words that subsampling has kept, the negatives, which are
drawn at once, and the nodes of paths. So these are numbered anew, in the order in which they come
first, and their rows copied; block.pxd and tiles.h see no difference.

Most rows are touched by one shard of a round. These are merged by the thread that has trained the
shard, while they are in its cache.

    number_rows       words, nodes and negatives numbered anew: needs no weights
      place_of          the number of a row's copy
    find_crowded      rows that several shards of a round touch
    copy_rows         what a shard trains
    settle_shard      rows that it alone touches
    merge_crowded     rows of one matrix that several shards have changed
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from problem cimport Problem
from random cimport alias_pick, alias_slot, below, fill_random, high_bits

cdef extern from "prefetch.h" nogil:
    void NW_PREFETCH(const void *address)
    void NW_PREFETCH_WRITE(const void *address)

cdef extern from "merge.h" nogil:
    enum:
        MOST_SHARDS
    int merge_lowest_bit(uint64_t bits)
    void merge_copy(float *to, const float *row, int length)
    void merge_row(float *row, float **parts, int n, bint parts_are_rows, float most, int length)

cdef enum:
    PICKS_PER_DRAW = 8  # as in negw2v/kernels/problem.py
    DRAWS_AT_ONCE = 64
    ROWS_PER_WORD = 64  # of a bit set
    COPIES_AHEAD = 4  # how many rows before their use memory is requested
    ROWS_AT_ONCE = 4 * ROWS_PER_WORD  # that are merged in one batch


cdef struct Buffer:
    char *memory
    size_t size


cdef struct Touched:
    # rows of a matrix, or of two, that a shard has copies of while it is trained
    int32_t *places  # of each shared row: the number of its copy, or -1
    uint64_t *bits  # of each shared row: whether it has one
    Buffer rows  # int32: the shared row of each copy
    int count


cdef struct Copies:
    Buffer inputs
    Buffer outputs
    Buffer nodes


cdef struct Shard:
    Problem problem  # its matrices are the copies, its words are numbers of copies
    Buffer windows  # what follows, of the tokens of the span that are kept; see Scratch
    int32_t *kept
    int32_t *first_context
    int32_t *end_context
    int32_t *repeats
    int count
    Touched words  # first those of the tokens
    Touched nodes
    int token_words  # so many words have a copy of their input row; all have one of the output row
    uint64_t *token_bits  # of each word: whether it is among them
    Copies *copies
    Buffer locks
    Buffer path_starts
    Buffer path_nodes
    Buffer path_signs
    Buffer pool  # int32: those of the negatives that are drawn
    Buffer negatives  # int32: all of the span, in their order, picked from the pool


cdef struct Crowd:
    # of each row: whether several shards of a round touch it
    uint64_t *inputs
    uint64_t *outputs
    uint64_t *nodes


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


cdef inline bint begin_shard(Shard *shard, const Problem *shared, Copies *copies) noexcept nogil:
    """No row is touched yet; False: there is no memory."""
    shard.problem = shared[0]
    shard.copies = copies
    shard.token_bits = bit_set(shared.vocabulary)
    return (shard.token_bits != NULL and begin_touched(&shard.words, shared.vocabulary)
            and begin_touched(&shard.nodes, shared.first_hot_node))


cdef inline uint64_t *bit_set(size_t rows) noexcept nogil:
    return <uint64_t *>calloc(bit_words(rows) + 1, sizeof(uint64_t))


cdef inline bint begin_touched(Touched *touched, size_t rows) noexcept nogil:
    touched.places = <int32_t *>malloc((rows + 1) * sizeof(int32_t))
    touched.bits = bit_set(rows)
    if touched.places == NULL or touched.bits == NULL:
        return False
    memset(touched.places, 0xFF, rows * sizeof(int32_t))
    return True


cdef inline bint begin_crowd(Crowd *crowd, const Problem *shared) noexcept nogil:
    crowd.inputs = bit_set(shared.vocabulary)
    crowd.outputs = bit_set(shared.vocabulary)
    crowd.nodes = bit_set(shared.first_hot_node)
    return crowd.inputs != NULL and crowd.outputs != NULL and crowd.nodes != NULL


cdef inline void end_touched(Touched *touched) noexcept nogil:
    free(touched.places)
    free(touched.bits)
    free(touched.rows.memory)


cdef inline void end_shard(Shard *shard) noexcept nogil:
    end_touched(&shard.words)
    end_touched(&shard.nodes)
    free(shard.token_bits)
    free(shard.windows.memory)
    free(shard.locks.memory)
    free(shard.path_starts.memory)
    free(shard.path_nodes.memory)
    free(shard.path_signs.memory)
    free(shard.pool.memory)
    free(shard.negatives.memory)


cdef inline void end_copies(Copies *copies) noexcept nogil:
    free(copies.inputs.memory)
    free(copies.outputs.memory)
    free(copies.nodes.memory)


cdef inline void end_crowd(Crowd *crowd) noexcept nogil:
    free(crowd.inputs)
    free(crowd.outputs)
    free(crowd.nodes)


# --- numbers ------------------------------------------------------------------------------


cdef inline bint make_room_for_windows(Shard *shard, size_t tokens) noexcept nogil:
    cdef int32_t *memory = <int32_t *>room(&shard.windows, 4 * tokens * sizeof(int32_t))
    if memory == NULL:
        return False
    shard.kept = memory
    shard.first_context = memory + tokens
    shard.end_context = memory + 2 * tokens
    shard.repeats = memory + 3 * tokens
    return True


cdef inline const int32_t *rows_of(const Touched *touched) noexcept nogil:
    return <const int32_t *>start_of(&touched.rows)


cdef inline bint forget(Touched *touched, size_t most) noexcept nogil:
    """No row is touched any more; room for `most` of them. False: there is no memory."""
    cdef const int32_t *rows = rows_of(touched)
    cdef int i
    for i in range(touched.count):
        touched.places[rows[i]] = -1
    unmark(touched.bits, rows, touched.count)
    touched.count = 0
    return room(&touched.rows, (most + 1) * sizeof(int32_t)) != NULL


cdef inline int32_t place_of(int32_t *places, int32_t *rows, int *count,
                             int32_t row) noexcept nogil:
    """The number of a row's copy; a new one if it has none."""
    # Arithmetic instead of a branch, which would often be mispredicted.
    cdef int32_t place = places[row]
    cdef int32_t is_new = -<int32_t>(place < 0)
    rows[count[0]] = row
    place = (count[0] & is_new) | (place & ~is_new)
    places[row] = place
    count[0] -= is_new
    return place


cdef inline void number_all(Touched *touched, const int32_t *rows, int n,
                            int32_t *numbers) noexcept nogil:
    """The number of each row's copy; the two arrays may be the same."""
    # What is local stays in registers: the compiler knows that no store changes it.
    cdef int32_t *places = touched.places
    cdef int32_t *known = <int32_t *>start_of(&touched.rows)
    cdef int count = touched.count
    cdef int i
    for i in range(n):
        numbers[i] = place_of(places, known, &count, rows[i])
    touched.count = count


cdef inline void mark(uint64_t *bits, const int32_t *rows, int count) noexcept nogil:
    cdef int i
    for i in range(count):
        bits[rows[i] // ROWS_PER_WORD] |= <uint64_t>1 << (rows[i] % ROWS_PER_WORD)


cdef inline void unmark(uint64_t *bits, const int32_t *rows, int count) noexcept nogil:
    cdef int i
    for i in range(count):
        bits[rows[i] // ROWS_PER_WORD] = 0


cdef inline bint is_marked(const uint64_t *bits, int32_t row) noexcept nogil:
    return (bits[row // ROWS_PER_WORD] >> (row % ROWS_PER_WORD)) & 1


cdef inline bint take_negatives(Shard *shard, const Problem *shared, int64_t draws,
                          uint64_t *random) noexcept nogil:
    """All negatives of the span, as numbers of copies: picked from a pool, which is drawn first."""
    cdef Touched *words = &shard.words
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
        number_all(words, pool + first, n, pool + first)
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
    """The paths of the words of the tokens; their nodes are numbers of copies."""
    cdef size_t n = shard.token_words
    cdef size_t most = n * shared.longest_path
    cdef const int32_t *words = rows_of(&shard.words)
    cdef int64_t *starts = <int64_t *>room(&shard.path_starts, (n + 1) * sizeof(int64_t))
    cdef int32_t *nodes = <int32_t *>room(&shard.path_nodes, most * sizeof(int32_t))
    cdef int8_t *signs = <int8_t *>room(&shard.path_signs, most)
    cdef int64_t first, length
    cdef size_t word
    cdef Problem *own = &shard.problem
    if (starts == NULL or nodes == NULL or signs == NULL
            or not forget(&shard.nodes, min(most, <size_t>shared.vocabulary))):
        return False
    starts[0] = 0
    for word in range(n):
        first = shared.path_starts[words[word]]
        length = shared.path_starts[words[word] + 1] - first
        number_all(&shard.nodes, shared.path_nodes + first, <int>length, nodes + starts[word])
        memcpy(signs + starts[word], shared.path_signs + first, length)
        starts[word + 1] = starts[word] + length
    mark(shard.nodes.bits, rows_of(&shard.nodes), shard.nodes.count)
    own.path_starts, own.path_nodes, own.path_signs = starts, nodes, signs
    own.first_hot_node = shard.nodes.count
    return True


cdef inline bint take_locks(Shard *shard, const Problem *shared) noexcept nogil:
    cdef const int32_t *words = rows_of(&shard.words)
    cdef float *locks = <float *>room(&shard.locks, shard.token_words * sizeof(float))
    cdef int i
    if locks == NULL:
        return False
    for i in range(shard.token_words):
        locks[i] = shared.lock_factors[words[i]]
    shard.problem.lock_factors = locks
    return True


cdef inline bint number_rows(Shard *shard, const Problem *shared, int64_t draws,
                             uint64_t *random) noexcept nogil:
    """Numbers all that the span touches anew, and draws. False: there is no memory."""
    cdef Touched *words = &shard.words
    unmark(shard.token_bits, rows_of(words), shard.token_words)
    shard.token_words = 0
    if not forget(words, min(<size_t>(shard.count + draws), <size_t>shared.vocabulary)):
        return False
    number_all(words, shard.kept, shard.count, shard.kept)
    shard.token_words = words.count
    mark(shard.token_bits, rows_of(words), words.count)
    if shared.locked and not shared.one_lock_factor and not take_locks(shard, shared):
        return False
    if shared.path_starts != NULL and not take_paths(shard, shared):
        return False
    if shared.negative > 0:
        if not take_negatives(shard, shared, draws, random):
            return False
        shard.problem.given = <const int32_t *>start_of(&shard.negatives)
    mark(words.bits, rows_of(words), words.count)
    return True


cdef inline void find_crowded(uint64_t *crowded, const uint64_t **bits, int n, int64_t first,
                              int64_t end) noexcept nogil:
    """The words `first` to before `end` of the bit set `crowded`: what is in two of n others."""
    cdef uint64_t once, twice
    cdef int64_t word
    cdef int s
    for word in range(first, end):
        once = twice = 0
        for s in range(n):
            twice |= once & bits[s][word]
            once |= bits[s][word]
        crowded[word] = twice


# --- copies -------------------------------------------------------------------------------


cdef inline void request_row(const float *row, size_t length) noexcept nogil:
    cdef size_t d
    for d in range(0, length, 16):
        NW_PREFETCH(row + d)


cdef inline void request_row_to_write(const float *row, size_t length) noexcept nogil:
    cdef size_t d
    for d in range(0, length, 16):
        NW_PREFETCH_WRITE(row + d)


cdef inline float *copies_of(Buffer *copies, const float *shared, const Touched *touched,
                             int count, size_t length) noexcept nogil:
    """The first rows of those that are touched; NULL: there is no memory."""
    cdef float *result = <float *>room(copies, <size_t>count * length * sizeof(float))
    cdef const int32_t *rows = rows_of(touched)
    cdef int i
    if result == NULL:
        return NULL
    for i in range(count):
        if i + COPIES_AHEAD < count:
            request_row(shared + <size_t>rows[i + COPIES_AHEAD] * length, length)
        merge_copy(result + i * length, shared + <size_t>rows[i] * length, <int>length)
    return result


cdef inline bint copy_rows(Shard *shard, const Problem *shared) noexcept nogil:
    """All rows that the shard touches, as they are now. False: there is no memory."""
    cdef Problem *own = &shard.problem
    own.input_vectors = copies_of(&shard.copies.inputs, shared.input_vectors, &shard.words,
                                  shard.token_words, shared.length)
    if own.input_vectors == NULL:
        return False
    if shared.path_starts != NULL:
        own.node_vectors = copies_of(&shard.copies.nodes, shared.node_vectors, &shard.nodes,
                                     shard.nodes.count, shared.length)
        if own.node_vectors == NULL:
            return False
    if shared.negative > 0:
        own.output_vectors = copies_of(&shard.copies.outputs, shared.output_vectors, &shard.words,
                                       shard.words.count, shared.length)
        if own.output_vectors == NULL:
            return False
    return True


# --- merging ------------------------------------------------------------------------------


cdef inline void settle_rows(float *shared, float *copies, const Touched *touched, int count,
                             const uint64_t *crowded, size_t length) noexcept nogil:
    cdef const int32_t *rows = rows_of(touched)
    cdef float *part
    cdef int i
    for i in range(count):
        part = copies + <size_t>i * length
        if not is_marked(crowded, rows[i]):
            merge_row(shared + <size_t>rows[i] * length, &part, 1, True, 1.0, <int>length)


cdef inline void settle_shard(const Shard *shard, const Problem *shared,
                              const Crowd *crowd) noexcept nogil:
    """Merges the rows that no other shard touches."""
    cdef const Problem *own = &shard.problem
    settle_rows(shared.input_vectors, own.input_vectors, &shard.words, shard.token_words,
                crowd.inputs, shared.length)
    if shared.negative > 0:
        settle_rows(shared.output_vectors, own.output_vectors, &shard.words, shard.words.count,
                    crowd.outputs, shared.length)
    if shared.path_starts != NULL:
        settle_rows(shared.node_vectors, own.node_vectors, &shard.nodes, shard.nodes.count,
                    crowd.nodes, shared.length)


cdef struct Parts:
    # of a matrix: one shard's copies
    const int32_t *places
    const uint64_t *bits
    float *copies


cdef struct Batch:
    # rows that are merged one after the other, and their parts
    float *rows[ROWS_AT_ONCE]
    int starts[ROWS_AT_ONCE + 1]
    float *parts[ROWS_PER_WORD * MOST_SHARDS]
    int count


cdef inline void request_parts(const Batch *batch, int i, size_t length) noexcept nogil:
    cdef int part
    request_row_to_write(batch.rows[i], length)
    for part in range(batch.starts[i], batch.starts[i + 1]):
        request_row(batch.parts[part], length)


cdef inline void merge_batch(Batch *batch, size_t length, float most) noexcept nogil:
    cdef int i
    for i in range(min(batch.count, <int>COPIES_AHEAD)):
        request_parts(batch, i, length)
    for i in range(batch.count):
        if i + COPIES_AHEAD < batch.count:
            request_parts(batch, i + COPIES_AHEAD, length)
        merge_row(batch.rows[i], batch.parts + batch.starts[i],
                  batch.starts[i + 1] - batch.starts[i], True, most, <int>length)
    batch.count = 0


cdef inline void add_rows(Batch *batch, float *shared, size_t length, const Parts *shards, int n,
                          int64_t word, uint64_t chosen) noexcept nogil:
    """Adds the `chosen` rows of a word of the bit sets, each with its parts in order."""
    cdef int ends[ROWS_PER_WORD]  # of each row: where its next part goes
    cdef int64_t first = word * ROWS_PER_WORD
    cdef uint64_t bits, bit
    cdef int used = batch.starts[batch.count] if batch.count else 0
    cdef int row, s
    bits = chosen
    while bits:
        row = merge_lowest_bit(bits)
        bits &= bits - 1
        batch.rows[batch.count] = shared + (first + row) * length
        batch.starts[batch.count] = used
        ends[row] = used
        bit = <uint64_t>1 << row
        for s in range(n):
            used += (shards[s].bits[word] & bit) != 0
        batch.count += 1
    batch.starts[batch.count] = used
    for s in range(n):
        bits = shards[s].bits[word] & chosen
        while bits:
            row = merge_lowest_bit(bits)
            bits &= bits - 1
            batch.parts[ends[row]] = (shards[s].copies
                                      + <size_t>shards[s].places[first + row] * length)
            ends[row] += 1


cdef inline void merge_crowded(float *shared, size_t length, const Parts *shards, int n,
                               const uint64_t *crowded, int64_t first, int64_t end,
                               float most) noexcept nogil:
    """Merges the crowded rows of the words `first` to before `end` of the bit sets."""
    cdef Batch batch
    cdef int64_t word
    batch.count = 0
    for word in range(first, end):
        if not crowded[word]:
            continue
        # Room for all rows of a word: memory is requested ahead within a batch alone.
        if (batch.count + ROWS_PER_WORD > ROWS_AT_ONCE or batch.count and
                batch.starts[batch.count] + ROWS_PER_WORD * n > ROWS_PER_WORD * MOST_SHARDS):
            merge_batch(&batch, length, most)
        add_rows(&batch, shared, length, shards, n, word, crowded[word])
    merge_batch(&batch, length, most)
