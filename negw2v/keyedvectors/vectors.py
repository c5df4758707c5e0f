"""The class KeyedVectors: its whole public interface.

Each method is a docstring and a call of a function on the object's state; the map in
:mod:`negw2v.keyedvectors` says where these functions are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from negw2v.array_ownership import OwnedArray
from negw2v.commit import at_once
from negw2v.constructors import MakesAnother
from negw2v.deferred import DeferredModule
from negw2v.errors import FilePath, RemovedNameError, warn
from negw2v.formats import saving
from negw2v.formats.model_card import Description
from negw2v.formats.values import StoredValues, keys_in_order
from negw2v.gensim_substitution import SubstituteMeta
from negw2v.keyedvectors import (
    arrays,
    attributes,
    lookup,
    rows,
    search,
    selections,
    similarity,
)
from negw2v.keyedvectors.arguments import Key
from negw2v.keyedvectors.search import NearestKeys
from negw2v.lifecycle import LifecycleEvents
from negw2v.search import cosine
from negw2v.search.approximate import ApproximateIndex
from negw2v.suggestions import FormerName, shown_names, suggests_names

if TYPE_CHECKING:
    import keras
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import torch
    from matplotlib.figure import Figure

    from negw2v.evaluation import analogies as analogy_questions
    from negw2v.evaluation import word_pairs
    from negw2v.explorer.page import ExplorerPage
    from negw2v.keyedvectors import display, evaluation, files, plots, sharing
    from negw2v.training.report import TrainingReport
else:
    analogy_questions = DeferredModule("negw2v.evaluation.analogies")
    word_pairs = DeferredModule("negw2v.evaluation.word_pairs")
    display = DeferredModule("negw2v.keyedvectors.display")
    evaluation = DeferredModule("negw2v.keyedvectors.evaluation")
    files = DeferredModule("negw2v.keyedvectors.files")
    plots = DeferredModule("negw2v.keyedvectors.plots")
    sharing = DeferredModule("negw2v.keyedvectors.sharing")

__all__ = ["KeyedVectors"]


def _warn_deprecated(old: str, new: str) -> None:
    warn(f"{old} is deprecated; use {new}", DeprecationWarning)


def _removed(old: str, new: str) -> RemovedNameError:
    return RemovedNameError(f"{old} is not there since gensim 4; use {new}")


class KeyedVectors(LifecycleEvents, metaclass=SubstituteMeta):
    """Vectors by key (such as words), and queries about them.

    Parameters
    ----------
    vector_size
        Number of dimensions of every vector.
    count
        Rows to preallocate for :meth:`add_vector`.
    dtype
        Floating-point type of the vectors.
    mapfile_path
        Not used; gensim has it.

    Attributes
    ----------
    vectors : numpy.ndarray
        Float (n, vector_size): one row per key.
    key_to_index : dict
        The row of every key.
    index_to_key : list
        The key of every row.
    norms : numpy.ndarray or None
        Float (n,): the length of every vector, once :meth:`fill_norms` has computed them.
    expandos : dict of str to numpy.ndarray
        Further attributes of the keys, such as ``count``; see :meth:`set_vecattr`.
    byte_copy : bool
        Whether searches may keep an int8 copy of `vectors`, a quarter of their size in
        float32; True by default. It makes them several times as fast. They find the same keys;
        cosines are the same bits, but for the last ones in batches of more than eight queries.
        The copy is made from the third query on, an eighth by each. There is none for vectors
        that are mapped from a file, nor while other code holds `vectors`, `norms` or a view of
        them: it could change them at any time.

    Raises
    ------
    ParameterError
        `vector_size` or `count` make no sense.

    Examples
    --------
    >>> kv = KeyedVectors(2)
    >>> words = ["east", "north", "northeast", "west"]
    >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
    >>> kv["north"].tolist()
    [0.0, 1.0]
    >>> kv.most_similar("east", topn=1)[0][0]
    'northeast'
    """

    #: Whether searches may keep an int8 copy of `vectors`; see above.
    byte_copy: bool = True

    #: Word2Vec's lock factors of its vectors, float32 (1,) or (n,); only models have them.
    vectors_lockf: npt.NDArray[Any]

    # The state; the functions in arrays.py read and write what has an underscore.
    index_to_key: list[Any]  # of a mapped file, these two are decoded at their first use
    key_to_index: dict[Any, int]
    vector_size: int
    next_index: int
    expandos: dict[str, npt.NDArray[Any]]
    mapfile_path: str | None
    stored_keys: StoredValues | None  # keys of a mapped file that nobody has asked for yet
    _owned_vectors: OwnedArray
    _norms: arrays.Norms | None
    _int8_copy: arrays.Int8Copy

    @suggests_names({"size": "vector_size"})
    def __init__(
        self,
        vector_size: int,
        count: int = 0,
        dtype: npt.DTypeLike = np.float32,
        mapfile_path: str | None = None,
    ) -> None:
        arrays.initialize(self, vector_size, count, dtype, mapfile_path)

    #: Whether a subclass looks keys up in a way of its own, so that it is asked for each of them.
    _own_look_up: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own_look_up = any(
            getattr(cls, name) is not getattr(KeyedVectors, name)
            for name in ("get_index", "get_vector", "has_index_for")
        )

    @property
    def vectors(self) -> npt.NDArray[Any]:
        """Float (len(self), vector_size): one row per key. Assign another array to replace it.

        After changing it in place call ``fill_norms(force=True)``. Searches are fastest while
        nobody else holds it: they keep an int8 copy (see :attr:`byte_copy`).
        """
        return self._owned_vectors.expose()

    @vectors.setter
    def vectors(self, array: npt.NDArray[Any]) -> None:
        at_once(arrays.change(self, array))

    @property
    def norms(self) -> npt.NDArray[Any] | None:
        """Float (len(self),): the length of every vector, once it was computed, or None."""
        return arrays.known_norms(self)

    @norms.setter
    def norms(self, array: npt.ArrayLike | None) -> None:
        arrays.set_norms(self, array)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "index_to_key" and isinstance(value, Mapping):
            value = keys_in_order(value)  # programs that build vectors by hand give dicts, too
        super().__setattr__(name, value)

    def __dir__(self) -> Iterable[str]:
        return shown_names(type(self), super().__dir__())

    def __getstate__(self) -> dict[str, Any]:
        lookup.decode_keys(self)
        return vars(self)

    # keys

    def take_keys(self, keys: list[Any]) -> None:
        """Make these the keys of the rows, None standing for a row that is still free.

        Parameters
        ----------
        keys
            One key per row; the list becomes `index_to_key`.

        Raises
        ------
        ParameterError
            A key occurs twice, or cannot be one; or their hashes collide.

        Examples
        --------
        >>> kv = KeyedVectors(2, count=3)
        >>> kv.take_keys(["a", "b", None])
        >>> kv.key_to_index
        {'a': 0, 'b': 1}
        """
        lookup.take_keys(self, keys)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def _repr_html_(self) -> str:
        return display.html(self)

    def __len__(self) -> int:
        return len(self.index_to_key)

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Row of `vectors` that belongs to `key`.

        Parameters
        ----------
        key
            A key; an int that is not a key stands for the row of that number.
        default
            What to return for an unknown key instead of raising.

        Returns
        -------
        int

        Raises
        ------
        KeyNotFoundError
            The key is unknown and there is no default. Its message names close spellings.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.get_index("b")
        1
        >>> kv.get_index("c", default=-1)
        -1
        """
        try:
            index = self.key_to_index.get(key, -1)
            if index >= 0:
                return index
        except TypeError:  # a list, for example
            pass
        return lookup.index_of_other(self, key, default)

    def has_index_for(self, key: Key) -> bool:
        """Whether there is a row for `key`, which may also be the number of a row.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.has_index_for("a"), kv.has_index_for("c")
        (True, False)
        """
        return self.get_index(key, -1) >= 0

    def __contains__(self, key: Key) -> bool:
        return self.has_index_for(key)

    # rows

    def get_vector(self, key: Key, norm: bool = False) -> npt.NDArray[Any]:
        """The vector of one key.

        Parameters
        ----------
        key
            The key, or the number of a row.
        norm
            True: scaled to length 1 (a zero vector stays zero).

        Returns
        -------
        numpy.ndarray
            Float (vector_size,), read-only; without `norm` a view of the row.

            To change a row, write to ``kv.vectors``, or set ``kv[key] = vector``. Searches may
            miss what is written by other ways: ``torch.from_numpy(kv[key])`` and
            ``torch.from_dlpack(kv[key])``, for example, are tensors that can be written to, of
            the same memory. Give them a copy (``torch.tensor(kv[key])``), or call
            ``kv.fill_norms(force=True)`` after writing.

        Raises
        ------
        KeyNotFoundError
            The key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.get_vector("a").tolist()
        [3.0, 4.0]
        >>> kv.get_vector("b", norm=True).tolist()
        [0.0, 1.0]
        """
        return arrays.row(self, self.get_index(key), norm)

    def __getitem__(self, key_or_keys: Any) -> npt.NDArray[Any]:
        """The vector of a key, or a matrix with one row for each of several keys.

        A slice means rows, whatever the keys are.
        """
        return rows.get_item(self, key_or_keys)

    def __setitem__(self, keys: Any, weights: Any) -> None:
        """Set the vector of a key, or those of a list of keys; new keys are appended."""
        rows.set_item(self, keys, weights)

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        return rows.as_array(self, dtype, copy)

    def add_vector(self, key: Key, vector: npt.ArrayLike, *, allow_nonfinite: bool = False) -> int:
        """Add one key and its vector, into the next free preallocated row if there is one.

        Parameters
        ----------
        key
            The new key.
        vector
            Float (vector_size,).
        allow_nonfinite
            Accept NaN and infinity, which are refused otherwise.

        Returns
        -------
        int
            The row where it was put.

        Raises
        ------
        ParameterError
            The key is there already, the vector has the wrong length, or NaN or infinity in it.

        Examples
        --------
        >>> kv = KeyedVectors(2, count=2)
        >>> kv.add_vector("a", [3, 4])
        0
        >>> kv["a"].tolist()
        [3.0, 4.0]
        """
        return rows.add_vector(self, key, vector, allow_nonfinite=allow_nonfinite)

    def add_vectors(
        self,
        keys: Any,
        weights: Any,
        extras: Mapping[str, npt.NDArray[Any]] | None = None,
        replace: bool = False,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Append keys and their vectors.

        Parameters
        ----------
        keys
            One key, or a sequence of n different keys.
        weights
            Their vectors: float (vector_size,) or (n, vector_size).
        extras
            Further attributes by name, each an array of length n.
        replace
            What happens to keys that are there already. True: they get the new vector and
            attributes; False: they keep the old ones.
        allow_nonfinite
            Accept NaN and infinity, which are refused otherwise.

        Raises
        ------
        ParameterError
            A key is given twice, shapes do not fit, or a vector has NaN or infinity in it.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]], extras={"count": np.array([7, 5])})
        >>> kv.index_to_key
        ['a', 'b']
        >>> kv.get_vecattr("a", "count")
        7
        """
        rows.add_vectors(self, keys, weights, extras, replace, allow_nonfinite=allow_nonfinite)

    def resize_vectors(self, seed: int = 0) -> None:
        """Give `vectors` as many rows as there are keys; new rows get random values.

        Parameters
        ----------
        seed
            Seed of the random values, uniform in ±1 / vector_size.

        Raises
        ------
        ParameterError
            There are fewer keys than rows.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.index_to_key.append("c")
        >>> kv.key_to_index["c"] = 2
        >>> kv.resize_vectors(seed=1)
        >>> kv.vectors.shape
        (3, 2)
        """
        rows.resize_vectors(self, seed)

    def sort_by_descending_frequency(self) -> None:
        """Order keys, vectors and attributes by the attribute ``count``, largest first.

        Keys of equal count end up in the reverse of their present order, as in gensim.

        Raises
        ------
        KeyNotFoundError
            The keys have no attribute ``count``.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.set_vecattr("b", "count", 7)
        >>> kv.sort_by_descending_frequency()
        >>> kv.index_to_key
        ['b', 'a']
        """
        rows.sort_by_descending_frequency(self)

    # further attributes of keys

    def allocate_vecattrs(
        self, attrs: Collection[str] | None = None, types: Iterable[Any] | None = None
    ) -> None:
        """Make arrays of per-key attributes, or fit those that exist: one value for each key.

        New values are 0, or empty.

        Parameters
        ----------
        attrs
            Names of the attributes; None: all that exist.
        types
            A NumPy dtype or Python type for each of them; str is stored as object.

        Raises
        ------
        InputTypeError
            An attribute exists with a type that cannot hold the one asked for.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.allocate_vecattrs(["count"], [int])
        >>> kv.expandos["count"].tolist()
        [0, 0]
        """
        attributes.allocate(self, attrs, types)

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Store a further attribute of a key, such as its count.

        Parameters
        ----------
        key
            The key; it must be present.
        attr
            Name of the attribute. The first value stored fixes its type.
        val
            The value.

        Raises
        ------
        KeyNotFoundError
            The key is unknown.
        InputTypeError
            The attribute is stored as another type.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.set_vecattr("a", "count", 7)
        >>> kv.get_vecattr("a", "count")
        7
        """
        attributes.set_value(self, key, attr, val)

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """A further attribute of a key, as a Python object.

        Parameters
        ----------
        key
            The key.
        attr
            Name of the attribute.

        Raises
        ------
        KeyError
            The key or the attribute is unknown.
        ParameterError
            Keys were cut out or added by hand, and the attribute does not fit them.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.set_vecattr("a", "count", 7)
        >>> kv.get_vecattr("a", "count"), kv.get_vecattr("b", "count")
        (7, 0)
        """
        return attributes.get_value(self, key, attr)

    # lengths

    def fill_norms(self, force: bool = False) -> None:
        """Compute `norms`, the Euclidean length of every vector, unless it is there already.

        Parameters
        ----------
        force
            Compute it again: for after a change of `vectors` in place.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.fill_norms()
        >>> kv.norms.tolist()
        [5.0, 2.0]
        """
        arrays.current_norms(self, force)

    def get_normed_vectors(self) -> npt.NDArray[Any]:
        """A copy of `vectors` with every row at length 1 (zero rows stay zero).

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.get_normed_vectors().round(3).tolist() == np.float32([[0.6, 0.8], [0, 1]]).tolist()
        True
        """
        return rows.get_normed_vectors(self)

    def unit_normalize_all(self) -> None:
        """Scale every row of `vectors` to length 1, in place (zero rows stay zero).

        Vectors that are read-only, as those of a mapped file, are replaced by a copy. Train before,
        not after: training needs the lengths.

        Warns
        -----
        NegW2VWarning
            Rows with NaN or infinity in them, which have no length, stay as they are.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.unit_normalize_all()
        >>> kv["b"].tolist()
        [0.0, 1.0]
        """
        rows.unit_normalize_all(self)

    # similarity of given keys and vectors

    def get_mean_vector(
        self,
        keys: Sequence[Any] | npt.NDArray[Any],
        weights: npt.ArrayLike | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> npt.NDArray[Any]:
        """The weighted mean of several vectors.

        Parameters
        ----------
        keys
            Keys, or vectors (numpy.ndarray), or some of each; or a matrix (n, vector_size).
        weights
            One number for each of `keys`; None: 1 each. The sum is divided by the sum of
            their absolute values.
        pre_normalize
            Scale the vectors of keys to length 1 first. Vectors that are given as arrays are taken
            as they are.
        post_normalize
            Scale the mean to length 1.
        ignore_missing
            Leave unknown keys out instead of raising.

        Returns
        -------
        numpy.ndarray
            Float (vector_size,); zero where all keys are unknown.

        Raises
        ------
        EmptyQueryError
            `keys` is empty.
        ParameterError
            There are not as many weights as keys, or a vector has the wrong length.
        KeyNotFoundError
            A key is unknown, and `ignore_missing` is False.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.get_mean_vector(["a", "b"], pre_normalize=False).tolist()
        [1.5, 3.0]
        """
        return similarity.mean_vector(
            self, keys, weights, pre_normalize, post_normalize, ignore_missing
        )

    def similarity(self, w1: Key, w2: Key) -> float:
        """Cosine of the vectors of two keys.

        Parameters
        ----------
        w1, w2
            The keys.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> round(kv.similarity("east", "northeast"), 3)
        0.707
        """
        return similarity.similarity(self, w1, w2)

    def distance(self, w1: Key, w2: Key) -> float:
        """1 - the cosine of the vectors of two keys.

        Parameters
        ----------
        w1, w2
            The keys.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.distance("east", "west")
        2.0
        """
        return 1 - self.similarity(w1, w2)

    def n_similarity(self, ws1: Sequence[Any], ws2: Sequence[Any]) -> float:
        """Cosine of the mean vectors of two sets of keys.

        Parameters
        ----------
        ws1, ws2
            The sets; unknown keys are left out.

        Raises
        ------
        EmptyQueryError
            A set is empty.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> round(kv.n_similarity(["east", "north"], ["northeast"]), 3)
        1.0
        """
        return similarity.n_similarity(self, ws1, ws2)

    @staticmethod
    def cosine_similarities(
        vector_1: npt.NDArray[Any], vectors_all: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        """Cosine of one vector with each of several.

        Parameters
        ----------
        vector_1
            Float (dims,).
        vectors_all
            Float (n, dims).

        Returns
        -------
        numpy.ndarray
            Float (n,); 0 where a vector is zero.

        Examples
        --------
        >>> vectors = np.array([[2.0, 0.0], [0.0, 3.0]])
        >>> KeyedVectors.cosine_similarities(np.array([1.0, 0.0]), vectors).tolist()
        [1.0, 0.0]
        """
        return cosine.cosines(np.asarray(vector_1), np.asarray(vectors_all))

    def distances(
        self, word_or_vector: Key | npt.NDArray[Any], other_words: Iterable[Key] = ()
    ) -> npt.NDArray[Any]:
        """1 - the cosine of one key or vector with others.

        Parameters
        ----------
        word_or_vector
            A key, or a vector (vector_size,).
        other_words
            The keys to compare with; none: all of them.

        Returns
        -------
        numpy.ndarray
            Float, in the order of `other_words`, or of the rows of `vectors`.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.distances("east", ["north", "west"]).tolist()
        [1.0, 2.0]
        """
        return similarity.distances(self, word_or_vector, other_words)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """The one of `keys_list` that is most similar to `key1`.

        Parameters
        ----------
        key1
            A key.
        keys_list
            The keys to choose from.

        Raises
        ------
        EmptyQueryError
            `keys_list` is empty.
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.most_similar_to_given("east", ["north", "northeast", "west"])
        'northeast'
        """
        return similarity.most_similar_to_given(self, key1, keys_list)

    def closer_than(self, key1: Key, key2: Key) -> list[Any]:
        """All keys that are closer to `key1` than `key2` is, in the order of the vocabulary.

        Parameters
        ----------
        key1, key2
            Keys.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.closer_than("east", "west")
        ['north', 'northeast']
        """
        return similarity.closer_than(self, key1, key2)

    def rank(self, key1: Key, key2: Key) -> int:
        """The place of `key2` among the neighbours of `key1`; the closest has 1.

        Parameters
        ----------
        key1, key2
            Keys.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.rank("east", "north")
        2
        """
        return len(self.closer_than(key1, key2)) + 1

    def rank_by_centrality(
        self, words: Sequence[Key], use_norm: bool = True
    ) -> list[tuple[float, Any]]:
        """Words by their cosine with the mean of all of them.

        Parameters
        ----------
        words
            Keys; unknown ones are left out, with a log message.
        use_norm
            Scale vectors to length 1 before taking the mean.

        Returns
        -------
        list of (float, key)
            The most central word first.

        Raises
        ------
        EmptyQueryError
            None of the words is known.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> [word for _, word in kv.rank_by_centrality(["east", "north", "northeast"])][0]
        'northeast'
        """
        return similarity.rank_by_centrality(self, words, use_norm)

    def doesnt_match(self, words: Sequence[Key]) -> Any:
        """The word that is least like the mean of all of them.

        Parameters
        ----------
        words
            Keys; unknown ones are left out, with a log message.

        Raises
        ------
        InputTypeError
            `words` is a str: give a list of words.
        EmptyQueryError
            None of the words is known.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.doesnt_match(["east", "northeast", "west"])
        'west'
        """
        return self.rank_by_centrality(words)[-1][1]

    def wmdistance(
        self, document1: Iterable[Key], document2: Iterable[Key], norm: bool = True
    ) -> float:
        """Word Mover's Distance between two documents (Kusner et al. 2015).

        Parameters
        ----------
        document1, document2
            Their words; words without a vector are left out.
        norm
            Scale vectors to length 1 before.

        Returns
        -------
        float
            The distance; infinity where a document has no word with a vector.

        Raises
        ------
        MissingDependencyError
            POT is not installed (``pip install 'negw2v[wmd]'``).
        InputTypeError
            A document is a str.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.wmdistance(["east"], ["north"], norm=False)  # doctest: +SKIP
        1.41...
        """
        return similarity.wmdistance(self, document1, document2, norm)

    # searches among all keys

    @suggests_names()
    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> Any:
        """The keys whose vectors have the largest cosine with the mean of given ones.

        "king" - "man" + "woman" is ``most_similar(positive=["king", "woman"],
        negative=["man"])`` (3CosAdd, Mikolov et al. 2013).

        Parameters
        ----------
        positive, negative
            What counts for and against: a key, a vector, or a list whose items are keys,
            vectors (numpy.ndarray), or pairs (key or vector, weight). A weight replaces the
            +1 or -1 of an item, in `negative` too. Vectors of keys are scaled to length 1.
        topn
            How many to return; None: the cosines of all rows, as an array.
        clip_start, clip_end
            Search only the rows from `clip_start` on and before `clip_end`.
        restrict_vocab
            Search only the first `restrict_vocab` keys; `clip_start` and `clip_end` do not count
            then.
        indexer
            An object whose ``most_similar(vector, topn)`` makes the search, such as
            :meth:`build_index` returns. It may find the keys of the query, too.

        Returns
        -------
        list of (key, float)
            The closest first; keys of the query are left out. Equal cosines come in the order
            of the vocabulary. Empty for `topn` < 1.
        numpy.ndarray
            For `topn=None`: float, one cosine for every row searched.

        Raises
        ------
        EmptyQueryError
            Neither `positive` nor `negative` has anything in it.
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> [key for key, _ in kv.most_similar("east", topn=2)]
        ['northeast', 'north']
        >>> kv.most_similar(positive=["north", "east"], negative=["west"], topn=1)[0][0]
        'northeast'
        """
        return search.most_similar(
            self, positive, negative, topn, clip_start, clip_end, restrict_vocab, indexer
        )

    @suggests_names()
    def most_similar_cosmul(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """The keys that are most similar by multiplication (3CosMul, Levy and Goldberg 2014).

        The score is the product of the similarities with the positive items, divided by that
        with the negative ones, where a similarity is (1 + cosine) / 2.

        Parameters
        ----------
        positive, negative
            What counts for and against: a key, a vector (of length 1), or a list of them.
        topn
            How many to return; None: the scores of all rows, as an array.
        restrict_vocab
            Search the first `restrict_vocab` keys only.

        Returns
        -------
        list of (key, float)
            The best first; keys of the query are left out. Empty for `topn` < 1.
        numpy.ndarray
            For `topn=None`: float, one score for every row searched.

        Raises
        ------
        EmptyQueryError
            `positive` has nothing in it.
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.most_similar_cosmul(positive=["north", "east"], negative=["west"], topn=1)[0][0]
        'northeast'
        """
        return search.most_similar_cosmul(self, positive, negative, topn, restrict_vocab)

    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to one key.

        Parameters
        ----------
        key
            The key.
        topn, restrict_vocab
            As for :meth:`most_similar`, and so is what is returned.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.similar_by_key("east", topn=1)[0][0]
        'northeast'
        """
        return self.most_similar(positive=[key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_word(
        self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to one key.

        Parameters
        ----------
        word
            The key.
        topn, restrict_vocab
            As for :meth:`most_similar`, and so is what is returned.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.similar_by_word("east", topn=1)[0][0]
        'northeast'
        """
        return self.similar_by_key(word, topn, restrict_vocab)

    def similar_by_vector(
        self, vector: npt.NDArray[Any], topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """The keys most similar to a vector.

        Parameters
        ----------
        vector
            Float (vector_size,).
        topn, restrict_vocab
            As for :meth:`most_similar`, and so is what is returned.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.similar_by_vector(np.array([2.0, 0.1]), topn=1)[0][0]
        'east'
        """
        return self.most_similar(
            positive=[np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab
        )

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """The cosine of two keys, relative to those of the first with its neighbours.

        Leeuwenberg et al. 2016. A value above 1 / `topn` hints at synonyms.

        Parameters
        ----------
        wa, wb
            Keys.
        topn
            Number of neighbours of `wa` whose cosines are added up, >= 1.

        Raises
        ------
        ParameterError
            There is no neighbour to compare with.
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> round(kv.relative_cosine_similarity("east", "northeast", topn=2), 3)
        1.0
        """
        return search.relative_cosine_similarity(self, wa, wb, topn)

    def nearest(
        self,
        queries: Any,
        topn: int = 10,
        candidates: Any = None,
        exclude: Any = None,
        *,
        include_self: bool = False,
        return_keys: bool = True,
    ) -> NearestKeys:
        """The keys with the largest cosines with each of many queries. Exact.

        Parameters
        ----------
        queries
            One key or n keys, or vectors: float (n, vector_size) or (vector_size,).
        topn
            How many to find for each.
        candidates
            The keys that may be found; or an int: only the first so many; None: all.
        exclude
            Keys that must not be found, for all queries; or, as a sequence of n lists of
            keys, for each query its own.
        include_self
            A query that is a key does not find itself; True: it may.
        return_keys
            False: rows are enough; do not look their keys up.

        Returns
        -------
        NearestKeys
            Three arrays (n, k): keys, cosines and rows; k is `topn`, or the number of
            candidates if that is less. Equal cosines come in the order of the vocabulary.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        ParameterError
            `topn` < 1, or queries of the wrong shape or with NaN in them.

        Notes
        -----
        The work is done in blocks, over all CPUs; besides the vectors, their int8 copy
        (see `byte_copy`) and the result it takes less than 256 MB of memory, however many
        queries there are.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> found = kv.nearest(["east", "north"], topn=1)
        >>> found.keys.tolist()
        [['northeast'], ['northeast']]
        >>> found.rows.tolist()
        [[2], [2]]
        """
        return search.nearest(
            self,
            queries,
            topn,
            candidates,
            exclude,
            include_self=include_self,
            return_keys=return_keys,
        )

    def analogies(
        self,
        a: Any,
        b: Any,
        c: Any,
        topn: int = 10,
        candidates: Any = None,
        *,
        method: str = "add",
        return_keys: bool = True,
    ) -> NearestKeys:
        """The best answers to many questions "a is to b as c is to ?".

        Parameters
        ----------
        a, b, c
            Keys: n of each, or one for all questions. A question's own keys are never its answer.
        topn
            How many answers to find for each.
        candidates
            The keys that may be found; or an int: only the first so many; None: all.
        method
            "add": the largest cosine with b - a + c (3CosAdd, Mikolov et al. 2013), as
            ``most_similar(positive=[b, c], negative=[a])``; "mul": 3CosMul (Levy and Goldberg
            2014), as ``most_similar_cosmul(positive=[b, c], negative=[a])``.
        return_keys
            False: rows are enough; do not look their keys up.

        Returns
        -------
        NearestKeys
            Three arrays (n, k): keys, cosines (for "mul", scores) and rows.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.
        ParameterError
            `topn` < 1, numbers of keys that do not fit, or an unknown method.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.analogies(["west"], ["north"], ["east"], topn=1).keys.tolist()
        [['northeast']]
        """
        return search.analogies(
            self, a, b, c, topn, candidates, method=method, return_keys=return_keys
        )

    def build_index(
        self,
        connectivity: int = 16,
        expansion_add: int = 128,
        expansion_search: int = 64,
        dtype: str = "f16",
    ) -> ApproximateIndex:
        """An approximate index, for ``most_similar(..., indexer=index)``.

        It pays for vocabularies of hundreds of thousands of keys, which take milliseconds to
        search exactly. It must be built anew after any change of keys or vectors.

        Parameters
        ----------
        connectivity
            Neighbours of each vector in the graph (M in HNSW).
        expansion_add, expansion_search
            Candidates that are looked at while building, and while searching: more of them
            find more of the true neighbours, and take longer.
        dtype
            How the index keeps its copy of the vectors: "f32", "f16" or "i8". The cosines
            returned are exact in any case.

        Returns
        -------
        ApproximateIndex
            It has ``most_similar(vector, topn)`` and ``save(path)``; :meth:`load_index` reads
            a saved one.

        Raises
        ------
        MissingDependencyError
            usearch is not installed (``pip install 'negw2v[ann]'``).

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> index = kv.build_index()  # doctest: +SKIP
        >>> kv.most_similar("east", indexer=index)  # doctest: +SKIP
        """
        return search.build_index(self, connectivity, expansion_add, expansion_search, dtype)

    def load_index(self, path: str | PathLike[str]) -> ApproximateIndex:
        """The approximate index of these vectors that ``ApproximateIndex.save(path)`` saved.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        ParameterError
            There is no such file, or it is an index of other vectors.
        MissingDependencyError
            usearch is not installed (``pip install 'negw2v[ann]'``).

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.build_index().save("vectors.index")  # doctest: +SKIP
        >>> index = kv.load_index("vectors.index")  # doctest: +SKIP
        """
        return search.load_index(self, path)

    # evaluation

    def evaluate_word_analogies(
        self,
        analogies: str | PathLike[str],
        restrict_vocab: int | None = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        r"""Accuracy on analogy questions: "a is to b as c is to ?".

        Parameters
        ----------
        analogies
            Path of a file of sections (lines ``: name``) of questions (lines of four words),
            such as word2vec's ``questions-words.txt``.
        restrict_vocab
            Only the first `restrict_vocab` keys count, in questions and as answers; None: all.
        case_insensitive
            Compare words in upper case; of keys that are equal then, the first one counts.
        dummy4unknown
            Count questions with unknown words as answered wrongly, instead of leaving them
            out.
        similarity_function
            "most_similar" (3CosAdd) or "most_similar_cosmul" (3CosMul).

        Returns
        -------
        score : float
            The share of questions that were answered correctly, 0.0 if all were left out.
        sections : list of dict
            For each section ``section`` (its name), ``correct`` and ``incorrect`` (lists of
            questions, four words each); the last is "Total accuracy".

        Raises
        ------
        ParameterError
            The file has a question outside of any section, or none at all.

        Warns
        -----
        NegW2VWarning
            Lines of the file that are not four words were left out; or none of its questions
            can be answered.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> from pathlib import Path
        >>> _ = Path("questions.txt").write_text(": directions\nwest north east northeast\n")
        >>> score, sections = kv.evaluate_word_analogies("questions.txt")
        >>> score
        1.0
        """
        return evaluation.evaluate_word_analogies(
            self, analogies, restrict_vocab, case_insensitive, dummy4unknown, similarity_function
        )

    def evaluate_word_pairs(
        self,
        pairs: str | PathLike[str],
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int | None = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[word_pairs.Correlation, word_pairs.Correlation, float]:
        r"""Correlation of cosines with people's judgements of similarity.

        Parameters
        ----------
        pairs
            Path of a file whose lines are two words and a number.
        delimiter
            What separates the three.
        encoding
            Of the file.
        restrict_vocab
            Only the first `restrict_vocab` keys count; None: all.
        case_insensitive
            Compare words in upper case; of keys that are equal then, the first one counts.
        dummy4unknown
            Give pairs with unknown words the similarity 0, instead of leaving them out.

        Returns
        -------
        pearson, spearman : Correlation
            (statistic, pvalue); p-values are NaN where SciPy is not installed
            (``pip install 'negw2v[evaluation]'``).
        oov_ratio : float
            Per cent of the pairs that have an unknown word.

        Raises
        ------
        ParameterError
            The file has no judgement in it, or fewer than two of known words.

        Warns
        -----
        NegW2VWarning
            Lines of the file that are not two words and a number were left out.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> from pathlib import Path
        >>> _ = Path("pairs.txt").write_text("east\tnortheast\t8\neast\tnorth\t5\neast\twest\t1\n")
        >>> pearson, spearman, oov_ratio = kv.evaluate_word_pairs("pairs.txt")
        >>> round(float(spearman[0]), 3), float(oov_ratio)
        (1.0, 0.0)
        """
        return evaluation.evaluate_word_pairs(
            self, pairs, delimiter, encoding, restrict_vocab, case_insensitive, dummy4unknown
        )

    @staticmethod
    def log_accuracy(section: dict[str, Any]) -> None:
        """Log the share of correct answers in one section's result.

        Examples
        --------
        >>> KeyedVectors.log_accuracy({"section": "capitals", "correct": [], "incorrect": []})
        """
        analogy_questions.accuracy(section)

    @staticmethod
    def _log_evaluate_word_analogies(section: dict[str, Any]) -> float:
        return analogy_questions.accuracy(section)

    @staticmethod
    def log_evaluate_word_pairs(
        pearson: tuple[float, float], spearman: tuple[float, float], oov: float, pairs: object
    ) -> None:
        """Log the figures that :meth:`evaluate_word_pairs` returns.

        Parameters
        ----------
        pearson, spearman
            The coefficients with their p-values.
        oov
            Per cent of the pairs that have an unknown word.
        pairs
            The file.

        Examples
        --------
        >>> KeyedVectors.log_evaluate_word_pairs((0.7, 0.01), (0.6, 0.02), 0.0, "pairs.txt")
        """
        word_pairs.log_result(pearson, spearman, oov, pairs)

    # other sets of vectors

    def subset(self, keys: Iterable[Key]) -> KeyedVectors:
        """A copy of the vectors and attributes of some keys alone.

        Parameters
        ----------
        keys
            The keys wanted, in the order wanted; a key given twice counts once.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.subset(["west", "north"]).index_to_key
        ['west', 'north']
        """
        return selections.subset(self, keys, KeyedVectors)

    def drop(self, keys: Iterable[Key]) -> KeyedVectors:
        """A copy of the vectors and attributes of all keys but some.

        Parameters
        ----------
        keys
            The keys to leave out.

        Raises
        ------
        KeyNotFoundError
            A key is unknown.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.drop(["northeast"]).index_to_key
        ['east', 'north', 'west']
        """
        return selections.drop(self, keys, KeyedVectors)

    def vectors_for_all(
        self, keys: Iterable[Key], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> KeyedVectors:
        """Vectors for all of `keys` that have one.

        Parameters
        ----------
        keys
            The keys wanted; unknown ones are left out, and a key given twice counts once.
        allow_inference
            In a subclass that makes up vectors for unknown keys: whether it should. Here:
            whether ints may stand for row numbers.
        copy_vecattrs
            Copy the further attributes, too. Without it there is only ``count``, made up so
            that it falls from the first key to the last.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.vectors_for_all(["west", "south"]).index_to_key
        ['west']
        """
        return selections.vectors_for_all(self, keys, allow_inference, copy_vecattrs, KeyedVectors)

    def to_pandas(self) -> pd.DataFrame:
        """The vectors as a pandas DataFrame, one row per key and one column per dimension.

        Attributes such as counts are left out; :meth:`to_arrow` has them. Back again:
        ``kv.add_vectors(frame.index, frame.to_numpy())``.

        Returns
        -------
        pandas.DataFrame
            A copy. The keys are its index, whose name is ``key``.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> words = ["east", "north", "northeast", "west"]
        >>> kv.add_vectors(words, [[1, 0], [0, 1], [1, 1], [-1, 0]])
        >>> kv.to_pandas().loc["northeast"].tolist()  # doctest: +SKIP
        [1.0, 1.0]
        """
        return selections.to_pandas(self)

    # pictures

    def plot_neighbours(
        self, words: Key | Sequence[Key], topn: int = 10, method: str = "pca"
    ) -> Figure:
        """Draw words and their nearest neighbours as points in the plane.

        Parameters
        ----------
        words
            A key, or several, each with a colour.
        topn
            Neighbours of each.
        method
            From many dimensions to two: "pca" (always there), "tsne" (scikit-learn), "umap"
            (umap-learn), "pacmap" (pacmap); see :func:`negw2v.pictures.project`.

        Returns
        -------
        matplotlib.figure.Figure
            It shows itself in a notebook; ``figure.savefig("map.png")`` writes it.

        Raises
        ------
        KeyNotFoundError
            A word is not in the vocabulary.
        MissingDependencyError
            matplotlib, or the package of the method, is not installed.

        Examples
        --------
        >>> figure = model.wv.plot_neighbours(["paris", "dog"], topn=5)
        >>> figure.savefig("neighbours.png")
        """
        return plots.neighbours(self, words, topn, method)

    def plot_analogies(self, pairs: Iterable[tuple[Key, Key]], method: str = "pca") -> Figure:
        """Draw an arrow from the first to the second word of each pair.

        Parameters
        ----------
        pairs
            Pairs of words in the same relation, such as a country and its capital. The arrows
            of a relation that the vectors know are parallel.
        method
            As for :meth:`plot_neighbours`; only "pca" keeps parallel arrows parallel.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        KeyNotFoundError
            A word is not in the vocabulary.
        ParameterError
            There are fewer than two pairs.

        Examples
        --------
        >>> figure = model.wv.plot_analogies([("paris", "france"), ("rome", "italy")])
        """
        return plots.analogies(self, pairs, method)

    def plot_similarities(self, words: Sequence[Key]) -> Figure:
        """Draw the cosines of all pairs of some words.

        Parameters
        ----------
        words
            Two keys or more.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        KeyNotFoundError
            A word is not in the vocabulary.

        Examples
        --------
        >>> figure = model.wv.plot_similarities(["paris", "rome", "dog", "dogs"])
        """
        return plots.similarities(self, words)

    def plot_frequencies(self, words: Sequence[Key] | None = None) -> Figure:
        """Draw the length of each vector against the count of its word.

        Parameters
        ----------
        words
            The words that are named; None: some, from the most frequent to the rarest.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ParameterError
            The keys have no attribute ``count``.

        Examples
        --------
        >>> figure = model.wv.plot_frequencies()
        """
        return plots.frequencies(self, words)

    def explore(
        self,
        path: FilePath | IO[bytes] | None = None,
        n: int = 10_000,
        method: str = "pca",
        title: str = "Map of words",
    ) -> ExplorerPage:
        """Make a page to explore the vectors in a browser: one HTML file, without any network.

        It has a map of the most frequent words in the plane and in space, a search with
        completion, the neighbours of a word, analogies, and comparisons of two words. All of it
        is computed in the page, in all dimensions, from vectors with 8 bits per number: cosines
        differ from those of :meth:`most_similar` by some thousandths.

        Parameters
        ----------
        path
            The file, written whole or not at all; or a binary file that is open. None: the page
            is only returned.
        n
            How many words, the most frequent first: by their attribute ``count``, or in the
            order of the keys where there is none. 10,000 words of 100 dimensions take 7 MB.
        method
            From many dimensions to two and three, as for :meth:`plot_neighbours`.
        title
            The heading of the page.

        Returns
        -------
        negw2v.explorer.page.ExplorerPage
            The page. It shows itself in a notebook. The same vectors give the same bytes, with
            one version of plotly.

        Raises
        ------
        ParameterError
            `n` or the number of words is below 3; the method is unknown; a vector is not finite.
        InputTypeError
            `n` is not a whole number.
        MissingDependencyError
            plotly, or the package of the method, is not installed.
        SaveError
            The file cannot be written.

        Examples
        --------
        >>> model.wv.explore("map.html", n=50)
        ExplorerPage(50 words, ... MB)
        """
        return plots.explore(self, path, n, method, title)

    # files, and objects of other programs

    def save(
        self,
        fname_or_handle: FilePath | IO[bytes],
        separately: Any = None,
        sep_limit: int = saving.SEP_LIMIT,
        ignore: Collection[str] = frozenset(),
        pickle_protocol: int = saving.PICKLE_PROTOCOL,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Save everything to one file, to be loaded with :meth:`load`.

        The file is in the format of docs/model_format.md, which other programs read, too. It
        replaces a file of that name only when it is complete and on the disk.

        Parameters
        ----------
        fname_or_handle, separately, sep_limit, pickle_protocol, allow_nonfinite
            As for :meth:`negw2v.Word2Vec.save`.
        ignore
            Names of attributes that are not stored.

        Raises
        ------
        SaveError
            The file cannot be written; an old one is as it was.
        ParameterError
            A key or an attribute is of a type that cannot be stored, or there is not one row of
            `vectors` for each key. Nothing was written.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.save("vectors")
        >>> KeyedVectors.load("vectors").index_to_key
        ['a', 'b']
        """
        files.save(
            self,
            fname_or_handle,
            separately,
            sep_limit,
            ignore,
            pickle_protocol,
            allow_nonfinite=allow_nonfinite,
        )

    @MakesAnother
    def load(
        cls: type[Any],
        fname: FilePath,
        mmap: str | None = None,
        *,
        encoding: str | None = None,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Load vectors from a file of :meth:`save`, or from one that gensim saved.

        No code in the file is run. From the file of a model its vectors are loaded.

        Parameters
        ----------
        fname
            Path of the file, or a URI of smart_open's.
        mmap
            None: read the file into memory. "r": map it into memory, which takes no time and
            no memory of its own; the vectors are read-only. "c": map it; vectors may be
            changed, the changes are not written to the file. Several processes that map the
            same file share its memory.
        encoding
            Of words in models that Python 2 saved as bytes, such as "utf8". None: they are read
            as gensim reads them, as Latin-1, with a warning where they seem to be UTF-8.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise. What is mapped is not looked
            at.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        MissingFileError
            There is no such file, or it cannot be read; or one of the others that belong to it,
            as gensim saves large models.
        ModelFileError
            The file is damaged, or of another kind; or it cannot be mapped.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.save("vectors")
        >>> KeyedVectors.load("vectors", mmap="r")["a"].tolist()
        [3.0, 4.0]
        """
        return files.load(cls, fname, mmap, encoding=encoding, allow_nonfinite=allow_nonfinite)

    @MakesAnother
    def load_word2vec_format(
        cls: type[Any],
        fname: Any,
        fvocab: Any = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: Any = np.float32,
        no_header: bool = False,
        *,
        binary_chunk_size: int | None = None,
        allow_nonfinite: bool = False,
        allow_blanks: bool | None = None,
    ) -> Any:
        r"""Load words and vectors from a file of word2vec, GloVe or fastText (.vec).

        Text: a line with the number of vectors and their dimensions, then a word and its
        numbers per line, with blanks or tabs between. Numbers are read exactly. Binary: the same
        first line, then each word, a blank, and its numbers as float32.

        Parameters
        ----------
        fname
            Path of the file; a URI that smart_open knows; or a binary file object. What is
            compressed (gzip, bzip2, xz, Zstandard) is unpacked, whatever its name is.
        fvocab
            The vocabulary that goes with it: a word and its count per line. Without it the
            attribute ``count`` only keeps the order: n for the first word, n - 1 for the next.
        binary
            The file is in the binary format.
        encoding
            Of the words.
        unicode_errors
            What happens to words that are not in this encoding: "strict" (an error), "ignore"
            or "replace", as for ``bytes.decode``.
        limit
            Read only the first `limit` vectors; None: all.
        datatype
            Type of the vectors: float16, float32 or float64.
        no_header
            The first line is missing, as in GloVe's files. Text only.
        binary_chunk_size
            No effect; gensim has it.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.
        allow_blanks
            Whether words may have blanks in them, as in GloVe's 840B file (". . ."); text only. The
            last numbers of a line are then its vector, and all before them is the word. None: yes,
            with a warning; but a word that ends in a number is an error, as the vector may have one
            number too many. True: yes. False: they are an error.

        Returns
        -------
        KeyedVectors
            A word that occurs again is ignored, with a warning.

        Raises
        ------
        MissingFileError
            There is no such file, or it cannot be read.
        ModelFileError
            The file is damaged or in another format; the message names line and byte.
            TruncatedFileError: it ends too early. FileDecodeError: a word is not in `encoding`.
        ParameterError, InputTypeError
            A parameter makes no sense.

        Examples
        --------
        >>> from pathlib import Path
        >>> _ = Path("vectors.txt").write_text("2 2\na 3 4\nb 0 2\n")
        >>> KeyedVectors.load_word2vec_format("vectors.txt")["a"].tolist()
        [3.0, 4.0]
        """
        return files.load_word2vec_format(
            cls,
            fname,
            fvocab,
            binary,
            encoding,
            unicode_errors,
            limit,
            datatype,
            no_header,
            binary_chunk_size=binary_chunk_size,
            allow_nonfinite=allow_nonfinite,
            allow_blanks=allow_blanks,
        )

    def save_word2vec_format(
        self,
        fname: Any,
        fvocab: Any = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str = "count",
        *,
        allow_blanks: bool | None = None,
        allow_nonfinite: bool = False,
    ) -> None:
        r"""Save keys and vectors in word2vec.c's text or binary format.

        Text is exact: each number is the shortest decimal that reads back as the same float.

        Parameters
        ----------
        fname
            Path of the file; a suffix .gz, .bz2, .xz or .zst compresses it. A URI of
            smart_open's, or a binary file that is open for writing, will do as well. A file of
            that name is replaced when the new one is complete, and kept where writing fails.
        fvocab
            Another file, for the vocabulary: a key and its `sort_attr` per line.
        binary
            Write the binary format (float32, whatever the vectors are).
        total_vec
            Number of vectors for the first line; None: as many as are written.
        write_header
            False: leave the first line out, as in GloVe's files.
        prefix
            Text to put before each key.
        append
            Append to the files, in place of replacing them.
        sort_attr
            Write the keys in descending order of this attribute; where it is missing, in the
            order of `index_to_key`. Leading int keys that are their own index come first.
        allow_blanks
            Keys with blanks in them. None: in text, those that :meth:`load_word2vec_format`
            reads back are written, with a warning, as other programs (gensim) may not be able
            to; others are an error. True: all are written, for programs that can read them.
            False: they are an error.
        allow_nonfinite
            Write NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            A file cannot be written; an old one is as it was.
        ParameterError
            A key that could not be read back (it has a line feed in it, or see `allow_blanks`);
            `fvocab` without the attribute; no vector for every key; NaN or infinity.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> from pathlib import Path
        >>> kv.save_word2vec_format("vectors.txt", sort_attr="count")
        >>> Path("vectors.txt").read_text()
        '2 2\na 3.0 4.0\nb 0.0 2.0\n'
        """
        files.save_word2vec_format(
            self,
            fname,
            fvocab,
            binary,
            total_vec,
            write_header,
            prefix,
            append,
            sort_attr,
            allow_blanks=allow_blanks,
            allow_nonfinite=allow_nonfinite,
        )

    def intersect_word2vec_format(
        self,
        fname: Any,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        *,
        no_header: bool = False,
        allow_nonfinite: bool = False,
        allow_blanks: bool | None = None,
    ) -> None:
        r"""Replace the vectors of known words by those in a file; its other words are ignored.

        If the file is faulty, nothing changes.

        Parameters
        ----------
        fname, binary, encoding, unicode_errors, no_header, allow_nonfinite, allow_blanks
            As for :meth:`load_word2vec_format`.
        lockf
            Lock factor of these words' vectors: 0.0 keeps training from changing them, 1.0 lets
            it. `vectors_lockf` becomes one factor per word.

        Raises
        ------
        MissingFileError, ModelFileError
            As for :meth:`load_word2vec_format`.
        ParameterError
            The file's vectors have other dimensions.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> from pathlib import Path
        >>> _ = Path("other.txt").write_text("2 2\nb 7 8\nc 1 1\n")
        >>> kv.intersect_word2vec_format("other.txt")
        >>> kv["b"].tolist(), "c" in kv
        ([7.0, 8.0], False)
        """
        files.intersect_word2vec_format(
            self,
            fname,
            lockf,
            binary,
            encoding,
            unicode_errors,
            no_header=no_header,
            allow_nonfinite=allow_nonfinite,
            allow_blanks=allow_blanks,
        )

    def save_projector(
        self,
        vectors: FilePath,
        metadata: FilePath | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Write the two .tsv files that TensorBoard's embedding projector loads.

        Parameters
        ----------
        vectors
            Path of the file of vectors.
        metadata
            Path of the file of keys and attributes (such as counts); None: as `vectors`, with
            the ending ``.metadata.tsv``.
        allow_nonfinite
            Write NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            A file cannot be written.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.save_projector("vectors.tsv", "words.tsv")
        """
        files.save_projector(self, vectors, metadata, allow_nonfinite=allow_nonfinite)

    @MakesAnother
    def load_projector(
        cls: type[Any],
        vectors: FilePath,
        metadata: FilePath | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> Any:
        r"""Read vectors and keys from the two .tsv files of TensorBoard's embedding projector.

        Parameters
        ----------
        vectors
            Path of the file of vectors: numbers with tabs between them.
        metadata
            Path of the file of keys; None: as `vectors`, with the ending ``.metadata.tsv``. With
            several columns it begins with a line of headings; the first column, or that with
            the heading ``word``, has the keys, the others become attributes.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.

        Returns
        -------
        KeyedVectors
            float32. Keys are text; tabs and line feeds that :meth:`save_projector` wrote as
            ``\t`` and ``\n`` stay like that.

        Raises
        ------
        MissingFileError, ModelFileError
            A file is missing or damaged, or they do not belong together.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.save_projector("vectors.tsv")
        >>> KeyedVectors.load_projector("vectors.tsv")["b"].tolist()
        [0.0, 2.0]
        """
        return files.load_projector(cls, vectors, metadata, allow_nonfinite=allow_nonfinite)

    def save_npy(
        self,
        vectors: FilePath,
        vocabulary: FilePath | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> None:
        """Write the vectors as a .npy file, and the keys as a text file, one to a line.

        Parameters
        ----------
        vectors
            Path of the .npy file.
        vocabulary
            Path of the text file; None: as `vectors`, with the ending ``.vocab.txt``.
        allow_nonfinite
            Write NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            A file cannot be written.
        ParameterError
            A key has a line feed in it, or a path has the suffix of another kind of file.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.save_npy("vectors.npy")
        >>> np.load("vectors.npy").tolist()
        [[3.0, 4.0], [0.0, 2.0]]
        """
        files.save_npy(self, vectors, vocabulary, allow_nonfinite=allow_nonfinite)

    @MakesAnother
    def load_npy(
        cls: type[Any],
        vectors: FilePath,
        vocabulary: FilePath | None = None,
        mmap: str | None = None,
        *,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Read vectors from a .npy file, and their keys from a text file, one to a line.

        Parameters
        ----------
        vectors, vocabulary
            The two files, as for :meth:`save_npy`.
        mmap
            None, "r" or "c", as for :meth:`load`.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise. What is mapped is not looked
            at.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        MissingFileError, ModelFileError
            A file is missing or damaged, or they do not belong together.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.save_npy("vectors.npy")
        >>> KeyedVectors.load_npy("vectors.npy").index_to_key
        ['a', 'b']
        """
        return files.load_npy(cls, vectors, vocabulary, mmap, allow_nonfinite=allow_nonfinite)

    def save_table(self, path: FilePath, *, allow_nonfinite: bool = False) -> None:
        """Write :meth:`to_arrow` to a file.

        Parameters
        ----------
        path
            With the suffix .parquet or .pq a Parquet file; with .arrow, .feather, .ipc or none
            an Arrow (Feather) file.
        allow_nonfinite
            Write NaN and infinity, which are an error otherwise.

        Raises
        ------
        ParameterError
            The path has another suffix, such as .csv.
        MissingDependencyError
            pyarrow is not installed; the extra ``arrow`` brings it.
        SaveError
            The file cannot be written.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.save_table("vectors.parquet")  # doctest: +SKIP
        """
        files.save_table(self, path, allow_nonfinite=allow_nonfinite)

    def save_atlas(self, path: FilePath, topn: int = 10, method: str = "pca") -> None:
        """Write a Parquet table for Embedding Atlas, with a map of the vectors and neighbours.

        ``embedding-atlas FILE --text word --x projection_x --y projection_y --neighbors neighbors``
        shows it. The columns are those of :meth:`to_arrow`, and ``projection_x``,
        ``projection_y`` and ``neighbors``: ``{"ids": [...], "distances": [...]}``, with rows of the
        table counted from 0 and cosine distances.

        Parameters
        ----------
        path
            The file, as for :meth:`save_table`.
        topn
            Neighbours of each key.
        method
            From many dimensions to two: "pca", "tsne", "umap" or "pacmap", as for
            :meth:`plot_neighbours`.

        Raises
        ------
        ParameterError
            There are fewer than three keys; an attribute has the name of a column; or the path
            has another suffix.
        MissingDependencyError
            pyarrow, or the package of the method, is not installed.
        SaveError
            The file cannot be written.

        Examples
        --------
        >>> kv.save_atlas("words.parquet", topn=5)  # doctest: +SKIP
        """
        files.save_atlas(self, path, topn, method)

    @MakesAnother
    def load_table(
        cls: type[Any],
        path: FilePath,
        word: str = "word",
        vector: str = "vector",
        *,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Vectors from a Parquet or Arrow file, see :meth:`from_arrow`.

        Parameters
        ----------
        path
            The file.
        word, vector
            Names of the columns.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        MissingFileError, ModelFileError
            There is no such file, it is damaged, or it is another table.

        Examples
        --------
        >>> kv = KeyedVectors.load_table("vectors.parquet")  # doctest: +SKIP
        """
        return files.load_table(cls, path, word, vector, allow_nonfinite=allow_nonfinite)

    def save_pretrained(
        self,
        folder: FilePath,
        *,
        license: str | None = None,  # noqa: A002 - the Hub's name for it
        language: str | Sequence[str] | None = None,
        datasets: str | Sequence[str] | None = None,
        report: TrainingReport | None = None,
        lowercase: bool = False,
        allow_nonfinite: bool = False,
    ) -> None:
        """Write a folder that model2vec, sentence-transformers and tokenizers load, too.

        Its files are ``tokenizer.json`` (WordLevel; texts are split at blanks),
        ``model.safetensors``, ``config.json``, ``modules.json`` and ``README.md``, the model
        card. They replace files of these names; others in the folder stay.

        Parameters
        ----------
        folder
            Made where there is none.
        license, language, datasets
            Metadata of the card, as the Hugging Face Hub has it: "mit", "en", ...
        report
            A model's ``training_report``, for the card.
        lowercase
            Let the tokenizer turn texts into lower case: for vectors of lower-case words.
        allow_nonfinite
            Write NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        ParameterError
            A key is neither a text nor a whole number, or two become the same text.
        SaveError
            The folder cannot be made or written to; its files are as they were.

        Notes
        -----
        Keys that are numbers become texts. Attributes that are one number per key, such as
        ``count``, are stored; others are not. The last row of the file is the token of unknown
        words, all zeros.

        Examples
        --------
        >>> import tempfile
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     kv.save_pretrained(folder, license="mit", language="en")
        ...     KeyedVectors.from_pretrained(folder)["a"].tolist()
        [3.0, 4.0]
        """
        described = Description(license, language, datasets, lowercase, sharing.report_rows(report))
        sharing.save_pretrained(self, folder, described, allow_nonfinite=allow_nonfinite)

    def push_to_hub(
        self,
        repo_id: str,
        *,
        license: str | None = None,  # noqa: A002 - the Hub's name for it
        language: str | Sequence[str] | None = None,
        datasets: str | Sequence[str] | None = None,
        report: TrainingReport | None = None,
        lowercase: bool = False,
        replace_card: bool = True,
        private: bool | None = None,
        token: str | bool | None = None,
        revision: str | None = None,
        create_pr: bool = False,
        commit_message: str = "Upload word vectors",
        allow_nonfinite: bool = False,
    ) -> str:
        """Upload the folder of :meth:`save_pretrained` to the Hugging Face Hub, in one commit.

        Parameters
        ----------
        repo_id
            Name of the model there, ``owner/name``. It is made where there is none.
        license, language, datasets, report, lowercase, allow_nonfinite
            As for :meth:`save_pretrained`.
        replace_card
            False: leave the README.md that is there.
        private
            Whether a model that is made is private; None: as the owner's account has it.
        token
            A token that may write; None: the one that ``hf auth login`` or HF_TOKEN has set.
        revision
            The branch, made where there is none; None: main.
        create_pr
            Propose the change as a pull request, for the owner to accept.
        commit_message
            What the commit says.

        Returns
        -------
        str
            The address of the commit, or of the pull request.

        Raises
        ------
        MissingDependencyError
            huggingface_hub is not installed (``pip install 'negw2v[hub]'``).
        HubError
            The Hub cannot be reached, or the token is missing or does not allow it. A model that
            was made for this call stays there, without files.
        ParameterError
            The vectors cannot be saved, the name is none, or the Hub does not know the licence.

        Examples
        --------
        >>> kv.push_to_hub("owner/name", license="mit", language="en")  # doctest: +SKIP
        """
        described = Description(license, language, datasets, lowercase, sharing.report_rows(report))
        return sharing.push_to_hub(
            self,
            repo_id,
            described,
            replace_card=replace_card,
            allow_nonfinite=allow_nonfinite,
            private=private,
            token=token,
            revision=revision,
            create_pr=create_pr,
            message=commit_message,
        )

    @MakesAnother
    def from_pretrained(
        cls: type[Any],
        folder: FilePath,
        *,
        revision: str | None = None,
        token: str | bool | None = None,
        cache_dir: FilePath | None = None,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Vectors from a folder, or from the Hugging Face Hub; no code in the files is run.

        It reads what :meth:`save_pretrained`, model2vec and sentence-transformers (its
        StaticEmbedding) write.

        Parameters
        ----------
        folder
            A folder with ``tokenizer.json`` and ``model.safetensors``; or, where there is no such
            folder, the name of a model on the Hub: a str ``owner/name``. Then only these two files
            are downloaded, and kept for the next time. ``./owner/name`` is always a folder.
        revision
            A branch, tag or commit on the Hub; None: main.
        token
            For private models. None: the one that ``hf auth login`` or HF_TOKEN has set; False:
            none.
        cache_dir
            Where downloads are kept; None: huggingface_hub's folder (see HF_HUB_CACHE).
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.

        Returns
        -------
        KeyedVectors
            The tokens of the tokenizer with their vectors.

        Raises
        ------
        MissingFileError
            There is no such folder, model or revision, or a file of it is missing.
        ModelFileError
            A file is damaged, has no tensor of this kind, or the two do not belong together.
        HubError
            The Hub cannot be reached, or refuses; or the download broke off.
        MissingDependencyError
            huggingface_hub is not installed (``pip install 'negw2v[hub]'``).
        ParameterError
            `revision` is given, but `folder` is a folder here.

        Examples
        --------
        >>> kv = KeyedVectors.from_pretrained("folder")  # doctest: +SKIP
        >>> kv = KeyedVectors.from_pretrained("owner/name", revision="v1.0")  # doctest: +SKIP
        """
        return sharing.from_pretrained(
            cls,
            folder,
            revision=revision,
            token=token,
            cache_dir=cache_dir,
            allow_nonfinite=allow_nonfinite,
        )

    def to_arrow(self, *, allow_nonfinite: bool = False) -> pa.Table:
        """A pyarrow.Table with the columns ``word``, ``vector`` and one per attribute.

        Parameters
        ----------
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        pyarrow.Table
            ``vector`` is a list of fixed size; attributes that are arrays are lists.

        Raises
        ------
        MissingDependencyError
            pyarrow is not installed; the extra ``arrow`` brings it.
        ParameterError
            Keys are of several types.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.to_arrow().column_names  # doctest: +SKIP
        ['word', 'vector']
        """
        return files.to_arrow(self, allow_nonfinite=allow_nonfinite)

    def to_polars(self, *, allow_nonfinite: bool = False) -> pl.DataFrame:
        """A polars DataFrame with the columns of :meth:`to_arrow`.

        Parameters
        ----------
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        polars.DataFrame
            ``vector`` is an Array of fixed width.

        Raises
        ------
        MissingDependencyError
            polars or pyarrow is not installed.
        ParameterError
            Keys are of several types.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.to_polars().columns  # doctest: +SKIP
        ['word', 'vector']
        """
        return sharing.to_polars(self, allow_nonfinite=allow_nonfinite)

    def to_torch_embedding(
        self, *, freeze: bool = True, padding: bool = False
    ) -> torch.nn.Embedding:
        """A layer of PyTorch with a copy of the vectors, for the rows of `key_to_index`.

        Parameters
        ----------
        freeze
            Whether training leaves the vectors as they are.
        padding
            Add a row of zeros, number ``len(kv)``, as the layer's ``padding_idx``: it stays as
            it is when others are trained.

        Returns
        -------
        torch.nn.Embedding
            On the CPU, with the type of numbers that the vectors have.

        Raises
        ------
        MissingDependencyError
            PyTorch is not installed.
        ParameterError
            The vectors are of a type that PyTorch does not have.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> layer = kv.to_torch_embedding(padding=True)  # doctest: +SKIP
        >>> layer(torch.tensor([kv.get_index("b"), len(kv)])).tolist()  # doctest: +SKIP
        [[0.0, 2.0], [0.0, 0.0]]
        """
        return sharing.to_torch_embedding(self, freeze=freeze, padding=padding)

    def to_keras_embedding(
        self,
        train_embeddings: bool = False,
        word_index: Mapping[Any, int] | None = None,
        *,
        mask_zero: bool = False,
    ) -> keras.layers.Embedding:
        """A layer of Keras with a copy of the vectors; `get_keras_embedding` in gensim 3.

        Parameters
        ----------
        train_embeddings
            Whether training changes the layer's vectors.
        word_index
            The number of each word in the layer's input, as a tokenizer assigns them. Rows are
            zeros for words without a vector, and for numbers that no word has. None: the rows of
            `key_to_index`.
        mask_zero
            Whether 0 stands for padding, which later layers leave out.

        Returns
        -------
        keras.layers.Embedding
            Its weights have the shape (largest number + 1, vector_size), and the vectors' dtype.

        Raises
        ------
        InputTypeError
            `word_index` is no mapping.
        MissingDependencyError
            Keras, or the library that it computes with, is not installed.
        ParameterError
            The vectors are of a type that Keras does not have; two words have one number; a number
            is negative; or `mask_zero` is set, but 0 is the number of a word with a vector.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> layer = kv.to_keras_embedding(word_index={"b": 1, "c": 2})  # doctest: +SKIP
        >>> layer(np.array([0, 1, 2])).tolist()  # doctest: +SKIP
        [[0.0, 0.0], [0.0, 2.0], [0.0, 0.0]]
        """
        return sharing.to_keras_embedding(self, train_embeddings, word_index, mask_zero=mask_zero)

    @MakesAnother
    def from_arrow(
        cls: type[Any],
        table: pa.Table,
        word: str = "word",
        vector: str = "vector",
        *,
        allow_nonfinite: bool = False,
    ) -> Any:
        """Vectors from a pyarrow.Table or a DataFrame; further columns become attributes.

        Parameters
        ----------
        table
            The table, or any object with ``__arrow_c_stream__``, such as a DataFrame of polars or
            pandas.
        word, vector
            Names of the columns of keys and of vectors (lists of floats of one length).
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        ModelFileError
            A column is missing or of the wrong type, vectors differ in length, or a word
            occurs twice.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> KeyedVectors.from_arrow(kv.to_arrow()).index_to_key  # doctest: +SKIP
        ['a', 'b']
        """
        return files.from_arrow(cls, table, word, vector, allow_nonfinite=allow_nonfinite)

    def to_gensim(self, *, allow_nonfinite: bool = False) -> Any:
        """The same keys, vectors and attributes as a ``gensim.models.KeyedVectors``.

        Parameters
        ----------
        allow_nonfinite
            As for :meth:`negw2v.Word2Vec.to_gensim`.

        Returns
        -------
        gensim.models.KeyedVectors
            It shares no memory with this object.

        Raises
        ------
        MissingDependencyError
            gensim is not installed.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> kv.to_gensim().index_to_key  # doctest: +SKIP
        ['a', 'b']
        """
        return files.to_gensim(self, allow_nonfinite=allow_nonfinite)

    @MakesAnother
    def from_gensim(cls: type[Any], vectors: Any, *, allow_nonfinite: bool = False) -> Any:
        """The same keys, vectors and attributes as those of gensim's.

        Parameters
        ----------
        vectors
            A ``gensim.models.KeyedVectors`` (4.x).
        allow_nonfinite
            Convert NaN and infinity, too, which are an error otherwise.

        Returns
        -------
        KeyedVectors
            It shares nothing with `vectors`.

        Raises
        ------
        InputTypeError
            `vectors` is something else.

        Examples
        --------
        >>> kv = KeyedVectors(2)
        >>> kv.add_vectors(["a", "b"], [[3, 4], [0, 2]])
        >>> KeyedVectors.from_gensim(kv.to_gensim()).index_to_key  # doctest: +SKIP
        ['a', 'b']
        """
        return files.from_gensim(cls, vectors, allow_nonfinite=allow_nonfinite)

    # names from before gensim 4: a warning, or an error that says what to use instead

    accuracy = FormerName("evaluate_word_analogies()")
    add = FormerName("add_vectors()")
    get_embedding_layer = FormerName("to_keras_embedding()")
    get_keras_embedding = FormerName("to_keras_embedding()")
    keys = FormerName("index_to_key, the list of all keys")
    similarity_matrix = FormerName("gensim.similarities.SparseTermSimilarityMatrix")
    syn0 = FormerName("vectors")
    syn0norm = FormerName("get_normed_vectors()")
    words = FormerName("index_to_key, the list of all keys")
    wv = FormerName("the object itself: it is the vectors already")

    def word_vec(self, *args: Any, **kwargs: Any) -> npt.NDArray[Any]:
        """Deprecated name of :meth:`get_vector`."""
        _warn_deprecated("word_vec()", "get_vector()")
        return self.get_vector(*args, **kwargs)

    def words_closer_than(self, word1: Key, word2: Key) -> list[Any]:
        """Deprecated name of :meth:`closer_than`."""
        _warn_deprecated("words_closer_than()", "closer_than()")
        return self.closer_than(word1, word2)

    def init_sims(self, replace: bool = False) -> None:
        """Deprecated: :meth:`fill_norms`, and with `replace` :meth:`unit_normalize_all`."""
        _warn_deprecated("init_sims()", "fill_norms(), or unit_normalize_all() for replace=True")
        self.fill_norms()
        if replace:
            self.unit_normalize_all()

    def similarity_unseen_docs(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not here: gensim has it on Doc2Vec models alone.

        Examples
        --------
        >>> KeyedVectors(2).similarity_unseen_docs()
        Traceback (most recent call last):
        NotImplementedError: similarity_unseen_docs() is a method of Doc2Vec models alone
        """
        del args, kwargs
        raise NotImplementedError("similarity_unseen_docs() is a method of Doc2Vec models alone")

    @property
    def vectors_norm(self) -> NoReturn:
        """Removed; see :meth:`get_normed_vectors`."""
        raise _removed("vectors_norm", "get_normed_vectors()")

    @vectors_norm.setter
    def vectors_norm(self, _: object) -> None:
        """Ignored, as in gensim: old code sets it to None."""

    @property
    def vocab(self) -> NoReturn:
        """Removed; see `key_to_index` and :meth:`get_vecattr`."""
        raise _removed("vocab", "key_to_index, index_to_key, get_vecattr() and set_vecattr()")

    @vocab.setter
    def vocab(self, _: object) -> NoReturn:
        raise _removed("vocab", "add_vectors() and set_vecattr()")

    @property
    def index2word(self) -> NoReturn:
        """Removed; see `index_to_key`."""
        raise _removed("index2word", "index_to_key")

    @index2word.setter
    def index2word(self, keys: list[Any]) -> None:
        self.index_to_key = keys

    @property
    def index2entity(self) -> NoReturn:
        """Removed; see `index_to_key`."""
        raise _removed("index2entity", "index_to_key")

    @index2entity.setter
    def index2entity(self, keys: list[Any]) -> None:
        self.index_to_key = keys
