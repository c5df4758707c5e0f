"""Learning rates that suit an algorithm: what ``alpha="auto"`` stands for.

The table comes from ``benchmarks/sweep.py``, on the Penn Treebank (0.9M words) and 17M words of
Wikipedia, with 100 and 300 dimensions; docs/quality.md has the figures. gensim's default of 0.025
suits skip-gram with hierarchical softmax alone: the gradient of a CBOW window is spread over its
context words, and bears higher rates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negw2v.word2vec.hyperparameters import AUTO, TABLE, check

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = ["EXPLODED", "Rates", "advice", "chosen", "suitable"]

#: A loss of so many times that of untrained weights says that the rate is too high.
EXPLODED = 1.5


class Rates(NamedTuple):
    """The learning rates of a model.

    Attributes
    ----------
    alpha, min_alpha
        The initial and the final one.
    """

    alpha: float
    min_alpha: float


#: The best initial rate of "skip-gram", "mean" (CBOW with cbow_mean), "corrected" (the same, with
#: corrected_cbow) and "sum" (CBOW without cbow_mean), which was not swept and keeps the default.
_NEGATIVE_SAMPLING = {"skip-gram": 0.05, "mean": 0.075, "corrected": 0.15, "sum": 0.025}
_HIERARCHICAL_SOFTMAX = {"skip-gram": 0.025, "mean": 0.05, "corrected": 0.15, "sum": 0.025}


def suitable(*, sg: int, hs: int, negative: int, cbow_mean: int, corrected_cbow: bool) -> float:
    """The initial learning rate that suits an algorithm.

    Parameters
    ----------
    sg, hs, negative, cbow_mean, corrected_cbow
        As of :class:`negw2v.Word2Vec`. Where both objectives are on, the lower of their rates
        counts.

    Examples
    --------
    >>> suitable(sg=0, hs=0, negative=5, cbow_mean=1, corrected_cbow=False)
    0.075
    """
    if sg:
        algorithm = "skip-gram"
    elif not cbow_mean:
        algorithm = "sum"
    else:
        algorithm = "corrected" if corrected_cbow else "mean"
    rates = [_NEGATIVE_SAMPLING[algorithm]] if negative or not hs else []
    rates += [_HIERARCHICAL_SOFTMAX[algorithm]] if hs else []
    return min(rates)


def chosen(model: Word2Vec) -> Rates:
    """The learning rates of a model as numbers, whether they were given or not."""
    alpha, min_alpha = check("alpha", model.alpha), check("min_alpha", model.min_alpha)
    alpha = _automatic(model) if alpha == AUTO else alpha
    return Rates(alpha, TABLE["min_alpha"].default if min_alpha == AUTO else min_alpha)


def advice(model: Word2Vec, start: float) -> str:
    """What the report of a training says of its learning rate; empty: nothing.

    Parameters
    ----------
    model
        The model that is trained.
    start
        The rate it begins with.
    """
    default = TABLE["alpha"].default
    if model.sg or not model.cbow_mean or start != default:
        return ""
    better = _automatic(model)
    return f"alpha={default} is low for CBOW: alpha='auto' takes {better} (docs/quality.md)"


def _automatic(model: Word2Vec) -> float:
    return suitable(
        sg=model.sg,
        hs=model.hs,
        negative=model.negative,
        cbow_mean=model.cbow_mean,
        corrected_cbow=model.corrected_cbow,
    )
