"""Names that existing code imports from ``gensim.models.word2vec``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn

from negw2v.errors import NotTrainableError, ParameterError

__all__ = [
    "CORPUSFILE_VERSION",
    "FAST_VERSION",
    "Heapitem",
    "Word2VecTrainables",
    "Word2VecVocab",
    "score_sentence_cbow",
    "score_sentence_sg",
    "train_batch_cbow",
    "train_batch_sg",
    "train_epoch_cbow",
    "train_epoch_sg",
]

#: Above -1: training is compiled code, with corpora in memory and in files.
FAST_VERSION = 0
CORPUSFILE_VERSION = 1


class Word2VecVocab:
    """A part of models before gensim 4; only its name is there."""


class Word2VecTrainables:
    """A part of models before gensim 4; only its name is there."""


class Heapitem(NamedTuple):
    """A node of an unfinished Huffman tree; nodes are ordered by their counts.

    Attributes
    ----------
    count
        Sum of the counts of all words below it.
    index
        Its number.
    left, right
        Its two children; None for a word.
    """

    # gensim's names, which are those of a tuple's methods
    count: int  # type: ignore[assignment]
    index: int  # type: ignore[assignment]
    left: Any
    right: Any

    def __lt__(self, other: tuple[Any, ...]) -> bool:
        return bool(self.count < other[0])


def score_sentence_sg(model: Any, sentence: Iterable[Any], _work: Any = None) -> float:
    """The log probability of a sentence: :meth:`Word2Vec.score` of a model with ``sg=1``."""
    return _score(model, sentence, skip_gram=True)


def score_sentence_cbow(
    model: Any, sentence: Iterable[Any], _work: Any = None, _neu1: Any = None
) -> float:
    """The log probability of a sentence: :meth:`Word2Vec.score` of a model with ``sg=0``."""
    return _score(model, sentence, skip_gram=False)


def _score(model: Any, sentence: Iterable[Any], *, skip_gram: bool) -> float:
    if bool(model.sg) != skip_gram:
        raise ParameterError(
            f"the model has sg={model.sg}, this function scores with sg={int(skip_gram)}; "
            "call model.score([sentence])"
        )
    return float(model.score([sentence])[0])


def _private_step(name: str) -> NotTrainableError:
    return NotTrainableError(
        f"{name}() is a step of gensim's training; here all of training is compiled code; call "
        "model.train(sentences, total_examples=len(sentences), epochs=1, start_alpha=..., "
        "end_alpha=...)"
    )


def train_batch_sg(*_args: Any, **_kwargs: Any) -> NoReturn:
    """A private step of gensim's; call :meth:`Word2Vec.train`."""
    raise _private_step("train_batch_sg")


def train_batch_cbow(*_args: Any, **_kwargs: Any) -> NoReturn:
    """A private step of gensim's; call :meth:`Word2Vec.train`."""
    raise _private_step("train_batch_cbow")


def train_epoch_sg(*_args: Any, **_kwargs: Any) -> NoReturn:
    """A private step of gensim's; call :meth:`Word2Vec.train`."""
    raise _private_step("train_epoch_sg")


def train_epoch_cbow(*_args: Any, **_kwargs: Any) -> NoReturn:
    """A private step of gensim's; call :meth:`Word2Vec.train`."""
    raise _private_step("train_epoch_cbow")
