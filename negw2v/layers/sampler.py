"""Negative samples, drawn by a power of the words' counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.arrays import Int32s
from negw2v.errors import InputTypeError, ParameterError
from negw2v.layers.arrays import as_rows, over_threads
from negw2v.layers.libraries import is_foreign, library_of

__all__ = ["UnigramSampler", "word_counts"]

#: Random streams that are made at once; a batch uses one.
STREAMS = 1024


class UnigramSampler:
    """Draws words with probabilities proportional to a power of their counts.

    Source: Mikolov et al. 2013, section 2.2. A draw takes two look-ups in an alias table,
    regardless of the vocabulary's size. Words are drawn on the host, so the same seed gives the
    same negatives to arrays of every library, on every device.

    Parameters
    ----------
    corpus
        Word ids, integers (n,); or the words' counts: a mapping from id to count, or numbers
        that are not whole, such as frequencies.
    power
        Exponent of the counts.
    sample_size
        Number of negatives for each target.
    counts
        Instead of `corpus`: the count of every word, numbers >= 0 (V,).
    vocab_size
        Number of words, if some are not in the corpus; None: as many as `corpus` or `counts`
        have.
    replace
        False: the negatives of a target are different words, as in the book; True: a word may
        be drawn twice, as in word2vec.c. The target itself is never drawn.
    seed
        The same seed gives the same negatives in the same order; None: different ones in each
        run.

    Attributes
    ----------
    word_p : numpy.ndarray
        float64 (V,): the probabilities.
    vocab_size : int
        V.

    Raises
    ------
    InputTypeError, ParameterError
        The corpus is empty or does not hold ids; counts are negative; or too few words have
        a count above 0 for `sample_size` negatives.

    Examples
    --------
    >>> UnigramSampler(counts=[0.7, 0.29, 0.01], power=0.75, sample_size=2).word_p
    array([0.64196878, 0.33150408, 0.02652714])
    """

    def __init__(
        self,
        corpus: Any = None,
        power: float = 0.75,
        sample_size: int = 5,
        *,
        counts: npt.ArrayLike | None = None,
        vocab_size: int | None = None,
        replace: bool = False,
        seed: int | None = None,
    ) -> None:
        numbers = word_counts(corpus, counts=counts, vocab_size=vocab_size)
        if not np.isfinite(power):
            raise ParameterError(f"power={power}: it must be a finite number, usually 0.75")
        if sample_size != int(sample_size) or sample_size < 1:
            raise ParameterError(
                f"sample_size={sample_size}: it is the number of negatives for each target, "
                "usually 5 to 20"
            )
        possible = numbers > 0
        weights = np.zeros(len(numbers))
        weights[possible] = numbers[possible] ** power
        enough = 2 if replace else int(sample_size) + 1
        if np.count_nonzero(possible) < enough:
            raise ParameterError(
                f"sample_size={sample_size}: besides a target there are only "
                f"{max(int(np.count_nonzero(possible)) - 1, 0)} words to draw "
                f"{'from' if replace else 'without replacement'}; give a smaller sample_size"
                f"{'' if replace else ', or replace=True'}"
            )
        self.power = float(power)
        self.sample_size = int(sample_size)
        self.replace = bool(replace)
        self.vocab_size = len(weights)
        self.word_p: npt.NDArray[np.float64] = weights / weights.sum()
        self._alias = kernels.alias_table(self.word_p)
        self._seed = (
            int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
            if seed is None
            else int(seed)
        )
        self._batches = 0
        self._streams = np.empty(0, dtype=np.uint64)
        self._draw = kernels.layer_operations(np.float32).draw_negatives

    def get_negative_sample(self, target: npt.ArrayLike) -> Int32s:
        """Draw negatives for each target.

        Parameters
        ----------
        target
            Integers (n,) in 0..V-1.

        Returns
        -------
        array
            int32 (n, sample_size), of the library of `target`.

        Raises
        ------
        InputTypeError, RowIndexError
            `target` does not hold integers, or one is out of range.

        Examples
        --------
        >>> sampler = UnigramSampler([0, 1, 2, 2], sample_size=2, seed=1)
        >>> np.sort(sampler.get_negative_sample([0, 2]))
        array([[1, 2],
               [0, 1]], dtype=int32)
        """
        library = library_of(target)
        targets = library.host_rows("target", target, self.vocab_size).reshape(-1)
        drawn = np.empty((len(targets), self.sample_size), dtype=np.int32)
        self.fill(targets, drawn)
        result: Int32s = library.upload(drawn)
        return result

    def fill(self, targets: Int32s, out: Int32s) -> None:
        """Draw negatives for each target into an array; nothing is checked.

        Parameters
        ----------
        targets
            int32 (n,), each in 0..V-1.
        out
            int32 (n, k): k negatives for each target.

        Examples
        --------
        >>> sampler, out = UnigramSampler(counts=[1, 1], sample_size=1), np.zeros((1, 1), np.int32)
        >>> sampler.fill(np.int32([0]), out)
        >>> out
        array([[1]], dtype=int32)
        """
        position = self._batches % STREAMS
        if position == 0:
            epoch = self._batches // STREAMS
            self._streams = kernels.random_streams(self._seed, epoch, 0, STREAMS)
        self._batches += 1
        stream = int(self._streams[position])

        def work(first: int, last: int) -> None:
            self._draw(self._alias, self.word_p, targets, stream, self.replace, out, first, last)

        over_threads(work, len(targets), 32 * self.sample_size)


def word_counts(
    corpus: Any, *, counts: npt.ArrayLike | None = None, vocab_size: int | None = None
) -> npt.NDArray[np.float64]:
    """The count of every word.

    Parameters
    ----------
    corpus, counts, vocab_size
        As for :class:`UnigramSampler`.

    Returns
    -------
    numpy.ndarray
        float64 (V,).

    Raises
    ------
    InputTypeError, ParameterError
        As for :class:`UnigramSampler`.
    """
    if (corpus is None) == (counts is None):
        raise InputTypeError("give either a corpus of word ids or counts=")
    if is_foreign(corpus):
        corpus = library_of(corpus).download(corpus)
    if is_foreign(counts):
        counts = library_of(counts).download(counts)
    if isinstance(corpus, Mapping):
        ids = as_rows("the ids of counted words", list(corpus), _most_words(vocab_size))
        found = np.zeros(ids.max(initial=-1) + 1)
        found[ids] = list(corpus.values())
        counts = found
    elif counts is None:
        array = np.asarray(corpus)
        if array.dtype.kind == "f" and array.size and (array != np.floor(array)).any():
            counts = array  # ids are whole numbers
        else:
            counts = _counts_in(array, vocab_size)
    numbers = np.asarray(counts, dtype=np.float64)
    if numbers.ndim != 1 or not np.isfinite(numbers).all() or (numbers < 0).any():
        raise ParameterError("counts must be finite numbers >= 0, one for each word")
    if vocab_size is not None and vocab_size < len(numbers):
        raise ParameterError(
            f"the corpus has {len(numbers)} words (0..{len(numbers) - 1}), the vocabulary only "
            f"{vocab_size}"
        )
    return np.pad(numbers, (0, (vocab_size or len(numbers)) - len(numbers)))


def _counts_in(corpus: npt.NDArray[Any], vocab_size: int | None) -> npt.NDArray[Any]:
    if corpus.ndim != 1 or corpus.size == 0 or corpus.dtype.kind not in "iu":
        raise InputTypeError(
            "a corpus is a non-empty vector of word ids (integers), not "
            f"{corpus.dtype} of shape {corpus.shape}; pass counts= if these are counts"
        )
    return np.bincount(as_rows("corpus", corpus, _most_words(vocab_size)))


def _most_words(vocab_size: int | None) -> int:
    return vocab_size if vocab_size is not None else 2**31 - 1
