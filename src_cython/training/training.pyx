"""The training loops: spans of a token stream in, changed vectors out.

In the map: the top of this folder, compiled per instruction-set level into
negw2v.kernels._training_*. It decides which rows meet; problem.pxd gathers them, block.pxd updates
them, tiles.h does the arithmetic. negw2v/kernels/reference.py says the same in NumPy.

    SpanTrainer.train    checks the arrays, releases the GIL
      read_span          subsampling, windows
      train_windows      centre by centre, two centres ahead in memory
        train_blocks     skip-gram, a wide window: the next two for block after block
        set_outputs      the rows a centre word is scored against: Huffman path, negatives
        train_context    one block; CBOW: the window, skip-gram: one side of it, or one pair
          block_update   skip-gram: n context rows x m output rows
          window_block   CBOW: the sum or mean of the context rows x m output rows
        train_two_windows
                         CBOW: two neighbouring windows with the same negatives
    RoundTrainer.train   the same spans in rounds of shards, whoever trains which
      join               a thread's part in a team: train, merge, train, merge, ...
        prepare_shard    reads a span of the next round (shards.pxd)
        train_shard      with copies of the rows
        merge_round      a share of the rows
    negatives            the same draws, without training
"""

from libc.stddef cimport size_t
from libc.stdint cimport INT32_MAX, int8_t, int32_t, int64_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

import numpy as np

from block cimport block_update, two_windows_block, window_block
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
    is_high,
    lay_out,
    merge_all_hot,
    merge_hot_word,
    merge_in_turn,
    most_blocks,
    output_row,
    prepare,
    prepare_outputs,
    prepare_two_windows,
    set_merging,
    set_outputs,
    use_prepared_outputs,
    want_hot_word,
)
from random cimport alias_pick, alias_slot, below, fill_random, high_bits, next_random
from shards cimport (
    MOST_SHARDS,
    PICKS_PER_DRAW,
    Copies,
    Crowd,
    Parts,
    Shard,
    Touched,
    begin_crowd,
    begin_shard,
    bit_words,
    copy_rows,
    end_copies,
    end_crowd,
    end_shard,
    find_crowded,
    make_room_for_windows,
    merge_crowded,
    merge_row,
    number_rows,
    rows_of,
    settle_shard,
)
from tiles cimport (
    LANES,
    PORTABLE,
    TILE_ROWS,
    loss_reset,
    loss_sum,
    loss_total,
    request_rows,
)

from negw2v.errors import ParameterError
from negw2v.kernels import checks
from negw2v.kernels.merge import MOST, Changes
from negw2v.kernels.problem import aligned_matrix

cdef extern from "prefetch.h" nogil:
    void NW_PREFETCH(const void *address)

# What this module was compiled for: floats in a vector, and whether vectors are plain C.
lanes = int(LANES)
portable = bool(PORTABLE)
# The limits of blocks, as in problem.py.
block_limits = (int(WIDEST_BLOCK), int(BLOCK_WORDS), int(TILE_ROWS), float(BADLY_WRONG),
                HIGHEST_RATE / 1000.0)
# The limits of rounds, as in problem.py and merge.py.
round_limits = (int(PICKS_PER_DRAW), int(MOST_SHARDS))

cdef enum:
    ROWS_AHEAD = 2  # centres before its use a row is requested
    MERGES = 32  # shares of the rows that are merged at once


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
    return s.negatives + ((centre >> p.draw_shift) & (RING - 1)) * p.negative


cdef inline void draw_ahead(Scratch *s, const Problem *p, int centre, int n,
                            uint64_t *random) noexcept nogil:
    """Makes sure that the negatives of the next of n centres are there.

    Those of several centres are taken from the alias table together. Its lines have been requested
    that many centres before.
    """
    cdef int first = centre >> p.draw_shift
    cdef int following = first + <int>DRAWN_AT_ONCE
    cdef int sets = (n + p.draw_shift) >> p.draw_shift
    if first << p.draw_shift != centre or first % DRAWN_AT_ONCE != 0:
        return
    if first == 0:
        draw(p, random, min(following, sets), s.draws)
    resolve(s, p, min(<int>DRAWN_AT_ONCE, sets - first), s.draws,
            s.negatives + (first & (RING - 1)) * p.negative)
    if following < sets:
        draw(p, random, min(<int>DRAWN_AT_ONCE, sets - following), s.draws)


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
    if s.n_inputs == 0 or s.n_outputs == 0:  # the path of the only word has no nodes
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


