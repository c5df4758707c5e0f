"""What training works with: the problem, a thread's memory, and the rows that meet in a block.

In the map: below block.pxd, which updates the rows that are gathered here, and training.pyx,
which says whose; above hot_rows.pxd and tiles.h. The records of the same names in
negw2v/kernels/problem.py hold the arrays that a `Problem` points at.

    Problem              what all threads share: weights, tables, the objective
    Scratch              what each thread has of its own
      lay_out, prepare     its memory, and what never changes in it
      set_outputs          the rows a centre word is scored against: Huffman path, negatives
      prepare_outputs      the same some centres before, negatives only
      gather_inputs        the input rows of context words
      prepare_two_windows  both kinds of rows for two windows of CBOW
      merge_hot_word, merge_in_turn
                           a thread's own copies of frequent rows, told to the others in time
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

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
    row_requests,
    tile_set_sign,
    tile_signs,
    window_pair,
)

cdef enum:
    # The largest window of skip-gram of which each side is one block; on natural text the vectors
    # are as good as those of single pairs. Wider windows are cut into blocks of BLOCK_WORDS context
    # words, which are trained in order.
    WIDEST_BLOCK = 10
    BLOCK_WORDS = 12
    # A pair is badly wrong where its score is this far on the wrong side: its loss is 6 nats.
    # gensim skips such pairs, since its table of the sigmoid ends here.
    BADLY_WRONG = 6
    # Above this learning rate, in thousandths, all rows are trained in order and every step of CBOW
    # is bounded. It is twice the default, and word2vec.c's default for CBOW.
    HIGHEST_RATE = 50
    POINTERS_AT_ONCE = 8  # copied in one vector, see gather_inputs
    PREPARED = 4  # centres whose output rows are known, a power of two
    DRAWN_AT_ONCE = 16  # centres whose negatives are drawn together
    RING = 32  # centres whose negatives are kept, twice as many, a power of two
    # Rows of which each of several threads has copies (hot_rows.pxd): those of the most
    # frequent words, and of the nodes next to the root, where every path begins. A copy is
    # merged when its word has been the centre CENTRES_PER_MERGE times, or its node was used
    # USES_PER_MERGE times, divided by the number of threads, and earlier at high learning rates.
    # So the changes to a row that are not yet merged stay bounded. In wide windows they would
    # not: there CBOW merges the copies in turn, one for every USES_PER_MERGE context words, again
    # divided by the number of threads, and skip-gram has no copies.
    HOT_WORDS = 512
    HOT_NODES = 1024
    CENTRES_PER_MERGE = 16
    USES_PER_MERGE = 32


cdef struct Problem:
    # what every span reads; the same for all threads
    float *input_vectors
    float *output_vectors
    float *node_vectors
    const float *lock_factors
    bint one_lock_factor
    bint locked
    size_t length  # floats in a padded row
    uint32_t vocabulary
    bint skip_gram
    bint shrink_windows
    bint share_negatives
    bint cbow_mean
    bint corrected_cbow
    int draw_shift  # one draw of negatives serves 1 << draw_shift neighbouring centres of CBOW
    int window
    int negative
    const uint32_t *keep
    const uint32_t *alias
    const int32_t *given  # negatives that were drawn before, or NULL
    const int64_t *path_starts
    const int32_t *path_nodes
    const int8_t *path_signs
    int longest_path
    int hot_words  # words are numbered by descending frequency, unless they are unsorted
    int hot_nodes  # nodes are numbered from the leaves to the root
    int64_t first_hot_node
    int centres_to_merge
    int uses_to_merge
    bint merges_in_turn  # wide windows: one hot word after the other, whichever the centre is


cdef struct Scratch:
    # one thread's working memory
    int32_t *kept  # the span's tokens that survived subsampling
    float **rows  # their rows of the input vectors
    int32_t *first_context
    int32_t *end_context
    int32_t *repeats  # skip-gram: the latest position before this one whose word came again
    int32_t *sorted_words
    float **inputs
    float **inputs_buffer
    float *locks
    float **outputs
    float **outputs_buffer
    float **prepared  # the outputs of the next centres, and other rows to request with them
    bint *prepared_plain  # whether no negative is there twice, and none is the centre
    tile_signs *signs
    bint signs_changed
    bint repeated_outputs
    int *same_output  # the first output that is the same row, where repeated_outputs
    window_pair two_windows
    int n_inputs
    int centre  # where these are in the span
    int first_input
    int end_inputs
    int n_outputs
    int n_tiles
    float *steps  # per tile, room for one row more than inputs
    size_t steps_per_tile
    float *scores  # likewise, of at most TILE_ROWS rows in order
    float *products  # of these rows with each other
    float *pulls  # of each of them along the others
    float **changes  # of input rows
    float *change_rows
    float *hidden
    float *hidden_of_two[2]
    float *zero_row
    row_requests wanted  # rows of a later block
    float **wanted_buffer
    uint64_t *draws
    int32_t *negatives
    const int32_t *given  # the next of those of the problem
    HotRows hot_inputs
    HotRows hot_outputs
    HotRows hot_nodes
    int centres_to_merge
    int uses_to_merge
    int *centres  # times a hot word has been the centre since its rows were merged
    int *node_uses  # likewise for hot nodes
    int next_to_merge  # merging in turn: the hot word whose turn it is
    int context_words  # merging in turn: the context words trained since the last merge


# --- working memory -----------------------------------------------------------------------


cdef inline bint is_high(float learning_rate) noexcept nogil:
    return 1000 * learning_rate > <float>HIGHEST_RATE + <float>0.001  # 0.05 rounds up


cdef inline void *reserve(char *base, size_t *used, size_t size) noexcept nogil:
    """The next `size` bytes on a cache line of their own; counts only while base is NULL."""
    cdef void *piece = base + used[0] if base != NULL else NULL
    used[0] += (size + 63) & ~<size_t>63
    return piece


cdef inline int most_tiles(const Problem *p) noexcept nogil:
    return (p.longest_path + 1 + p.negative + TILE_ROWS - 1) // TILE_ROWS


cdef inline size_t prepared_size(const Problem *p) noexcept nogil:
    """Pointers: the outputs, the row that enters the window, two rows of a word that is due.

    The last three also for the next centre, and its row, where two windows are trained together.
    """
    return most_tiles(p) * TILE_ROWS + (7 if p.draw_shift else 3)


cdef inline bint cut_into_blocks(const Problem *p) noexcept nogil:
    """Whether one side of a window may be several blocks."""
    return p.skip_gram and p.window > WIDEST_BLOCK and (p.share_negatives or p.negative == 0)


cdef inline int most_blocks(const Problem *p) noexcept nogil:
    """Blocks of a window, or sets of negatives that are there at once."""
    if cut_into_blocks(p):
        return 2 * ((p.window + BLOCK_WORDS - 1) // BLOCK_WORDS)
    return RING


cdef inline size_t lay_out(Scratch *s, const Problem *p, size_t tokens, char *base) noexcept nogil:
    cdef size_t used = 0
    cdef size_t context = BLOCK_WORDS if p.skip_gram else 2 * <size_t>p.window
    cdef size_t inputs = BLOCK_WORDS if p.skip_gram else 1
    cdef size_t row = p.length * sizeof(float)
    cdef size_t tiles = most_tiles(p)
    cdef size_t draws = <size_t>most_blocks(p) * p.negative
    cdef size_t negatives = 2 * draws if cut_into_blocks(p) else draws
    s.steps_per_tile = (max(inputs, <size_t>TILE_ROWS) + 1) * TILE_STRIDE
    s.kept = <int32_t *>reserve(base, &used, tokens * sizeof(int32_t))
    s.first_context = <int32_t *>reserve(base, &used, tokens * sizeof(int32_t))
    s.end_context = <int32_t *>reserve(base, &used, tokens * sizeof(int32_t))
    s.rows = <float **>reserve(base, &used, (tokens + POINTERS_AT_ONCE) * sizeof(float *))
    s.repeats = <int32_t *>reserve(base, &used, tokens * sizeof(int32_t))
    s.sorted_words = <int32_t *>reserve(base, &used, context * sizeof(int32_t))
    s.inputs_buffer = <float **>reserve(base, &used,
                                        (context + 2 * POINTERS_AT_ONCE) * sizeof(float *))
    s.locks = <float *>reserve(base, &used, (context + 2) * sizeof(float))
    s.outputs_buffer = <float **>reserve(base, &used, tiles * TILE_ROWS * sizeof(float *))
    s.prepared = <float **>reserve(base, &used, PREPARED * prepared_size(p) * sizeof(float *))
    s.prepared_plain = <bint *>reserve(base, &used, PREPARED * sizeof(bint))
    s.outputs = s.outputs_buffer
    s.same_output = <int *>reserve(base, &used, tiles * TILE_ROWS * sizeof(int))
    s.signs = <tile_signs *>reserve(base, &used, tiles * sizeof(tile_signs))
    s.steps = <float *>reserve(base, &used, tiles * s.steps_per_tile * sizeof(float))
    s.scores = <float *>reserve(base, &used, tiles * s.steps_per_tile * sizeof(float))
    s.products = <float *>reserve(base, &used, TILE_ROWS * TILE_STRIDE * sizeof(float))
    s.pulls = <float *>reserve(base, &used, TILE_ROWS * TILE_STRIDE * sizeof(float))
    s.changes = <float **>reserve(base, &used, inputs * sizeof(float *))
    s.change_rows = <float *>reserve(base, &used, inputs * row)
    s.hidden = <float *>reserve(base, &used, row)
    s.hidden_of_two[0] = s.hidden
    s.hidden_of_two[1] = <float *>reserve(base, &used, row)
    s.zero_row = <float *>reserve(base, &used, row)
    # the rows of a block, the row that enters the window, two rows of a word that is due
    s.wanted_buffer = <float **>reserve(base, &used,
                                        (tiles * TILE_ROWS + BLOCK_WORDS + 3) * sizeof(float *))
    s.wanted.rows = s.wanted_buffer
    s.draws = <uint64_t *>reserve(base, &used, draws * sizeof(uint64_t))
    s.negatives = <int32_t *>reserve(base, &used, negatives * sizeof(int32_t))
    reserve_hot_rows(&s.hot_inputs, p.hot_words, row, base, &used)
    reserve_hot_rows(&s.hot_outputs, p.hot_words if p.negative > 0 else 0, row, base, &used)
    reserve_hot_rows(&s.hot_nodes, p.hot_nodes, row, base, &used)
    s.centres = <int *>reserve(base, &used, p.hot_words * sizeof(int))
    s.node_uses = <int *>reserve(base, &used, p.hot_nodes * sizeof(int))
    return used


cdef inline void reserve_hot_rows(HotRows *hot, int count, size_t row, char *base,
                                  size_t *used) noexcept nogil:
    hot.copies = <float *>reserve(base, used, count * row)
    hot.starts = <float *>reserve(base, used, count * row)


cdef inline void prepare(Scratch *s, const Problem *p) noexcept nogil:
    cdef int i, j
    cdef int tiles = most_tiles(p)
    memset(s.zero_row, 0, p.length * sizeof(float))
    for i in range(BLOCK_WORDS if p.skip_gram else 1):
        s.changes[i] = s.change_rows + i * p.length
    for i in range(tiles):
        for j in range(TILE_ROWS, TILE_STRIDE):
            tile_set_sign(&s.signs[i], j, 0.0)
    set_plain_signs(s, p)
    copy_hot_rows(&s.hot_inputs, p.input_vectors, p.hot_words, p.length)
    copy_hot_rows(&s.hot_outputs, p.output_vectors, p.hot_words if p.negative > 0 else 0, p.length)
    copy_hot_rows(&s.hot_nodes, p.node_vectors + <size_t>p.first_hot_node * p.length, p.hot_nodes,
                  p.length)
    s.given = p.given
    s.next_to_merge = 0
    s.context_words = 0
    memset(s.centres, 0, p.hot_words * sizeof(int))
    memset(s.node_uses, 0, p.hot_nodes * sizeof(int))


# --- the rows of a block ------------------------------------------------------------------


cdef inline void set_sign(Scratch *s, int output, float sign) noexcept nogil:
    tile_set_sign(&s.signs[output // TILE_ROWS], output % TILE_ROWS, sign)


cdef inline void set_plain_signs(Scratch *s, const Problem *p) noexcept nogil:
    """The signs of negative sampling without hits: they stay from block to block."""
    cdef int j
    cdef int tiles = most_tiles(p)
    for j in range(tiles * TILE_ROWS):
        set_sign(s, j, 1.0 if j == 0 else -1.0 if j <= p.negative else 0.0)
    s.signs_changed = False


cdef inline float *input_row(const Scratch *s, const Problem *p, int32_t word) noexcept nogil:
    return own_row(&s.hot_inputs, p.input_vectors + <size_t>word * p.length, word < p.hot_words)


cdef inline float *output_row(const Scratch *s, const Problem *p, int32_t word) noexcept nogil:
    return own_row(&s.hot_outputs, p.output_vectors + <size_t>word * p.length, word < p.hot_words)


cdef inline float *node_row(Scratch *s, const Problem *p, int64_t node) noexcept nogil:
    cdef float *row = p.node_vectors + <size_t>node * p.length
    cdef int hot = <int>(node - p.first_hot_node)
    if hot < 0:
        return row
    if s.node_uses[hot] >= s.uses_to_merge:
        merge_hot_row(&s.hot_nodes, hot)
        s.node_uses[hot] = 0
    s.node_uses[hot] += 1
    return own_row(&s.hot_nodes, row, True)


cdef inline void want_hot_word(Scratch *s, const Problem *p, int32_t word) noexcept nogil:
    """Requests the shared rows of a coming centre word if merge_hot_word will merge them."""
    if p.merges_in_turn:
        return
    if word < p.hot_words and s.centres[word] >= s.centres_to_merge - 1:
        s.wanted.rows[s.wanted.count] = shared_row(&s.hot_inputs, word)
        s.wanted.count += 1
        if p.negative > 0:
            s.wanted.rows[s.wanted.count] = shared_row(&s.hot_outputs, word)
            s.wanted.count += 1


cdef inline void merge_rows_of_hot_word(Scratch *s, const Problem *p, int word) noexcept nogil:
    merge_hot_row(&s.hot_inputs, word)
    if p.negative > 0:
        merge_hot_row(&s.hot_outputs, word)


cdef inline void merge_hot_word(Scratch *s, const Problem *p, int32_t word) noexcept nogil:
    """Counts a centre word, and merges its rows when it is time."""
    if word < p.hot_words and not p.merges_in_turn:
        s.centres[word] += 1
        if s.centres[word] >= s.centres_to_merge:
            s.centres[word] = 0
            merge_rows_of_hot_word(s, p, word)


cdef inline void merge_in_turn(Scratch *s, const Problem *p, int context_words) noexcept nogil:
    """Counts a centre's context words, and merges one hot word for every `uses_to_merge`."""
    s.context_words += context_words
    while s.context_words >= s.uses_to_merge:
        s.context_words -= s.uses_to_merge
        merge_rows_of_hot_word(s, p, s.next_to_merge)
        s.next_to_merge = s.next_to_merge + 1 if s.next_to_merge + 1 < p.hot_words else 0


