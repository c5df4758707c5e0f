"""The operations of negw2v.layers for float32.

In the map: the top of this folder, compiled per instruction-set level into
negw2v.kernels._layer_ops_*. It checks its arguments, releases the GIL and goes over the rows;
layer_rows.h does the arithmetic of each. negw2v/kernels/layer_reference.py says the same in NumPy
and describes every operation. Every operation takes a range first..last-1, so that threads can
divide it; ranges never share what they write.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from random cimport alias_pick, alias_slot, next_random
from layer_rows cimport (
    adam_row,
    adam_skip_row,
    logistic_row,
    momentum_row,
    momentum_skip_row,
    row_at,
    row_combination,
    row_matrix,
    row_request,
    row_scores,
    rows_request,
    scale_row,
    sgd_row,
    squares_row,
)

from negw2v.errors import ParameterError

cdef enum:
    MOST_DRAWS_PER_NEGATIVE = 64
    ROWS_AHEAD = 2  # how many rows before its turn a row's lines are requested from memory

ctypedef fused integer:
    int32_t
    int64_t


# --- what is given ------------------------------------------------------------------------


cdef row_matrix matrix_of(float[:, :] array) except *:
    cdef row_matrix matrix
    if array.shape[1] > 1 and array.strides[1] != sizeof(float):
        raise ParameterError("the elements of a row must lie side by side in memory")
    matrix.start = &array[0, 0] if array.shape[0] and array.shape[1] else NULL
    matrix.stride = array.strides[0] // <Py_ssize_t>sizeof(float)
    matrix.length = <int>array.shape[1]
    return matrix


cdef int require_range(Py_ssize_t first, Py_ssize_t last, Py_ssize_t size) except -1:
    if not 0 <= first <= last <= size:
        raise ParameterError(f"{first}..{last} is not a range of {size} rows")
    return 0


cdef int require_same_length(Py_ssize_t a, Py_ssize_t b) except -1:
    if a != b:
        raise ParameterError(f"rows of {a} and of {b} numbers do not fit together")
    return 0


cdef int require_room(Py_ssize_t have, Py_ssize_t need) except -1:
    if have < need:
        raise ParameterError(f"an array has {have} entries, {need} are needed")
    return 0


cdef int require_below(const int32_t[::1] values, Py_ssize_t first, Py_ssize_t last,
                       Py_ssize_t bound) except -1:
    """All of values[first:last] lie in 0..bound-1: one comparison each, as unsigned numbers."""
    cdef Py_ssize_t i
    cdef uint32_t largest = 0
    for i in range(first, last):
        largest = max(largest, <uint32_t>values[i])
    if first < last and largest >= bound:
        raise ParameterError(f"row numbers must lie in 0..{bound - 1}")
    return 0


cdef int require_starts(const int32_t[::1] starts, Py_ssize_t first, Py_ssize_t last,
                        Py_ssize_t pairs) except -1:
    cdef Py_ssize_t i
    cdef bint rising = True
    require_room(starts.shape[0], last + 1)
    for i in range(first, last):
        rising &= starts[i] <= starts[i + 1]
    if not rising or starts[first] < 0 or starts[last] > pairs:
        raise ParameterError(f"starts must rise from 0 to at most {pairs}, the number of pairs")
    return 0


# --- rows and pairs -----------------------------------------------------------------------


def narrow(const integer[:] indices, Py_ssize_t rows, int32_t[::1] out):
    """Copy row numbers into int32; return the position of the first bad one, or -1."""
    cdef Py_ssize_t i
    require_room(out.shape[0], indices.shape[0])
    for i in range(indices.shape[0]):
        if not 0 <= indices[i] < rows:
            return i
        out[i] = <int32_t>indices[i]
    return -1


def gather_sums(float[:, :] matrix, const int32_t[:, ::1] indices, float scale,
                float[:, :] out, Py_ssize_t first, Py_ssize_t last):
    """out[i] = scale * sum over j of matrix[indices[i, j]]."""
    cdef row_matrix source = matrix_of(matrix), target = matrix_of(out)
    cdef Py_ssize_t i, c = indices.shape[1]
    cdef uint32_t largest = 0
    require_range(first, last, min(indices.shape[0], out.shape[0]))
    require_same_length(source.length, target.length)
    if first == last or source.length == 0:
        return
    with nogil:
        for i in range(first * c, last * c):
            largest = max(largest, <uint32_t>(&indices[0, 0])[i])
    if c and largest >= matrix.shape[0]:
        raise ParameterError(f"row numbers must lie in 0..{matrix.shape[0] - 1}")
    with nogil:
        for i in range(first, last):
            if i + 1 < last and c:
                rows_request(&source, &indices[i + 1, 0], <int>c)
            row_combination(&source, &indices[i, 0] if c else NULL, NULL, NULL, <int>c, scale,
                            row_at(&target, i))


def pair_scores(float[:, :] inputs, float[:, :] outputs, const int32_t[::1] starts,
                const int32_t[::1] indices, float[::1] scores, Py_ssize_t first,
                Py_ssize_t last):
    """scores[p] = inputs[i] . outputs[indices[p]] for the pairs p of every row i."""
    cdef row_matrix x = matrix_of(inputs), y = matrix_of(outputs)
    cdef Py_ssize_t i
    require_range(first, last, inputs.shape[0])
    require_same_length(x.length, y.length)
    require_starts(starts, first, last, min(indices.shape[0], scores.shape[0]))
    require_below(indices, starts[first], starts[last], outputs.shape[0])
    with nogil:
        for i in range(first, last):
            if i + 1 < last and starts[i + 1] < starts[i + 2]:
                rows_request(&y, &indices[starts[i + 1]], starts[i + 2] - starts[i + 1])
            if starts[i] < starts[i + 1]:
                row_scores(row_at(&x, i), &y, &indices[starts[i]], starts[i + 1] - starts[i],
                           &scores[starts[i]])


def logistic_gradients(const float[::1] scores, const float[::1] signs, float[::1] gradients):
    """gradients = sigmoid(score) - label; returns the sum of the losses."""
    cdef Py_ssize_t n = scores.shape[0]
    cdef double loss
    require_room(min(signs.shape[0], gradients.shape[0]), n)
    if n == 0:
        return 0.0
    with nogil:
        loss = logistic_row(&scores[0], &signs[0], n, &gradients[0])
    return loss


def input_gradients(const float[::1] steps, float scale, float[:, :] outputs,
                    const int32_t[::1] starts, const int32_t[::1] indices,
                    float[:, :] gradients, Py_ssize_t first, Py_ssize_t last):
    """gradients[i] = scale * sum over its pairs p of steps[p] * outputs[indices[p]]."""
    cdef row_matrix y = matrix_of(outputs), target = matrix_of(gradients)
    cdef Py_ssize_t i
    cdef const int32_t *index
    cdef const float *step
    require_range(first, last, gradients.shape[0])
    require_same_length(y.length, target.length)
    require_starts(starts, first, last, min(indices.shape[0], steps.shape[0]))
    require_below(indices, starts[first], starts[last], outputs.shape[0])
    if first == last or y.length == 0:
        return
    index = &indices[0] if indices.shape[0] else NULL
    step = &steps[0] if steps.shape[0] else NULL
    with nogil:
        for i in range(first, last):
            row_combination(&y, index + starts[i], NULL, step + starts[i],
                            starts[i + 1] - starts[i], scale, row_at(&target, i))


def group_rows(const int32_t[::1] indices, int32_t[::1] slots, int32_t[::1] rows,
               int32_t[::1] starts, int32_t[::1] order):
    """Which positions name which row; returns the number of different rows."""
    cdef Py_ssize_t n = indices.shape[0], i
    cdef int32_t found = 0, row, count, total = 0
    require_room(min(rows.shape[0], order.shape[0]), n)
    require_room(starts.shape[0], n + 1)
    require_below(indices, 0, n, slots.shape[0])
    with nogil:
        for i in range(n):  # counts, in the places after where they are needed
            row = indices[i]
            if slots[row] < 0:
                slots[row] = found
                rows[found] = row
                starts[found] = 0
                found += 1
            starts[slots[row]] += 1
        for i in range(found):
            count = starts[i]
            starts[i] = total
            total += count
        for i in range(n):
            row = slots[indices[i]]
            order[starts[row]] = <int32_t>i
            starts[row] += 1
        for i in range(found, 0, -1):  # each now is where the next row starts
            starts[i] = starts[i - 1]
        starts[0] = 0
        for i in range(found):
            slots[rows[i]] = -1
    return found


def row_gradients(float[:, :] inputs, const int32_t[::1] sources, const float[::1] steps,
                  float scale, const int32_t[::1] starts, const int32_t[::1] order,
                  float[:, :] gradients, Py_ssize_t first, Py_ssize_t last):
    """gradients[r] = scale * sum over its positions p of steps[p] * inputs[sources[p]]."""
    cdef row_matrix x = matrix_of(inputs), target = matrix_of(gradients)
    cdef Py_ssize_t r
    cdef const float *step = NULL
    require_range(first, last, gradients.shape[0])
    require_same_length(x.length, target.length)
    require_starts(starts, first, last, order.shape[0])
    require_below(order, starts[first], starts[last], sources.shape[0])
    require_below(sources, 0, sources.shape[0], inputs.shape[0])
    if first == last or x.length == 0 or starts[first] == starts[last]:
        return
    if steps is not None:
        require_room(steps.shape[0], sources.shape[0])
        step = &steps[0]
    with nogil:
        for r in range(first, last):
            row_combination(&x, &sources[0], &order[0] + starts[r], step,
                            starts[r + 1] - starts[r], scale, row_at(&target, r))


# --- negative samples ---------------------------------------------------------------------


cdef inline bint among(int32_t word, const int32_t *found, int n) noexcept nogil:
    cdef int i
    for i in range(n):
        if found[i] == word:
            return True
    return False


cdef int32_t draw_from_rest(const double[::1] probabilities, int32_t target,
                            const int32_t *found, int n, double part) noexcept nogil:
    """A word that is neither the target nor found, by the cumulated sum of what is left."""
    cdef double total = 0.0, reached = 0.0
    cdef int32_t word, last = -1
    cdef int32_t words = <int32_t>probabilities.shape[0]
    for word in range(words):
        if word != target and not among(word, found, n):
            total += probabilities[word]
    for word in range(words):
        if word != target and probabilities[word] > 0.0 and not among(word, found, n):
            last = word
            reached += probabilities[word]
            if reached > part * total:
                return word
    return last


def draw_negatives(const uint32_t[:, ::1] alias, const double[::1] probabilities,
                   const int32_t[::1] targets, uint64_t stream, bint replace, int32_t[:, :] out,
                   Py_ssize_t first, Py_ssize_t last):
    """Negatives for each target, none of them the target itself."""
    cdef int k = <int>out.shape[1], n, drawn
    cdef uint32_t words = <uint32_t>probabilities.shape[0], slot
    cdef Py_ssize_t i
    cdef int32_t target, word
    cdef int32_t *found
    cdef uint64_t state, bits
    require_range(first, last, min(out.shape[0], targets.shape[0]))
    require_room(alias.shape[0], words)
    if k > 1 and out.strides[1] != sizeof(int32_t):
        raise ParameterError("the negatives of a target must lie side by side in memory")
    if k == 0:
        return
    with nogil:
        for i in range(first, last):
            state = stream ^ <uint64_t>i
            state = next_random(&state)
            target = targets[i]
            found = &out[i, 0]
            n = drawn = 0
            while n < k and drawn < MOST_DRAWS_PER_NEGATIVE * k:
                bits = next_random(&state)
                drawn += 1
                slot = alias_slot(bits, words)
                word = <int32_t>alias_pick(bits, &alias[slot, 0], slot)
                if word != target and (replace or not among(word, found, n)):
                    found[n] = word
                    n += 1
            while n < k:
                found[n] = draw_from_rest(probabilities, target, found, 0 if replace else n,
                                          <double>(next_random(&state) >> 11) / 9007199254740992.0)
                n += 1


# --- optimizers' steps --------------------------------------------------------------------


cdef class _Rows:
    """A matrix of weights, what an optimizer remembers of it, and how far each row has come."""

    cdef float[:, :] weights_array, first_array, second_array  # keep their memory alive
    cdef int32_t[::1] stamps
    cdef row_matrix w, a, b
    cdef Py_ssize_t count

    cdef int take(self, weights, first, second, stamps) except -1:
        self.weights_array = weights
        self.w = matrix_of(self.weights_array)
        self.count = self.weights_array.shape[0]
        if first is not None:
            self.first_array = first
            self.a = matrix_of(self.first_array)
            require_same_length(self.w.length, self.a.length)
            require_same_length(self.count, self.first_array.shape[0])
        if second is not None:
            self.second_array = second
            self.b = matrix_of(self.second_array)
            require_same_length(self.w.length, self.b.length)
            require_same_length(self.count, self.second_array.shape[0])
        if stamps is not None:
            self.stamps = stamps
            require_same_length(self.count, self.stamps.shape[0])
        return 0

    cdef int require_rows(self, const int32_t[::1] rows, Py_ssize_t first, Py_ssize_t last,
                          Py_ssize_t size) except -1:
        """rows[first:last] are rows of the matrix, and lie within the first `size`."""
        require_range(first, last, min(rows.shape[0], size))
        return require_below(rows, first, last, self.count)

    cdef row_matrix gradients_of(self, const int32_t[::1] rows, float[:, :] gradients,
                                 Py_ssize_t first, Py_ssize_t last) except *:
        self.require_rows(rows, first, last, gradients.shape[0])
        require_same_length(gradients.shape[1], self.w.length)
        return matrix_of(gradients)

    cdef inline void request(self, const int32_t[::1] rows, Py_ssize_t i, Py_ssize_t last) noexcept nogil:
        """Request the memory of a row that comes soon."""
        cdef int32_t row
        if i + ROWS_AHEAD < last:
            row = rows[i + ROWS_AHEAD]
            row_request(row_at(&self.w, row), self.w.length)
            if self.a.start != NULL:
                row_request(row_at(&self.a, row), self.w.length)
            if self.b.start != NULL:
                row_request(row_at(&self.b, row), self.w.length)

    cdef inline int32_t take_skipped(self, const int32_t[::1] rows, Py_ssize_t i, Py_ssize_t last,
                                     int32_t step) noexcept nogil:
        """How many steps have left out rows[i], which counts as up to date from now on."""
        cdef int32_t row = rows[i]
        cdef int32_t stamp = self.stamps[row]
        self.request(rows, i, last)
        if stamp < 0 or stamp >= step:
            return 0
        self.stamps[row] = step
        return step - stamp


cdef class SGDRows(_Rows):
    """weights -= rate * gradients."""

    def __init__(self, weights):
        self.take(weights, None, None, None)

    def step(self, const int32_t[::1] rows, float[:, :] gradients, float rate, Py_ssize_t first,
             Py_ssize_t last):
        """A step on different rows rows[first:last]."""
        cdef row_matrix g = self.gradients_of(rows, gradients, first, last)
        cdef Py_ssize_t i
        with nogil:
            for i in range(first, last):
                sgd_row(row_at(&self.w, rows[i]), row_at(&g, i), self.w.length, rate)


cdef class MomentumRows(_Rows):
    """v = momentum * v - rate * g, then w += v."""

    def __init__(self, weights, velocity, stamps):
        self.take(weights, velocity, None, stamps)

    def catch_up(self, const int32_t[::1] rows, int32_t step, const float[::1] moves,
                 const float[::1] keeps, Py_ssize_t first, Py_ssize_t last):
        """What the steps up to `step` have done to rows without a gradient."""
        cdef Py_ssize_t i
        cdef int32_t row, k
        self.require_rows(rows, first, last, rows.shape[0])
        require_room(min(moves.shape[0], keeps.shape[0]), step + 1)
        with nogil:
            for i in range(first, last):
                k = self.take_skipped(rows, i, last, step)
                if k > 0:
                    row = rows[i]
                    momentum_skip_row(row_at(&self.w, row), row_at(&self.a, row), self.w.length,
                                      moves[k], keeps[k])

    def step(self, const int32_t[::1] rows, float[:, :] gradients, int32_t step, float momentum,
             float rate, Py_ssize_t first, Py_ssize_t last):
        """Step number `step` on different rows that are up to date."""
        cdef row_matrix g = self.gradients_of(rows, gradients, first, last)
        cdef Py_ssize_t i
        cdef int32_t row
        with nogil:
            for i in range(first, last):
                row = rows[i]
                momentum_row(row_at(&self.w, row), row_at(&self.a, row), row_at(&g, i),
                             self.w.length, momentum, rate)
                self.stamps[row] = step


cdef class AdaGradRows(_Rows):
    """h += g^2, then w -= rate * g / (sqrt(h) + eps)."""

    def __init__(self, weights, squares):
        self.take(weights, squares, None, None)

    def step(self, const int32_t[::1] rows, float[:, :] gradients, float eps, float rate,
             Py_ssize_t first, Py_ssize_t last):
        """A step on different rows rows[first:last]."""
        cdef row_matrix g = self.gradients_of(rows, gradients, first, last)
        cdef Py_ssize_t i
        with nogil:
            for i in range(first, last):
                squares_row(row_at(&self.w, rows[i]), row_at(&self.a, rows[i]), row_at(&g, i),
                            self.w.length, 1.0, 1.0, eps, rate)


cdef class RMSpropRows(_Rows):
    """h = decay * h + (1 - decay) * g^2, then w -= rate * g / (sqrt(h) + eps)."""

    def __init__(self, weights, squares, stamps):
        self.take(weights, squares, None, stamps)

    def catch_up(self, const int32_t[::1] rows, int32_t step, const float[::1] keeps,
                 Py_ssize_t first, Py_ssize_t last):
        """What the steps up to `step` have done to rows without a gradient."""
        cdef Py_ssize_t i
        cdef int32_t row, k
        self.require_rows(rows, first, last, rows.shape[0])
        require_room(keeps.shape[0], step + 1)
        with nogil:
            for i in range(first, last):
                k = self.take_skipped(rows, i, last, step)
                if k > 0:
                    row = rows[i]
                    scale_row(row_at(&self.a, row), self.w.length, keeps[k])

    def step(self, const int32_t[::1] rows, float[:, :] gradients, int32_t step, double decay,
             float eps, float rate, Py_ssize_t first, Py_ssize_t last):
        """Step number `step` on different rows that are up to date."""
        cdef row_matrix g = self.gradients_of(rows, gradients, first, last)
        cdef Py_ssize_t i
        cdef int32_t row
        cdef float gain = <float>(1.0 - decay)
        with nogil:
            for i in range(first, last):
                row = rows[i]
                squares_row(row_at(&self.w, row), row_at(&self.a, row), row_at(&g, i),
                            self.w.length, <float>decay, gain, eps, rate)
                self.stamps[row] = step


cdef class AdamRows(_Rows):
    """m += (1 - beta1)(g - m), v += (1 - beta2)(g^2 - v), w -= rate * m / (sqrt(v) + eps)."""

    def __init__(self, weights, m, v, stamps):
        self.take(weights, m, v, stamps)

    def catch_up(self, const int32_t[::1] rows, int32_t step, const float[:, ::1] sums,
                 const float[:, ::1] keeps, float eps, Py_ssize_t first, Py_ssize_t last):
        """What the steps up to `step` have done to rows without a gradient."""
        cdef Py_ssize_t i
        cdef int32_t row, k
        cdef int terms = <int>sums.shape[1]
        self.require_rows(rows, first, last, rows.shape[0])
        require_room(min(keeps.shape[1], sums.shape[0]), step + 1)
        require_room(keeps.shape[0], 2)
        require_room(terms, 1)
        with nogil:
            for i in range(first, last):
                k = self.take_skipped(rows, i, last, step)
                if k > 0:
                    row = rows[i]
                    if terms == 4:  # unrolled: what the usual betas need
                        adam_skip_row(row_at(&self.w, row), row_at(&self.a, row),
                                      row_at(&self.b, row), self.w.length, &sums[step - k, 0], 4,
                                      eps, keeps[0, k], keeps[1, k])
                    else:
                        adam_skip_row(row_at(&self.w, row), row_at(&self.a, row),
                                      row_at(&self.b, row), self.w.length, &sums[step - k, 0],
                                      terms, eps, keeps[0, k], keeps[1, k])

    def step(self, const int32_t[::1] rows, float[:, :] gradients, int32_t step, float gain1,
             float gain2, float eps, float rate, Py_ssize_t first, Py_ssize_t last):
        """Step number `step` on different rows that are up to date."""
        cdef row_matrix g = self.gradients_of(rows, gradients, first, last)
        cdef Py_ssize_t i
        cdef int32_t row
        with nogil:
            for i in range(first, last):
                self.request(rows, i, last)
                row = rows[i]
                adam_row(row_at(&self.w, row), row_at(&self.a, row), row_at(&self.b, row),
                         row_at(&g, i), self.w.length, gain1, gain2, eps, rate)
                self.stamps[row] = step


def adam_sums(const double[::1] rates, Py_ssize_t step, Py_ssize_t reach,
              const double[:, ::1] transition, const double[::1] entry, float[:, ::1] sums):
    """The coefficients of AdamRows.catch_up after one more step."""
    cdef double current[16]
    cdef double total
    cdef int terms = <int>entry.shape[0], n, i
    cdef Py_ssize_t s
    require_range(1, terms, 16)
    require_room(min(rates.shape[0], sums.shape[0]), step + 1)
    require_room(min(transition.shape[0], transition.shape[1], sums.shape[1]), terms)
    with nogil:
        for n in range(terms):
            current[n] = 0.0
            sums[step, n] = 0.0
        for s in range(step - 1, max(step - reach, 0) - 1, -1):
            for n in range(terms - 1, -1, -1):  # lower triangular: from the last on, in place
                total = rates[s + 1] * entry[n]
                for i in range(n + 1):
                    total += transition[n, i] * current[i]
                current[n] = total
                sums[s, n] = <float>total
