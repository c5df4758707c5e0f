"""Layers over the rows of a matrix: look rows up, average them, score vectors against them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.arrays import Array, Int32s
from negw2v.errors import ParameterError
from negw2v.layers.arrays import require_forward, require_shape
from negw2v.layers.gradient import Gradient, Groups, SparseGradient, row_totals, store
from negw2v.layers.parameter import Parameter

__all__ = ["Embedding", "EmbeddingDot", "EmbeddingMean", "RowLayer"]


class RowLayer:
    """A layer over one matrix of weights; a batch uses only few of its rows.

    Parameters
    ----------
    W
        The weights (rows, d): a :class:`Parameter`, or an array, which the layer uses in place.
    dense
        True: ``grads[0]`` is a whole matrix, as in the book; False: a :class:`SparseGradient`.

    Attributes
    ----------
    params : list of Parameter
        The weights.
    grads : list
        Their gradient, computed by the last ``backward()``.
    dtype
        The type of results and gradients: that of the weights, if they are floating-point numbers.

    Raises
    ------
    InputTypeError, ParameterError
        W is not a writeable matrix of real numbers.
    """

    def __init__(self, W: Any, *, dense: bool = False) -> None:  # noqa: N803 - the book's name
        self.weight = Parameter.of(W)
        library = self._library = self.weight.library
        # integer weights cannot be trained, but their layers have gradients all the same
        is_float = library.is_float(self.weight.dtype)
        self.dtype = self.weight.dtype if is_float else library.float64
        shape = self.weight.shape
        gradient: Gradient = SparseGradient(shape, self.dtype, library=library)
        if dense:
            gradient = library.zeros("the gradient", shape, self.dtype)
        self.params = [self.weight]
        self.grads: list[Gradient] = [gradient]
        self._groups = Groups(shape[0], library)
        self._operations = library.operations(self.weight.memory)

    def _as_gradient(self, dout: Any, shape: tuple[int, ...]) -> Array:
        given = self._library.matrix("dout", dout)
        require_shape("dout", given, shape, "what forward() returned")
        gradients: Array = self._library.floats("dout", given, self.dtype)
        return gradients

    def _flat(self, array: Any, *shape: int) -> Any:
        """A view of an array in another shape."""
        return self._library.xp.reshape(array, shape)

    def _sums(self, indices: Int32s, scale: float) -> Array:
        """The sum of the rows that each line of `indices` names, times `scale`."""
        matrix = self.weight.read(indices)
        n, context = indices.shape
        dimensions = self.weight.shape[1]
        result: Array = self._library.empty("the rows", (n, dimensions), self.weight.dtype)

        def work(first: int, last: int) -> None:
            self._operations.gather_sums(matrix, indices, scale, result, first, last)

        self._library.share(work, n, context * dimensions)
        return result

    def _repeated(self, n: int, times: int) -> Int32s:
        """Each of 0..n-1, `times` times: 0, 0, 0, 1, 1, 1, ..."""
        numbers: Int32s = self._library.upload(np.repeat(np.arange(n, dtype=np.int32), times))
        return numbers


class Embedding(RowLayer):
    """Looks up rows of a matrix: ``forward(idx)`` is ``W[idx]``.

    Parameters
    ----------
    W, dense
        As for :class:`RowLayer`.

    Examples
    --------
    >>> W = np.arange(21, dtype=np.float32).reshape(7, 3)
    >>> Embedding(W).forward([1, 0, 3, 0])
    array([[ 3.,  4.,  5.],
           [ 0.,  1.,  2.],
           [ 9., 10., 11.],
           [ 0.,  1.,  2.]], dtype=float32)
    """

    _idx: Int32s | None = None

    def forward(self, idx: npt.ArrayLike) -> Array:
        """Look up the rows `idx`.

        Parameters
        ----------
        idx
            Integers of any shape, in 0..rows-1.

        Returns
        -------
        numpy.ndarray
            idx.shape + (d,), a copy.

        Raises
        ------
        InputTypeError, RowIndexError
            `idx` does not hold integers, or one is out of range.

        Examples
        --------
        >>> Embedding(np.float32([[1, 2], [3, 4]])).forward([1, 1, 0])
        array([[3., 4.],
               [3., 4.],
               [1., 2.]], dtype=float32)
        """
        indices = self._library.as_rows("idx", idx, len(self.weight))
        self._idx = indices
        rows = self._sums(self._flat(indices, -1, 1), 1.0)
        flat: Array = self._flat(rows, *indices.shape, rows.shape[1])
        return flat

    def backward(self, dout: npt.ArrayLike) -> None:
        """Compute the gradient of the weights: the sum of the gradients of each row.

        Parameters
        ----------
        dout
            idx.shape + (d,): the gradient of what forward() returned.

        Raises
        ------
        NotTrainableError
            forward() has not been called.
        ParameterError
            `dout` has another shape.

        Examples
        --------
        >>> layer = Embedding(np.zeros((3, 2), dtype=np.float32))
        >>> out = layer.forward([2, 2])
        >>> layer.backward(np.ones((2, 2)))
        >>> layer.grads[0].dense()
        array([[0., 0.],
               [0., 0.],
               [2., 2.]], dtype=float32)
        """
        idx = require_forward(self, self._idx)
        dimensions = self.weight.shape[1]
        rows = self._flat(self._as_gradient(dout, (*idx.shape, dimensions)), -1, dimensions)
        store(self.grads[0], *row_totals(self._flat(idx, -1), rows, None, 1.0, self._groups))


class EmbeddingMean(RowLayer):
    """Averages rows: ``W[idx].mean(axis=1)``, as CBOW does with the words of a window.

    Parameters
    ----------
    W, dense
        As for :class:`RowLayer`.

    Examples
    --------
    >>> EmbeddingMean(np.float32([[1, 2], [3, 4]])).forward([[0, 1], [1, 1]])
    array([[2., 3.],
           [3., 4.]], dtype=float32)
    """

    _idx: Int32s | None = None
    _sources: Int32s | None = None

    def forward(self, idx: npt.ArrayLike) -> Array:
        """Average the rows that each line of `idx` names.

        Parameters
        ----------
        idx
            Integers (n, c) in 0..rows-1, c >= 1.

        Returns
        -------
        numpy.ndarray
            (n, d).

        Raises
        ------
        InputTypeError, ParameterError
            `idx` is not a matrix of integers, or one is out of range.

        Examples
        --------
        >>> EmbeddingMean(np.float32([[1, 2], [3, 4]])).forward([[0, 1]])
        array([[2., 3.]], dtype=float32)
        """
        indices: Int32s = self._library.as_rows("idx", idx, len(self.weight))
        if indices.ndim != 2 or indices.shape[1] == 0:
            raise ParameterError(
                f"idx has the shape {indices.shape}; it must be (n, c), with c >= 1 rows to "
                "average for each of the n results"
            )
        if self._idx is None or self._idx.shape != indices.shape:
            self._sources = self._repeated(*indices.shape)
        self._idx = indices
        return self._sums(indices, 1 / indices.shape[1])

    def backward(self, dout: npt.ArrayLike) -> None:
        """Compute the gradient of the weights: the sum of the gradients of each row.

        Parameters
        ----------
        dout
            (n, d): the gradient of what forward() returned.

        Raises
        ------
        NotTrainableError
            forward() has not been called.
        ParameterError
            `dout` has another shape.

        Examples
        --------
        >>> layer = EmbeddingMean(np.zeros((3, 2), dtype=np.float32))
        >>> out = layer.forward([[0, 2]])
        >>> layer.backward(np.ones((1, 2)))
        >>> layer.grads[0].dense()
        array([[0.5, 0.5],
               [0. , 0. ],
               [0.5, 0.5]], dtype=float32)
        """
        idx = require_forward(self, self._idx)
        n, context = idx.shape
        rows = self._as_gradient(dout, (n, self.weight.shape[1]))
        store(
            self.grads[0],
            *row_totals(self._flat(idx, -1), rows, None, 1 / context, self._groups, self._sources),
        )


class EmbeddingDot(RowLayer):
    """Scores vectors against rows: ``forward(h, idx)`` is ``(h * W[idx]).sum(axis=1)``.

    Parameters
    ----------
    W, dense
        As for :class:`RowLayer`.

    Examples
    --------
    >>> layer = EmbeddingDot(np.float32([[1, 0], [0, 2]]))
    >>> layer.forward([[3, 4], [5, 6]], [0, 1])
    array([ 3., 12.], dtype=float32)
    """

    _shape: tuple[int, ...] | None = None

    def forward(self, h: npt.ArrayLike, idx: npt.ArrayLike) -> Array:
        """Compute the dot product of every vector with its row, or with each of its rows.

        Parameters
        ----------
        h
            (n, d).
        idx
            Integers (n,) or (n, m) in 0..rows-1.

        Returns
        -------
        numpy.ndarray
            The scores, in the shape of `idx`.

        Raises
        ------
        InputTypeError, ParameterError
            Shapes do not match, or `idx` does not hold integers, or one is out of range.

        Examples
        --------
        >>> layer = EmbeddingDot(np.float32([[1, 0], [0, 2]]))
        >>> layer.forward([[3, 4]], [[0, 1]])
        array([[3., 8.]], dtype=float32)
        """
        indices = self._library.as_rows("idx", idx, len(self.weight))
        if indices.ndim not in (1, 2):
            raise ParameterError(
                f"idx has the shape {indices.shape}; it must be (n,), or (n, m) for m rows each"
            )
        if self._shape != indices.shape:
            n, m = indices.shape[0], math.prod(indices.shape[1:])
            self._starts = self._library.upload(m * np.arange(n + 1, dtype=np.int32))
            self._sources = self._repeated(n, m)
        scores = self.score(h, self._flat(indices, -1), self._starts, self._sources)
        self._shape = tuple(indices.shape)
        shaped: Array = self._flat(scores, *indices.shape)
        return shaped

    def score(self, h: npt.ArrayLike, indices: Int32s, starts: Int32s, sources: Int32s) -> Array:
        """Score each vector against any number of rows.

        Parameters
        ----------
        h
            (n, d).
        indices
            int32 (pairs,) in 0..rows-1: the row of each pair. The pairs of ``h[i]`` are
            ``indices[starts[i]:starts[i + 1]]``.
        starts
            int32 (n + 1,): where the pairs of each vector begin.
        sources
            int32 (pairs,): the i of each pair.

        Returns
        -------
        numpy.ndarray
            (pairs,).

        Examples
        --------
        Three rows for the first vector, one for the second:

        >>> layer = EmbeddingDot(np.float32([[1, 0], [0, 2]]))
        >>> rows, sources = np.int32([0, 1, 1, 0]), np.int32([0, 0, 0, 1])
        >>> layer.score([[3, 4], [5, 6]], rows, np.int32([0, 3, 4]), sources)
        array([3., 8., 8., 5.], dtype=float32)
        """
        library = self._library
        n, dimensions, pairs = starts.shape[0] - 1, self.weight.shape[1], indices.shape[0]
        given = library.matrix("h", h)
        require_shape("h", given, (n, dimensions), "idx and W")
        inputs: Array = library.floats("h", given, self.dtype)
        outputs = self.weight.read(indices)
        scores: Array = library.empty("the scores", (pairs,), self.dtype)

        def work(first: int, last: int) -> None:
            self._operations.pair_scores(inputs, outputs, starts, indices, scores, first, last)

        library.share(work, n, dimensions * pairs / max(n, 1))
        self._inputs, self._indices = inputs, indices
        self._starts, self._sources = starts, sources
        self._shape = (pairs,)
        return scores

    def backward(self, dout: npt.ArrayLike, scale: float = 1.0) -> Array:
        """Compute the gradients of h and of the weights.

        Parameters
        ----------
        dout
            The gradients of the scores, in their shape.
        scale
            Factor of all gradients.

        Returns
        -------
        numpy.ndarray
            (n, d): the gradient of h. That of the weights is in ``grads[0]``.

        Raises
        ------
        NotTrainableError
            forward() has not been called.
        ParameterError
            `dout` has another shape.

        Examples
        --------
        >>> layer = EmbeddingDot(np.float32([[1, 0], [0, 2]]))
        >>> scores = layer.forward([[3, 4]], [1])
        >>> layer.backward([1.0])
        array([[0., 2.]], dtype=float32)
        >>> layer.grads[0].dense()
        array([[0., 0.],
               [3., 4.]], dtype=float32)
        """
        shape = require_forward(self, self._shape)
        steps = self._flat(self._as_gradient(dout, shape), -1)
        outputs = self.weight.read(self._indices)
        n, dimensions = self._inputs.shape
        dh: Array = self._library.empty("the gradient of h", (n, dimensions), self.dtype)

        def work(first: int, last: int) -> None:
            self._operations.input_gradients(
                steps, scale, outputs, self._starts, self._indices, dh, first, last
            )

        self._library.share(work, n, dimensions * steps.shape[0] / max(n, 1))
        store(
            self.grads[0],
            *row_totals(self._indices, self._inputs, steps, scale, self._groups, self._sources),
        )
        return dh