cdef inline void set_merging(Scratch *s, const Problem *p, float learning_rate) noexcept nogil:
    """How often rows are merged at this learning rate."""
    cdef float share = 1.0
    if is_high(learning_rate):
        share = <float>HIGHEST_RATE / (1000 * learning_rate)
    s.centres_to_merge = max(1, <int>(p.centres_to_merge * share))
    s.uses_to_merge = max(1, <int>(p.uses_to_merge * share))


cdef inline void merge_all_hot(Scratch *s) noexcept nogil:
    """Add everything that this thread has changed to the shared rows."""
    merge_hot_rows(&s.hot_inputs)
    merge_hot_rows(&s.hot_outputs)
    merge_hot_rows(&s.hot_nodes)


cdef inline void find_repeated_outputs(Scratch *s, int m) noexcept nogil:
    cdef int a, b
    for b in range(m):
        a = 0
        while s.outputs[a] != s.outputs[b]:
            a += 1
        s.same_output[b] = a if s.outputs[b] != s.zero_row else b


cdef inline void set_outputs(Scratch *s, const Problem *p, int32_t word,
                             const int32_t *negatives) noexcept nogil:
    """The rows that the centre `word` is scored against, filled up to whole tiles."""
    cdef int m = 0
    cdef int i, j
    cdef int64_t node
    s.outputs = s.outputs_buffer
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
            if negatives[i] == word:  # no row is both a positive and a negative one
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
        if s.repeated_outputs:
            find_repeated_outputs(s, m)
    s.n_outputs = m
    s.n_tiles = (m + TILE_ROWS - 1) // TILE_ROWS
    for j in range(m, s.n_tiles * TILE_ROWS):
        s.outputs[j] = s.zero_row
        if p.path_starts != NULL:
            set_sign(s, j, 0.0)


