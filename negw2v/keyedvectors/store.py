"""Keys, their vectors and their other attributes: what every query reads."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negw2v.commit import at_once, attributes, entries, item
from negw2v.errors import (
    EmptyQueryError,
    InputTypeError,
    KeyNotFoundError,
    ModelFileError,
    NegW2VWarning,
    ParameterError,
    RowIndexError,
)
from negw2v.formats.finite import check_finite_rows
from negw2v.formats.flooding import refuse_flood
from negw2v.formats.values import StoredValues, keys_in_order
from negw2v.keyedvectors.arguments import Key, as_key_list, as_numbers, is_key
from negw2v.keyedvectors.custody import ByteCopy, Custody, Norms
from negw2v.keyedvectors.resizing import resized
from negw2v.lifecycle import LifecycleEvents
from negw2v.search import cosine, spelling
from negw2v.suggestions import suggests_names

__all__ = ["VectorStore"]


class VectorStore(LifecycleEvents):
    """The arrays of :class:`negw2v.keyedvectors.KeyedVectors` and access to them."""

    #: Whether searches may keep a copy of `vectors` in bytes; see KeyedVectors.
    byte_copy: bool = True

    #: Word2Vec's lock factors of its vectors, float32 (1,) or (n,); only models have them.
    vectors_lockf: npt.NDArray[Any]
    # keys that nobody has asked for yet, see records.py
    stored_keys: StoredValues | None
    _custody: Custody
    _norms: Norms | None

    @suggests_names({"size": "vector_size"})
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
        at_once(self._with_vectors(array))

    def _with_vectors(
        self, array: npt.NDArray[Any], lengths: npt.NDArray[Any] | None = None, **others: Any
    ) -> partial[Any]:
        """The change to these vectors, to their lengths (None: not known) and other attributes.

        It is needed after a change of rows in place, too: lengths that another thread computes
        meanwhile are those of the former Custody, and count no more.
        """
        vectors = Custody(array)
        norms = None if lengths is None else Norms(vectors, Custody(lengths), None)
        return attributes(self, {"_custody": vectors, "_norms": norms, **others})

    @property
    def norms(self) -> npt.NDArray[Any] | None:
        """Float (len(self),): the length of every vector, once it was computed, or None."""
        norms = self._norms
        if norms is None or norms.vectors is not self._custody:  # those of former vectors
            return None
        return norms.lengths.expose()

    @norms.setter
    def norms(self, array: npt.ArrayLike | None) -> None:
        if array is None:
            at_once(self._with_vectors(self.vectors))
        else:
            self._norms = Norms(self._custody, Custody(np.asarray(array)), None)

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
            A key occurs twice, or cannot be one; or their hashes collide.
        """
        try:
            refuse_flood(keys)
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
        state = {
            "index_to_key": keys,
            "key_to_index": rows,
            "next_index": next_index,
            "stored_keys": None,
        }
        at_once(attributes(self, state))

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
        try:
            index = self.key_to_index.get(key, -1)
        except TypeError:  # it cannot be looked up
            raise InputTypeError(
                f"a {type(key).__name__} was given where a single key is needed"
            ) from None
        if index >= 0:
            return index
        if isinstance(key, (int, np.integer)) and 0 <= key < len(self.index_to_key):
            return int(key)
        if default is not None:
            return default
        raise KeyNotFoundError(f"Key {key!r} not present", lambda: self._hint(key))

    def _hint(self, key: Key) -> str:
        """What may have been meant by an unknown key."""
        if isinstance(key, (float, np.floating)):
            return "; if a vector was meant, give it as a numpy.ndarray of floats"
        if isinstance(key, bytes) and (text := key.decode(errors="replace")) in self.key_to_index:
            return f"; there is the str {text!r}: decode bytes first"
        return spelling.hint(key, self.index_to_key)

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

            To change a row, write to ``kv.vectors``, or set ``kv[key] = vector``. Searches may
            miss what is written by other ways: ``torch.from_numpy(kv[key])`` and
            ``torch.from_dlpack(kv[key])``, for example, are tensors that can be written to, of
            the same memory. Give them a copy (``torch.tensor(kv[key])``), or call
            ``kv.fill_norms(force=True)`` after writing.

        Raises
        ------
        KeyNotFoundError
            The key is unknown.
        """
        index = self.get_index(key)
        try:
            if norm:
                matrix, norms = self._matrix_and_norms()
                row = cosine.divide_by_norm(matrix[index], norms[index])
                row.setflags(write=False)
            else:
                row = self._matrix[index]
        except IndexError:
            raise self._no_row(index) from None
        return row

    def _no_row(self, index: int) -> RowIndexError:
        """What to raise where keys are ahead of the vectors."""
        return RowIndexError(
            f"key {self.index_to_key[index]!r} stands for row {index}, but vectors has only "
            f"{len(self._matrix)} rows; give it one row per key: resize_vectors() adds rows, "
            "update_weights() does in a model"
        )

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
        matrix = self._matrix
        if max(rows) >= len(matrix):
            raise self._no_row(max(rows))
        chosen: npt.NDArray[Any] = matrix[rows]
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
            values = self._checked_rows([key], vector, allow_nonfinite)[0]
            array = self._writable_vectors()
            if row >= len(array):
                raise self._no_row(row)
            # The row comes first, as other threads may ask for the key. If there is no memory
            # for the key then, the row is still a free one, whose numbers mean nothing.
            at_once(
                item(array, row, values),
                item(self.key_to_index, key, row),
                item(keys, row, key),
                self._with_vectors(array, next_index=row + 1),
            )
        else:
            warnings.warn(
                "every add_vector() beyond the preallocated rows copies all vectors; add many "
                "at once with add_vectors(), or preallocate them with KeyedVectors(count=...)",
                NegW2VWarning,
                stacklevel=2,
            )
            row = len(self)
            self.add_vectors([key], [vector], allow_nonfinite=allow_nonfinite)
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
        values = {name: np.asarray(given) for name, given in (extras or {}).items()}
        for name, array in values.items():
            if array.ndim != 1:
                raise ParameterError(
                    f"extras[{name!r}] has the shape {array.shape}; one value for each of "
                    f"{len(keys)} keys is needed, so the shape ({len(keys)},)"
                )
            if len(array) != len(keys):
                raise ParameterError(
                    f"extras[{name!r}] has {len(array)} values for {len(keys)} keys"
                )
        self._add(keys, rows, values, replace)

    def _add(
        self,
        keys: list[Any],
        rows: npt.NDArray[Any],
        extras: Mapping[str, npt.NDArray[Any]],
        replace: bool,
    ) -> None:
        """What :meth:`add_vectors` does once its arguments are checked."""
        self._check_one_row_per_key()
        size = len(self)
        state: dict[str, Any] = {}
        known = np.fromiter((key in self.key_to_index for key in keys), bool, len(keys))
        new, old = np.flatnonzero(~known), np.flatnonzero(known & replace)
        targets = np.array([self.key_to_index[keys[each]] for each in old], dtype=np.intp)
        change = []
        array = self._custody.read_only()
        if len(new):
            added = [keys[each] for each in new.tolist()]
            array = np.concatenate((array, rows if len(new) == len(rows) else rows[new]))
            array[targets] = rows[old]
            key_to_index = dict(self.key_to_index)
            key_to_index.update(zip(added, range(size, len(array)), strict=True))
            state = {"index_to_key": [*self.index_to_key, *added], "key_to_index": key_to_index}
            if None not in self.index_to_key[self.next_index : self.next_index + 1]:
                state["next_index"] = len(array)
        elif len(old):
            array = self._writable_vectors()
            change = [item(array, targets, rows[old])]
        expandos = self._fitting_vecattrs(len(array), self.expandos)
        types = [values.dtype for values in extras.values()]
        expandos |= self._fitting_vecattrs(len(array), list(extras), types)
        for name, values in extras.items():
            column = expandos[name].copy()
            column[size:], column[targets] = values[new], values[old]
            expandos[name] = column
        if len(new) or len(old):
            change.append(self._with_vectors(array, **state))
        else:
            change.append(attributes(self, state))
        at_once(entries(self.expandos, expandos), *change)

    def _check_one_row_per_key(self) -> None:
        if len(self._matrix) != len(self):
            raise ParameterError(
                f"vectors has {len(self._matrix)} rows for {len(self)} keys; give it one row per "
                "key first: assign a matrix, or call resize_vectors()"
            )

    def _writable_vectors(self) -> npt.NDArray[Any]:
        """`vectors`, or a copy of them where they are read-only, as those of a mapped file."""
        array = self.vectors
        return array if array.flags.writeable else array.copy()

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
        rows = as_numbers(weights)
        if rows.ndim == 1 and len(keys) == 1:
            rows = rows[np.newaxis]
        dtype = self._matrix.dtype
        if not keys and not rows.size:
            return np.zeros((0, self.vector_size), dtype=dtype)
        if rows.shape != (len(keys), self.vector_size):
            raise ParameterError(
                f"vectors of shape {rows.shape} were given for {len(keys)} keys; "
                f"{(len(keys), self.vector_size)} is needed"
            )
        if rows.dtype != dtype:
            with np.errstate(over="ignore", invalid="ignore"):
                rows = rows.astype(dtype)
        if not allow_nonfinite:
            check_finite_rows(rows, keys, "add")
        return rows

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
        """
        rows = len(self)
        if len(self._matrix) > rows:
            raise ParameterError(
                f"vectors has {len(self._matrix)} rows for {rows} keys; cut it to the rows of the "
                "keys first: kv.vectors = kv.vectors[...]"
            )
        array = resized(self.vectors, rows, self.vector_size, seed)
        expandos = self._fitting_vecattrs(rows, self.expandos)
        at_once(entries(self.expandos, expandos), self._with_vectors(array))

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
            attrs = self.expandos
        self.expandos.update(self._fitting_vecattrs(len(self), attrs, types))

    def _fitting_vecattrs(
        self, size: int, attrs: Collection[str], types: Iterable[Any] | None = None
    ) -> dict[str, npt.NDArray[Any]]:
        """Attributes with `size` values each: those that there are where they fit already."""
        if types is None:
            types = [self.expandos[name].dtype for name in attrs]
        fitting = {}
        for name, wanted in zip(attrs, types, strict=True):
            # NumPy's own choice for int is platform-dependent, that for str of fixed width.
            dtype = np.dtype({int: np.int64, str: object}.get(wanted, wanted))
            old = self.expandos.get(name)
            if old is None:
                fitting[name] = np.zeros(size, dtype=dtype)
                continue
            if not np.issubdtype(dtype, old.dtype):
                raise InputTypeError(
                    f"attribute {name!r} is stored as {old.dtype} and cannot hold {dtype}"
                )
            if len(old) != size:
                fitted = np.zeros((size, *old.shape[1:]), dtype=old.dtype)
                kept = min(len(old), size)
                fitted[:kept] = old[:kept]
                old = fitted
            fitting[name] = old
        return fitting

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
        row = self.get_index(key)
        values = self._fitting_vecattrs(len(self), [attr], [type(val)])[attr]
        if not values.flags.writeable:  # of a mapped file
            values = values.copy()
        values[row] = val
        self.expandos[attr] = values

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
        size = len(self)
        if not size:
            return
        expandos = self._fitting_vecattrs(size, self.expandos)
        if "count" not in expandos:
            known = ", ".join(map(repr, expandos)) or "none"
            raise KeyNotFoundError(
                f"there is no attribute 'count' to sort by; stored are: {known}; set_vecattr() "
                "sets it, key by key"
            )
        counts = np.asarray(expandos["count"], dtype=np.int64)
        order = np.argsort(counts, kind="stable")[::-1]
        keys = [self.index_to_key[row] for row in order.tolist()]
        state: dict[str, Any] = {
            "index_to_key": keys,
            "key_to_index": {key: row for row, key in enumerate(keys) if key is not None},
            "expandos": {name: values[order] for name, values in expandos.items()},
        }
        if None in keys:  # a row that is still free
            state["next_index"] = keys.index(None)
        locks = getattr(self, "vectors_lockf", None)
        if locks is not None and len(locks) == size:
            state["vectors_lockf"] = locks[order]
        array = self._matrix
        if len(array):
            self._check_one_row_per_key()
            array = array[order]
        at_once(self._with_vectors(array, **state))

    # norms

    def fill_norms(self, force: bool = False) -> None:
        """Compute `norms`, the Euclidean length of every vector, unless it is there already.

        Parameters
        ----------
        force
            Compute it again: for after a change of `vectors` in place.
        """
        self._current_norms(force)

    def _current_norms(self, force: bool = False) -> Norms:
        """The vectors and their lengths, which belong together whatever other threads do."""
        norms = self._norms
        if norms is None or norms.vectors is not self._custody or force:
            vectors = self._custody
            state = vectors.state()
            lengths = Custody(cosine.row_norms(vectors.read_only()))
            norms = Norms(vectors, lengths, (state, lengths.state()))
            self._norms = norms
        return norms

    def _matrix_and_norms(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """`vectors` and `norms`, read-only, computed if they are not there."""
        norms = self._current_norms()
        return norms.vectors.read_only(), norms.lengths.read_only()

    def _matrix_and_sure_norms(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
        """The same; no norms unless they cannot but be those of the vectors as they are now."""
        norms = self._current_norms()
        states = norms.vectors.state(), norms.lengths.state()
        is_sure = None not in states and states == norms.states
        return norms.vectors.read_only(), norms.lengths.read_only() if is_sure else None

    def get_normed_vectors(self) -> npt.NDArray[Any]:
        """A copy of `vectors` with every row at length 1 (zero rows stay zero)."""
        matrix, norms = self._matrix_and_norms()
        return cosine.divide_by_norms(matrix, norms[:, np.newaxis])

    def unit_normalize_all(self) -> None:
        """Scale every row of `vectors` to length 1, in place (zero rows stay zero).

        Vectors that are read-only, as those of a mapped file, are exchanged for a copy. Training
        such vectors further is of no use.

        Warns
        -----
        NegW2VWarning
            Rows with NaN or infinity in them, which have no length, stay as they are.
        """
        norms = cosine.row_norms(self._matrix)  # the vectors may have been changed in place
        scaled = np.isfinite(norms) & (norms != 0)
        unscaled = len(norms) - np.count_nonzero(np.isfinite(norms))
        if unscaled:
            warnings.warn(
                f"{unscaled} rows of vectors have NaN or infinity in them and stay as they are",
                NegW2VWarning,
                stacklevel=2,
            )
        array = self._writable_vectors()
        divide = partial(
            np.divide, array, norms[:, np.newaxis], out=array, where=scaled[:, np.newaxis]
        )
        at_once(divide, self._with_vectors(array, np.where(scaled, np.ones_like(norms), norms)))
