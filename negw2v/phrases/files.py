"""Files of phrases: our own, and gensim's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from negw2v.errors import FilePath, InputTypeError, ModelFileError, ParameterError, warn
from negw2v.formats.gensim.phrases import read_state
from negw2v.formats.native import phrases as native
from negw2v.formats.native.copying import file_copy
from negw2v.formats.native.phrases import COUNTS, FROZEN, PhrasesRecord
from negw2v.io.compression import is_safetensors
from negw2v.io.kinds import FIRST_BYTES, is_pickle, what_it_is
from negw2v.io.paths import is_regular
from negw2v.io.reading import Source, opened, peeked
from negw2v.io.writing import writing
from negw2v.phrases.counts import Counts, from_mapping
from negw2v.phrases.scorers import checked_scoring, find_scoring, original_scorer, reference_of

if TYPE_CHECKING:
    from negw2v.phrases.models import FrozenPhrases, Phrases

__all__ = ["load", "save"]

#: Parameters as attributes, for both kinds.
SHARED = ("min_count", "threshold", "delimiter")
COUNTING = ("max_vocab_size", "min_reduce", "progress_per", "corpus_word_count")
DEFAULTS: dict[str, Any] = {
    "min_count": 5,
    "threshold": 10.0,
    "max_vocab_size": 40_000_000,
    "min_reduce": 1,
    "progress_per": 10_000,
    "corpus_word_count": 0,
}


# ---------------------------------------------------------------- writing


def save(target: FilePath | IO[bytes], phrases: Phrases | FrozenPhrases) -> None:
    """Write phrases to a file, as a whole or not at all.

    Parameters
    ----------
    target
        As for :func:`negw2v.io.writing.writing`.
    phrases
        What to write.

    Raises
    ------
    ParameterError
        A part of them cannot be stored; nothing was written.
    """
    kind = FROZEN if hasattr(phrases, "phrasegrams") else COUNTS
    scoring: Any = phrases.scoring  # None: that of frozen phrases, which was not found
    reference = None if scoring is None else reference_of(scoring)
    if reference is None and scoring is not None:
        warn(
            f"the scorer {scoring!r} is not stored, as it cannot be found again by its "
            "name: give it to load(), as scoring=; a function at the top of a module is found"
        )
    names = SHARED if kind == FROZEN else SHARED + COUNTING
    parameters = {name: _plain(getattr(phrases, name)) for name in names}
    parameters["scoring"] = reference
    parameters["connector_words"] = sorted(phrases.connector_words)
    if kind == FROZEN:
        texts, arrays = _scores(phrases.phrasegrams)  # type: ignore[union-attr]
    else:
        texts, arrays = _counted(phrases.counts, parameters)  # type: ignore[union-attr]
    events = getattr(phrases, "lifecycle_events", None)
    ready = native.contained(PhrasesRecord(kind, parameters, texts, arrays, events))
    with writing(target) as file:
        ready.write(file)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _scores(phrasegrams: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
    try:
        scores = np.array(list(phrasegrams.values()), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"the scores of phrases cannot be stored: {error}") from None
    return list(phrasegrams), {"scores": scores}


def _counted(counts: Counts, parameters: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    parameters["counted"] = {
        "delimiter": counts.delimiter,
        "connector_words": sorted(counts.connector_words),
        "position": counts.position,
    }
    return counts.words, {
        "word_counts": counts.word_counts,
        "word_firsts": counts.word_firsts,
        "prefixes": counts.prefixes,
        "pairs": counts.pairs,
        "pair_counts": counts.pair_counts,
        "pair_firsts": counts.pair_firsts,
    }


# ---------------------------------------------------------------- reading


def load(path: FilePath, scoring: str | Callable[..., Any] | None) -> tuple[str, dict[str, Any]]:
    """Read phrases from a file of ours, or of gensim's.

    Parameters
    ----------
    path
        The file.
    scoring
        The scorer; None: that of the file.

    Returns
    -------
    kind, attributes
        :data:`COUNTS` or :data:`FROZEN`; the attributes of the object, with `counts` or
        `phrasegrams` among them.

    Raises
    ------
    MissingFileError
        There is no such file.
    ModelFileError
        It is damaged, or holds something else.
    UnsafeFileError
        It is a pickle that asks for something that phrases do not need.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise InputTypeError(f"the path of a file is needed, not a {type(path).__name__}")
    given = None if scoring is None else checked_scoring(scoring)
    with opened(path) as stream:
        first, source = peeked(stream, FIRST_BYTES)
        if is_pickle(first):
            kind, found = read_state(source)
            if kind == COUNTS:
                vocab = found.pop("vocab")
                found["counts"] = from_mapping(vocab, found["delimiter"], found["connector_words"])
        elif is_safetensors(first) or first[8:9] == b"{":
            kind, found = _of_record(path, _read_native(path, source))
        else:
            reason = "the file is empty" if not first else what_it_is(first)
            raise ModelFileError(
                path, reason or "this is neither a file of negw2v nor one of gensim", position=0
            )
    found = {**DEFAULTS, **found} if kind == COUNTS else {**found}
    for name in SHARED:
        found.setdefault(name, DEFAULTS.get(name))
    found["scoring"] = given or _scorer(path, kind, found["scoring"])
    return kind, found


def _read_native(path: FilePath, source: Source) -> PhrasesRecord:
    if source.size is not None and is_regular(path):
        return native.read(path)
    try:
        with file_copy(source, native.check_header) as copy:
            return native.read(copy)
    except ModelFileError as error:
        raise type(error)(path, error.reason, position=error.position) from None


def _of_record(path: FilePath, record: PhrasesRecord) -> tuple[str, dict[str, Any]]:
    """The attributes that a record stands for."""
    parameters = dict(record.parameters)
    try:
        found = {name: parameters[name] for name in (*SHARED, "scoring")}
        found["connector_words"] = frozenset(map(_word, parameters["connector_words"]))
        _word(found["delimiter"])
        numbers: tuple[str, ...] = ("min_count", "threshold")
        if record.kind == FROZEN:
            scores = record.arrays["scores"].tolist()
            found["phrasegrams"] = dict(zip(record.texts, scores, strict=True))
        else:
            numbers += COUNTING
            found |= {name: parameters[name] for name in COUNTING}
            counted = parameters["counted"]
            found["counts"] = Counts(
                record.texts,
                **record.arrays,
                delimiter=_word(counted["delimiter"]),
                connector_words=frozenset(map(_word, counted["connector_words"])),
                position=int(counted["position"]),
            )
        for name in numbers:
            found[name] + 0
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(path, f"the parameters make no sense: {error!r}") from None
    found["lifecycle_events"] = record.lifecycle_events
    return record.kind, found


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} in place of a text")
    return value


def _scorer(path: FilePath, kind: str, reference: Any) -> Any:
    """The scorer that a file names."""
    if reference is None:
        return original_scorer if kind == COUNTS else None
    found = find_scoring(reference) if isinstance(reference, str) else None
    if found is None and kind == COUNTS:
        raise ModelFileError(
            path,
            f"the phrases are scored by {reference!r:.100}, which is not a function with the "
            "parameters of a scorer in a module that the program has imported; import it, or give "
            "the function to load(), as scoring=",
        )
    return found
