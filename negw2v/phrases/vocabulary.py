"""Counts and phrases by their text: mappings as programs see them."""

from __future__ import annotations

import functools
from collections.abc import Callable, ItemsView, Iterator, Mapping
from typing import Any

from negw2v.phrases.counts import Counts

__all__ = ["PhraseVocabulary", "Phrasegrams"]


class PhraseVocabulary(Mapping[str, int]):
    """How often each word, and each pair of words, was met: what a dict of them would show.

    The counts are kept as arrays, and texts of pairs are made when they are asked for, in a part of
    a dict's memory. It is read-only; assign a dict to ``phrases.vocab`` to replace it.

    Parameters
    ----------
    counts
        What was counted.

    Examples
    --------
    >>> vocab = negw2v.phrases.Phrases([["new", "york"], ["new", "car"]]).vocab
    >>> vocab["new"], vocab["new_york"], "york_new" in vocab
    (2, 1, False)
    >>> dict(vocab)
    {'new': 2, 'york': 1, 'new_york': 1, 'car': 1, 'new_car': 1}
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def __getitem__(self, text: str) -> int:
        count = self.get(text)
        if count is None:
            raise KeyError(text)
        return int(count)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self._counts.count(text) > 0

    def __len__(self) -> int:
        return len(self._counts)

    def __iter__(self) -> Iterator[str]:
        return (text for text, _ in self._counts.tokens())

    def get(self, text: Any, default: Any = None, /) -> Any:
        """The count of a text.

        Parameters
        ----------
        text
            A word, or a pair of words with the delimiter between them.
        default
            What is returned where it has no count.

        Returns
        -------
        int or object

        Examples
        --------
        >>> negw2v.phrases.Phrases([["new", "york"]]).vocab.get("new_york", 0)
        1
        """
        return (isinstance(text, str) and self._counts.count(text)) or default

    def items(self) -> ItemsView[str, int]:
        """Each text with its count, in the order in which they were met.

        Returns
        -------
        collections.abc.ItemsView

        Examples
        --------
        >>> list(negw2v.phrases.Phrases([["new", "york"]]).vocab.items())
        [('new', 1), ('york', 1), ('new_york', 1)]
        """
        return _Items(self)

    def values(self) -> Any:
        """The counts, in the same order.

        Returns
        -------
        list of int

        Examples
        --------
        >>> list(negw2v.phrases.Phrases([["new", "york"]]).vocab.values())
        [1, 1, 1]
        """
        return [count for _, count in self._counts.tokens()]

    def __repr__(self) -> str:
        shown = [f"{text!r}: {count}" for _, (text, count) in zip(range(5), self.items())]  # noqa: B905
        more = ", ..." if len(self) > len(shown) else ""
        return f"{type(self).__name__}({{{', '.join(shown)}{more}}})"


class _Items(ItemsView[str, int]):
    def __iter__(self) -> Iterator[tuple[str, int]]:
        counts: Counts = self._mapping._counts  # type: ignore[attr-defined]  # noqa: SLF001
        return counts.tokens()


class Phrasegrams(dict[str, Any]):
    """A dict that knows how often it was changed."""

    changes = 0

    def __ior__(self, other: Any) -> Phrasegrams:  # type: ignore[override, misc]
        self.update(other)
        return self


def _noticed(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    @functools.wraps(method)
    def changing(self: Phrasegrams, *args: Any, **kwargs: Any) -> Any:
        self.changes += 1
        return method(self, *args, **kwargs)

    return changing


for _name in ("__setitem__", "__delitem__", "clear", "pop", "popitem", "setdefault", "update"):
    setattr(Phrasegrams, _name, _noticed(_name))