cdef inline int blocks_of(const Scratch *s, int centre) noexcept nogil:
    """The number of blocks of a wide window."""
    cdef int n = 0
    cdef int end = s.end_context[centre]
    cdef int begin = next_block(s.first_context[centre], centre)
    while begin < end:
        n += 1
        begin = next_block(end_of_block(begin, centre, end), centre)
    return n


cdef inline int32_t *negatives_of_blocks(const Scratch *s, const Problem *p,
                                         int centre) noexcept nogil:
    """A centre's sets of negatives, one for each block; those of two centres are there."""
    return s.negatives + (centre & 1) * most_blocks(p) * p.negative


cdef inline void draw_blocks_ahead(Scratch *s, const Problem *p, int centre, int n,
                                   uint64_t *random) noexcept nogil:
    """Draws for the blocks of one of n centres; takes those of the one before from the table."""
    if centre > 0:
        resolve(s, p, blocks_of(s, centre - 1), s.draws, negatives_of_blocks(s, p, centre - 1))
    if centre < n:
        draw(p, random, blocks_of(s, centre), s.draws)


cdef void train_blocks(Scratch *s, const Problem *p, int centre, int n, float learning_rate,
                       loss_sum *losses) noexcept nogil:
    """Skip-gram, a wide window: block after block, each with negatives of its own."""
    cdef int k = p.negative
    cdef int end = s.end_context[centre]
    cdef int begin = next_block(s.first_context[centre], centre)
    cdef int block_end, following, i
    cdef const int32_t *negatives = negatives_of_blocks(s, p, centre)
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
        elif centre + 1 < n:
            want_outputs(s, p, s.kept[centre + 1], negatives_of_blocks(s, p, centre + 1))
        train_context(s, p, centre, begin, block_end, learning_rate, losses)
        begin = following


cdef int64_t sets_of_negatives(const Scratch *s, const Problem *p, int n,
                               int64_t pairs) noexcept nogil:
    """How often train_windows() draws negatives for n kept tokens whose windows are set."""
    cdef int64_t sets = 0
    cdef int centre
    if p.skip_gram and not p.share_negatives:
        return pairs
    if not cut_into_blocks(p):
        return (n + p.draw_shift) >> p.draw_shift
    for centre in range(n):
        sets += blocks_of(s, centre)
    return sets


cdef void train_two_windows(Scratch *s, const Problem *p, int first, int end, float learning_rate,
                            loss_sum *losses) noexcept nogil:
    """CBOW: the windows of centres first..end-1, one or two, which share their negatives."""
    cdef float *outputs[TILE_ROWS + 1]
    cdef loss_sum counted_before
    cdef int centre
    if (end - first == 2 and not is_high(learning_rate)
            and prepare_two_windows(s, p, first, outputs)):
        if two_windows_block(s, p, outputs, learning_rate, losses):
            return
        loss_reset(&counted_before)
        losses = &counted_before
    for centre in range(first, end):
        if s.end_context[centre] - s.first_context[centre] > 1:
            use_prepared_outputs(s, p, centre, negatives_of(s, p, centre))
            train_context(s, p, centre, s.first_context[centre], s.end_context[centre],
                          learning_rate, losses)
    request_rows(&s.wanted, <int>p.length)


cdef int read_span(Scratch *s, const Problem *p, const Spans *spans, int64_t span,
                   uint64_t *random, int64_t *pairs) noexcept nogil:
    """Fills what `s` has of the tokens that are kept, and their windows; returns their number."""
    cdef int n
    random[0] = spans.streams[span]
    n = subsample(s, p, spans.tokens, spans.sentences, spans.starts[span], spans.starts[span + 1],
                  random)
    pairs[0] = set_windows(s, p, n, random)
    return n


cdef void train_span(Scratch *s, const Problem *p, const Spans *spans, int64_t span,
                     float learning_rate, Totals *totals) noexcept nogil:
    """Trains a span on the weights themselves."""
    cdef uint64_t random
    totals.kept = read_span(s, p, spans, span, &random, &totals.pairs)
    totals.loss = train_windows(s, p, <int>totals.kept, random, learning_rate)


