"""The update of one block: its input rows against its output rows.

In the map: between training.pyx, which decides which rows meet, and tiles.h, whose arithmetic goes
a tile at a time; here tiles become blocks. The rows are those that problem.pxd has put into
`Scratch`. negw2v/kernels/reference.py says the same in NumPy.

    block_update         skip-gram: every input row against every output row
      run_update           rows of different words, all at once
      rows_in_order        one row after the other
    window_block         CBOW: the sum or mean of the input rows against every output row
      window_in_order      the same, its step bounded
    two_windows_block    CBOW: two neighbouring windows with the same negatives

The updates of a run are computed from the same values and added up. That is as good as one pair
after the other while the updates are small: few rows, no row twice, no score far on the wrong side.
Everything else is trained in order, with the result of one pair after the other: every input row
is scored against the outputs as the rows before it have left them. Those rows have moved the
outputs along themselves. So the products of the input rows with each other say how the scores
change (`products`), and the products of their steps say how far an input row moves along the
earlier ones (`pulls`). Where a score is badly wrong, the lengths of the rows bound the step
(`bounded_rate`).
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t
from libc.math cimport expf, sqrtf
from libc.stdlib cimport qsort
from libc.string cimport memcpy, memset

from problem cimport BADLY_WRONG, Problem, Scratch, cut_into_blocks, is_high
from tiles cimport (
    TILE_ROWS,
    TILE_STRIDE,
    loss_badly_wrong,
    loss_reset,
    loss_sum,
    one_row_steps,
    rows_add,
    rows_products,
    rows_pulls,
    rows_square,
    rows_sum,
    rows_update,
    scores_after,
    tile_scores,
    tile_steps,
    tile_update,
    two_rows_steps,
    two_windows_steps,
    two_windows_update,
    window_pair,
    window_steps,
    window_update,
)


cdef inline bint has_repeated_inputs(const Scratch *s) noexcept nogil:
    """Skip-gram: whether a word is there twice among the inputs."""
    return s.repeats[s.end_inputs - 1] >= s.first_input


cdef inline float *pair_place(const Scratch *s, float *tiles, int row, int output) noexcept nogil:
    """The place of a pair in s.steps or s.scores."""
    return (tiles + output // TILE_ROWS * s.steps_per_tile + row * TILE_STRIDE
            + output % TILE_ROWS)


cdef inline void hide_repeated_outputs(Scratch *s) noexcept nogil:
    """Of equal rows only the first stays: no row is written twice."""
    cdef int b
    for b in range(s.n_outputs):
        if s.same_output[b] != b:
            s.outputs[b] = s.zero_row


cdef inline void show_repeated_outputs(Scratch *s) noexcept nogil:
    cdef int b
    for b in range(s.n_outputs):
        s.outputs[b] = s.outputs[s.same_output[b]]


cdef inline float bounded_rate(const Scratch *s, const Problem *p, float input_square, float gain,
                               float learning_rate) noexcept nogil:
    """The learning rate, but no more than what cannot pass the minimum of the loss.

    The curvature of log(1 + e^-z) is at most 1/4. So that of the loss is at most |input|^2 / 4
    along an output row, and the sum of |output|^2 / 4 along the input, times the `gain`: how far
    the input moves for a step of 1.
    """
    cdef float curvature = input_square
    curvature += gain * rows_square(s.outputs, s.n_outputs, <int>p.length)
    return min(learning_rate, <float>4.0 / curvature)


cdef inline float order_repeated_outputs(const Scratch *s, int row, float square,
                                         float learning_rate) noexcept nogil:
    """Takes a row's steps for equal outputs one after the other; they end in the first.

    `square` is the row's squared length. Returns how far the row pulls itself.
    """
    cdef int b
    cdef float probability, step
    cdef float pull = 0.0
    cdef float *first
    cdef float *repeated
    for b in range(s.n_outputs):
        repeated = pair_place(s, s.steps, row, b)
        if s.same_output[b] == b or repeated[0] == 0.0:
            continue
        first = pair_place(s, s.steps, row, s.same_output[b])
        # Only negatives repeat: the step is -rate * sigmoid(score), of a score that has moved.
        probability = -repeated[0] / learning_rate
        step = -learning_rate / (<float>1.0 + (<float>1.0 - probability) / probability
                                 * expf(-first[0] * square))
        pull += first[0] * step
        first[0] += step
        repeated[0] = 0.0
    return pull


cdef inline int steps_in_order(Scratch *s, const Problem *p, float **inputs, int n, float gain,
                               bint always_bounded, float learning_rate,
                               loss_sum *losses) noexcept nogil:
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
    cdef float *rows[TILE_ROWS]
    cdef float rate
    cdef loss_sum before
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
                pair_place(s, s.scores, i, b)[0] = pair_place(s, s.scores, i, s.same_output[b])[0]
        before = losses[0]
        for t in range(s.n_tiles):
            if two:
                two_rows_steps(s.scores + t * s.steps_per_tile + row, &s.signs[t],
                                  learning_rate, s.steps + t * s.steps_per_tile + row, losses)
            else:
                one_row_steps(s.scores + t * s.steps_per_tile + row, &s.signs[t], learning_rate,
                          s.steps + t * s.steps_per_tile + row, losses)
        if loss_badly_wrong(losses, BADLY_WRONG) or always_bounded:
            if i > 0 or two:
                losses[0] = before
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


cdef inline void update_rows(Scratch *s, const Problem *p, int first, int n,
                             const float *pulls) noexcept nogil:
    """Moves n input rows from `first` on, and the outputs, by s.steps and the pulls."""
    cdef int t, i
    cdef int length = <int>p.length
    cdef float **inputs = s.inputs + first
    cdef const float *locks = s.locks + first if p.locked else NULL
    if pulls == NULL and locks == NULL and n <= TILE_ROWS:
        rows_update(inputs, n, s.outputs, s.n_outputs, length, s.steps, s.steps_per_tile, &s.wanted)
        return
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


cdef inline void change_rows(Scratch *s, const Problem *p, float **inputs, int n,
                             const float *pulls) noexcept nogil:
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


cdef inline int end_of_run(const Scratch *s, int first, int end) noexcept nogil:
    """Where the different words from `first` on end, but not behind `end`."""
    cdef int last, i
    cdef const int32_t *words = s.kept + s.first_input
    for last in range(first + 1, end):
        for i in range(first, last):
            if words[i] == words[last]:
                return last
    return end


cdef inline void rows_in_order(Scratch *s, const Problem *p, int first, int end,
                               float learning_rate, loss_sum *losses) noexcept nogil:
    """Skip-gram: one input row after the other."""
    cdef int n
    if s.repeated_outputs:
        hide_repeated_outputs(s)
    while first < end:
        n = end_of_run(s, first, min(first + <int>TILE_ROWS, end)) - first
        n = steps_in_order(s, p, s.inputs + first, n, 1.0, False, learning_rate, losses)
        update_rows(s, p, first, n, s.pulls)
        s.wanted.count = 0
        first += n
    if s.repeated_outputs:
        show_repeated_outputs(s)


cdef inline void run_update(Scratch *s, const Problem *p, int first, int end,
                            float learning_rate, loss_sum *losses) noexcept nogil:
    """Skip-gram: input rows of different words, all at once."""
    cdef int t, i
    cdef int n = end - first
    cdef int length = <int>p.length
    cdef loss_sum counted_before
    for t in range(s.n_tiles):
        tile_steps(s.inputs + first, n, s.outputs + t * TILE_ROWS, length, &s.signs[t],
                   learning_rate, s.steps + t * s.steps_per_tile, losses)
    if loss_badly_wrong(losses, BADLY_WRONG):
        loss_reset(&counted_before)
        rows_in_order(s, p, first, end, learning_rate, &counted_before)
        return
    if s.repeated_outputs:
        for i in range(n):
            order_repeated_outputs(s, i, rows_square(s.inputs + first + i, 1, length),
                                   learning_rate)
        hide_repeated_outputs(s)
    update_rows(s, p, first, n, NULL)
    if s.repeated_outputs:
        show_repeated_outputs(s)


cdef inline void block_update(Scratch *s, const Problem *p, float learning_rate,
                              loss_sum *losses) noexcept nogil:
    """Skip-gram: every input row against every output row."""
    cdef int first, end
    if cut_into_blocks(p) or is_high(learning_rate):
        rows_in_order(s, p, 0, s.n_inputs, learning_rate, losses)
        return
    end = s.n_inputs
    if end > 1 and has_repeated_inputs(s):
        end = end_of_run(s, 0, end)
    first = 0
    while True:
        run_update(s, p, first, end, learning_rate, losses)
        if end == s.n_inputs:
            return
        s.wanted.count = 0
        first = end
        end = end_of_run(s, first, s.n_inputs)


cdef inline int by_value(const void *a, const void *b) noexcept nogil:
    cdef int32_t x = (<const int32_t *>a)[0]
    cdef int32_t y = (<const int32_t *>b)[0]
    return (x > y) - (x < y)


cdef inline float window_gain(Scratch *s, float scale) noexcept nogil:
    """How far `scale` times the sum of the rows moves where each position's row moves by 1.

    A word that is there r times moves r times as far, in r places.
    """
    cdef int i
    cdef int run = 0
    cdef double squares = 0
    cdef int before = s.centre - s.first_input
    memcpy(s.sorted_words, s.kept + s.first_input, before * sizeof(int32_t))
    memcpy(s.sorted_words + before, s.kept + s.centre + 1,
           (s.n_inputs - before) * sizeof(int32_t))
    qsort(s.sorted_words, s.n_inputs, sizeof(int32_t), &by_value)
    for i in range(s.n_inputs):
        run += 1
        if i + 1 == s.n_inputs or s.sorted_words[i + 1] != s.sorted_words[i]:
            squares += <double>run * run
            run = 0
    return <float>(scale * squares)


cdef inline void window_in_order(Scratch *s, const Problem *p, float scale, float gradient_scale,
                                 bint always_bounded, float learning_rate,
                                 loss_sum *losses) noexcept nogil:
    """CBOW: s.hidden is there; equal outputs one after the other, the step bounded."""
    if s.repeated_outputs:
        hide_repeated_outputs(s)
    steps_in_order(s, p, &s.hidden, 1, window_gain(s, scale) * gradient_scale,
                   always_bounded, learning_rate, losses)
    change_rows(s, p, &s.hidden, 1, s.pulls)
    rows_add(s.inputs, s.n_inputs, s.locks if p.locked else NULL, gradient_scale, <int>p.length,
             s.changes[0])


cdef inline void window_block(Scratch *s, const Problem *p, float learning_rate,
                              loss_sum *losses) noexcept nogil:
    """CBOW: the mean or sum of the input rows against every output row."""
    cdef int t
    cdef int length = <int>p.length
    cdef const float *locks = s.locks if p.locked else NULL
    cdef float mean = <float>1.0 / <float>s.n_inputs
    cdef float scale = mean if p.cbow_mean else <float>1.0
    cdef float gradient_scale = mean if p.corrected_cbow else <float>1.0
    cdef loss_sum counted_before
    if not p.cbow_mean:
        # Each of n rows moves the sum. By the whole gradient it would move n times as far.
        gradient_scale = sqrtf(mean)
    if not p.cbow_mean or is_high(learning_rate):
        rows_sum(s.inputs, s.n_inputs, scale, length, s.hidden)
        window_in_order(s, p, scale, gradient_scale, True, learning_rate, losses)
        return
    if s.n_tiles == 1:
        window_steps(s.inputs, s.n_inputs, mean, s.outputs, length, s.signs, learning_rate,
                     s.hidden, s.steps, losses)
    else:
        rows_sum(s.inputs, s.n_inputs, mean, length, s.hidden)
        for t in range(s.n_tiles):
            tile_steps(&s.hidden, 1, s.outputs + t * TILE_ROWS, length, &s.signs[t],
                       learning_rate, s.steps + t * s.steps_per_tile, losses)
    if loss_badly_wrong(losses, BADLY_WRONG):
        loss_reset(&counted_before)
        window_in_order(s, p, scale, gradient_scale, False, learning_rate, &counted_before)
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


cdef inline bint two_windows_block(Scratch *s, const Problem *p, float **outputs,
                                   float learning_rate, loss_sum *losses) noexcept nogil:
    """CBOW: s.two_windows as one block. False: a pair is badly wrong, only the loss is counted."""
    cdef const window_pair *windows = &s.two_windows
    cdef float scale_a = 1.0
    cdef float scale_b = 1.0
    two_windows_steps(windows, outputs, <int>p.length, s.signs, learning_rate, s.hidden_of_two,
                      s.steps, losses)
    if loss_badly_wrong(losses, BADLY_WRONG):
        return False
    if p.corrected_cbow:
        scale_a /= <float>(windows.only_first + windows.both)
        scale_b /= <float>(windows.both + windows.only_second)
    two_windows_update(windows, scale_a, scale_b, s.hidden_of_two, outputs, <int>p.length, s.steps,
                       &s.wanted)
    s.wanted.count = 0  # requested along the way
    return True
