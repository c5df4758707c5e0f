"""Keys, their vectors and their other attributes: what every query reads."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import (
    EmptyQueryError,
    InputTypeError,
    KeyNotFoundError,
    ModelFileError,
    NegW2VWarning,
    ParameterError,
)
from negw2v.formats.finite import check_finite_rows
from negw2v.formats.values import StoredValues, keys_in_order
from negw2v.keyedvectors.arguments import Key, as_key_list, is_key
from negw2v.keyedvectors.custody import ByteCopy, Custody
from negw2v.keyedvectors.resizing import resized
from negw2v.lifecycle import LifecycleEvents
from negw2v.queries import cosine, spelling

__all__ = ["VectorStore"]


class VectorStore(LifecycleEvents):
    """The arrays of :class:`negw2v.keyedvectors.KeyedVectors` and access to them."""

    #: Whether searches may keep a copy of `vectors` in bytes; see KeyedVectors.
    byte_copy: bool = True

    #: Word2Vec's lock factors of its vectors, float32 (1,) or (n,); only models have them.
    vectors_lockf: npt.NDArray[Any]
    # keys that nobody has asked for yet, see records.py
    stored_keys: StoredValues | None

    def __init__(
        self,
        vector_size: int,
        count: int = 0,
        dtype: npt.DTypeLike = np.float32,
        mapfile_path: str | None = None,
    ) -> None:
        if isinstance(vector_size, bool) or not isinstance(vector_size, (int, np.integer)):
            raise InputTypeError(
                f"vector_size is {vector_size!r}; it must be a whole number of dimensions"
            )
        if vector_size < 1 or count < 0:
            raise ParameterError(
                f"vector_size={vector_size} and count={count} were given; a vector has at least "
                "one dimension, and the number of vectors cannot be negative"
            )
        self.vector_size = int(vector_size)
        self.index_to_key = [None] * count
        self.key_to_index = {}
        self.next_index = 0
        self.norms = None
        self._byte_copy = ByteCopy()
        self.expandos: dict[str, npt.NDArray[Any]] = {}
        self.mapfile_path = mapfile_path
        self.vectors = np.zeros((count, self.vector_size), dtype=dtype)

    @property
    def vectors(self) -> npt.NDArray[Any]:
        """Float (len(self), vector_size): one row per key. Assign another array to replace it.

        After changing it in place call ``fill_norms(force=True)``. Searches are fastest while
        nobody else holds it: they keep a copy in bytes (see :attr:`byte_copy`).
        """
        return self._custody.expose()

    @vectors.setter
    def vectors(self, array: npt.NDArray[Any]) -> None:
        self._custody = Custody(array)
        self.norms = None

    @property
    def norms(self) -> npt.NDArray[Any] | None:
        """Float (len(self),): the length of every vector, once it was computed, or None."""
        return None if self._norms is None else self._norms.expose()

    @norms.setter
    def norms(self, array: npt.ArrayLike | None) -> None:
        self._norms = None if array is None else Custody(np.asarray(array))
        self._norms_states: tuple[int | None, int | None] | None = None

    @property
    def _matrix(self) -> npt.NDArray[Any]:
        """`vectors`, read-only."""
        return self._custody.read_only()

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "index_to_key" and isinstance(value, Mapping):
            value = keys_in_order(value)  # programs that build vectors by hand give dicts, too
        super().__setattr__(name, value)

    # Keys of a file that is mapped into memory are decoded at their first use, so that loading
    # it takes no time. Elsewhere these two are plain attributes.

    if TYPE_CHECKING:
        index_to_key: list[Any]
        key_to_index: dict[Any, int]
    else:
        index_to_key = cached_property(lambda self: self._decoded_keys()[0])
        key_to_index = cached_property(lambda self: self._decoded_keys()[1])

    def _decoded_keys(self) -> tuple[list[Any], dict[Any, int]]:
        stored = self.__dict__.get("stored_keys")
        if stored is not None:
            try:
                self.take_keys(stored.decode())
            except ParameterError as error:
                raise ModelFileError(stored.path, str(error)) from None
            self.stored_keys = None
        try:
            return self.__dict__["index_to_key"], self.__dict__["key_to_index"]
        except KeyError:
            raise AttributeError(f"this {type(self).__name__} has no keys yet") from None

    def take_keys(self, keys: list[Any]) -> None:
        """Make these the keys of the rows, None standing for a row that is still free.

        Parameters
        ----------
        keys
            One key per row; the list becomes `index_to_key`.

        Raises
        ------
        ParameterError
            A key occurs twice, or cannot be one.
        """
        try:
            rows = dict(zip(keys, range(len(keys)), strict=True))
        except TypeError as error:
            raise ParameterError(
                f"something that cannot be a key is given as one: {error}"
            ) from None
        free, next_index = 0, len(keys)
        if None in rows:
            del rows[None]
            free, next_index = keys.count(None), keys.index(None)
        if len(rows) + free != len(keys):
            seen: dict[Any, int] = {}
            for row, key in enumerate(keys):
                first = seen.setdefault(key, row)
                if first != row and key is not None:
                    raise ParameterError(
                        f"key {key!r} stands for row {first} and for row {row} (counted from 0); "
                        "keys must differ"
                    )
        self.index_to_key, self.key_to_index, self.next_index = keys, rows, next_index

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __len__(self) -> int:
        return len(self.index_to_key)

    # keys and positions

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
        """
        index = self.key_to_index.get(key, -1)
        if index >= 0:
            return index
        if isinstance(key, (int, np.integer)) and 0 <= key < len(self.index_to_key):
            return int(key)
        if default is not None:
            return default
        raise KeyNotFoundError(
            f"Key {key!r} not present", lambda: spelling.hint(key, self.index_to_key)
        )

    def has_index_for(self, key: Key) -> bool:
        """Whether this very set of vectors has a row for `key`."""
        return self.get_index(key, -1) >= 0

    def __contains__(self, key: Key) -> bool:
        return self.has_index_for(key)

    # vectors

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

        Raises
        ------
        KeyNotFoundError
            The key is unknown.
        """
        index = self.get_index(key)
        row: npt.NDArray[Any] = self._matrix[index]
        if norm:
            row = cosine.divide_by_norm(row, self._filled_norms()[index])
            row.setflags(write=False)
        return row

    def __getitem__(self, key_or_keys: Any) -> npt.NDArray[Any]:
        """The vector of a key, or a matrix with one row for each of several keys.

        A slice means rows, whatever the keys are.
        """
        if is_key(key_or_keys):
            return self.get_vector(key_or_keys)
        if isinstance(key_or_keys, slice):
            some: npt.NDArray[Any] = self._matrix[key_or_keys].copy()
            return some
        rows = [self.get_index(key) for key in key_or_keys]
        if not rows:
            raise EmptyQueryError("no key was given; give at least one")
        chosen: npt.NDArray[Any] = self._matrix[rows]
        return chosen

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        if dtype is not None and self._matrix.dtype != np.dtype(dtype):
            if copy is False:
                raise ParameterError(f"a change of dtype to {np.dtype(dtype)} needs a copy")
            return self._matrix.astype(dtype)
        return self._matrix.copy() if copy else self.vectors

    # changing

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
        """
        keys = self.index_to_key  # first: in a mapped file it says which row is free
        if key in self.key_to_index:
            raise ParameterError(
                f"key {key!r} is there already, in row {self.key_to_index[key]}; to give it "
                "another vector, write kv[key] = vector"
            )
        row = self.next_index
        if row < len(keys) and keys[row] is None:
            self.vectors[row] = self._checked_rows([key], vector, allow_nonfinite)[0]
            self.index_to_key[row] = key
            self.key_to_index[key] = row
            self.norms = None
        else:
            warnings.warn(
                "every add_vector() beyond the preallocated rows copies all vectors; add many "
                "at once with add_vectors(), or preallocate them with KeyedVectors(count=...)",
                NegW2VWarning,
                stacklevel=2,
            )
            row = len(self)
            self.add_vectors([key], [vector], allow_nonfinite=allow_nonfinite)
        self.next_index = row + 1
        return row

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
        """
        keys = as_key_list(keys)
        rows = self._checked_rows(keys, weights, allow_nonfinite)
        extras = {name: np.asarray(values) for name, values in (extras or {}).items()}
        for name, values in extras.items():
            if len(values) != len(keys):
                raise ParameterError(
                    f"extras[{name!r}] has {len(values)} values for {len(keys)} keys"
                )
        self.allocate_vecattrs(list(extras), [values.dtype for values in extras.values()])
        known = np.fromiter((key in self.key_to_index for key in keys), bool, len(keys))
        new = np.flatnonzero(~known)
        first = len(self)
        for index, position in enumerate(new, first):
            self.key_to_index[keys[position]] = index
            self.index_to_key.append(keys[position])
        if len(new):
            self.vectors = np.concatenate(
                (self.vectors, rows[new].astype(self.vectors.dtype, copy=False))
            )
        self.allocate_vecattrs()
        given = np.arange(len(keys)) if replace else new
        targets = [self.key_to_index[keys[position]] for position in given]
        self.vectors[targets] = rows[given]
        for name, values in extras.items():
            self.expandos[name][targets] = values[given]
        self.norms = None

    def __setitem__(self, keys: Any, weights: Any) -> None:
        """Set the vector of a key, or those of a list of keys; new keys are appended."""
        self.add_vectors(keys if isinstance(keys, list) else [keys], weights, replace=True)

    def _checked_rows(
        self, keys: Sequence[Key], weights: Any, allow_nonfinite: bool
    ) -> npt.NDArray[Any]:
        """`weights` as an array (len(keys), vector_size), or an error that says what is wrong."""
        if len(set(keys)) != len(keys):
            twice = Counter(keys).most_common(1)[0][0]
            raise ParameterError(f"key {twice!r} is given more than once; keys must differ")
        if None in keys:
            raise ParameterError("None cannot be a key: it stands for a row that is still free")
        columns = self._matrix.shape[-1]
        if columns != self.vector_size:
            raise ParameterError(
                f"vector_size is {self.vector_size}, but vectors have {columns} dimensions; set "
                f"kv.vector_size = {columns}, or give kv.vectors other columns"
            )
        rows = np.asarray(weights)
        if rows.ndim == 1 and len(keys) == 1:
            rows = rows[np.newaxis]
        if not keys and not rows.size:
            return np.zeros((0, self.vector_size), dtype=self.vectors.dtype)
        if rows.shape != (len(keys), self.vector_size):
            raise ParameterError(
                f"vectors of shape {rows.shape} were given for {len(keys)} keys; "
                f"{(len(keys), self.vector_size)} is needed"
            )
        if not allow_nonfinite:
            check_finite_rows(rows, keys, "add")
        return rows

    def resize_vectors(self, seed: int = 0) -> None:
        """Give `vectors` as many rows as there are keys; new rows get random values.

        Parameters
        ----------
        seed
            Seed of the random values, uniform in ±1 / vector_size.
        """
        self.vectors = resized(self.vectors, len(self), self.vector_size, seed)
        self.allocate_vecattrs()

    # further attributes of keys

    def allocate_vecattrs(
        self, attrs: Collection[str] | None = None, types: Iterable[Any] | None = None
    ) -> None:
        """See to it that the arrays of per-key attributes exist, one value per key.

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
        """
        if attrs is None:
            attrs = list(self.expandos)
            types = [self.expandos[name].dtype for name in attrs]
        size = len(self)
        for name, wanted in zip(attrs, types or (), strict=True):
            # NumPy's own choice for int is platform-dependent, that for str of fixed width.
            dtype = np.dtype({int: np.int64, str: object}.get(wanted, wanted))
            old = self.expandos.get(name)
            if old is None:
                self.expandos[name] = np.zeros(size, dtype=dtype)
                continue
            if not np.issubdtype(dtype, old.dtype):
                raise InputTypeError(
                    f"attribute {name!r} is stored as {old.dtype} and cannot hold {dtype}"
                )
            if len(old) != size:
                self.expandos[name] = np.zeros(size, dtype=old.dtype)
                kept = min(len(old), size)
                self.expandos[name][:kept] = old[:kept]

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
        """
        self.allocate_vecattrs([attr], [type(val)])
        self.expandos[attr][self.get_index(key)] = val

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
        """
        index = self.get_index(key)
        if attr not in self.expandos:
            known = ", ".join(map(repr, self.expandos)) or "none"
            raise KeyNotFoundError(f"there is no attribute {attr!r}; stored are: {known}")
        count = len(self.expandos[attr])
        if count > len(self) or index >= count:
            raise ParameterError(
                f"attribute {attr!r} has {count} values for {len(self)} keys, so that none can be "
                f"told to be that of {key!r}; give it one value per key: kv.expandos[{attr!r}] = "
                "values"
            )
        value = self.expandos[attr][index]
        return value.item() if isinstance(value, np.generic) else value

    def sort_by_descending_frequency(self) -> None:
        """Order everything by the attribute ``count``, largest first.

        Keys of equal count end up in the reverse of their present order, as in gensim.
        """
        if not len(self):
            return
        counts = np.asarray(self.expandos["count"], dtype=np.int64)
        order = np.argsort(counts, kind="stable")[::-1]
        self.allocate_vecattrs()
        self.index_to_key = [self.index_to_key[index] for index in order]
        self.key_to_index = {key: index for index, key in enumerate(self.index_to_key)}
        self.expandos = {name: values[order] for name, values in self.expandos.items()}
        if len(self.vectors):
            self.vectors = self.vectors[order]

    # norms

    def fill_norms(self, force: bool = False) -> None:
        """Compute `norms`, the Euclidean length of every vector, unless it is there already.

        Parameters
        ----------
        force
            Compute it again: for after a change of `vectors` in place.
        """
        if self._norms is None or force:
            state = self._custody.state()
            norms = Custody(cosine.row_norms(self._matrix))
            self._norms, self._norms_states = norms, (state, norms.state())

    def _norms_in_custody(self) -> Custody:
        """`norms`, computed if they are not there."""
        self.fill_norms()
        assert self._norms is not None
        return self._norms

    def _filled_norms(self) -> npt.NDArray[Any]:
        """`norms`, read-only, computed if they are not there."""
        return self._norms_in_custody().read_only()

    def _sure_norms(self) -> npt.NDArray[Any] | None:
        """`norms`, read-only, if they cannot but be those of the vectors as they are now."""
        norms = self._norms_in_custody()
        states = self._custody.state(), norms.state()
        is_sure = None not in states and states == self._norms_states
        return norms.read_only() if is_sure else None

    def get_normed_vectors(self) -> npt.NDArray[Any]:
        """A copy of `vectors` with every row at length 1 (zero rows stay zero)."""
        return cosine.divide_by_norms(self._matrix, self._filled_norms()[:, np.newaxis])

    def unit_normalize_all(self) -> None:
        """Scale every row of `vectors` to length 1, in place (zero rows stay zero).

        Training such vectors further is of no use.
        """
        norms = self._filled_norms()
        np.divide(
            self.vectors, norms[:, np.newaxis], out=self.vectors, where=norms[:, np.newaxis] != 0
        )
        self.norms = np.where(norms != 0, 1, 0).astype(norms.dtype)