cdef double train_windows(Scratch *s, const Problem *p, int n, uint64_t random,
                          float learning_rate) noexcept nogil:
    """Trains n tokens, whose windows are set; returns their loss."""
    cdef loss_sum losses
    cdef int centre, ahead, i, first_context, end_context
    cdef bint per_pair = p.skip_gram and not p.share_negatives and p.negative > 0
    cdef bint in_blocks = cut_into_blocks(p)
    cdef bint draws_ahead = not per_pair and not in_blocks
    cdef bint prepares = draws_ahead and p.negative > 0 and p.path_starts == NULL
    cdef bint in_pairs = prepares and p.draw_shift == 1
    loss_reset(&losses)
    set_merging(s, p, learning_rate)
    # Memory is slower than arithmetic here. So rows are requested some centres before their use:
    # those of the negatives, and the one that enters the window.
    for i in range(min(p.window + <int>ROWS_AHEAD, n)):
        s.wanted.count = 0
        want_input(s, p, i)
        request_rows(&s.wanted, <int>p.length)
    for centre in range(-<int>ROWS_AHEAD, n):
        if not in_pairs or centre % 2 == 0:
            s.wanted.rows = s.wanted_buffer
            s.wanted.count = 0
        ahead = centre + <int>ROWS_AHEAD
        if in_blocks and ahead <= n:
            draw_blocks_ahead(s, p, ahead, n, &random)
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
        if centre < 0 or (s.end_context[centre] - s.first_context[centre] < 2 and not in_pairs):
            request_rows(&s.wanted, <int>p.length)
            continue
        first_context, end_context = s.first_context[centre], s.end_context[centre]
        if p.merges_in_turn and end_context - first_context > 1:
            merge_in_turn(s, p, end_context - first_context)
        if in_pairs:
            if centre % 2 == 1 or centre == n - 1:
                train_two_windows(s, p, centre & ~1, centre + 1, learning_rate, &losses)
            continue
        if per_pair:
            for i in range(first_context, end_context):
                if i != centre:
                    draw(p, &random, 1, s.draws)
                    resolve(s, p, 1, s.draws, s.negatives)
                    set_outputs(s, p, s.kept[centre], s.negatives)
                    train_context(s, p, centre, i, i + 1, learning_rate, &losses)
            continue
        if in_blocks:
            train_blocks(s, p, centre, n, learning_rate, &losses)
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
    return loss_total(&losses)


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
                    train_span(&scratch, p, &spans, i, rate[i], &total[i])
                merge_all_hot(&scratch)
        finally:
            free(memory)


cdef extern from "team.h" nogil:
    enum:
        TEAMS_EXIST

    ctypedef struct team_state:
        pass

    uint64_t team_take(team_state *team)
    void team_finish(team_state *team, uint32_t phase, uint32_t items)
    void team_wait(const team_state *team, uint32_t phase)
    void team_fail(team_state *team)
    bint team_failed(const team_state *team)


# Whether several threads can be a team.
has_teams = bool(TEAMS_EXIST)


cdef class Team:
    """The threads that train some rounds together: all that call train() with it."""

    cdef team_state state


