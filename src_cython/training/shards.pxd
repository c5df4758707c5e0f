"""A shard of a round: copies of the rows that its span touches, and what they add up to.

In the map: below training.pyx, which trains the copies and says when they are merged; above
merge.h, the rule. negw2v/kernels/rounds_reference.py says the same in NumPy.

A shard trains a problem of its own, in which its copies are all the rows there are. What a span
touches is known before it is trained: the words that subsampling has kept, the negatives, which are
drawn at once, and the nodes of paths. So these are numbered anew, and their rows copied; block.pxd
and tiles.h see no difference. What is touched is a bit set: of the bits before a row's, the set ones
give the number of its copy. So a shard needs no array with an entry for each word of the vocabulary.

Most rows are touched by one shard of a round. These are merged by the thread that has trained the
shard, while they are in its cache.

    number_rows       words, nodes and negatives numbered anew: needs no weights
      touch, number     the bit set, and the rows in their order
      place_of          the number of a row's copy
    find_crowded      rows that several shards of a round touch
    copy_rows         what a shard trains
    settle_shard      rows that it alone touches
    merge_crowded     rows of one matrix that several shards have changed
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

from problem cimport Problem
from random cimport alias_pick, alias_slot, below, fill_random, high_bits

cdef extern from "prefetch.h" nogil:
    void NW_PREFETCH(const void *address)
    void NW_PREFETCH_WRITE(const void *address)

cdef extern from "merge.h" nogil:
    enum:
        MOST_SHARDS
    int merge_lowest_bit(uint64_t bits)
    int merge_count_bits(uint64_t bits)
    void merge_copy(float *to, const float *row, int length)
    void merge_row(float *row, const float *origin, float **parts, int n, float *total, float most,
                   int length)

cdef enum:
    PICKS_PER_DRAW = 8  # as in negw2v/kernels/problem.py
    DRAWS_AT_ONCE = 64
    BITS = 64  # of a word of a bit set
    COPIES_AHEAD = 4  # how many rows before their use memory is requested
    ROWS_AT_ONCE = 4 * BITS  # that are merged in one batch


cdef struct Buffer:
    char *memory
    size_t size


cdef struct Touched:
    # rows of a matrix that a shard has copies of while it is trained
    uint64_t *bits  # of each shared row: whether it has one
    uint64_t *used  # of each word of `bits`: whether there is a set one in it
    int32_t *before  # of each word of `bits` that is used: the copies of rows of earlier words
    Buffer rows  # int32: the shared row of each copy, in ascending order
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
    int32_t *inputs  # the number of the copy of each one's input row
    int count
    Touched tokens  # they have a copy of the input row
    Touched words  # with negative sampling: those of the tokens and the negatives, of the output row
    Touched nodes
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
    return (rows + BITS - 1) // BITS


cdef inline bint begin_shard(Shard *shard, const Problem *shared, Copies *copies) noexcept nogil:
    """No row is touched yet; False: there is no memory."""
    cdef size_t words = shared.vocabulary if shared.negative > 0 else 0
    cdef size_t nodes = shared.first_hot_node if shared.path_starts != NULL else 0
    shard.problem = shared[0]
    shard.copies = copies
    return (begin_touched(&shard.tokens, shared.vocabulary) and begin_touched(&shard.words, words)
            and begin_touched(&shard.nodes, nodes))


cdef inline uint64_t *bit_set(size_t rows) noexcept nogil:
    return <uint64_t *>calloc(bit_words(rows) + 1, sizeof(uint64_t))


cdef inline bint begin_touched(Touched *touched, size_t rows) noexcept nogil:
    touched.bits = bit_set(rows)
    touched.used = bit_set(bit_words(rows))
    touched.before = <int32_t *>malloc((bit_words(rows) + 1) * sizeof(int32_t))
    return touched.bits != NULL and touched.used != NULL and touched.before != NULL


cdef inline bint begin_crowd(Crowd *crowd, const Problem *shared) noexcept nogil:
    crowd.inputs = bit_set(shared.vocabulary)
    crowd.outputs = bit_set(shared.vocabulary)
    crowd.nodes = bit_set(shared.first_hot_node)
    return crowd.inputs != NULL and crowd.outputs != NULL and crowd.nodes != NULL


cdef inline void end_touched(Touched *touched) noexcept nogil:
    free(touched.bits)
    free(touched.used)
    free(touched.before)
    free(touched.rows.memory)


cdef inline void end_shard(Shard *shard) noexcept nogil:
    end_touched(&shard.tokens)
    end_touched(&shard.words)
    end_touched(&shard.nodes)
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
    cdef int32_t *memory = <int32_t *>room(&shard.windows, 5 * tokens * sizeof(int32_t))
    if memory == NULL:
        return False
    shard.kept = memory
    shard.first_context = memory + tokens
    shard.end_context = memory + 2 * tokens
    shard.repeats = memory + 3 * tokens
    shard.inputs = memory + 4 * tokens
    return True


cdef inline const int32_t *rows_of(const Touched *touched) noexcept nogil:
    return <const int32_t *>start_of(&touched.rows)


cdef inline void forget(Touched *touched, size_t rows) noexcept nogil:
    """None of all `rows` is touched any more."""
    cdef uint64_t used
    cdef int64_t i
    for i in range(<int64_t>bit_words(bit_words(rows))):
        used = touched.used[i]
        touched.used[i] = 0
        while used:
            touched.bits[i * BITS + merge_lowest_bit(used)] = 0
            used &= used - 1
    touched.count = 0


cdef inline void touch(Touched *touched, const int32_t *rows, int n) noexcept nogil:
    cdef uint32_t row
    cdef int i
    for i in range(n):
        row = <uint32_t>rows[i]
        touched.bits[row // BITS] |= <uint64_t>1 << (row % BITS)
        touched.used[row // (BITS * BITS)] |= <uint64_t>1 << (row // BITS % BITS)


cdef inline bint number(Touched *touched, size_t rows, size_t most) noexcept nogil:
    """Numbers those of all `rows` that are touched, at most `most`. False: there is no memory."""
    cdef int32_t *known = <int32_t *>room(&touched.rows, (min(most, rows) + 1) * sizeof(int32_t))
    cdef uint64_t used, bits
    cdef int64_t i, word
    cdef int count = 0
    if known == NULL:
        return False
    for i in range(<int64_t>bit_words(bit_words(rows))):
        used = touched.used[i]
        while used:
            word = i * BITS + merge_lowest_bit(used)
            used &= used - 1
            touched.before[word] = count
            bits = touched.bits[word]
            while bits:
                known[count] = <int32_t>(word * BITS) + merge_lowest_bit(bits)
                bits &= bits - 1
                count += 1
    touched.count = count
    return True


cdef inline int32_t place_of(const Touched *touched, int32_t row) noexcept nogil:
    """The number of a row's copy."""
    cdef uint32_t word = <uint32_t>row // BITS
    cdef uint64_t bit = <uint64_t>1 << (<uint32_t>row % BITS)
    return touched.before[word] + merge_count_bits(touched.bits[word] & (bit - 1))


