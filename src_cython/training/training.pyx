"""The training loops: spans of a token stream in, changed vectors out.

In the map: the top of this folder, compiled per instruction-set level into
negw2v.kernels._training_*. It decides which rows meet; problem.pxd gathers them, block.pxd updates
them, tiles.h does the arithmetic. negw2v/kernels/reference.py says the same in NumPy.

    SpanTrainer.train    checks the arrays, releases the GIL
      train_span         subsampling, windows; centre by centre, two centres ahead in memory
        train_blocks     skip-gram, a wide window: the next two for block after block
        set_outputs      the rows a centre word is scored against: Huffman path, negatives
        train_context    one block; CBOW: the window, skip-gram: one side of it, or one pair
          block_update   skip-gram: n context rows x m output rows
          window_block   CBOW: the sum or mean of the context rows x m output rows
    negatives            the same draws, without training
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

import numpy as np

from block cimport block_update, window_block
from problem cimport (
    BADLY_WRONG,
    BLOCK_WORDS,
    CENTRES_PER_MERGE,
    DRAWN_AT_ONCE,
    HIGHEST_RATE,
    HOT_NODES,
    HOT_WORDS,
    RING,
    USES_PER_MERGE,
    WIDEST_BLOCK,
    Problem,
    Scratch,
    cut_into_blocks,
    gather_inputs,
    input_row,
    lay_out,
    merge_all_hot,
    merge_hot_word,
    merge_in_turn,
    output_row,
    prepare,
    prepare_outputs,
    set_merging,
    set_outputs,
    use_prepared_outputs,
    want_hot_word,
)
from random cimport alias_pick, alias_slot, below, fill_random, high_bits, next_random
from tiles cimport (
    LANES,
    PORTABLE,
    TILE_ROWS,
    loss_reset,
    loss_sum,
    loss_total,
    request_rows,
)

from negw2v.kernels import checks

cdef extern from "prefetch.h" nogil:
    void NW_PREFETCH(const void *address)

# What this module was compiled for: floats in a vector, and whether vectors are plain C.
lanes = int(LANES)
portable = bool(PORTABLE)
# The limits of blocks, as in problem.py.
block_limits = (int(WIDEST_BLOCK), int(BLOCK_WORDS), int(TILE_ROWS), float(BADLY_WRONG),
                HIGHEST_RATE / 1000.0)

cdef enum:
    ROWS_AHEAD = 2  # centres before its use a row is requested


cdef struct Totals:
    int64_t kept
    int64_t pairs
    double loss


cdef struct Spans:
    # what spans are made of
    const int32_t *tokens
    const int64_t *sentences  # where each starts in tokens
    const int64_t *starts  # where each span starts in sentences
    const uint64_t *streams


# --- one span -----------------------------------------------------------------------------


cdef int subsample(Scratch *s, const Problem *p, const int32_t *tokens,
                   const int64_t *sentence_starts, int64_t first, int64_t end,
                   uint64_t *random) noexcept nogil:
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
                s.rows[n] = input_row(s, p, tokens[t])
                n += 1
        else:
            for t in range(sentence_starts[sentence], sentence_starts[sentence + 1]):
                word = tokens[t]
                s.kept[n] = word
                s.rows[n] = input_row(s, p, word)
                n += high_bits(next_random(random)) <= p.keep[word]
        for i in range(sentence_first, n):
            s.first_context[i] = sentence_first
            s.end_context[i] = n
        if p.skip_gram and p.window <= WIDEST_BLOCK:
            note_repeats(s, p, sentence_first, n)
    return n


cdef inline void note_repeats(Scratch *s, const Problem *p, int first, int end) noexcept nogil:
    """Fills s.repeats for a sentence; it tells whether a word is twice on a side of a window."""
    cdef int i, j
    cdef int latest = -1
    for i in range(first, end):
        for j in range(max(first, i + 1 - p.window), i):
            if s.kept[j] == s.kept[i]:
                latest = max(latest, j)
        s.repeats[i] = latest


cdef int64_t set_windows(Scratch *s, const Problem *p, int n, uint64_t *random) noexcept nogil:
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


cdef inline void draw(const Problem *p, uint64_t *random, int sets, uint64_t *draws) noexcept nogil:
    """Draws for sets of negatives, one after the other; requests their lines of the alias table."""
    cdef int n = sets * p.negative
    cdef int i
    if p.given != NULL:
        return
    fill_random(random, draws, n)
    for i in range(n):
        NW_PREFETCH(p.alias + 2 * <size_t>alias_slot(draws[i], p.vocabulary))


cdef inline void resolve(Scratch *s, const Problem *p, int sets, const uint64_t *draws,
                         int32_t *negatives) noexcept nogil:
    cdef int n = sets * p.negative
    cdef int i
    cdef uint32_t slot
    if p.given != NULL:
        memcpy(negatives, s.given, n * sizeof(int32_t))
        s.given += n
        return
    for i in range(n):
        slot = alias_slot(draws[i], p.vocabulary)
        negatives[i] = <int32_t>alias_pick(draws[i], p.alias + 2 * <size_t>slot, slot)


cdef inline const int32_t *negatives_of(const Scratch *s, const Problem *p, int centre) noexcept nogil:
    return s.negatives + (centre & (RING - 1)) * p.negative


cdef inline void draw_ahead(Scratch *s, const Problem *p, int centre, int n,
                            uint64_t *random) noexcept nogil:
    """Makes sure that the negatives of the next of n centres are there.

    Those of several centres are taken from the alias table together. Its lines have been requested
    that many centres before.
    """
    cdef int following = centre + <int>DRAWN_AT_ONCE
    if centre % DRAWN_AT_ONCE != 0:
        return
    if centre == 0:
        draw(p, random, min(following, n), s.draws)
    resolve(s, p, min(<int>DRAWN_AT_ONCE, n - centre), s.draws,
            s.negatives + (centre & (RING - 1)) * p.negative)
    if following < n:
        draw(p, random, min(<int>DRAWN_AT_ONCE, n - following), s.draws)


cdef inline void want_outputs(Scratch *s, const Problem *p, int32_t word,
                              const int32_t *negatives) noexcept nogil:
    cdef int n = s.wanted.count
    cdef int i
    cdef int64_t node
    if p.path_starts != NULL:
        for node in range(p.path_starts[word], p.path_starts[word + 1]):
            if p.path_nodes[node] < p.first_hot_node:
                s.wanted.rows[n] = p.node_vectors + <size_t>p.path_nodes[node] * p.length
                n += 1
    if p.negative > 0:
        s.wanted.rows[n] = output_row(s, p, word)
        n += 1
        for i in range(p.negative):
            s.wanted.rows[n] = output_row(s, p, negatives[i])
            n += 1
    s.wanted.count = n


cdef inline void want_input(Scratch *s, const Problem *p, int position) noexcept nogil:
    s.wanted.rows[s.wanted.count] = s.rows[position]
    s.wanted.count += 1


cdef inline void train_context(Scratch *s, const Problem *p, int centre, int first, int end,
                               float learning_rate, loss_sum *losses) noexcept nogil:
    """One block: the context words at positions first..end-1, the outputs that are set."""
    gather_inputs(s, p, centre, first, end)
    if s.n_inputs == 0:
        return
    if p.skip_gram:
        block_update(s, p, learning_rate, losses)
    else:
        window_block(s, p, learning_rate, losses)
    s.wanted.count = 0  # requested along the way


cdef inline int end_of_block(int begin, int centre, int end) noexcept nogil:
    """Where the block of context words that begins at `begin` ends."""
    return min(begin + BLOCK_WORDS, centre if begin < centre else end)


cdef inline int next_block(int block_end, int centre) noexcept nogil:
    return block_end + (block_end == centre)


cdef void train_blocks(Scratch *s, const Problem *p, int centre, int first, int end,
                       uint64_t *random, float learning_rate, loss_sum *losses) noexcept nogil:
    """Skip-gram, a wide window: block after block, each with negatives of its own."""
    cdef int k = p.negative
    cdef int n = 0
    cdef int begin = next_block(first, centre)
    cdef int block_end, following, i
    cdef const int32_t *negatives = s.negatives
    while begin < end:
        n += 1
        begin = next_block(end_of_block(begin, centre, end), centre)
    draw(p, random, n, s.draws)
    resolve(s, p, n, s.draws, s.negatives)
    begin = next_block(first, centre)
    while begin < end:
        block_end = end_of_block(begin, centre, end)
        following = next_block(block_end, centre)
        set_outputs(s, p, s.kept[centre], negatives)
        negatives += k
        s.wanted.count = 0
        if following < end:
            want_outputs(s, p, s.kept[centre], negatives)
            for i in range(following, end_of_block(following, centre, end)):
                want_input(s, p, i)
        train_context(s, p, centre, begin, block_end, learning_rate, losses)
        begin = following


cdef int64_t sets_of_negatives(const Scratch *s, const Problem *p, int n,
                               int64_t pairs) noexcept nogil:
    """How often train_span() draws negatives for n kept tokens whose windows are set."""
    cdef int64_t sets = 0
    cdef int centre, begin, end
    if p.skip_gram and not p.share_negatives:
        return pairs
    if not cut_into_blocks(p):
        return n
    for centre in range(n):
        end = s.end_context[centre]
        begin = next_block(s.first_context[centre], centre)
        while begin < end:
            sets += 1
            begin = next_block(end_of_block(begin, centre, end), centre)
    return sets


cdef void train_span(Scratch *s, const Problem *p, const int32_t *tokens,
                     const int64_t *sentence_starts, int64_t first, int64_t end,
                     uint64_t random, float learning_rate, Totals *totals) noexcept nogil:
    cdef loss_sum losses
    cdef int centre, ahead, i, first_context, end_context
    cdef bint per_pair = p.skip_gram and not p.share_negatives and p.negative > 0
    cdef bint in_blocks = cut_into_blocks(p)
    cdef bint draws_ahead = not per_pair and not in_blocks
    cdef bint prepares = draws_ahead and p.negative > 0 and p.path_starts == NULL
    cdef int n = subsample(s, p, tokens, sentence_starts, first, end, &random)
    totals.kept = n
    totals.pairs = set_windows(s, p, n, &random)
    loss_reset(&losses)
    set_merging(s, p, learning_rate)
    # Memory is slower than arithmetic here. So rows are requested some centres before their use:
    # those of the negatives, and the one that enters the window.
    for i in range(min(p.window + <int>ROWS_AHEAD, n)):
        s.wanted.count = 0
        want_input(s, p, i)
        request_rows(&s.wanted, <int>p.length)
    for centre in range(-<int>ROWS_AHEAD, n):
        s.wanted.rows = s.wanted_buffer
        s.wanted.count = 0
        ahead = centre + <int>ROWS_AHEAD
        if ahead < n:
            if draws_ahead:
                draw_ahead(s, p, ahead, n, &random)
            if prepares:
                prepare_outputs(s, p, ahead, negatives_of(s, p, ahead))
            elif draws_ahead:
                want_outputs(s, p, s.kept[ahead], negatives_of(s, p, ahead))
            want_hot_word(s, p, s.kept[ahead])
        ahead += p.window
        if ahead < n:
            want_input(s, p, ahead)
        if centre >= 0:
            merge_hot_word(s, p, s.kept[centre])
        if centre < 0 or s.end_context[centre] - s.first_context[centre] < 2:
            request_rows(&s.wanted, <int>p.length)
            continue
        first_context, end_context = s.first_context[centre], s.end_context[centre]
        if p.merges_in_turn:
            merge_in_turn(s, p, end_context - first_context)
        if per_pair:
            for i in range(first_context, end_context):
                if i != centre:
                    draw(p, &random, 1, s.draws)
                    resolve(s, p, 1, s.draws, s.negatives)
                    set_outputs(s, p, s.kept[centre], s.negatives)
                    train_context(s, p, centre, i, i + 1, learning_rate, &losses)
            continue
        if in_blocks:
            train_blocks(s, p, centre, first_context, end_context, &random, learning_rate, &losses)
            continue
        if prepares:
            use_prepared_outputs(s, p, centre, negatives_of(s, p, centre))
        else:
            set_outputs(s, p, s.kept[centre], negatives_of(s, p, centre))
        if p.skip_gram:
            # One block for each side is closer to pair after pair than one block for both: on
            # small corpora the vectors are measurably better. It is nearly as fast.
            train_context(s, p, centre, first_context, centre, learning_rate, &losses)
            train_context(s, p, centre, centre + 1, end_context, learning_rate, &losses)
        else:
            train_context(s, p, centre, first_context, end_context, learning_rate, &losses)
    totals.loss = loss_total(&losses)


cdef class SpanTrainer:
    """Trains spans of a token stream; see :class:`negw2v.kernels.reference.SpanTrainer`."""

    cdef Problem problem
    cdef object arrays  # keeps alive what the pointers point at

    def __init__(self, objective, weights, tables, threads=1):
        checks.check_problem(objective, weights, tables, threads, compiled=True)
        cdef Problem *p = &self.problem
        # Skip-gram trains a wide window's rows too often for copies: the vectors get worse.
        cdef bint has_copies = threads > 1 and (
            objective.window <= <int>WIDEST_BLOCK or not objective.skip_gram)
        memset(p, 0, sizeof(Problem))
        describe(p, objective, tables)
        p.vocabulary = weights.input_vectors.shape[0]
        p.length = weights.input_vectors.shape[1]
        p.input_vectors = <float *>address(weights.input_vectors)
        p.lock_factors = <const float *>address(weights.lock_factors)
        p.one_lock_factor = weights.lock_factors.shape[0] == 1
        p.locked = bool((weights.lock_factors != 1.0).any())
        if objective.negative > 0:
            p.output_vectors = <float *>address(weights.output_vectors)
        if tables.huffman is not None:
            p.node_vectors = <float *>address(weights.node_vectors)
            p.first_hot_node = weights.node_vectors.shape[0]
            if has_copies:
                p.hot_nodes = min(<int>HOT_NODES, <int>p.first_hot_node)
                p.first_hot_node -= p.hot_nodes
        p.centres_to_merge = max(1, <int>CENTRES_PER_MERGE // <int>threads)
        p.uses_to_merge = max(1, <int>USES_PER_MERGE // <int>threads)
        if has_copies:
            p.hot_words = min(<int>HOT_WORDS, <int>p.vocabulary)
            p.merges_in_turn = p.window > WIDEST_BLOCK
        self.arrays = (weights, tables)

    def train(self, tokens, sentence_starts, span_starts, Py_ssize_t first, Py_ssize_t last,
              streams, learning_rates, totals):
        """Train spans first..last-1; see the NumPy twin for the parameters."""
        checks.check_spans(self.problem.vocabulary, tokens, sentence_starts, span_starts, first,
                           last, streams)
        checks.check_results(last, learning_rates, totals)
        cdef Problem *p = &self.problem
        cdef Spans spans = spans_of(tokens, sentence_starts, span_starts, streams)
        cdef const float *rate = <const float *>address(learning_rates)
        cdef Totals *total = <Totals *>address(totals)
        cdef Scratch scratch
        cdef Py_ssize_t i
        cdef int64_t sets = 0
        cdef uint64_t random
        cdef size_t longest = longest_span(&spans, first, last)
        cdef size_t size = lay_out(&scratch, p, longest, NULL)
        cdef char *memory = <char *>malloc(size + 64)
        if memory == NULL:
            raise MemoryError(f"training needs {size} bytes of working memory per thread")
        try:
            lay_out(&scratch, p, longest, memory + (-<uintptr_t>memory & 63))
            if p.given != NULL:
                for i in range(first, last):
                    sets += sets_of_span(&scratch, p, &spans, i, &random)
                checks.check_negatives(len(self.arrays[1].negatives), sets * p.negative)
            with nogil:
                prepare(&scratch, p)
                for i in range(first, last):
                    train_span(&scratch, p, spans.tokens, spans.sentences, spans.starts[i],
                               spans.starts[i + 1], spans.streams[i], rate[i], &total[i])
                merge_all_hot(&scratch)
        finally:
            free(memory)


def negatives(objective, tables, tokens, sentence_starts, span_starts, Py_ssize_t first,
              Py_ssize_t last, streams):
    """int32: the words that train() draws as negatives; see the NumPy twin."""
    cdef Problem problem
    cdef Scratch scratch
    memset(&problem, 0, sizeof(Problem))
    problem.vocabulary = checks.check_draws(objective, tables)
    checks.check_spans(problem.vocabulary, tokens, sentence_starts, span_starts, first, last,
                       streams)
    describe(&problem, objective, tables)
    cdef Spans spans = spans_of(tokens, sentence_starts, span_starts, streams)
    cdef size_t longest = longest_span(&spans, first, last)
    cdef char *memory = <char *>malloc(lay_out(&scratch, &problem, longest, NULL) + 64)
    cdef uint64_t random
    cdef int32_t *place
    cdef int64_t sets, i
    cdef Py_ssize_t span
    if memory == NULL:
        raise MemoryError(f"no working memory for spans of {longest} tokens")
    drawn = [np.empty(0, dtype=np.int32)]
    try:
        lay_out(&scratch, &problem, longest, memory + (-<uintptr_t>memory & 63))
        for span in range(first, last):
            sets = sets_of_span(&scratch, &problem, &spans, span, &random)
            drawn.append(np.empty(sets * problem.negative, dtype=np.int32))
            place = <int32_t *>address(drawn[len(drawn) - 1])
            for i in range(sets):
                draw(&problem, &random, 1, scratch.draws)
                resolve(&scratch, &problem, 1, scratch.draws, place + i * problem.negative)
    finally:
        free(memory)
    return np.concatenate(drawn)


cdef int64_t sets_of_span(Scratch *s, const Problem *p, const Spans *spans, Py_ssize_t span,
                          uint64_t *random) noexcept nogil:
    """How often a span draws negatives; `random` is then where it begins to."""
    cdef int n
    cdef int64_t pairs
    random[0] = spans.streams[span]
    n = subsample(s, p, spans.tokens, spans.sentences, spans.starts[span], spans.starts[span + 1],
                  random)
    pairs = set_windows(s, p, n, random)
    return sets_of_negatives(s, p, n, pairs)


cdef Spans spans_of(tokens, sentence_starts, span_starts, streams):
    cdef Spans spans
    spans.tokens = <const int32_t *>address(tokens)
    spans.sentences = <const int64_t *>address(sentence_starts)
    spans.starts = <const int64_t *>address(span_starts)
    spans.streams = <const uint64_t *>address(streams)
    return spans


cdef size_t longest_span(const Spans *spans, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    """The number of tokens in the longest of some spans."""
    cdef size_t longest = 0
    cdef Py_ssize_t i
    for i in range(first, last):
        longest = max(longest, <size_t>(spans.sentences[spans.starts[i + 1]]
                                        - spans.sentences[spans.starts[i]]))
    return longest


cdef void describe(Problem *p, objective, tables):
    """What the objective and the tables say."""
    p.skip_gram = objective.skip_gram
    p.window = objective.window
    p.shrink_windows = objective.shrink_windows
    p.negative = objective.negative
    p.share_negatives = objective.share_negatives
    p.cbow_mean = objective.cbow_mean
    p.corrected_cbow = objective.corrected_cbow
    if tables.keep is not None:
        p.keep = <const uint32_t *>address(tables.keep)
    if objective.negative > 0:
        if tables.negatives is not None:
            p.given = <const int32_t *>address(tables.negatives)
        else:
            p.alias = <const uint32_t *>address(tables.alias)
    if tables.huffman is not None:
        p.path_starts = <const int64_t *>address(tables.huffman.starts)
        p.path_nodes = <const int32_t *>address(tables.huffman.nodes)
        p.path_signs = <const int8_t *>address(tables.huffman.signs)
        p.longest_path = tables.huffman.longest


cdef uintptr_t address(array) except? 0:
    return array.ctypes.data