cdef class RoundTrainer(SpanTrainer):
    """Trains spans in rounds; see :class:`negw2v.kernels.rounds_reference.RoundTrainer`."""

    cdef Shard *shards  # of two rounds: one is read while the other is trained
    cdef Copies *copies
    cdef Crowd crowds[2]  # of two rounds, too
    cdef int shard_count
    cdef float most

    def __init__(self, objective, weights, tables, int shards, float most=MOST):
        super().__init__(objective, weights, tables)
        checks.check_shards(shards)
        cdef int i
        cdef bint ready
        self.most = most
        self.shards = <Shard *>calloc(2 * shards, sizeof(Shard))
        self.copies = <Copies *>calloc(shards, sizeof(Copies))
        ready = self.shards != NULL and self.copies != NULL
        if ready:
            self.shard_count = shards
            for i in range(2 * shards):
                ready &= begin_shard(&self.shards[i], &self.problem, &self.copies[i % shards])
            for i in range(2):
                ready &= begin_crowd(&self.crowds[i], &self.problem)
        if not ready:
            raise MemoryError("there is no memory for the shards")

    def __dealloc__(self):
        cdef int i
        for i in range(self.shard_count):
            end_copies(&self.copies[i])
            end_shard(&self.shards[i])
            end_shard(&self.shards[self.shard_count + i])
        for i in range(2):
            end_crowd(&self.crowds[i])
        free(self.shards)
        free(self.copies)

    def train(self, tokens, sentence_starts, span_starts, Py_ssize_t first, Py_ssize_t last,
              streams, learning_rates, totals, Team team=None):
        """Train spans first..last-1; see the NumPy twin for the parameters."""
        self.train_or_merge(tokens, sentence_starts, span_starts, first, last, streams,
                            learning_rates, totals, Team() if team is None else team, True)

    def changes(self, tokens, sentence_starts, span_starts, Py_ssize_t first, Py_ssize_t last,
                streams, learning_rates, totals, Team team=None):
        """What the shards of one round change; see the NumPy twin for the parameters."""
        if last - first > self.shard_count:
            raise ParameterError(f"{last - first} spans are more than the {self.shard_count} "
                                 "shards of a round")
        self.train_or_merge(tokens, sentence_starts, span_starts, first, last, streams,
                            learning_rates, totals, Team() if team is None else team, False)
        weights = self.arrays[0]
        cdef const Problem *own
        cdef const Shard *shard
        result = {}
        for i in range(last - first):
            shard = &self.shards[i]
            own = &shard.problem
            for name, values, rows, count in (
                ("input_vectors", <uintptr_t>own.input_vectors,
                 <uintptr_t>rows_of(&shard.tokens), shard.tokens.count),
                ("output_vectors", <uintptr_t>own.output_vectors,
                 <uintptr_t>rows_of(&shard.words), shard.words.count),
                ("node_vectors", <uintptr_t>own.node_vectors,
                 <uintptr_t>rows_of(&shard.nodes), shard.nodes.count),
            ):
                if values:
                    result.setdefault(name, []).append(
                        changes_of(getattr(weights, name), rows, values, count))
        return result

    def help(self, tokens, sentence_starts, span_starts, Py_ssize_t first, Py_ssize_t last,
             streams, learning_rates, totals, Team team):
        """Train shards for changes(); see the NumPy twin for the parameters."""
        self.train_or_merge(tokens, sentence_starts, span_starts, first, last, streams,
                            learning_rates, totals, team, False)

    cdef train_or_merge(self, tokens, sentence_starts, span_starts, Py_ssize_t first,
                        Py_ssize_t last, streams, learning_rates, totals, Team team, bint merged):
        checks.check_spans(self.problem.vocabulary, tokens, sentence_starts, span_starts, first,
                           last, streams)
        checks.check_results(last, learning_rates, totals)
        cdef Rounds rounds
        cdef Scratch scratch
        cdef bint failed
        rounds.spans = spans_of(tokens, sentence_starts, span_starts, streams)
        rounds.first, rounds.end = first, last
        rounds.rates = <const float *>address(learning_rates)
        rounds.totals = <Totals *>address(totals)
        rounds.shards, rounds.shard_count = self.shards, self.shard_count
        rounds.crowds = self.crowds
        rounds.most = self.most
        rounds.merged = merged
        cdef size_t longest = longest_span(&rounds.spans, first, last)
        cdef size_t size = lay_out(&scratch, &self.problem, longest, NULL)
        cdef char *memory = <char *>malloc(size + 64)
        if memory == NULL:
            raise MemoryError(f"training needs {size} bytes of working memory per thread")
        try:
            with nogil:
                lay_out(&scratch, &self.problem, longest, memory + (-<uintptr_t>memory & 63))
                prepare(&scratch, &self.problem)
                join(&team.state, &scratch, &self.problem, &rounds)
                failed = team_failed(&team.state)
        finally:
            free(memory)
        if failed:
            raise MemoryError("there is no memory for the shards' copies of rows")


cdef struct Rounds:
    # what a team does
    Spans spans
    int64_t first  # span
    int64_t end
    const float *rates
    Totals *totals
    Shard *shards
    int shard_count
    Crowd *crowds
    float most
    bint merged  # or else one round is trained, and its copies stay as they are


cdef inline int shards_of(const Rounds *rounds, int64_t number) noexcept nogil:
    """How many shards a round has; 0: there is no such round."""
    cdef int64_t left = rounds.end - rounds.first - number * rounds.shard_count
    return <int>max(<int64_t>0, min(left, <int64_t>rounds.shard_count)) if number >= 0 else 0


