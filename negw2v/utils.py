"""Names that existing code imports from ``gensim.utils``: text to words, trimming rules, files."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterable, Iterator
from typing import IO, Any, NoReturn

from negw2v.corpus.preprocessing import (
    any2unicode,
    any2utf8,
    deaccent,
    simple_preprocess,
    simple_tokenize,
    to_unicode,
    to_utf8,
    tokenize,
)
from negw2v.corpus.trimming import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP, keep_vocab_item
from negw2v.errors import FilePath, GensimNeededError, InputTypeError
from negw2v.io.writing import writing

__all__ = [
    "RULE_DEFAULT",
    "RULE_DISCARD",
    "RULE_KEEP",
    "SaveLoad",
    "any2unicode",
    "any2utf8",
    "deaccent",
    "flatten",
    "keep_vocab_item",
    "lazy_flatten",
    "save_as_line_sentence",
    "simple_preprocess",
    "simple_tokenize",
    "to_unicode",
    "to_utf8",
    "tokenize",
]


class _HasSaveAndLoad(ABCMeta):
    """``isinstance(x, SaveLoad)`` is true for what can be saved and loaded, as Word2Vec can."""

    def __subclasscheck__(cls, subclass: type) -> bool:
        if cls.__bases__ == (object,):
            return callable(getattr(subclass, "save", None)) and hasattr(subclass, "load")
        return super().__subclasscheck__(subclass)

    def __instancecheck__(cls, instance: Any) -> bool:
        return issubclass(type(instance), cls)


class SaveLoad(metaclass=_HasSaveAndLoad):
    """A base of classes of programs that use gensim: its methods pickle, and these refuse.

    Programs derive classes from it, and ask whether an object is one. Both works. gensim's
    ``save()`` and ``load()`` pickle whole objects; loading a pickle runs the code in it, so
    negw2v has no such methods. A subclass may define its own.

    Examples
    --------
    >>> isinstance(negw2v.Word2Vec(), SaveLoad)
    True
    """

    @classmethod
    def load(cls, fname: object, mmap: str | None = None) -> Any:
        """Refuse to unpickle a file.

        Parameters
        ----------
        fname, mmap
            gensim's parameters.

        Raises
        ------
        GensimNeededError
            Always.

        Examples
        --------
        >>> SaveLoad.load("file")
        Traceback (most recent call last):
        negw2v.errors.GensimNeededError: SaveLoad.load() ...
        """
        del mmap
        raise GensimNeededError(
            f"{cls.__name__}.load() of gensim unpickles {fname!r}, which negw2v never does. For a "
            "model or vectors that gensim saved, call Word2Vec.load() or KeyedVectors.load(), "
            "which read them without unpickling; for objects of other classes, define load() in "
            "the class, or install gensim: pip install gensim"
        )

    def save(self, fname_or_handle: object, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse to pickle the object.

        Parameters
        ----------
        fname_or_handle
            gensim's parameter; its others are ignored.

        Raises
        ------
        GensimNeededError
            Always.

        Examples
        --------
        >>> SaveLoad().save("file")
        Traceback (most recent call last):
        negw2v.errors.GensimNeededError: SaveLoad.save() ...
        """
        raise GensimNeededError(
            f"{type(self).__name__}.save() of gensim pickles the object to {fname_or_handle!r}, "
            "which negw2v never does: define save() in the class, or install gensim: "
            "pip install gensim"
        )


def flatten(nested_list: Iterable[Any]) -> list[Any]:
    """The items of nested iterables, in one list.

    Parameters
    ----------
    nested_list
        Iterables within an iterable, at any depth; a str is an item.

    Returns
    -------
    list

    Examples
    --------
    >>> flatten([["a", ["b"]], "cd"])
    ['a', 'b', 'cd']
    """
    return list(lazy_flatten(nested_list))


def lazy_flatten(nested_list: Iterable[Any]) -> Iterator[Any]:
    """The items of nested iterables, one after the other.

    Parameters
    ----------
    nested_list
        As for :func:`flatten`.

    Yields
    ------
    object

    Examples
    --------
    >>> next(lazy_flatten([[["a"]]]))
    'a'
    """
    for each in nested_list:
        if isinstance(each, Iterable) and not isinstance(each, str):
            yield from lazy_flatten(each)
        else:
            yield each


def save_as_line_sentence(corpus: Iterable[Iterable[str]], filename: FilePath | IO[bytes]) -> None:
    """Write sentences to a text file: one a line, with a blank between words.

    Parameters
    ----------
    corpus
        Sentences of words.
    filename
        The file, which :class:`negw2v.LineSentence` and ``corpus_file`` can read; it is compressed
        if its suffix says so.

    Raises
    ------
    InputTypeError
        A sentence is a str, whose words would be its letters, or has words that are no str.
    SaveError
        The file cannot be written; an existing one has not changed then.

    Examples
    --------
    >>> save_as_line_sentence([["a", "b"], ["c"]], "corpus.txt")
    >>> list(negw2v.LineSentence("corpus.txt"))
    [['a', 'b'], ['c']]
    """
    with writing(filename) as file:
        for number, sentence in enumerate(corpus):
            if isinstance(sentence, (str, bytes)):
                raise InputTypeError(
                    f"sentence {number} is a {type(sentence).__name__}, {sentence!r}; a sentence "
                    "is a list of words: call split()"
                )
            words: list[Any] = list(sentence)
            if wrong := [word for word in words if not isinstance(word, str)]:
                raise InputTypeError(
                    f"sentence {number} has a word that is no str: {wrong[0]!r}; call str() on it"
                )
            file.write(f"{' '.join(words)}\n".encode())
