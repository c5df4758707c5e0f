"""The training loops: spans of a token stream in, changed vectors out.

Built once per instruction-set level. The arithmetic is in tiles.h; this file decides
which rows meet. negw2v/kernels/reference.py is the same in NumPy.

    SpanTrainer.train    checks the arrays, releases the GIL
      train_span         subsampling, windows; centre by centre, two centres ahead in memory
        set_outputs      the rows a centre word is scored against: Huffman path, negatives
        train_context    one block; CBOW: the window, skip-gram: one side of it, or one pair
          block_update   skip-gram: n context rows x m output rows
          window_block   CBOW: the sum or mean of the context rows x m output rows
"""

from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memset

from random cimport alias_pick, alias_slot, below, high_bits, next_random
from tiles cimport (
    LANES,
    PORTABLE,
    TILE_ROWS,
    TILE_STRIDE,
    loss_meter,
    loss_reset,
    loss_total,
    rows_add,
    request_rows,
    row_requests,
    rows_sum,
    tile_scores,
    tile_set_sign,
    tile_signs,
    tile_steps,
    tile_update,
    window_scores,
    window_update,
)

from negw2v.kernels import checks

cdef extern from "vector.h" nogil:
    void NW_PREFETCH(const void* address)

# What this module was compiled for: floats in a vector, and whether vectors are plain C.
lanes = int(LANES)
portable = bool(PORTABLE)

# How many centres before their use negatives are drawn, and their rows requested.
cdef enum:
    DRAWS_AHEAD = 3
    ROWS_AHEAD = 2
    WORDS_AT_ONCE = 16
    RING = 4  # sets of draws alive at once, a power of two above DRAWS_AHEAD


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
    float* scores  # per tile, room for one row more than inputs
    size_t scores_per_tile
    float* changes  # per input row
    float** change_rows
    float* hidden
    float* zero_row
    row_requests wanted  # rows of a later block
    uint64_t* draws
    int32_t* negatives


cdef struct Totals:
    int64_t kept
    int64_t pairs
    double loss


# --- working memory -----------------------------------------------------------------------


cdef void* reserve(char* base, size_t* used, size_t size) noexcept nogil:
    """The next `size` bytes on a cache line of their own; counts only while base is NULL."""
    cdef void* piece = base + used[0] if base != NULL else NULL
    used[0] += (size + 63) & ~<size_t>63
    return piece


cdef int most_tiles(const Problem* p) noexcept nogil:
    return (p.longest_path + 1 + p.negative + TILE_ROWS - 1) // TILE_ROWS


cdef size_t lay_out(Scratch* s, const Problem* p, size_t tokens, char* base) noexcept nogil:
    cdef size_t used = 0
    cdef size_t inputs = 2 * <size_t>p.window
    cdef size_t row = p.length * sizeof(float)
    cdef size_t tiles = most_tiles(p)
    s.scores_per_tile = (inputs + 1) * TILE_STRIDE
    s.kept = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.first_context = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.end_context = <int32_t*>reserve(base, &used, tokens * sizeof(int32_t))
    s.input_words = <int32_t*>reserve(base, &used, (inputs + WORDS_AT_ONCE) * sizeof(int32_t))
    s.inputs = <float**>reserve(base, &used, inputs * sizeof(float*))
    s.locks = <float*>reserve(base, &used, inputs * sizeof(float))
    s.outputs = <float**>reserve(base, &used, tiles * TILE_ROWS * sizeof(float*))
    s.signs = <tile_signs*>reserve(base, &used, tiles * sizeof(tile_signs))
    s.scores = <float*>reserve(base, &used, tiles * s.scores_per_tile * sizeof(float))
    s.changes = <float*>reserve(base, &used, inputs * row)
    s.change_rows = <float**>reserve(base, &used, inputs * sizeof(float*))
    s.hidden = <float*>reserve(base, &used, row)
    s.zero_row = <float*>reserve(base, &used, row)
    s.wanted.rows = <float**>reserve(base, &used, (tiles * TILE_ROWS + 1) * sizeof(float*))
    s.draws = <uint64_t*>reserve(base, &used, RING * p.negative * sizeof(uint64_t))
    s.negatives = <int32_t*>reserve(base, &used, RING * p.negative * sizeof(int32_t))
    return used