cdef inline void prepare_outputs(Scratch *s, const Problem *p, int centre,
                                 const int32_t *negatives) noexcept nogil:
    """Without Huffman paths: the rows that a coming centre is scored against; requests them."""
    cdef float **outputs = s.prepared + (centre & (PREPARED - 1)) * prepared_size(p)
    cdef int32_t word = s.kept[centre]
    cdef int special = 0
    cdef int i, j
    cdef int m = 1 + p.negative
    outputs[0] = output_row(s, p, word)
    for i in range(p.negative):
        outputs[1 + i] = output_row(s, p, negatives[i])
        special |= negatives[i] == word
        for j in range(i):
            special |= negatives[i] == negatives[j]
    while m % TILE_ROWS > 0:
        outputs[m] = s.zero_row
        m += 1
    s.prepared_plain[centre & (PREPARED - 1)] = not special
    if p.draw_shift and centre % 2 == 1:  # all but one have been requested for the centre before
        s.wanted.rows[s.wanted.count] = outputs[0]
        s.wanted.count += 1
        return
    s.wanted.rows = outputs
    s.wanted.count = m


cdef inline void use_prepared_outputs(Scratch *s, const Problem *p, int centre,
                                      const int32_t *negatives) noexcept nogil:
    if s.signs_changed or not s.prepared_plain[centre & (PREPARED - 1)]:
        set_outputs(s, p, s.kept[centre], negatives)
        return
    s.outputs = s.prepared + (centre & (PREPARED - 1)) * prepared_size(p)
    s.repeated_outputs = False
    s.n_outputs = 1 + p.negative
    s.n_tiles = (s.n_outputs + TILE_ROWS - 1) // TILE_ROWS


