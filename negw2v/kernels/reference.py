"""The specification of training in plain NumPy, with the signatures of the compiled kernel.

It is slow and short. It computes in the weights' own dtype, so that gradients of float64 weights
can be checked against numeric ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Int32s
from negw2v.kernels import checks
from negw2v.kernels.namespaces import namespace_of
from negw2v.kernels.problem import (
    BADLY_WRONG,
    BLOCK_WORDS,
    HIGHEST_RATE,
    RUN_WORDS,
    WIDEST_BLOCK,
    Objective,
    Tables,
    Weights,
)
from negw2v.kernels.random import alias_draws, below, draws

__all__ = [
    "Draws",
    "SpanTrainer",
    "block_loss",
    "block_update",
    "bounded_rate",
    "negatives",
    "pair_steps",
    "sigmoid",
    "train_row",
]


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), without overflow, of an array of any library."""
    xp = namespace_of(x)
    e = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, xp.ones_like(e), e) / (1 + e)


def pair_steps(scores: Array, signs: Array, learning_rate: float) -> Array:
    """How far the rows of each pair move along each other.

    Minus the learning rate times the derivative of :func:`block_loss` by the score.

    Parameters
    ----------
    scores
        (..., m): dot products of input rows and output rows.
    signs
        (m,), see :func:`block_loss`.
    """
    result: Array = learning_rate * signs * sigmoid(-signs * scores)
    return result


def block_loss(inputs: Array, outputs: Array, signs: Array) -> Array:
    """Cross-entropy of every pair in a block, in nats.

    Parameters
    ----------
    inputs, outputs
        (n, d) and (m, d).
    signs
        (m,): +1 for a row to predict, -1 for a negative one, 0 for a row that does not count.

    Returns
    -------
    numpy.ndarray
        (n, m): log(1 + exp(-sign * input . output)), 0 where the sign is 0.
    """
    z = signs * (inputs @ outputs.T)
    result: Array = np.where(signs == 0, 0, np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z))))
    return result


def block_update(
    inputs: Array, outputs: Array, signs: Array, learning_rate: float
) -> tuple[Array, Array]:
    """One step of gradient descent on the sum of :func:`block_loss`.

    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
    Compositionality", eq. 4 (negative sampling) and eq. 3 (hierarchical softmax).

    Returns
    -------
    tuple of numpy.ndarray
        What to add to the inputs (n, d) and to the outputs (m, d), both computed from the
        rows as they were given.
    """
    steps = pair_steps(inputs @ outputs.T, signs, learning_rate)
    return steps @ outputs, steps.T @ inputs


def bounded_rate(
    learning_rate: float, input_row: Array, outputs: Array, gain: float = 1.0
) -> float:
    """The learning rate, but no more than what cannot pass the minimum of the loss.

    The curvature of log(1 + exp(-z)) is at most 1/4. So the curvature of a row's loss is at most
    ``|input|^2 / 4`` along an output, and ``sum(|output|^2) / 4`` along the input.

    Parameters
    ----------
    learning_rate
        The rate that was asked for.
    input_row, outputs
        (d,) and (m, d), different rows.
    gain
        How far the input moves for a step of 1: more than 1 where it is a sum of rows that all
        move.
    """
    curvature = np.sum(input_row**2) + gain * np.sum(outputs**2)
    return float(min(learning_rate, 4 / curvature)) if curvature else learning_rate


def train_row(input_row: Array, outputs: list[Array], signs: Array, learning_rate: float) -> Array:
    """One input row against output rows, one after the other, as word2vec.c does it.

    Parameters
    ----------
    input_row
        (d,).
    outputs
        Views of rows (d,), which are changed in place. A row may be there more than once.
    signs
        One per output row, see :func:`block_loss`.

    Returns
    -------
    numpy.ndarray
        (d,): what to add to the input row.
    """
    change = np.zeros_like(input_row)
    for output, sign in zip(outputs, signs, strict=True):
        step = pair_steps(input_row @ output, sign, learning_rate)
        change += step * output
        np.add(output, step * input_row, out=output)
    return change


class _Outputs(NamedTuple):
    """The output rows of a centre word; a negative that is the centre is left out.

    Parameters
    ----------
    rows
        Views, (d,) each. A negative that was drawn twice is there twice.
    same
        For each row, the number of the first one that is the same.
    signs
        +1 or -1 for each.
    """

    rows: list[Array]
    same: Array
    signs: Array

    def values(self) -> Array:
        """(m, d): copies of the rows."""
        return np.array(self.rows)

    def different(self) -> Array:
        """Copies of the different rows."""
        result: Array = self.values()[np.unique(self.same)]
        return result

    def repeat(self) -> bool:
        """Whether a row is there twice."""
        return len(np.unique(self.same)) < len(self.same)

    def badly_wrong(self, scores: Array) -> bool:
        """Whether one of the scores (..., m) is."""
        return bool((self.signs * scores < -BADLY_WRONG).any())


