"""Files of gensim's Phrases and FrozenPhrases (Phraser before 4.0), read without running them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from negw2v.errors import ModelFileError
from negw2v.formats.gensim.allowlist import ALLOWED
from negw2v.formats.gensim.names import MODEL, VECTORS
from negw2v.formats.pickles.machine import Machine
from negw2v.formats.pickles.objects import Allowlist, ByteText, GlobalRef, UnpickledObject
from negw2v.io.reading import Source

__all__ = ["COUNTS", "FROZEN", "read_state"]

MODULE = "gensim.models.phrases"
COUNTS, FROZEN = "Phrases", "FrozenPhrases"
CLASSES = {"Phrases": COUNTS, "FrozenPhrases": FROZEN, "Phraser": FROZEN}
SCORERS = {"original_scorer": "default", "npmi_scorer": "npmi"}


def _allowlist() -> Allowlist:
    names = dict(ALLOWED.names)
    for name, kind in CLASSES.items():
        names[MODULE, name] = _maker(kind)
    names |= {(MODULE, name): None for name in SCORERS}
    encode = names["_codecs", "encode"]
    # Words in bytes are keys here, which can only be bytes that do not change.
    names["_codecs", "encode"] = lambda text, encoding: bytes(encode(text, encoding))
    return Allowlist(names, ALLOWED.set_state)


def _maker(kind: str) -> Any:
    def make(*arguments: Any) -> UnpickledObject:
        if arguments:
            raise ValueError("an object is made with arguments")
        return UnpickledObject(kind)

    return make


def read_state(source: Source) -> tuple[str, dict[str, Any]]:
    """The kind of phrases that a pickle holds, and their attributes.

    Parameters
    ----------
    source
        The file.

    Returns
    -------
    kind, attributes
        :data:`COUNTS` or :data:`FROZEN`; and what gensim 4 would call the attributes, with str for
        bytes. `scoring` is a name, or ``module:function``.

    Raises
    ------
    UnsafeFileError, ModelFileError
        The pickle holds something else, or is damaged.
    """
    machine = Machine(source, _allowlist())
    root = machine.load()
    if not isinstance(root, UnpickledObject) or root.kind not in CLASSES.values():
        machine.check_names()
        what = root.kind if isinstance(root, UnpickledObject) else type(root).__name__
        where = {MODEL: "Word2Vec", VECTORS: "KeyedVectors"}.get(what)
        advice = f"; load it with {where}.load()" if where else ""
        raise ModelFileError(source.path, f"the pickle holds a {what}, not Phrases{advice}")
    try:
        return root.kind, _upgraded(root.kind, root.state)
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelFileError(source.path, f"the phrases make no sense: {error}") from None


def _upgraded(kind: str, state: dict[str, Any]) -> dict[str, Any]:
    delimiter = _text(state.get("delimiter", "_"))
    words = state.get("connector_words", state.get("common_terms", ()))
    found = {
        "delimiter": delimiter,
        "connector_words": frozenset(_text(word) for word in words),
        "scoring": _scoring(state.get("scoring")),
        **{
            name: state[name]
            for name in ("min_count", "threshold", "max_vocab_size", "min_reduce")
            if _is_number(state.get(name))
        },
    }
    if kind == FROZEN:
        scores = _dict(state, "phrasegrams").items()
        found["phrasegrams"] = {_key(key, delimiter): _score(value) for key, value in scores}
        return found
    for name in ("progress_per", "corpus_word_count"):
        if _is_number(state.get(name)):
            found[name] = state[name]
    found["vocab"] = {
        _key(key, delimiter): _count(count) for key, count in _dict(state, "vocab").items()
    }
    return found


def _dict(state: Mapping[str, Any], name: str) -> dict[Any, Any]:
    found = state.get(name, {})
    if not isinstance(found, dict):
        raise TypeError(f"{name} is a {type(found).__name__}")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _key(key: Any, delimiter: str) -> str:
    return delimiter.join(map(_text, key)) if isinstance(key, tuple) else _text(key)


def _text(value: Any) -> str:
    """Before gensim 4, and before Python 3, words were bytes."""
    if isinstance(value, ByteText):
        return value.encode("latin-1").decode("utf-8")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8")
    if not isinstance(value, str):
        raise TypeError(f"a word of type {type(value).__name__}")
    return value


def _score(value: Any) -> float:
    if isinstance(value, tuple):  # before gensim 4: the count, and the score
        value = value[1]
    if not _is_number(value):
        raise TypeError(f"a score of type {type(value).__name__}")
    return value  # type: ignore[no-any-return]


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 32:
        raise ValueError(f"{value!r:.40} as a count")
    return value


def _scoring(value: Any) -> str:
    if isinstance(value, GlobalRef):
        if value.module == MODULE and value.name in SCORERS:
            return SCORERS[value.name]
        return f"{value.module}:{value.name}"
    return "default" if value is None else _text(value)  # the only one that old versions had