cdef inline bint prepare_two_windows(Scratch *s, const Problem *p, int centre,
                                     float **outputs) noexcept nogil:
    """The rows of two neighbouring windows of CBOW; False: they cannot be one block."""
    cdef float **prepared = s.prepared + (centre & (PREPARED - 1)) * prepared_size(p)
    cdef int second = centre + 1
    cdef int first_a = s.first_context[centre]
    cdef int first_b = s.first_context[second]
    cdef int end_a = s.end_context[centre]
    cdef int end_b = s.end_context[second]
    cdef int first = max(first_a, first_b)
    cdef int end = min(end_a, end_b)
    cdef int n = 0
    cdef int i
    if (p.negative >= TILE_ROWS or not p.cbow_mean or first_b > centre
            or not s.prepared_plain[centre & (PREPARED - 1)]
            or not s.prepared_plain[second & (PREPARED - 1)] or s.kept[centre] == s.kept[second]):
        return False
    if s.signs_changed:
        set_plain_signs(s, p)
    outputs[0] = prepared[0]
    outputs[1] = output_row(s, p, s.kept[second])
    for i in range(1, TILE_ROWS):
        outputs[1 + i] = prepared[i]
    s.two_windows.rows = s.inputs_buffer
    s.two_windows.locks = s.locks if p.locked else NULL
    n = add_input(s, p, second, 0)
    n = add_inputs(s, p, first_a, first, n)
    n = add_inputs(s, p, end, end_a, n)
    s.two_windows.only_first = n
    n = add_inputs(s, p, first, centre, n)
    n = add_inputs(s, p, second + 1, end, n)
    s.two_windows.both = n - s.two_windows.only_first
    n = add_input(s, p, centre, n)
    n = add_inputs(s, p, first_b, first, n)
    n = add_inputs(s, p, end, end_b, n)
    s.two_windows.only_second = n - s.two_windows.only_first - s.two_windows.both
    return True


