"""What gensim's older versions, and Python 2, saved in another way: brought into today's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from negw2v.errors import FileDecodeError, ModelFileError, ParameterError, warn
from negw2v.formats.pickles.objects import ByteText, UnpickledObject, plain
from negw2v.formats.values import keys_in_order

__all__ = ["Keys", "is_old_model", "with_vectors_apart"]

#: Attributes of vectors that models had themselves before gensim 0.13.4.
VECTORS_OF_MODELS = ("syn0", "index2word", "vocab")
#: Attributes that hold keys: lists of them, and dicts by them.
KEY_LISTS = ("index2word", "index2entity", "index_to_key")
KEY_DICTS = ("vocab", "raw_vocab", "key_to_index")
#: Parts of a model that have such attributes.
PARTS = ("wv", "kv", "vocabulary")


def is_old_model(state: Mapping[str, Any]) -> bool:
    """Whether an object is a model that has its vectors itself.

    Parameters
    ----------
    state
        Its attributes.
    """
    return "window" in state and all(name in state for name in VECTORS_OF_MODELS)


def with_vectors_apart(model: UnpickledObject, vectors_kind: str) -> None:
    """Give a model of gensim 0.12.0 to 0.13.3 (and before) its `wv`, which later ones have.

    Parameters
    ----------
    model
        What a pickle holds; changed in place.
    vectors_kind
        What vectors are called.
    """
    state = model.state
    if "wv" not in state and is_old_model(state):
        state["wv"] = UnpickledObject(
            vectors_kind, state={name: state.pop(name) for name in VECTORS_OF_MODELS}
        )
    locks, vectors = plain(state.get("syn0_lockf")), state.get("wv")
    if (
        isinstance(vectors, UnpickledObject)
        and isinstance(locks, np.ndarray)
        and not (locks == 1).all()  # which is what one factor for all words says, too
    ):
        vectors.state.setdefault("vectors_lockf", locks)


class Keys:
    """The keys of a model that may be bytes: those that Python 2 saved.

    Parameters
    ----------
    path
        The file.
    encoding
        Of the bytes; None: as gensim reads them, a character for each byte, with a warning where
        they look like UTF-8.
    """

    def __init__(self, path: Any, encoding: str | None) -> None:
        self._path = path
        self._encoding = encoding
        self._not_ascii: set[str] = set()

    def decode(self, made: UnpickledObject) -> None:
        """Make text of the keys of an object, in place.

        Parameters
        ----------
        made
            What a pickle holds.

        Raises
        ------
        FileDecodeError
            A key is not in the encoding.
        ModelFileError
            The keys are a dict that does not say which row each has.
        """
        self._decode(made)
        if self._not_ascii and self._encoding is None:
            self._warn()

    def _decode(self, made: UnpickledObject) -> None:
        state = made.state
        for name, value in state.items():
            if type(value) is ByteText:
                state[name] = str(value)
        for name in KEY_LISTS:
            keys = plain(state.get(name))
            if isinstance(keys, dict):
                try:
                    keys = keys_in_order(keys)
                except ParameterError as error:
                    raise ModelFileError(self._path, str(error)) from None
            if isinstance(keys, list):
                state[name] = [self._text(key) for key in keys]
        for name in KEY_DICTS:
            entries = plain(state.get(name))
            if isinstance(entries, dict):
                state[name] = {self._text(key): value for key, value in entries.items()}
        for part in PARTS:
            if isinstance(state.get(part), UnpickledObject):
                self._decode(state[part])

    def _text(self, key: Any) -> Any:
        if type(key) is not ByteText:
            return key
        if key.isascii():
            return str(key)
        self._not_ascii.add(key)
        if self._encoding is None:
            return str(key)
        try:
            return key.encode("latin-1").decode(self._encoding)
        except UnicodeDecodeError as error:
            raise FileDecodeError(
                self._path,
                f"the word {key[:40]!r} is not valid {self._encoding}: {error.reason}; name the "
                "right encoding, or give encoding='latin1', which accepts everything",
                encoding=self._encoding,
                found=key.encode("latin-1"),
            ) from None

    def _warn(self) -> None:
        """Say so where words that are read as Latin-1 are UTF-8."""
        words = sorted(self._not_ascii)
        try:
            texts = [word.encode("latin-1").decode() for word in words]
        except UnicodeDecodeError:
            return
        warn(
            f"{self._path!s}: {len(words):,} words are bytes that Python 2 saved. They are read "
            f"as Latin-1, as gensim reads them: {words[0]!r}; as UTF-8, which they seem to be, "
            f"that is {texts[0]!r}. Give encoding='utf8' for that, or encoding='latin1' if this "
            "is meant"
        )