cdef void join(team_state *team, Scratch *s, const Problem *p, const Rounds *rounds) noexcept nogil:
    """Takes part in the phases of a team until all are done.

    In each even one, a round is trained, and the next is prepared, by whom nothing is left to train.
    In each odd one, the first is merged, and what the next needs to know of all its shards is found.
    """
    cdef int64_t count = (rounds.end - rounds.first + rounds.shard_count - 1) // rounds.shard_count
    cdef int64_t phases = 2 * (count + 1) if rounds.merged else 3
    cdef uint64_t ticket
    cdef uint32_t phase, item, items
    cdef int64_t following  # round
    cdef int trained
    if count == 0:
        return
    while True:
        ticket = team_take(team)
        phase = <uint32_t>(ticket >> 32)
        item = <uint32_t>ticket
        if phase >= phases:
            return
        following = phase // 2
        trained = shards_of(rounds, following - 1)
        items = MERGES if phase % 2 else trained + shards_of(rounds, following)
        if item >= items:
            team_wait(team, phase)
            continue
        if team_failed(team):
            pass
        elif phase % 2:
            if trained:
                merge_round(p, rounds, following - 1, item)
            if following < count:
                find_crowd(p, rounds, following, item)
        elif item < <uint32_t>trained:
            if not train_shard(s, p, rounds, following - 1, item):
                team_fail(team)
        elif not prepare_shard(s, p, rounds, following, item - trained):
            team_fail(team)
        team_finish(team, phase, items)


cdef inline Shard *shard_of(const Rounds *rounds, int64_t number, int64_t item) noexcept nogil:
    return rounds.shards + number % 2 * rounds.shard_count + item


cdef inline void use_windows(Scratch *s, const Shard *shard) noexcept nogil:
    s.kept = shard.kept
    s.first_context = shard.first_context
    s.end_context = shard.end_context
    s.repeats = shard.repeats


cdef bint prepare_shard(Scratch *s, const Problem *p, const Rounds *rounds, int64_t number,
                        int64_t item) noexcept nogil:
    """All that can be known of a shard before the weights are. False: there is no memory."""
    cdef Shard *shard = shard_of(rounds, number, item)
    cdef int64_t span = rounds.first + number * rounds.shard_count + item
    cdef Totals *totals = &rounds.totals[span]
    cdef uint64_t random
    if not make_room_for_windows(shard, longest_span(&rounds.spans, span, span + 1)):
        return False
    use_windows(s, shard)
    shard.count = read_span(s, p, &rounds.spans, span, &random, &totals.pairs)
    totals.kept = shard.count
    return number_rows(shard, p,
                       sets_of_negatives(s, p, shard.count, totals.pairs) * p.negative, &random)


cdef bint train_shard(Scratch *s, const Problem *p, const Rounds *rounds, int64_t number,
                      int64_t item) noexcept nogil:
    """False: there is no memory."""
    cdef Shard *shard = shard_of(rounds, number, item)
    cdef const Problem *own = &shard.problem
    cdef int64_t span = rounds.first + number * rounds.shard_count + item
    cdef int i
    if not copy_rows(shard, p):
        return False
    use_windows(s, shard)
    s.given = own.given
    for i in range(shard.count):
        s.rows[i] = input_row(s, own, shard.inputs[i])
    rounds.totals[span].loss = train_windows(s, own, shard.count, 0, rounds.rates[span])
    if rounds.merged:
        settle_shard(shard, p, &rounds.crowds[number % 2], rounds.most)
    return True


cdef void find_crowd(const Problem *p, const Rounds *rounds, int64_t number,
                     int64_t item) noexcept nogil:
    """Finds what several shards of a round touch, in one of MERGES shares of the rows."""
    cdef const Touched *inputs[MOST_SHARDS]
    cdef const Touched *outputs[MOST_SHARDS]
    cdef const Touched *nodes[MOST_SHARDS]
    cdef const Crowd *crowd = &rounds.crowds[number % 2]
    cdef int n = shards_of(rounds, number)
    cdef int64_t words = bit_words(p.vocabulary)
    cdef int64_t node_words = bit_words(p.first_hot_node)
    cdef const Shard *shard
    cdef int i
    for i in range(n):
        shard = shard_of(rounds, number, i)
        inputs[i] = &shard.tokens
        outputs[i] = &shard.words
        nodes[i] = &shard.nodes
    find_crowded(crowd.inputs, inputs, n, share(words, item), share(words, item + 1))
    if p.negative > 0:
        find_crowded(crowd.outputs, outputs, n, share(words, item), share(words, item + 1))
    if p.path_starts != NULL:
        find_crowded(crowd.nodes, nodes, n, share(node_words, item), share(node_words, item + 1))