cdef inline int add_inputs(Scratch *s, const Problem *p, int first, int end, int n) noexcept nogil:
    cdef int i
    for i in range(first, end):
        n = add_input(s, p, i, n)
    return n


cdef inline int add_input(Scratch *s, const Problem *p, int position, int n) noexcept nogil:
    """Puts a position's row at the end of n; returns how many there are then."""
    s.inputs_buffer[n] = s.rows[position]
    if p.locked:
        s.locks[n] = p.lock_factors[0 if p.one_lock_factor else s.kept[position]]
    return n + 1


cdef inline void copy_pointers(float **to, float **rows, int n) noexcept nogil:
    """Whole vectors, since a loop over n would often be mispredicted: writes up to seven more."""
    cdef int i = 0
    while True:
        memcpy(to + i, rows + i, POINTERS_AT_ONCE * sizeof(float *))
        i += POINTERS_AT_ONCE
        if i >= n:
            return


cdef inline void gather_inputs(Scratch *s, const Problem *p, int centre, int first,
                               int end) noexcept nogil:
    """The input rows of positions first..end-1, without the centre."""
    cdef int before = 0
    cdef int i, position
    s.inputs = s.inputs_buffer
    s.centre = centre
    s.first_input = first
    s.end_inputs = end
    if first <= centre < end:
        before = centre - first
        copy_pointers(s.inputs, s.rows + first, before)
        first = centre + 1
        copy_pointers(s.inputs + before, s.rows + first, end - first)
    else:
        s.inputs = s.rows + first
    s.n_inputs = before + end - first
    if not p.locked:
        return
    for i in range(s.n_inputs):
        position = first - before + i - (i < before)
        s.locks[i] = p.lock_factors[0 if p.one_lock_factor else s.kept[position]]
