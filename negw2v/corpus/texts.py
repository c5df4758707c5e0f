"""Texts that a tokenizer of Python's splits, as a corpus: columns of strings, and text files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from negw2v.corpus.base import Nulls
from negw2v.corpus.columns import RowSource, objects_of
from negw2v.corpus.readers import MAX_WORDS_IN_BATCH, file_sentences
from negw2v.corpus.sentences import ListCorpus
from negw2v.corpus.tokenizers import Tokenizer

__all__ = ["ColumnTexts", "TextFiles", "TokenizedCorpus"]


class ColumnTexts(Iterable[str]):
    """The texts of a column, anew in each iteration; those that are null are left out.

    Parameters
    ----------
    source
        The column.

    Attributes
    ----------
    nulls
        What the last iteration left out.
    """

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self.nulls = Nulls()

    def __iter__(self) -> Iterator[str]:
        opened = self._source.begin()
        rows = texts = 0
        for part in opened.parts:
            rows += part.length
            for text in objects_of(part, opened.name):
                texts += 1
                yield text
            self.nulls = Nulls(rows - texts)


class TextFiles(Iterable[list[Any]]):
    """The sentences of text files whose lines a tokenizer splits, anew in each iteration.

    Parameters
    ----------
    paths
        The files in order.
    tokenizer
        Splits a line.
    encoding, errors
        Of the files; None: UTF-8, strict.
    """

    def __init__(
        self,
        paths: Sequence[str],
        tokenizer: Tokenizer,
        encoding: str | None,
        errors: str | None,
    ) -> None:
        self._paths = list(paths)
        self._tokenizer = tokenizer
        self._encoding = encoding
        self._errors = errors

    def __iter__(self) -> Iterator[list[Any]]:
        for path in self._paths:
            yield from file_sentences(
                path,
                MAX_WORDS_IN_BATCH,
                None,
                encoding=self._encoding,
                errors=self._errors,
                tokenizer=self._tokenizer,
            )


class TokenizedCorpus(ListCorpus):
    """Sentences that a tokenizer makes of texts, which are the same in every pass.

    Parameters
    ----------
    sentences
        The sentences, anew in each iteration.
    name
        Its name in messages.
    texts
        Where they come from, if there may be nulls.
    """

    def __init__(
        self, sentences: Iterable[list[Any]], name: str, texts: ColumnTexts | None = None
    ) -> None:
        super().__init__(sentences, None)
        self.name = name
        self._texts = texts

    @property
    def nulls(self) -> Nulls:
        """What the last pass found null."""
        return self._texts.nulls if self._texts is not None else Nulls()