cdef void prepare(Scratch* s, const Problem* p) noexcept nogil:
    cdef int i, j
    cdef int tiles = most_tiles(p)
    memset(s.zero_row, 0, p.length * sizeof(float))
    for i in range(2 * p.window):
        s.change_rows[i] = s.changes + i * p.length
    for i in range(tiles):
        for j in range(TILE_ROWS, TILE_STRIDE):
            tile_set_sign(&s.signs[i], j, 0.0)
    set_plain_signs(s, p)


# --- one block ----------------------------------------------------------------------------


cdef inline void set_sign(Scratch* s, int output, float sign) noexcept nogil:
    tile_set_sign(&s.signs[output // TILE_ROWS], output % TILE_ROWS, sign)


cdef void set_plain_signs(Scratch* s, const Problem* p) noexcept nogil:
    """The signs of negative sampling without hits: they stay from block to block."""
    cdef int j
    cdef int tiles = most_tiles(p)
    for j in range(tiles * TILE_ROWS):
        set_sign(s, j, 1.0 if j == 0 else -1.0 if j <= p.negative else 0.0)
    s.signs_changed = False


cdef inline void set_outputs(Scratch* s, const Problem* p, int32_t word,
                             const int32_t* negatives) noexcept nogil:
    """The rows that `word` as the centre is scored against, filled up to whole tiles."""
    cdef int m = 0
    cdef int i, j
    cdef int64_t node
    cdef size_t length = p.length
    s.repeated_outputs = False
    if p.path_starts != NULL:
        for node in range(p.path_starts[word], p.path_starts[word + 1]):
            s.outputs[m] = p.node_vectors + <size_t>p.path_nodes[node] * length
            set_sign(s, m, p.path_signs[node])
            m += 1
    if p.negative > 0:
        if s.signs_changed:
            set_plain_signs(s, p)
        if p.path_starts != NULL:
            set_sign(s, m, 1.0)
        s.outputs[m] = p.output_vectors + <size_t>word * length
        m += 1
        for i in range(p.negative):
            if negatives[i] == word:  # no row is told both to score high and to score low
                s.outputs[m] = s.zero_row
                set_sign(s, m, 0.0)
                s.signs_changed = p.path_starts == NULL
            else:
                s.outputs[m] = p.output_vectors + <size_t>negatives[i] * length
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


cdef void merge_repeated_outputs(Scratch* s, int n) noexcept nogil:
    """Updates of a row that was drawn more than once add up in its first column."""
    cdef int a, b, i
    cdef float* kept
    cdef float* repeated
    for b in range(1, s.n_outputs):
        for a in range(b):
            if s.outputs[a] == s.outputs[b] and s.outputs[b] != s.zero_row:
                kept = s.scores + (a // TILE_ROWS) * s.scores_per_tile + a % TILE_ROWS
                repeated = s.scores + (b // TILE_ROWS) * s.scores_per_tile + b % TILE_ROWS
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


cdef void merge_repeated_inputs(Scratch* s) noexcept nogil:
    """Updates of a word that is in the window more than once add up in its first row."""
    cdef int i, j, k, t
    cdef int n = 0
    cdef float* tile
    for i in range(s.n_inputs):
        j = 0
        while j < n and s.input_words[j] != s.input_words[i]:
            j += 1
        for t in range(s.n_tiles):
            tile = s.scores + t * s.scores_per_tile
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
        tile_scores(s.inputs, s.n_inputs, s.outputs + t * TILE_ROWS, length,
                    s.scores + t * s.scores_per_tile)
        tile_steps(s.scores + t * s.scores_per_tile, s.n_inputs, &s.signs[t], learning_rate, meter)
    if s.repeated_outputs:
        merge_repeated_outputs(s, s.n_inputs)
    if s.n_inputs > 1 and has_repeated_inputs(s):
        merge_repeated_inputs(s)
    if s.n_tiles == 1:
        if locks == NULL:
            tile_update(s.inputs, NULL, s.n_inputs, s.outputs, length, s.scores, NULL, True,
                        &s.wanted)
        else:
            tile_update(s.inputs, NULL, s.n_inputs, s.outputs, length, s.scores, locks, True,
                        &s.wanted)
        return
    memset(s.changes, 0, s.n_inputs * p.length * sizeof(float))
    for t in range(s.n_tiles):
        tile_update(s.inputs, s.change_rows, s.n_inputs, s.outputs + t * TILE_ROWS, length,
                    s.scores + t * s.scores_per_tile, NULL, False, &s.wanted)
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
        window_scores(s.inputs, s.n_inputs, scale, s.outputs, length, s.hidden, s.scores)
        tile_steps(s.scores, 1, s.signs, learning_rate, meter)
        if s.repeated_outputs:
            merge_repeated_outputs(s, 1)
        if locks == NULL:
            window_update(s.inputs, s.n_inputs, NULL, gradient_scale, s.hidden, s.outputs, length,
                          s.scores, &s.wanted)
        else:
            window_update(s.inputs, s.n_inputs, locks, gradient_scale, s.hidden, s.outputs, length,
                          s.scores, &s.wanted)
        return
    rows_sum(s.inputs, s.n_inputs, scale, length, s.hidden)
    for t in range(s.n_tiles):
        tile_scores(&s.hidden, 1, s.outputs + t * TILE_ROWS, length,
                    s.scores + t * s.scores_per_tile)
        tile_steps(s.scores + t * s.scores_per_tile, 1, &s.signs[t], learning_rate, meter)
    if s.repeated_outputs:
        merge_repeated_outputs(s, 1)
    memset(s.changes, 0, p.length * sizeof(float))
    for t in range(s.n_tiles):
        tile_update(&s.hidden, s.change_rows, 1, s.outputs + t * TILE_ROWS, length,
                    s.scores + t * s.scores_per_tile, NULL, False, &s.wanted)
        s.wanted.count = 0
    rows_add(s.inputs, s.n_inputs, locks, gradient_scale, length, s.changes)


# --- one span -----------------------------------------------------------------------------


cdef int subsample(Scratch* s, const Problem* p, const int32_t* tokens,
                   const int64_t* sentence_starts, int64_t first, int64_t end,
                   uint64_t* random) noexcept nogil:
    """Fills s.kept and, for each kept token, the bounds of its sentence; returns their number.

    A draw is made for every token, kept or not.
    """
    cdef int n = 0
    cdef int sentence_first
    cdef int64_t sentence, t
    cdef int32_t word
    cdef int i
    for sentence in range(first, end):
        sentence_first = n
        if p.keep == NULL:
            for t in range(sentence_starts[sentence], sentence_starts[sentence + 1]):
                s.kept[n] = tokens[t]
                n += 1
        else:
            for t in range(sentence_starts[sentence], sentence_starts[sentence + 1]):
                word = tokens[t]
                s.kept[n] = word
                n += high_bits(next_random(random)) <= p.keep[word]
        for i in range(sentence_first, n):
            s.first_context[i] = sentence_first
            s.end_context[i] = n
    return n


cdef int64_t set_windows(Scratch* s, const Problem* p, int n, uint64_t* random) noexcept nogil:
    """Narrows each token's sentence to its window; returns the number of blocks' pairs."""
    cdef int64_t pairs = 0
    cdef int i
    cdef int reach = p.window
    cdef int context
    for i in range(n):
        if p.shrink_windows:
            reach = p.window - <int>below(high_bits(next_random(random)), p.window)
        if i - s.first_context[i] > reach:
            s.first_context[i] = i - reach
        if s.end_context[i] - i > reach + 1:
            s.end_context[i] = i + reach + 1
        context = s.end_context[i] - s.first_context[i] - 1
        pairs += context if p.skip_gram else <int>(context > 0)
    return pairs


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
        s.inputs[n] = p.input_vectors + <size_t>word * p.length
        if p.locked:
            s.locks[n] = p.lock_factors[0 if p.one_lock_factor else word]
        n += 1
    s.n_inputs = n
    for i in range(WORDS_AT_ONCE):
        s.input_words[n + i] = -1


cdef inline void draw(const Problem* p, uint64_t* random, uint64_t* draws) noexcept nogil:
    """k draws; their lines of the alias table are on their way when this returns."""
    cdef int i
    for i in range(p.negative):
        draws[i] = next_random(random)
        NW_PREFETCH(p.alias + 2 * <size_t>alias_slot(draws[i], p.vocabulary))


cdef inline void resolve(const Problem* p, const uint64_t* draws, int32_t* negatives) noexcept nogil:
    cdef int i
    cdef uint32_t slot
    for i in range(p.negative):
        slot = alias_slot(draws[i], p.vocabulary)
        negatives[i] = <int32_t>alias_pick(draws[i], p.alias + 2 * <size_t>slot, slot)


cdef inline void want_outputs(Scratch* s, const Problem* p, int32_t word,
                              const int32_t* negatives) noexcept nogil:
    cdef int n = s.wanted.count
    cdef int i
    cdef int64_t node
    if p.path_starts != NULL:
        for node in range(p.path_starts[word], p.path_starts[word + 1]):
            s.wanted.rows[n] = p.node_vectors + <size_t>p.path_nodes[node] * p.length
            n += 1
    if p.negative > 0:
        s.wanted.rows[n] = p.output_vectors + <size_t>word * p.length
        n += 1
        for i in range(p.negative):
            s.wanted.rows[n] = p.output_vectors + <size_t>negatives[i] * p.length
            n += 1
    s.wanted.count = n


cdef inline void want_input(Scratch* s, const Problem* p, int position) noexcept nogil:
    s.wanted.rows[s.wanted.count] = p.input_vectors + <size_t>s.kept[position] * p.length
    s.wanted.count += 1


cdef inline void train_context(Scratch* s, const Problem* p, int centre, int first, int end,
                               float learning_rate, loss_meter* meter) noexcept nogil:
    """One block: the context words at positions first..end-1, the outputs that are set."""
    gather_inputs(s, p, centre, first, end)
    if s.n_inputs == 0:
        return
    if p.skip_gram:
        block_update(s, p, learning_rate, meter)
    else:
        window_block(s, p, learning_rate, meter)
    s.wanted.count = 0  # requested along the way


cdef void train_span(Scratch* s, const Problem* p, const int32_t* tokens,
                     const int64_t* sentence_starts, int64_t first, int64_t end,
                     uint64_t random, float learning_rate, Totals* totals) noexcept nogil:
    cdef loss_meter meter
    cdef int centre, ahead, i, first_context, end_context
    cdef int k = p.negative
    cdef const int32_t* negatives
    cdef bint per_pair = p.skip_gram and not p.share_negatives and k > 0
    cdef int n = subsample(s, p, tokens, sentence_starts, first, end, &random)
    totals.kept = n
    totals.pairs = set_windows(s, p, n, &random)
    loss_reset(&meter)
    # Memory is slower than arithmetic here: negatives are drawn some centres ahead and their
    # lines of the alias table requested; somewhat later the rows they name are requested, and
    # the row that enters the window.
    for i in range(min(p.window + <int>ROWS_AHEAD, n)):
        s.wanted.count = 0
        want_input(s, p, i)
        request_rows(&s.wanted, <int>p.length)
    for centre in range(-<int>DRAWS_AHEAD, n):
        s.wanted.count = 0
        if not per_pair:
            ahead = centre + <int>DRAWS_AHEAD
            if ahead < n:
                draw(p, &random, s.draws + (ahead & (RING - 1)) * k)
            ahead = centre + <int>ROWS_AHEAD
            if 0 <= ahead < n:
                resolve(p, s.draws + (ahead & (RING - 1)) * k, s.negatives + (ahead & (RING - 1)) * k)
                want_outputs(s, p, s.kept[ahead], s.negatives + (ahead & (RING - 1)) * k)
        ahead = centre + <int>ROWS_AHEAD + p.window
        if 0 <= ahead < n:
            want_input(s, p, ahead)
        if centre < 0 or s.end_context[centre] - s.first_context[centre] < 2:
            request_rows(&s.wanted, <int>p.length)
            continue
        first_context, end_context = s.first_context[centre], s.end_context[centre]
        if per_pair:
            for i in range(first_context, end_context):
                if i != centre:
                    draw(p, &random, s.draws)
                    resolve(p, s.draws, s.negatives)
                    set_outputs(s, p, s.kept[centre], s.negatives)
                    train_context(s, p, centre, i, i + 1, learning_rate, &meter)
            continue
        negatives = s.negatives + (centre & (RING - 1)) * k
        set_outputs(s, p, s.kept[centre], negatives)
        if p.skip_gram:
            # One block for each side: closer to pair after pair than a block for both (on small
            # corpora the vectors are measurably better for it), and nearly as fast.
            train_context(s, p, centre, first_context, centre, learning_rate, &meter)
            if s.repeated_outputs:  # which were merged
                set_outputs(s, p, s.kept[centre], negatives)
            train_context(s, p, centre, centre + 1, end_context, learning_rate, &meter)
        else:
            train_context(s, p, centre, first_context, end_context, learning_rate, &meter)
    totals.loss = loss_total(&meter)


cdef class SpanTrainer:
    """Trains spans of a token stream; see :class:`negw2v.kernels.reference.SpanTrainer`."""

    cdef Problem problem
    cdef object arrays  # keeps alive what the pointers point at

    def __init__(self, objective, weights, tables):
        checks.check_problem(objective, weights, tables, compiled=True)
        cdef Problem* p = &self.problem
        memset(p, 0, sizeof(Problem))
        p.skip_gram = objective.skip_gram
        p.window = objective.window
        p.shrink_windows = objective.shrink_windows
        p.negative = objective.negative
        p.share_negatives = objective.share_negatives
        p.cbow_mean = objective.cbow_mean
        p.corrected_cbow = objective.corrected_cbow
        p.vocabulary = weights.input_vectors.shape[0]
        p.length = weights.input_vectors.shape[1]
        p.input_vectors = <float*>address(weights.input_vectors)
        p.lock_factors = <const float*>address(weights.lock_factors)
        p.one_lock_factor = weights.lock_factors.shape[0] == 1
        p.locked = bool((weights.lock_factors != 1.0).any())
        if objective.negative > 0:
            p.output_vectors = <float*>address(weights.output_vectors)
            p.alias = <const uint32_t*>address(tables.alias)
        if tables.huffman is not None:
            p.node_vectors = <float*>address(weights.node_vectors)
            p.path_starts = <const int64_t*>address(tables.huffman.starts)
            p.path_nodes = <const int32_t*>address(tables.huffman.nodes)
            p.path_signs = <const int8_t*>address(tables.huffman.signs)
            p.longest_path = checks.longest_path(tables.huffman)
        if tables.keep is not None:
            p.keep = <const uint32_t*>address(tables.keep)
        self.arrays = (weights, tables)

    def train(self, tokens, sentence_starts, span_starts, Py_ssize_t first, Py_ssize_t last,
              streams, learning_rates, totals):
        """Train spans first..last-1; see the NumPy twin for the parameters."""
        checks.check_spans(self.problem.vocabulary, tokens, sentence_starts, span_starts, first,
                           last, streams, learning_rates, totals)
        cdef Problem* p = &self.problem
        cdef const int32_t* token = <const int32_t*>address(tokens)
        cdef const int64_t* sentence = <const int64_t*>address(sentence_starts)
        cdef const int64_t* span = <const int64_t*>address(span_starts)
        cdef const uint64_t* stream = <const uint64_t*>address(streams)
        cdef const float* rate = <const float*>address(learning_rates)
        cdef Totals* total = <Totals*>address(totals)
        cdef Scratch scratch
        cdef Py_ssize_t i
        cdef size_t longest = 0
        for i in range(first, last):
            longest = max(longest, <size_t>(sentence[span[i + 1]] - sentence[span[i]]))
        cdef size_t size = lay_out(&scratch, p, longest, NULL)
        cdef char* memory = <char*>PyMem_RawMalloc(size + 64)
        if memory == NULL:
            raise MemoryError(f"training needs {size} bytes of working memory per thread")
        try:
            with nogil:
                lay_out(&scratch, p, longest,
                        memory + (-<uintptr_t>memory & 63))
                prepare(&scratch, p)
                for i in range(first, last):
                    train_span(&scratch, p, token, sentence, span[i], span[i + 1], stream[i],
                               rate[i], &total[i])
        finally:
            PyMem_RawFree(memory)


cdef uintptr_t address(array) except? 0:
    return array.ctypes.data