cdef inline int64_t share(int64_t words, int64_t item) noexcept nogil:
    """The first word of one of MERGES shares."""
    return words * item // <int>MERGES


cdef void merge_round(const Problem *p, const Rounds *rounds, int64_t number,
                      int64_t item) noexcept nogil:
    """Merges, in one of MERGES shares of the rows, those that several shards of a round touch."""
    cdef Parts inputs[MOST_SHARDS]
    cdef Parts outputs[MOST_SHARDS]
    cdef Parts nodes[MOST_SHARDS]
    cdef const Crowd *crowd = &rounds.crowds[number % 2]
    cdef int n = shards_of(rounds, number)
    cdef int64_t words = bit_words(p.vocabulary)
    cdef int64_t node_words = bit_words(p.first_hot_node)
    cdef const Shard *shard
    cdef int i
    for i in range(n):
        shard = shard_of(rounds, number, i)
        inputs[i] = Parts(&shard.tokens, shard.problem.input_vectors)
        outputs[i] = Parts(&shard.words, shard.problem.output_vectors)
        nodes[i] = Parts(&shard.nodes, shard.problem.node_vectors)
    merge_crowded(p.input_vectors, p.length, inputs, n, crowd.inputs, share(words, item),
                  share(words, item + 1), rounds.most)
    if p.negative > 0:
        merge_crowded(p.output_vectors, p.length, outputs, n, crowd.outputs, share(words, item),
                      share(words, item + 1), rounds.most)
    if p.path_starts != NULL:
        merge_crowded(p.node_vectors, p.length, nodes, n, crowd.nodes, share(node_words, item),
                      share(node_words, item + 1), rounds.most)


cdef changes_of(matrix, uintptr_t rows, uintptr_t values, int count):
    """Copies of rows, less the rows themselves: what a shard has changed."""
    row_ids = np.empty(count, dtype=np.int32)
    changes = np.empty((count, matrix.shape[1]), dtype=np.float32)
    memcpy(<void *>address(row_ids), <const void *>rows, count * sizeof(int32_t))
    memcpy(<void *>address(changes), <const void *>values, changes.nbytes)
    changes -= matrix[row_ids]
    return Changes(row_ids, changes)


def merge_changes(matrix, shards, float most=MOST):
    """Add the changes of a round's shards to a matrix; see the NumPy twin for the parameters."""
    checks.check_changes(matrix, shards)
    cdef int n = len(shards)
    cdef const int32_t *rows[MOST_SHARDS]
    cdef const int32_t *ends[MOST_SHARDS]
    cdef float *values[MOST_SHARDS]
    cdef float *parts[MOST_SHARDS]
    cdef float *merged = <float *>address(matrix)
    cdef size_t length = matrix.shape[1]
    cdef int32_t row
    cdef int i, used
    spare = aligned_matrix(2, matrix.shape[1])
    cdef float *zeros = <float *>address(spare)
    for i in range(n):
        rows[i] = <const int32_t *>address(shards[i].rows)
        ends[i] = rows[i] + <size_t>len(shards[i].rows)
        values[i] = <float *>address(shards[i].values)
    with nogil:
        while True:
            row = INT32_MAX
            for i in range(n):
                if rows[i] < ends[i]:
                    row = min(row, rows[i][0])
            if row == INT32_MAX:
                break
            used = 0
            for i in range(n):
                if rows[i] < ends[i] and rows[i][0] == row:
                    parts[used] = values[i]
                    used += 1
                    rows[i] += 1
                    values[i] += length
            merge_row(merged + <size_t>row * length, zeros, parts, used, zeros + length, most,
                      <int>length)


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
    cdef int64_t pairs
    cdef int n = read_span(s, p, spans, span, random, &pairs)
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
    p.draw_shift = objective.pairs
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
