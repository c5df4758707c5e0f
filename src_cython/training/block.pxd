"""One block: the rows that meet in it, and their update.

The arithmetic is in tiles.h, a tile at a time; here tiles become blocks. Everything works on a
`Problem`, which all threads share, and a `Scratch`, of which each thread has its own.

    set_outputs          the rows a centre word is scored against: Huffman path, negatives
    gather_inputs        the input rows of context words
    block_update         skip-gram: every input row against every output row
      run_update           rows of different words, all at once
      rows_in_order        one row after the other
    window_block         CBOW: the sum or mean of the input rows against every output row
      window_in_order      the same, its step bounded

The updates of a run are computed from the same values and added up. That is as good as one pair
after the other while they are small: few rows, none of them twice, no score far on the wrong
side. Everything else is trained in order, with the result of one pair after the other: an input
row is scored against the outputs as the rows before it have left them. These have moved the
outputs along themselves, so the products of the input rows with each other tell how the scores
change (`products`), and the products of their steps how far an input row moves along those
before it (`pulls`). Where a score is badly wrong, the lengths of the rows bound the step
(`bounded_rate`).
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t
from libc.math cimport expf, sqrtf
from libc.stdlib cimport qsort
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
    loss_badly_wrong,
    loss_meter,
    loss_reset,
    row_requests,
    row_steps,
    rows_add,
    rows_products,
    rows_pulls,
    rows_square,
    rows_sum,
    scores_after,
    steps_of_two_rows,
    tile_scores,
    tile_set_sign,
    tile_signs,
    tile_steps,
    tile_update,
    window_steps,
    window_update,
)

cdef enum:
    # Skip-gram's windows up to this size are a block a side; on natural text their vectors are
    # as good as those of pairs. Wider windows are cut into blocks of so many context words,
    # which are trained in order.
    WIDEST_BLOCK = 10
    BLOCK_WORDS = 12
    # A pair is badly wrong where its score is this far on the wrong side: its loss is 6 nats.
    # gensim skips such pairs, since its table of the sigmoid ends here.
    BADLY_WRONG = 6
    # Above this learning rate, in thousandths, twice the default and what word2vec.c takes for
    # CBOW, everything is trained in order, and every step of CBOW is bounded.
    HIGHEST_RATE = 50
    WORDS_AT_ONCE = 16  # compared in one vector, see has_repeated_inputs
    RING = 4  # sets of draws that are alive at once, a power of two
    # Rows of which each of several threads has copies (hot_rows.pxd): those of the most
    # frequent words, and of the nodes next to the root, where every path begins. They are
    # merged when the word has been the centre, or the node used, so many times divided by the
    # number of threads, and earlier at high rates: what all of them have learned of a row, but
    # not told, stays bounded. In wide windows it would not, so there are no copies.
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
    int32_t* sorted_words
    float** inputs
    float* locks
    float** outputs
    tile_signs* signs
    bint signs_changed
    bint repeated_outputs
    int* same_output  # the first output that is the same row, where repeated_outputs
    int n_inputs
    int n_outputs
    int n_tiles
    float* steps  # per tile, room for one row more than inputs
    size_t steps_per_tile
    float* scores  # likewise, of at most TILE_ROWS rows in order
    float* products  # of these rows with each other
    float* pulls  # of each of them along the others
    float** changes  # of input rows
    float* change_rows
    float* hidden
    float* zero_row
    row_requests wanted  # rows of a later block
    uint64_t* draws
    int32_t* negatives
    HotRows hot_inputs
    HotRows hot_outputs
    HotRows hot_nodes
    int centres_to_merge
    int uses_to_merge
    int* centres  # times a hot word has been the centre since its rows were merged
    int* node_uses  # likewise for hot nodes


# --- working memory -----------------------------------------------------------------------


cdef inline bint is_high(float learning_rate) noexcept nogil:
    return 1000 * learning_rate > <float>HIGHEST_RATE + <float>0.001  # 0.05 rounds up


cdef inline void* reserve(char* base, size_t* used, size_t size) noexcept nogil:
    """The next `size` bytes on a cache line of their own; counts only while base is NULL."""
    cdef void* piece = base + used[0] if base != NULL else NULL
    used[0] += (size + 63) & ~<size_t>63
    return piece


cdef inline int most_tiles(const Problem* p) noexcept nogil:
    return (p.longest_path + 1 + p.negative + TILE_ROWS - 1) // TILE_ROWS


cdef inline bint cut_into_blocks(const Problem* p) noexcept nogil:
    """Whether one side of a window may be several blocks."""
    return p.skip_gram and p.window > WIDEST_BLOCK and (p.share_negatives or p.negative == 0)


cdef inline int most_blocks(const Problem* p) noexcept nogil:
    """Blocks of a window, or sets of draws that are alive at once."""
    if cut_into_blocks(p):
        return 2 * ((p.window + BLOCK_WORDS - 1) // BLOCK_WORDS)
    return RING


cdef inline size_t lay_out(Scratch* s, const Problem* p, size_t tokens, char* base) noexcept nogil:
    cdef size_t used = 0
    cdef size_t context = BLOCK_WORDS if p.skip_gram else 2 * <size_t>p.window
    cdef size_t inputs = BLOCK_WORDS if p.skip_gram else 1
    cdef size_t row = p.length * sizeof(float)
    cdef size_t tiles = most_tiles(p)
    cdef size_t draws = <size_t>most_blocks(p) * p.negative
    s.steps_per_tile = (max(inputs, <size_t>TILE_ROWS) + 1) * TILE_STRIDE
    s.kept = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.first_context = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.end_context = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.input_words = <int32_t*>reserve(base, &used, (context + WORDS_AT_ONCE) * sizeof(int32_t))
    s.sorted_words = <int32_t*>reserve(base, &used, context * sizeof(int32_t))
    s.inputs = <float**>reserve(base, &used, context * sizeof(float*))
    s.locks = <float*>reserve(base, &used, context * sizeof(float))
    s.outputs = <float**>reserve(base, &used, tiles * TILE_ROWS * sizeof(float*))
    s.same_output = <int*>reserve(base, &used, tiles * TILE_ROWS * sizeof(int))
    s.signs = <tile_signs*>reserve(base, &used, tiles * sizeof(tile_signs))
    s.steps = <float*>reserve(base, &used, tiles * s.steps_per_tile * sizeof(float))
    s.scores = <float*>reserve(base, &used, tiles * s.steps_per_tile * sizeof(float))
    s.products = <float*>reserve(base, &used, TILE_ROWS * TILE_STRIDE * sizeof(float))
    s.pulls = <float*>reserve(base, &used, TILE_ROWS * TILE_STRIDE * sizeof(float))
    s.changes = <float**>reserve(base, &used, inputs * sizeof(float*))
    s.change_rows = <float*>reserve(base, &used, inputs * row)
    s.hidden = <float*>reserve(base, &used, row)
    s.zero_row = <float*>reserve(base, &used, row)
    # the rows of a block, the row that enters the window, two of a word that is to be merged
    s.wanted.rows = <float**>reserve(base, &used,
                                     (tiles * TILE_ROWS + BLOCK_WORDS + 3) * sizeof(float*))
    s.draws = <uint64_t*>reserve(base, &used, draws * sizeof(uint64_t))
    s.negatives = <int32_t*>reserve(base, &used, draws * sizeof(int32_t))
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
    if s.node_uses[hot] >= s.uses_to_merge:
        merge_hot_row(&s.hot_nodes, hot)
        s.node_uses[hot] = 0
    s.node_uses[hot] += 1
    return own_row(&s.hot_nodes, row, True)


cdef inline void want_hot_word(Scratch* s, const Problem* p, int32_t word) noexcept nogil:
    """Requests the shared rows of a coming centre word if merge_hot_word is to merge them."""
    if word < p.hot_words and s.centres[word] >= s.centres_to_merge - 1:
        s.wanted.rows[s.wanted.count] = shared_row(&s.hot_inputs, word)
        s.wanted.count += 1
        if p.negative > 0:
            s.wanted.rows[s.wanted.count] = shared_row(&s.hot_outputs, word)
            s.wanted.count += 1


cdef inline void merge_hot_word(Scratch* s, const Problem* p, int32_t word) noexcept nogil:
    """Counts a centre word, and merges its rows when it is time."""
    if word < p.hot_words:
        s.centres[word] += 1
        if s.centres[word] >= s.centres_to_merge:
            s.centres[word] = 0
            merge_hot_row(&s.hot_inputs, word)
            if p.negative > 0:
                merge_hot_row(&s.hot_outputs, word)


cdef inline void set_merging(Scratch* s, const Problem* p, float learning_rate) noexcept nogil:
    """How long rows may go untold at this rate."""
    cdef float share = 1.0
    if is_high(learning_rate):
        share = <float>HIGHEST_RATE / (1000 * learning_rate)
    s.centres_to_merge = max(1, <int>(p.centres_to_merge * share))
    s.uses_to_merge = max(1, <int>(p.uses_to_merge * share))


cdef inline void merge_all_hot(Scratch* s) noexcept nogil:
    """What this thread has changed is in the shared rows after this."""
    merge_hot_rows(&s.hot_inputs)
    merge_hot_rows(&s.hot_outputs)
    merge_hot_rows(&s.hot_nodes)


cdef inline void find_repeated_outputs(Scratch* s, int m) noexcept nogil:
    cdef int a, b
    for b in range(m):
        a = 0
        while s.outputs[a] != s.outputs[b]:
            a += 1
        s.same_output[b] = a if s.outputs[b] != s.zero_row else b


cdef inline void hide_repeated_outputs(Scratch* s) noexcept nogil:
    """Of equal rows only the first stays: no row is written twice."""
    cdef int b
    for b in range(s.n_outputs):
        if s.same_output[b] != b:
            s.outputs[b] = s.zero_row


cdef inline void show_repeated_outputs(Scratch* s) noexcept nogil:
    cdef int b
    for b in range(s.n_outputs):
        s.outputs[b] = s.outputs[s.same_output[b]]


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
        if s.repeated_outputs:
            find_repeated_outputs(s, m)
    s.n_outputs = m
    s.n_tiles = (m + TILE_ROWS - 1) // TILE_ROWS
    for j in range(m, s.n_tiles * TILE_ROWS):
        s.outputs[j] = s.zero_row
        if p.path_starts != NULL:
            set_sign(s, j, 0.0)


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


cdef inline float* step_of(const Scratch* s, float* tiles, int row, int output) noexcept nogil:
    """The place of a pair in s.steps or s.scores."""
    return (tiles + output // TILE_ROWS * s.steps_per_tile + row * TILE_STRIDE
            + output % TILE_ROWS)


cdef inline float bounded_rate(const Scratch* s, const Problem* p, float input_square, float gain,
                               float learning_rate) noexcept nogil:
    """The learning rate, but no more than what cannot pass the minimum of the loss.

    The curvature of log(1 + e^-z) is at most 1/4. So that of the loss is at most |input|^2 / 4
    along an output row, and the sum of |output|^2 / 4 along the input, times the `gain`: how far
    the input moves for a step of 1.
    """
    cdef float curvature = input_square
    curvature += gain * rows_square(s.outputs, s.n_outputs, <int>p.length)
    return min(learning_rate, <float>4.0 / curvature)


cdef inline float order_repeated_outputs(const Scratch* s, int row, float square,
                                         float learning_rate) noexcept nogil:
    """Takes a row's steps for equal outputs one after the other; they end in the first.

    `square` is the row's squared length. Returns how far the row pulls itself.
    """
    cdef int b
    cdef float probability, step
    cdef float pull = 0.0
    cdef float* first
    cdef float* repeated
    for b in range(s.n_outputs):
        repeated = step_of(s, s.steps, row, b)
        if s.same_output[b] == b or repeated[0] == 0.0:
            continue
        first = step_of(s, s.steps, row, s.same_output[b])
        # Only negatives repeat: the step is -rate * sigmoid(score), of a score that has moved.
        probability = -repeated[0] / learning_rate
        step = -learning_rate / (<float>1.0 + (<float>1.0 - probability) / probability
                                 * expf(-first[0] * square))
        pull += first[0] * step
        first[0] += step
        repeated[0] = 0.0
    return pull


cdef inline int steps_in_order(Scratch* s, const Problem* p, float** inputs, int n, float gain,
                               bint always_bounded, float learning_rate,
                               loss_meter* meter) noexcept nogil:
    """Fills s.steps and s.pulls for input rows one after the other; returns for how many.

    `inputs` are at most TILE_ROWS different rows, repeated outputs are hidden. The scores of two
    rows are taken together, which halves a long chain of dependent steps. Where one of the two is
    badly wrong, they begin a new run; the first row of a run alone, since its step depends on
    the lengths of the outputs.
    """
    cdef int i, b, t
    cdef bint two
    cdef size_t row
    cdef int length = <int>p.length
    cdef float* rows[TILE_ROWS]
    cdef float rate
    cdef loss_meter before
    for i in range(TILE_ROWS):
        rows[i] = inputs[min(i, n - 1)]
    if n > 1:
        rows_products(rows, length, s.products)
    memset(s.pulls, 0, TILE_ROWS * TILE_STRIDE * sizeof(float))
    for t in range(s.n_tiles):
        tile_scores(rows, n, s.outputs + t * TILE_ROWS, length, s.scores + t * s.steps_per_tile)
    i = 0
    while i < n:
        two = i + 1 < n and not s.repeated_outputs
        row = i * TILE_STRIDE
        rate = learning_rate
        for t in range(s.n_tiles):
            scores_after(s.scores + t * s.steps_per_tile + row, s.products + row, i,
                         s.steps + t * s.steps_per_tile)
            if two:
                scores_after(s.scores + t * s.steps_per_tile + row + TILE_STRIDE,
                             s.products + row + TILE_STRIDE, i, s.steps + t * s.steps_per_tile)
        if s.repeated_outputs:
            for b in range(s.n_outputs):
                step_of(s, s.scores, i, b)[0] = step_of(s, s.scores, i, s.same_output[b])[0]
        before = meter[0]
        for t in range(s.n_tiles):
            if two:
                steps_of_two_rows(s.scores + t * s.steps_per_tile + row, &s.signs[t],
                                  learning_rate, s.steps + t * s.steps_per_tile + row, meter)
            else:
                row_steps(s.scores + t * s.steps_per_tile + row, &s.signs[t], learning_rate,
                          s.steps + t * s.steps_per_tile + row, meter)
        if loss_badly_wrong(meter, BADLY_WRONG) or always_bounded:
            if i > 0 or two:
                meter[0] = before
                n = max(i, 1)
                if i > 0:
                    break
                continue
            rate = bounded_rate(s, p, rows_square(rows, 1, length), gain, learning_rate)
            if rate < learning_rate:
                for t in range(s.n_tiles):
                    for b in range(TILE_ROWS):
                        s.steps[t * s.steps_per_tile + b] *= rate / learning_rate
        if s.repeated_outputs:
            s.pulls[row + i] = order_repeated_outputs(s, i, rows_square(rows + i, 1, length), rate)
        i += 2 if two else 1
    if n > 1:
        for t in range(s.n_tiles):
            rows_pulls(s.steps + t * s.steps_per_tile, s.pulls)
    return n


cdef inline void update_rows(Scratch* s, const Problem* p, int first, int n,
                             const float* pulls) noexcept nogil:
    """Moves n input rows from `first` on, and the outputs, by s.steps and the pulls."""
    cdef int t, i
    cdef int length = <int>p.length
    cdef float** inputs = s.inputs + first
    cdef const float* locks = s.locks + first if p.locked else NULL
    if s.n_tiles == 1:
        # What is NULL, or a constant, makes a loop of its own.
        if pulls != NULL and n == TILE_ROWS and locks == NULL and not s.repeated_outputs:
            tile_update(inputs, NULL, TILE_ROWS, s.outputs, length, s.steps, pulls, False, NULL,
                        True, &s.wanted)
        elif pulls != NULL:
            tile_update(inputs, NULL, n, s.outputs, length, s.steps, pulls, True, locks, True,
                        &s.wanted)
        elif locks != NULL:
            tile_update(inputs, NULL, n, s.outputs, length, s.steps, NULL, False, locks, True,
                        &s.wanted)
        else:
            tile_update(inputs, NULL, n, s.outputs, length, s.steps, NULL, False, NULL, True,
                        &s.wanted)
        return
    change_rows(s, p, inputs, n, pulls)
    for i in range(n):
        rows_add(&inputs[i], 1, locks + i if locks != NULL else NULL, 1.0, length, s.changes[i])


cdef inline void change_rows(Scratch* s, const Problem* p, float** inputs, int n,
                             const float* pulls) noexcept nogil:
    """Fills s.changes for n input rows and moves the outputs, tile by tile."""
    cdef int t
    cdef int length = <int>p.length
    cdef int first = pulls != NULL
    memset(s.changes[0], 0, n * p.length * sizeof(float))
    if pulls != NULL:
        tile_update(inputs, s.changes, n, s.outputs, length, s.steps, pulls, True, NULL, False,
                    &s.wanted)
        s.wanted.count = 0
    for t in range(first, s.n_tiles):
        tile_update(inputs, s.changes, n, s.outputs + t * TILE_ROWS, length,
                    s.steps + t * s.steps_per_tile, NULL, False, NULL, False, &s.wanted)
        s.wanted.count = 0


cdef inline int end_of_run(const Scratch* s, int first, int end) noexcept nogil:
    """Where the different words from `first` on end, but not behind `end`."""
    cdef int last, i
    for last in range(first + 1, end):
        for i in range(first, last):
            if s.input_words[i] == s.input_words[last]:
                return last
    return end


cdef inline void rows_in_order(Scratch* s, const Problem* p, int first, int end,
                               float learning_rate, loss_meter* meter) noexcept nogil:
    """Skip-gram: one input row after the other."""
    cdef int n
    if s.repeated_outputs:
        hide_repeated_outputs(s)
    while first < end:
        n = end_of_run(s, first, min(first + <int>TILE_ROWS, end)) - first
        n = steps_in_order(s, p, s.inputs + first, n, 1.0, False, learning_rate, meter)
        update_rows(s, p, first, n, s.pulls)
        s.wanted.count = 0
        first += n
    if s.repeated_outputs:
        show_repeated_outputs(s)


cdef inline void run_update(Scratch* s, const Problem* p, int first, int end,
                            float learning_rate, loss_meter* meter) noexcept nogil:
    """Skip-gram: input rows of different words, all at once."""
    cdef int t, i
    cdef int n = end - first
    cdef int length = <int>p.length
    cdef loss_meter counted
    for t in range(s.n_tiles):
        tile_steps(s.inputs + first, n, s.outputs + t * TILE_ROWS, length, &s.signs[t],
                   learning_rate, s.steps + t * s.steps_per_tile, meter)
    if loss_badly_wrong(meter, BADLY_WRONG):
        loss_reset(&counted)
        rows_in_order(s, p, first, end, learning_rate, &counted)
        return
    if s.repeated_outputs:
        for i in range(n):
            order_repeated_outputs(s, i, rows_square(s.inputs + first + i, 1, length),
                                   learning_rate)
        hide_repeated_outputs(s)
    update_rows(s, p, first, n, NULL)
    if s.repeated_outputs:
        show_repeated_outputs(s)


cdef inline void block_update(Scratch* s, const Problem* p, float learning_rate,
                              loss_meter* meter) noexcept nogil:
    """Skip-gram: every input row against every output row."""
    cdef int first, end
    if cut_into_blocks(p) or is_high(learning_rate):
        rows_in_order(s, p, 0, s.n_inputs, learning_rate, meter)
        return
    end = s.n_inputs
    if end > 1 and has_repeated_inputs(s):
        end = end_of_run(s, 0, end)
    first = 0
    while True:
        run_update(s, p, first, end, learning_rate, meter)
        if end == s.n_inputs:
            return
        s.wanted.count = 0
        first = end
        end = end_of_run(s, first, s.n_inputs)


cdef inline int by_value(const void* a, const void* b) noexcept nogil:
    cdef int32_t x = (<const int32_t*>a)[0]
    cdef int32_t y = (<const int32_t*>b)[0]
    return (x > y) - (x < y)


cdef inline float window_gain(Scratch* s, float scale) noexcept nogil:
    """How far `scale` times the sum of the rows moves where each position's row moves by 1.

    A word that is there r times moves r times as far, in r places.
    """
    cdef int i
    cdef int run = 0
    cdef double squares = 0
    memcpy(s.sorted_words, s.input_words, s.n_inputs * sizeof(int32_t))
    qsort(s.sorted_words, s.n_inputs, sizeof(int32_t), &by_value)
    for i in range(s.n_inputs):
        run += 1
        if i + 1 == s.n_inputs or s.sorted_words[i + 1] != s.sorted_words[i]:
            squares += <double>run * run
            run = 0
    return <float>(scale * squares)


cdef inline void window_in_order(Scratch* s, const Problem* p, float scale, float gradient_scale,
                                 bint always_bounded, float learning_rate,
                                 loss_meter* meter) noexcept nogil:
    """CBOW: s.hidden is there; equal outputs one after the other, the step bounded."""
    if s.repeated_outputs:
        hide_repeated_outputs(s)
    steps_in_order(s, p, &s.hidden, 1, window_gain(s, scale) * gradient_scale,
                   always_bounded, learning_rate, meter)
    change_rows(s, p, &s.hidden, 1, s.pulls)
    rows_add(s.inputs, s.n_inputs, s.locks if p.locked else NULL, gradient_scale, <int>p.length,
             s.changes[0])


cdef inline void window_block(Scratch* s, const Problem* p, float learning_rate,
                              loss_meter* meter) noexcept nogil:
    """CBOW: the mean or sum of the input rows against every output row."""
    cdef int t
    cdef int length = <int>p.length
    cdef const float* locks = s.locks if p.locked else NULL
    cdef float mean = <float>1.0 / <float>s.n_inputs
    cdef float scale = mean if p.cbow_mean else <float>1.0
    cdef float gradient_scale = mean if p.corrected_cbow else <float>1.0
    cdef loss_meter counted
    if not p.cbow_mean:
        # Each of n rows moves the sum. By the whole gradient it would move n times as far.
        gradient_scale = sqrtf(mean)
    if not p.cbow_mean or is_high(learning_rate):
        rows_sum(s.inputs, s.n_inputs, scale, length, s.hidden)
        window_in_order(s, p, scale, gradient_scale, True, learning_rate, meter)
        return
    if s.n_tiles == 1:
        window_steps(s.inputs, s.n_inputs, mean, s.outputs, length, s.signs, learning_rate,
                     s.hidden, s.steps, meter)
    else:
        rows_sum(s.inputs, s.n_inputs, mean, length, s.hidden)
        for t in range(s.n_tiles):
            tile_steps(&s.hidden, 1, s.outputs + t * TILE_ROWS, length, &s.signs[t],
                       learning_rate, s.steps + t * s.steps_per_tile, meter)
    if loss_badly_wrong(meter, BADLY_WRONG):
        loss_reset(&counted)
        window_in_order(s, p, scale, gradient_scale, False, learning_rate, &counted)
        return
    if s.repeated_outputs:
        order_repeated_outputs(s, 0, rows_square(&s.hidden, 1, length), learning_rate)
        hide_repeated_outputs(s)
    if s.n_tiles == 1:
        if locks == NULL:
            window_update(s.inputs, s.n_inputs, NULL, gradient_scale, s.hidden, s.outputs, length,
                          s.steps, &s.wanted)
        else:
            window_update(s.inputs, s.n_inputs, locks, gradient_scale, s.hidden, s.outputs, length,
                          s.steps, &s.wanted)
        return
    change_rows(s, p, &s.hidden, 1, NULL)
    rows_add(s.inputs, s.n_inputs, locks, gradient_scale, length, s.changes[0])


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