def _is_high(learning_rate: float) -> bool:
    return learning_rate > HIGHEST_RATE + 1e-6  # 0.05 rounds up in float32


def _runs(words: Array) -> Iterator[Array]:
    """Cut a context where a word comes again: runs of different words."""
    first = 0
    for position in range(1, len(words)):
        if words[position] in words[first:position]:
            yield words[first:position]
            first = position
    if len(words):
        yield words[first:]


class _Window(NamedTuple):
    """A kept word, and the blocks that it is the centre of.

    Parameters
    ----------
    word
        Its id.
    blocks
        Context words of each, and the negatives drawn for it; None: those of the one before.
    follows
        Whether the kept word before it is of the same sentence.
    """

    word: int
    blocks: list[tuple[Array, Array | None]]
    follows: bool


class Draws:
    """What the random streams decide: which words are kept, their windows, the negatives.

    Parameters
    ----------
    objective, tables
        As for :class:`SpanTrainer`.
    """

    def __init__(self, objective: Objective, tables: Tables) -> None:
        self._objective = objective
        self._tables = tables

    def spans(
        self,
        tokens: Int32s,
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        given: Iterator[Array] | None = None,
    ) -> Iterator[tuple[int, Iterator[_Window]]]:
        """The number of each span, and its windows; `given` are the negatives, if not drawn."""
        for span in range(first, last):
            starts = sentence_starts[span_starts[span] : span_starts[span + 1] + 1]
            yield span, self._windows(tokens, starts, int(streams[span]), given)

    def negatives(self, *spans: Any) -> list[Array]:
        """All negatives of some spans, as many together as are drawn together."""
        return [
            drawn
            for _, windows in self.spans(*spans)
            for window in windows
            for _, drawn in window.blocks
            if drawn is not None
        ]

    @property
    def in_blocks(self) -> bool:
        """Whether one side of a window may be several blocks."""
        goal = self._objective
        shared = goal.share_negatives or not goal.negative
        return goal.skip_gram and shared and goal.window > WIDEST_BLOCK

    def _windows(
        self, tokens: Array, starts: Array, stream: int, given: Iterator[Array] | None
    ) -> Iterator[_Window]:
        """Draws, in this order: one per token, one per kept token, `negative` per block."""
        goal = self._objective
        words, sentences, reaches, drawn = self.kept(tokens, starts, stream)
        for centre, word in enumerate(words):
            near = np.arange(max(centre - reaches[centre], 0), centre + reaches[centre] + 1)
            near = near[(near < len(words)) & (near != centre)]
            near = near[sentences[near] == sentences[centre]]
            blocks: list[tuple[Array, Array | None]] = []
            for positions, draw in self._groups(near, centre):
                negatives = None
                if goal.negative and draw:
                    negatives = next(given) if given else self._draw(stream, drawn)
                    drawn += goal.negative
                blocks.append((words[positions], negatives))
            yield _Window(int(word), blocks, bool(centre - 1 in near))

    def kept(self, tokens: Array, starts: Array, stream: int) -> tuple[Array, Array, Array, int]:
        """The words that are kept, their sentences, the reach of their windows; draws made."""
        goal = self._objective
        words = tokens[starts[0] : starts[-1]].astype(np.int64)
        sentences = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        drawn = 0
        if self._tables.keep is not None:
            kept = draws(stream, len(words)) >> np.uint64(32) <= self._tables.keep[words]
            drawn += len(words)
            words, sentences = words[kept], sentences[kept]
        reaches = np.full(len(words), goal.window)
        if goal.shrink_windows:
            bits = draws(stream, len(words), drawn) >> np.uint64(32)
            reaches -= below(bits, goal.window)
            drawn += len(words)
        return words, sentences, reaches, drawn

    def _draw(self, stream: int, drawn: int) -> Array:
        assert self._tables.alias is not None
        return alias_draws(draws(stream, self._objective.negative, drawn), self._tables.alias)

    def _groups(self, near: Array, centre: int) -> Iterator[tuple[Array, bool]]:
        """Which context positions share a block, and whether negatives are drawn for it."""
        goal = self._objective
        before, after = near[near < centre], near[near > centre]
        if not goal.skip_gram:
            yield near, not (goal.pairs and centre % 2)
        elif goal.negative and not goal.share_negatives:
            for position in near:
                yield np.array([position]), True
        elif self.in_blocks:
            for side in (before, after):
                for first in range(0, len(side), BLOCK_WORDS):
                    yield side[first : first + BLOCK_WORDS], True
        else:
            yield before, True
            yield after, False