cdef inline void number_all(const Touched *touched, const int32_t *rows, int64_t n,
                            int32_t *places) noexcept nogil:
    """The number of each row's copy; the two arrays may be the same."""
    cdef int64_t i
    for i in range(n):
        places[i] = place_of(touched, rows[i])


cdef inline bint is_marked(const uint64_t *bits, int32_t row) noexcept nogil:
    return (bits[<uint32_t>row // BITS] >> (<uint32_t>row % BITS)) & 1


cdef inline bint draw_negatives(Shard *shard, const Problem *shared, int64_t draws,
                                uint64_t *random) noexcept nogil:
    """The pool that all negatives of the span are picked from; touches its words."""
    cdef int64_t size = (draws + PICKS_PER_DRAW - 1) // PICKS_PER_DRAW
    cdef int32_t *pool = <int32_t *>room(&shard.pool, size * sizeof(int32_t))
    cdef uint64_t bits[DRAWS_AT_ONCE]
    cdef int64_t first = 0
    cdef int n, i
    cdef uint32_t slot
    if pool == NULL:
        return False
    while first < size:
        n = <int>min(size - first, <int64_t>DRAWS_AT_ONCE)
        fill_random(random, bits, n)
        for i in range(n):
            NW_PREFETCH(shared.alias + 2 * <size_t>alias_slot(bits[i], shared.vocabulary))
        for i in range(n):
            slot = alias_slot(bits[i], shared.vocabulary)
            pool[first + i] = <int32_t>alias_pick(bits[i], shared.alias + 2 * <size_t>slot, slot)
        touch(&shard.words, pool + first, n)
        first += n
    return True


cdef inline bint pick_negatives(Shard *shard, int64_t draws, uint64_t *random) noexcept nogil:
    """All negatives of the span, as numbers of copies."""
    cdef uint32_t size = <uint32_t>((draws + PICKS_PER_DRAW - 1) // PICKS_PER_DRAW)
    cdef int32_t *pool = <int32_t *>start_of(&shard.pool)
    cdef int32_t *negatives = <int32_t *>room(&shard.negatives, draws * sizeof(int32_t))
    cdef uint64_t bits[DRAWS_AT_ONCE]
    cdef int64_t first = 0
    cdef int n, i
    if negatives == NULL:
        return False
    number_all(&shard.words, pool, size, pool)
    while first < draws:
        n = <int>min(draws - first, <int64_t>DRAWS_AT_ONCE)
        fill_random(random, bits, n)
        for i in range(n):
            negatives[first + i] = pool[below(high_bits(bits[i]), size)]
        first += n
    shard.problem.given = negatives
    return True


cdef inline bint take_paths(Shard *shard, const Problem *shared,
                            const Touched *words) noexcept nogil:
    """The paths of those of the words that are tokens; their nodes are numbers of copies."""
    cdef size_t most = <size_t>shard.tokens.count * shared.longest_path
    cdef int64_t *starts = <int64_t *>room(&shard.path_starts,
                                           (words.count + 1) * sizeof(int64_t))
    cdef int32_t *nodes = <int32_t *>room(&shard.path_nodes, most * sizeof(int32_t))
    cdef int8_t *signs = <int8_t *>room(&shard.path_signs, most)
    cdef const int32_t *rows = rows_of(words)
    cdef int64_t first, length
    cdef int i
    cdef Problem *own = &shard.problem
    if starts == NULL or nodes == NULL or signs == NULL:
        return False
    starts[0] = 0
    for i in range(words.count):
        starts[i + 1] = starts[i]
        if is_marked(shard.tokens.bits, rows[i]):
            first = shared.path_starts[rows[i]]
            length = shared.path_starts[rows[i] + 1] - first
            touch(&shard.nodes, shared.path_nodes + first, <int>length)
            memcpy(nodes + starts[i], shared.path_nodes + first, length * sizeof(int32_t))
            memcpy(signs + starts[i], shared.path_signs + first, length)
            starts[i + 1] += length
    if not number(&shard.nodes, shared.first_hot_node, most):
        return False
    number_all(&shard.nodes, nodes, starts[words.count], nodes)
    own.path_starts, own.path_nodes, own.path_signs = starts, nodes, signs
    own.first_hot_node = shard.nodes.count
    return True


cdef inline bint take_locks(Shard *shard, const Problem *shared,
                            const Touched *words) noexcept nogil:
    cdef const int32_t *rows = rows_of(words)
    cdef float *locks = <float *>room(&shard.locks, words.count * sizeof(float))
    cdef int i
    if locks == NULL:
        return False
    for i in range(words.count):
        locks[i] = shared.lock_factors[rows[i]]
    shard.problem.lock_factors = locks
    return True


cdef inline bint number_rows(Shard *shard, const Problem *shared, int64_t draws,
                             uint64_t *random) noexcept nogil:
    """Numbers all that the span touches anew, and draws. False: there is no memory."""
    cdef Touched *words = &shard.words if shared.negative > 0 else &shard.tokens
    forget(&shard.tokens, shared.vocabulary)
    touch(&shard.tokens, shard.kept, shard.count)
    if not number(&shard.tokens, shared.vocabulary, shard.count):
        return False
    number_all(&shard.tokens, shard.kept, shard.count, shard.inputs)
    if shared.negative > 0:
        forget(words, shared.vocabulary)
        touch(words, shard.kept, shard.count)
        if not draw_negatives(shard, shared, draws, random):
            return False
        if not number(words, shared.vocabulary, shard.count + draws):
            return False
        if not pick_negatives(shard, draws, random):
            return False
    number_all(words, shard.kept, shard.count, shard.kept)
    if shared.path_starts != NULL:
        forget(&shard.nodes, shared.first_hot_node)
        if not take_paths(shard, shared, words):
            return False
    return (not shared.locked or shared.one_lock_factor
            or take_locks(shard, shared, words))


cdef inline void find_crowded(uint64_t *crowded, const Touched **shards, int n, int64_t first,
                              int64_t end) noexcept nogil:
    """Fills the words `first` to before `end` of the bit set of what two of n shards touch."""
    cdef uint64_t once, twice
    cdef uint64_t used = 0
    cdef int64_t word
    cdef int s
    for word in range(first, end):
        if word == first or word % BITS == 0:
            used = 0
            for s in range(n):
                used |= shards[s].used[word // BITS]
        once = twice = 0
        if used >> (word % BITS) & 1:
            for s in range(n):
                twice |= once & shards[s].bits[word]
                once |= shards[s].bits[word]
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
                             size_t length) noexcept nogil:
    """The rows that are touched; NULL: there is no memory."""
    cdef float *result = <float *>room(copies, touched.count * length * sizeof(float))
    cdef const int32_t *rows = rows_of(touched)
    cdef int i
    if result == NULL:
        return NULL
    for i in range(touched.count):
        if i + COPIES_AHEAD < touched.count:
            request_row(shared + <size_t>rows[i + COPIES_AHEAD] * length, length)
        merge_copy(result + i * length, shared + <size_t>rows[i] * length, <int>length)
    return result


cdef inline bint copy_rows(Shard *shard, const Problem *shared) noexcept nogil:
    """All rows that the shard touches, as they are now. False: there is no memory."""
    cdef Problem *own = &shard.problem
    own.input_vectors = copies_of(&shard.copies.inputs, shared.input_vectors, &shard.tokens,
                                  shared.length)
    if own.input_vectors == NULL:
        return False
    if shared.path_starts != NULL:
        own.node_vectors = copies_of(&shard.copies.nodes, shared.node_vectors, &shard.nodes,
                                     shared.length)
        if own.node_vectors == NULL:
            return False
    if shared.negative > 0:
        own.output_vectors = copies_of(&shard.copies.outputs, shared.output_vectors, &shard.words,
                                       shared.length)
        if own.output_vectors == NULL:
            return False
    return True


# --- merging ------------------------------------------------------------------------------


cdef inline void settle_rows(float *shared, float *copies, const Touched *touched,
                             const uint64_t *crowded, size_t length, float most) noexcept nogil:
    cdef const int32_t *rows = rows_of(touched)
    cdef float *part
    cdef float *row
    cdef int i
    for i in range(touched.count):
        part = copies + <size_t>i * length
        if not is_marked(crowded, rows[i]):
            row = shared + <size_t>rows[i] * length
            merge_row(row, row, &part, 1, part, most, <int>length)


cdef inline void settle_shard(const Shard *shard, const Problem *shared, const Crowd *crowd,
                              float most) noexcept nogil:
    """Merges the rows that no other shard touches."""
    cdef const Problem *own = &shard.problem
    settle_rows(shared.input_vectors, own.input_vectors, &shard.tokens, crowd.inputs,
                shared.length, most)
    if shared.negative > 0:
        settle_rows(shared.output_vectors, own.output_vectors, &shard.words, crowd.outputs,
                    shared.length, most)
    if shared.path_starts != NULL:
        settle_rows(shared.node_vectors, own.node_vectors, &shard.nodes, crowd.nodes,
                    shared.length, most)


cdef struct Parts:
    # of a matrix: one shard's copies
    const Touched *touched
    float *copies


cdef struct Batch:
    # rows that are merged one after the other, and their parts
    float *rows[ROWS_AT_ONCE]
    int starts[ROWS_AT_ONCE + 1]
    float *parts[BITS * MOST_SHARDS]
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
        # the first part is not needed any more: its sum with the others may take its place
        merge_row(batch.rows[i], batch.rows[i], batch.parts + batch.starts[i],
                  batch.starts[i + 1] - batch.starts[i], batch.parts[batch.starts[i]], most,
                  <int>length)
    batch.count = 0


cdef inline void add_rows(Batch *batch, float *shared, size_t length, const Parts *shards, int n,
                          int64_t word, uint64_t chosen) noexcept nogil:
    """Adds the `chosen` rows of a word of the bit sets, each with its parts in order."""
    cdef int ends[BITS]  # of each row: where its next part goes
    cdef int64_t first = word * BITS
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
            used += (shards[s].touched.bits[word] & bit) != 0
        batch.count += 1
    batch.starts[batch.count] = used
    for s in range(n):
        bits = shards[s].touched.bits[word] & chosen
        while bits:
            row = merge_lowest_bit(bits)
            bits &= bits - 1
            batch.parts[ends[row]] = (shards[s].copies + <size_t>place_of(
                shards[s].touched, <int32_t>first + row) * length)
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
        if (batch.count + BITS > ROWS_AT_ONCE or batch.count and
                batch.starts[batch.count] + BITS * n > BITS * MOST_SHARDS):
            merge_batch(&batch, length, most)
        add_rows(&batch, shared, length, shards, n, word, crowded[word])
    merge_batch(&batch, length, most)
