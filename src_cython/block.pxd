"""One block: the rows that meet in it, and their update.

The arithmetic is in tiles.h, a tile at a time; here tiles become blocks of any size, and rows
that are in a block more than once have their updates added up. Everything works on a
`Problem`, which all threads share, and a `Scratch`, of which each thread has its own.

    set_outputs      the rows a centre word is scored against: Huffman path, negatives
    gather_inputs    the input rows of context words
    block_update     skip-gram: every input row against every output row
    window_block     CBOW: the sum or mean of the input rows against every output row
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from hot_rows cimport (
    HotRows,
    copy_hot_rows,
    merge_hot_row,
    merge_hot_rows,
    own_row,
    shared_row,
)
from tiles cimport (
    TILE_ROWS,
    TILE_STRIDE,
    loss_meter,
    row_requests,
    rows_add,
    rows_sum,
    tile_set_sign,
    tile_signs,
    tile_steps,
    tile_update,
    window_steps,
    window_update,
)

cdef enum:
    WORDS_AT_ONCE = 16  # compared in one vector, see has_repeated_inputs
    RING = 4  # sets of draws that are alive at once, a power of two
    # Rows of which each of several threads has copies (hot_rows.pxd): those of the most
    # frequent words, and of the nodes next to the root, where every path begins. They are
    # merged when the word has been the centre, or the node used, so many times divided by the
    # number of threads: what all of them have learned of a row, but not told, stays bounded.
    HOT_WORDS = 512
    HOT_NODES = 1024
    CENTRES_UNTOLD = 16
    USES_UNTOLD = 32


cdef struct Problem:
    # what every span reads; the same for all threads
    float* input_vectors
    float* output_vectors
    float* node_vectors
    const float* lock_factors
    bint one_lock_factor
    bint locked
    size_t length  # floats in a padded row
    uint32_t vocabulary
    bint skip_gram
    bint shrink_windows
    bint share_negatives
    bint cbow_mean
    bint corrected_cbow
    int window
    int negative
    const uint32_t* keep
    const uint32_t* alias
    const int64_t* path_starts
    const int32_t* path_nodes
    const int8_t* path_signs
    int longest_path
    int hot_words  # words are numbered by descending frequency, unless they are unsorted
    int hot_nodes  # nodes are numbered from the leaves to the root
    int64_t first_hot_node
    int centres_to_merge
    int uses_to_merge


cdef struct Scratch:
    # one thread's working memory
    int32_t* kept  # the span's tokens that survived subsampling
    int32_t* first_context
    int32_t* end_context
    int32_t* input_words
    float** inputs
    float* locks
    float** outputs
    tile_signs* signs
    bint signs_changed
    bint repeated_outputs
    int n_inputs
    int n_outputs
    int n_tiles
    float* steps  # per tile, room for one row more than inputs
    size_t steps_per_tile
    float* changes  # per input row
    float** change_rows
    float* hidden
    float* zero_row
    row_requests wanted  # rows of a later block
    uint64_t* draws
    int32_t* negatives
    HotRows hot_inputs
    HotRows hot_outputs
    HotRows hot_nodes
    int* centres  # times a hot word has been the centre since its rows were merged
    int* node_uses  # likewise for hot nodes


# --- working memory -----------------------------------------------------------------------


cdef inline void* reserve(char* base, size_t* used, size_t size) noexcept nogil:
    """The next `size` bytes on a cache line of their own; counts only while base is NULL."""
    cdef void* piece = base + used[0] if base != NULL else NULL
    used[0] += (size + 63) & ~<size_t>63
    return piece


cdef inline int most_tiles(const Problem* p) noexcept nogil:
    return (p.longest_path + 1 + p.negative + TILE_ROWS - 1) // TILE_ROWS


cdef inline size_t lay_out(Scratch* s, const Problem* p, size_t tokens, char* base) noexcept nogil:
    cdef size_t used = 0
    cdef size_t inputs = 2 * <size_t>p.window
    cdef size_t row = p.length * sizeof(float)
    cdef size_t tiles = most_tiles(p)
    s.steps_per_tile = (inputs + 1) * TILE_STRIDE
    s.kept = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.first_context = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.end_context = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.input_words = <int32_t*>reserve(base, &used, (inputs + WORDS_AT_ONCE) * sizeof(int32_t))
    s.inputs = <float**>reserve(base, &used, inputs * sizeof(float*))
    s.locks = <float*>reserve(base, &used, inputs * sizeof(float))
    s.outputs = <float**>reserve(base, &used, tiles * TILE_ROWS * sizeof(float*))
    s.signs = <tile_signs*>reserve(base, &used, tiles * sizeof(tile_signs))
    s.steps = <float*>reserve(base, &used, tiles * s.steps_per_tile * sizeof(float))
    s.changes = <float*>reserve(base, &used, inputs * row)
    s.change_rows = <float**>reserve(base, &used, inputs * sizeof(float*))
    s.hidden = <float*>reserve(base, &used, row)
    s.zero_row = <float*>reserve(base, &used, row)
    # those of a block, the row that enters the window, two of a word that is to be merged
    s.wanted.rows = <float**>reserve(base, &used, (tiles * TILE_ROWS + 3) * sizeof(float*))
    s.draws = <uint64_t*>reserve(base, &used, RING * p.negative * sizeof(uint64_t))
    s.negatives = <int32_t*>reserve(base, &used, RING * p.negative * sizeof(int32_t))
    reserve_hot_rows(&s.hot_inputs, p.hot_words, row, base, &used)
    reserve_hot_rows(&s.hot_outputs, p.hot_words if p.negative > 0 else 0, row, base, &used)
    reserve_hot_rows(&s.hot_nodes, p.hot_nodes, row, base, &used)
    s.centres = <int*>reserve(base, &used, p.hot_words * sizeof(int))
    s.node_uses = <int*>reserve(base, &used, p.hot_nodes * sizeof(int))
    return used


cdef inline void reserve_hot_rows(HotRows* hot, int count, size_t row, char* base,
                                  size_t* used) noexcept nogil:
    hot.copies = <float*>reserve(base, used, count * row)
    hot.starts = <float*>reserve(base, used, count * row)


cdef inline void prepare(Scratch* s, const Problem* p) noexcept nogil:
    cdef int i, j
    cdef int tiles = most_tiles(p)
    memset(s.zero_row, 0, p.length * sizeof(float))
    for i in range(2 * p.window):
        s.change_rows[i] = s.changes + i * p.length
    for i in range(tiles):
        for j in range(TILE_ROWS, TILE_STRIDE):
            tile_set_sign(&s.signs[i], j, 0.0)
    set_plain_signs(s, p)
    copy_hot_rows(&s.hot_inputs, p.input_vectors, p.hot_words, p.length)
    copy_hot_rows(&s.hot_outputs, p.output_vectors, p.hot_words if p.negative > 0 else 0, p.length)
    copy_hot_rows(&s.hot_nodes, p.node_vectors + <size_t>p.first_hot_node * p.length, p.hot_nodes,
                  p.length)
    memset(s.centres, 0, p.hot_words * sizeof(int))
    memset(s.node_uses, 0, p.hot_nodes * sizeof(int))


# --- one block ----------------------------------------------------------------------------


cdef inline void set_sign(Scratch* s, int output, float sign) noexcept nogil:
    tile_set_sign(&s.signs[output // TILE_ROWS], output % TILE_ROWS, sign)


cdef inline void set_plain_signs(Scratch* s, const Problem* p) noexcept nogil:
    """The signs of negative sampling without hits: they stay from block to block."""
    cdef int j
    cdef int tiles = most_tiles(p)
    for j in range(tiles * TILE_ROWS):
        set_sign(s, j, 1.0 if j == 0 else -1.0 if j <= p.negative else 0.0)
    s.signs_changed = False


cdef inline float* input_row(const Scratch* s, const Problem* p, int32_t word) noexcept nogil:
    return own_row(&s.hot_inputs, p.input_vectors + <size_t>word * p.length, word < p.hot_words)


cdef inline float* output_row(const Scratch* s, const Problem* p, int32_t word) noexcept nogil:
    return own_row(&s.hot_outputs, p.output_vectors + <size_t>word * p.length, word < p.hot_words)


cdef inline float* node_row(Scratch* s, const Problem* p, int64_t node) noexcept nogil:
    cdef float* row = p.node_vectors + <size_t>node * p.length
    cdef int hot = <int>(node - p.first_hot_node)
    if hot < 0:
        return row
    if s.node_uses[hot] >= p.uses_to_merge:
        merge_hot_row(&s.hot_nodes, hot)
        s.node_uses[hot] = 0
    s.node_uses[hot] += 1
    return own_row(&s.hot_nodes, row, True)


cdef inline void want_hot_word(Scratch* s, const Problem* p, int32_t word) noexcept nogil:
    """Requests the shared rows of a coming centre word if merge_hot_word is to merge them."""
    if word < p.hot_words and s.centres[word] == p.centres_to_merge - 1:
        s.wanted.rows[s.wanted.count] = shared_row(&s.hot_inputs, word)
        s.wanted.count += 1
        if p.negative > 0:
            s.wanted.rows[s.wanted.count] = shared_row(&s.hot_outputs, word)
            s.wanted.count += 1


cdef inline void merge_hot_word(Scratch* s, const Problem* p, int32_t word) noexcept nogil:
    """Counts a centre word, and merges its rows when it is time."""
    if word < p.hot_words:
        s.centres[word] += 1
        if s.centres[word] == p.centres_to_merge:
            s.centres[word] = 0
            merge_hot_row(&s.hot_inputs, word)
            if p.negative > 0:
                merge_hot_row(&s.hot_outputs, word)


cdef inline void merge_all_hot(Scratch* s) noexcept nogil:
    """What this thread has changed is in the shared rows after this."""
    merge_hot_rows(&s.hot_inputs)
    merge_hot_rows(&s.hot_outputs)
    merge_hot_rows(&s.hot_nodes)


cdef inline void set_outputs(Scratch* s, const Problem* p, int32_t word,
                             const int32_t* negatives) noexcept nogil:
    """The rows that `word` as the centre is scored against, filled up to whole tiles."""
    cdef int m = 0
    cdef int i, j
    cdef int64_t node
    s.repeated_outputs = False
    if p.path_starts != NULL:
        for node in range(p.path_starts[word], p.path_starts[word + 1]):
            s.outputs[m] = node_row(s, p, p.path_nodes[node])
            set_sign(s, m, p.path_signs[node])
            m += 1
    if p.negative > 0:
        if s.signs_changed:
            set_plain_signs(s, p)
        if p.path_starts != NULL:
            set_sign(s, m, 1.0)
        s.outputs[m] = output_row(s, p, word)
        m += 1
        for i in range(p.negative):
            if negatives[i] == word:  # no row is told both to score high and to score low
                s.outputs[m] = s.zero_row
                set_sign(s, m, 0.0)
                s.signs_changed = p.path_starts == NULL
            else:
                s.outputs[m] = output_row(s, p, negatives[i])
                if p.path_starts != NULL:
                    set_sign(s, m, -1.0)
                for j in range(i):
                    s.repeated_outputs |= negatives[i] == negatives[j]
            m += 1
    s.n_outputs = m
    s.n_tiles = (m + TILE_ROWS - 1) // TILE_ROWS
    for j in range(m, s.n_tiles * TILE_ROWS):
        s.outputs[j] = s.zero_row
        if p.path_starts != NULL:
            set_sign(s, j, 0.0)


cdef inline void merge_repeated_outputs(Scratch* s, int n) noexcept nogil:
    """Updates of a row that was drawn more than once add up in its first column."""
    cdef int a, b, i
    cdef float* kept
    cdef float* repeated
    for b in range(1, s.n_outputs):
        for a in range(b):
            if s.outputs[a] == s.outputs[b] and s.outputs[b] != s.zero_row:
                kept = s.steps + (a // TILE_ROWS) * s.steps_per_tile + a % TILE_ROWS
                repeated = s.steps + (b // TILE_ROWS) * s.steps_per_tile + b % TILE_ROWS
                for i in range(n):
                    kept[i * TILE_STRIDE] += repeated[i * TILE_STRIDE]
                    repeated[i * TILE_STRIDE] = 0.0
                s.outputs[b] = s.zero_row
                break


cdef inline bint has_repeated_inputs(const Scratch* s) noexcept nogil:
    """Counts equal pairs in whole vectors; the places beyond n_inputs hold no word."""
    cdef int i, j
    cdef int block = 0
    cdef int equal = 0
    cdef const int32_t* words
    while block < s.n_inputs:
        words = s.input_words + block
        block += WORDS_AT_ONCE
        for i in range(s.n_inputs):
            for j in range(WORDS_AT_ONCE):
                equal += words[j] == s.input_words[i]
    return equal > s.n_inputs


cdef inline void merge_repeated_inputs(Scratch* s) noexcept nogil:
    """Updates of a word that is in the window more than once add up in its first row."""
    cdef int i, j, k, t
    cdef int n = 0
    cdef float* tile
    for i in range(s.n_inputs):
        j = 0
        while j < n and s.input_words[j] != s.input_words[i]:
            j += 1
        for t in range(s.n_tiles):
            tile = s.steps + t * s.steps_per_tile
            for k in range(TILE_STRIDE):
                if j < n:
                    tile[j * TILE_STRIDE + k] += tile[i * TILE_STRIDE + k]
                else:
                    tile[n * TILE_STRIDE + k] = tile[i * TILE_STRIDE + k]
        if j == n:
            s.input_words[n] = s.input_words[i]
            s.inputs[n] = s.inputs[i]
            s.locks[n] = s.locks[i]
            n += 1
    s.n_inputs = n


cdef inline void block_update(Scratch* s, const Problem* p, float learning_rate,
                              loss_meter* meter) noexcept nogil:
    """Skip-gram: every input row against every output row."""
    cdef int t, i
    cdef int length = <int>p.length
    cdef const float* locks = s.locks if p.locked else NULL
    for t in range(s.n_tiles):
        tile_steps(s.inputs, s.n_inputs, s.outputs + t * TILE_ROWS, length, &s.signs[t],
                   learning_rate, s.steps + t * s.steps_per_tile, meter)
    if s.repeated_outputs:
        merge_repeated_outputs(s, s.n_inputs)
    if s.n_inputs > 1 and has_repeated_inputs(s):
        merge_repeated_inputs(s)
    if s.n_tiles == 1:
        if locks == NULL:
            tile_update(s.inputs, NULL, s.n_inputs, s.outputs, length, s.steps, NULL, True,
                        &s.wanted)
        else:
            tile_update(s.inputs, NULL, s.n_inputs, s.outputs, length, s.steps, locks, True,
                        &s.wanted)
        return
    memset(s.changes, 0, s.n_inputs * p.length * sizeof(float))
    for t in range(s.n_tiles):
        tile_update(s.inputs, s.change_rows, s.n_inputs, s.outputs + t * TILE_ROWS, length,
                    s.steps + t * s.steps_per_tile, NULL, False, &s.wanted)
        s.wanted.count = 0
    for i in range(s.n_inputs):
        rows_add(&s.inputs[i], 1, locks + i if locks != NULL else NULL, 1.0, length,
                 s.change_rows[i])


cdef inline void window_block(Scratch* s, const Problem* p, float learning_rate,
                              loss_meter* meter) noexcept nogil:
    """CBOW: the mean or sum of the input rows against every output row."""
    cdef int t
    cdef int length = <int>p.length
    cdef const float* locks = s.locks if p.locked else NULL
    cdef float mean = <float>1.0 / <float>s.n_inputs
    cdef float scale = mean if p.cbow_mean else <float>1.0
    cdef float gradient_scale = mean if p.cbow_mean and p.corrected_cbow else <float>1.0
    if s.n_tiles == 1:
        window_steps(s.inputs, s.n_inputs, scale, s.outputs, length, s.signs, learning_rate,
                     s.hidden, s.steps, meter)
        if s.repeated_outputs:
            merge_repeated_outputs(s, 1)
        if locks == NULL:
            window_update(s.inputs, s.n_inputs, NULL, gradient_scale, s.hidden, s.outputs, length,
                          s.steps, &s.wanted)
        else:
            window_update(s.inputs, s.n_inputs, locks, gradient_scale, s.hidden, s.outputs, length,
                          s.steps, &s.wanted)
        return
    rows_sum(s.inputs, s.n_inputs, scale, length, s.hidden)
    for t in range(s.n_tiles):
        tile_steps(&s.hidden, 1, s.outputs + t * TILE_ROWS, length, &s.signs[t], learning_rate,
                   s.steps + t * s.steps_per_tile, meter)
    if s.repeated_outputs:
        merge_repeated_outputs(s, 1)
    memset(s.changes, 0, p.length * sizeof(float))
    for t in range(s.n_tiles):
        tile_update(&s.hidden, s.change_rows, 1, s.outputs + t * TILE_ROWS, length,
                    s.steps + t * s.steps_per_tile, NULL, False, &s.wanted)
        s.wanted.count = 0
    rows_add(s.inputs, s.n_inputs, locks, gradient_scale, length, s.changes)


cdef inline void gather_inputs(Scratch* s, const Problem* p, int centre, int first,
                               int end) noexcept nogil:
    """The input rows of positions first..end-1 but for the centre's own."""
    cdef int n = 0
    cdef int i
    cdef int32_t word
    for i in range(first, end):
        if i == centre:
            continue
        word = s.kept[i]
        s.input_words[n] = word
        s.inputs[n] = input_row(s, p, word)
        if p.locked:
            s.locks[n] = p.lock_factors[0 if p.one_lock_factor else word]
        n += 1
    s.n_inputs = n
    for i in range(WORDS_AT_ONCE):
        s.input_words[n + i] = -1