def negatives(
    objective: Objective,
    tables: Tables,
    tokens: Int32s,
    sentence_starts: npt.NDArray[np.int64],
    span_starts: npt.NDArray[np.int64],
    first: int,
    last: int,
    streams: npt.NDArray[np.uint64],
) -> Int32s:
    """The words that training draws as negatives.

    Parameters
    ----------
    objective, tables
        As for :class:`SpanTrainer`; there are negatives, and an alias table.
    tokens, sentence_starts, span_starts, first, last, streams
        As for :meth:`SpanTrainer.train`.

    Returns
    -------
    numpy.ndarray
        int32, in the order in which they are drawn.

    Raises
    ------
    ParameterError
        If they do not fit together.
    """
    words = checks.check_draws(objective, tables)
    spans = tokens, sentence_starts, span_starts, first, last, streams
    checks.check_spans(words, *spans)
    found = Draws(objective, tables).negatives(*spans)
    return np.concatenate([np.empty(0, np.int64), *found]).astype(np.int32)


class SpanTrainer:
    """Trains spans of a token stream, one block per window or per side of a window.

    Parameters
    ----------
    objective
        What is predicted from what.
    weights
        The arrays to change, in place.
    tables
        The look-up tables.
    threads
        How many threads are going to call :meth:`train` at once. A compiled kernel gives each
        of several threads copies of the rows that all of them write all the time, and merges
        those into the weights before :meth:`train` returns.

    Raises
    ------
    ParameterError
        If the three do not fit together.
    """

    def __init__(
        self, objective: Objective, weights: Weights, tables: Tables, threads: int = 1
    ) -> None:
        checks.check_problem(objective, weights, tables, threads, compiled=False)
        self._objective = objective
        self._weights = weights
        self._tables = tables
        self._draws = Draws(objective, tables)

    def train(
        self,
        tokens: Int32s,
        sentence_starts: npt.NDArray[np.int64],
        span_starts: npt.NDArray[np.int64],
        first: int,
        last: int,
        streams: npt.NDArray[np.uint64],
        learning_rates: npt.NDArray[np.float32],
        totals: Array,
    ) -> None:
        """Train spans ``first .. last - 1``.

        Parameters
        ----------
        tokens
            int32 (n,), word ids.
        sentence_starts
            int64 (s + 1,): sentence ``j`` is ``tokens[sentence_starts[j]:sentence_starts[j+1]]``.
        span_starts
            int64 (p + 1,): span ``i`` is sentences ``span_starts[i] .. span_starts[i+1] - 1``.
        first, last
            Which spans. Threads may call this at once for different spans (Hogwild).
        streams
            uint64 (p,): each span's random stream.
        learning_rates
            float32 (p,): each span's learning rate.
        totals
            (p,) of dtype TOTALS, filled for the spans trained.

        Raises
        ------
        ParameterError
            If spans, sentences or tokens lie outside their arrays; nothing was trained then.
        """
        checks.check_spans(
            len(self._weights.input_vectors),
            tokens,
            sentence_starts,
            span_starts,
            first,
            last,
            streams,
        )
        checks.check_results(last, learning_rates, totals)
        spans = tokens, sentence_starts, span_starts, first, last, streams
        given, per_draw = self._tables.negatives, self._objective.negative
        together: Iterator[Array] | None = None
        if given is not None:
            placeholders = itertools.repeat(np.empty(0, dtype=np.int64))
            checks.check_negatives(
                len(given), per_draw * len(self._draws.negatives(*spans, placeholders))
            )
            together = iter(given.astype(np.int64).reshape(-1, max(1, per_draw)))
        for span, windows in self._draws.spans(*spans, together):
            totals[span] = self._train_span(windows, learning_rates[span])

    def _train_span(
        self, windows: Iterator[_Window], learning_rate: float
    ) -> tuple[int, int, float]:
        words, pairs, loss = 0, 0, 0.0
        while together := list(itertools.islice(windows, 2 if self._objective.pairs else 1)):
            words += len(together)
            for window in together:
                near = sum(len(context) for context, _ in window.blocks)
                pairs += near if self._objective.skip_gram else int(near > 0)
            if self._are_one_block(together, learning_rate):
                loss += self._train_two_windows(together, learning_rate)
            else:
                loss += self._train_each(together, learning_rate)
        return words, pairs, loss

    def _train_each(self, windows: list[_Window], learning_rate: float) -> float:
        """One window after the other."""
        loss = 0.0
        negatives = np.empty(0, dtype=np.int64)
        for window in windows:
            for context, drawn in window.blocks:
                negatives = negatives if drawn is None else drawn
                if len(context):
                    loss += self._train_block(context, window.word, negatives, learning_rate)
        return loss

    def _are_one_block(self, windows: list[_Window], learning_rate: float) -> bool:
        """Whether two windows can be one block: no output row is there twice."""
        if len(windows) < 2 or not windows[1].follows:
            return False
        negatives = windows[0].blocks[0][1]
        assert negatives is not None
        rows = {windows[0].word, windows[1].word, *negatives}
        return (
            len(rows) == 2 + len(negatives)
            and len(negatives) < RUN_WORDS
            and self._tables.huffman is None
            and self._objective.cbow_mean
            and not _is_high(learning_rate)
        )

    def _train_two_windows(self, windows: list[_Window], learning_rate: float) -> float:
        """CBOW: the updates of two neighbouring windows, computed from the same values."""
        negatives = windows[0].blocks[0][1]
        assert negatives is not None
        vectors = self._weights.input_vectors
        contexts = [window.blocks[0][0] for window in windows]
        outputs = [self._outputs(window.word, negatives) for window in windows]
        hidden = [vectors[context].mean(axis=0, dtype=vectors.dtype) for context in contexts]
        rows = [output.values() for output in outputs]
        scores = [row @ each for row, each in zip(rows, hidden, strict=True)]
        loss = sum(
            float(block_loss(each[None], row, output.signs).sum(dtype=np.float64))
            for each, row, output in zip(hidden, rows, outputs, strict=True)
        )
        if any(each.badly_wrong(score) for each, score in zip(outputs, scores, strict=True)):
            self._train_each(windows, learning_rate)
            return loss
        for each, output, score, row, context in zip(
            hidden, outputs, scores, rows, contexts, strict=True
        ):
            steps = pair_steps(score, output.signs, learning_rate)
            for place, step in zip(output.rows, steps, strict=True):
                np.add(place, step * each, out=place)
            change = steps @ row
            if self._objective.corrected_cbow:
                change = change / len(context)
            np.add.at(vectors, context, self._locks(context) * change)
        return loss

    def _train_block(
        self, context: Array, word: int, negatives: Array, learning_rate: float
    ) -> float:
        outputs = self._outputs(word, negatives)
        if not outputs.rows:  # the path of the only word has no nodes
            return 0.0
        if not self._objective.skip_gram:
            return self._train_window(context, outputs, learning_rate)
        if self._draws.in_blocks or _is_high(learning_rate):
            return self._train_in_order(context, outputs, learning_rate)
        return sum(self._train_run(run, outputs, learning_rate) for run in _runs(context))

    def _outputs(self, word: int, negatives: Array) -> _Outputs:
        goal, weights, huffman = self._objective, self._weights, self._tables.huffman
        rows: list[Array] = []
        keys: list[tuple[str, int]] = []
        signs: list[int] = []
        if huffman is not None:
            assert weights.node_vectors is not None
            path = slice(huffman.starts[word], huffman.starts[word + 1])
            for node, sign in zip(huffman.nodes[path], huffman.signs[path], strict=True):
                rows.append(weights.node_vectors[node])
                keys.append(("node", int(node)))
                signs.append(int(sign))
        if goal.negative:
            assert weights.output_vectors is not None
            for row in (word, *(negative for negative in negatives if negative != word)):
                rows.append(weights.output_vectors[row])
                keys.append(("word", int(row)))
                signs.append(1 if row == word else -1)
        same = np.array([keys.index(key) for key in keys])
        return _Outputs(rows, same, np.array(signs, dtype=weights.input_vectors.dtype))

    def _locks(self, words: Array) -> Array:
        """(n, 1): the words' lock factors."""
        factors = self._weights.lock_factors
        return np.reshape(factors[words if len(factors) > 1 else np.zeros_like(words)], (-1, 1))

    def _train_run(self, words: Array, outputs: _Outputs, learning_rate: float) -> float:
        """Rows of different words: the updates are computed from the same values and added up."""
        inputs, rows = self._weights.input_vectors[words], outputs.values()
        loss = float(block_loss(inputs, rows, outputs.signs).sum(dtype=np.float64))
        if outputs.badly_wrong(inputs @ rows.T):
            self._train_in_order(words, outputs, learning_rate)
            return loss
        change = self._step(inputs, outputs, learning_rate)
        self._weights.input_vectors[words] += self._locks(words) * change
        return loss

    def _step(self, inputs: Array, outputs: _Outputs, learning_rate: float) -> Array:
        """Move the outputs by inputs (n, d); return what to add to these.

        :func:`block_update`, but for a negative that was drawn again: its second step begins
        where the first one of the same input row has moved it.
        """
        rows, signs = outputs.values(), outputs.signs
        steps = pair_steps(inputs @ rows.T, signs, learning_rate)
        for repeated in np.flatnonzero(outputs.same != np.arange(len(rows))):
            first = outputs.same[repeated]
            moved = steps[:, first] * np.sum(inputs**2, axis=1)
            scores = inputs @ rows[repeated] + moved
            steps[:, first] += pair_steps(scores, signs[repeated], learning_rate)
            steps[:, repeated] = 0
        for row, change in zip(outputs.rows, steps.T @ inputs, strict=True):
            np.add(row, change, out=row)
        result: Array = steps @ rows
        return result

    def _train_in_order(self, words: Array, outputs: _Outputs, learning_rate: float) -> float:
        """One input row after the other."""
        loss, first = 0.0, 0
        while first < len(words):
            run = next(_runs(words[first : first + RUN_WORDS]))
            trained, more = self._train_ordered_run(run, outputs, learning_rate)
            first += trained
            loss += more
        return loss

    def _train_ordered_run(
        self, words: Array, outputs: _Outputs, learning_rate: float
    ) -> tuple[int, float]:
        """Different words, in order; returns how many were trained, and their loss.

        The scores of two rows are taken together; all else is one row after the other. Where
        one of the two is badly wrong, they begin a new run; the first row of a run alone.
        """
        vectors, locks = self._weights.input_vectors, self._locks(words)[:, 0]
        at_once = 1 if outputs.repeat() else 2
        loss, position, end = 0.0, 0, len(words)
        while position < end:
            chosen = slice(position, min(position + at_once, end))
            inputs, rows = vectors[words[chosen]], outputs.values()
            rate = learning_rate
            if outputs.badly_wrong(inputs @ rows.T):
                if position > 0:
                    break
                if len(inputs) > 1:
                    end = 1
                    continue
                rate = bounded_rate(rate, inputs[0], outputs.different())
            loss += float(block_loss(inputs, rows, outputs.signs).sum())
            if len(inputs) == 1:
                change = train_row(inputs[0], outputs.rows, outputs.signs, rate)
                vectors[words[position]] += locks[position] * change
            else:
                steps = pair_steps(inputs @ rows.T, outputs.signs, rate)
                for row, step in enumerate(steps):
                    vectors[words[position + row]] += locks[position + row] * (
                        step @ outputs.values()
                    )
                    for output, part in zip(outputs.rows, step, strict=True):
                        np.add(output, part * inputs[row], out=output)
            position = chosen.stop
        return position, loss

    def _train_window(self, context: Array, outputs: _Outputs, learning_rate: float) -> float:
        """CBOW: the mean or the sum of the context rows."""
        goal, vectors = self._objective, self._weights.input_vectors
        scale = 1 / len(context) if goal.cbow_mean else 1.0
        gradient_scale = 1.0
        if not goal.cbow_mean:
            gradient_scale = len(context) ** -0.5
        elif goal.corrected_cbow:
            gradient_scale = scale
        hidden = scale * vectors[context].sum(axis=0, keepdims=True, dtype=vectors.dtype)
        rows = outputs.values()
        loss = float(block_loss(hidden, rows, outputs.signs).sum(dtype=np.float64))
        bounded = not goal.cbow_mean or _is_high(learning_rate)
        if bounded or outputs.badly_wrong(hidden @ rows.T):
            # A word that is there r times moves r times as far, in r places.
            _, counts = np.unique(context, return_counts=True)
            gain = scale * gradient_scale * float(np.sum(counts**2))
            rate = bounded_rate(learning_rate, hidden[0], outputs.different(), gain)
            change = train_row(hidden[0], outputs.rows, outputs.signs, rate)
        else:
            change = self._step(hidden, outputs, learning_rate)[0]
        np.add.at(vectors, context, self._locks(context) * (gradient_scale * change))
        return loss
