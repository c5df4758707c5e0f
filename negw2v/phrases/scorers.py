"""How likely it is that two words are a phrase: the two formulas, and scorers of the user's."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from typing import Any

from negw2v.errors import InputTypeError, ParameterError

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "NAMED",
    "checked_scoring",
    "find_scoring",
    "npmi_scorer",
    "original_scorer",
    "reference_of",
    "word2phrase_scorer",
]

#: Articles, prepositions and conjunctions that may stand within an English phrase, as in
#: bank_of_america, but neither begin nor end one.
ENGLISH_CONNECTOR_WORDS = frozenset(
    {
        *("a", "an", "the"),
        *("for", "of", "with", "without", "at", "from", "to", "in", "on", "by"),
        *("and", "or"),
    }
)

PARAMETERS = (
    "worda_count",
    "wordb_count",
    "bigram_count",
    "len_vocab",
    "min_count",
    "corpus_word_count",
)


def original_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,  # noqa: ARG001 - the signature of all scorers
) -> float:
    """The score of Mikolov et al. 2013: how much more often two words meet than by chance.

    ``(bigram_count - min_count) / (worda_count * wordb_count) * len_vocab``

    Parameters
    ----------
    worda_count, wordb_count
        How often each of the two words occurs.
    bigram_count
        How often they occur together, in this order.
    len_vocab
        Number of different words and pairs.
    min_count
        Taken off the count of the pair.
    corpus_word_count
        Not used.

    Returns
    -------
    float
        From minus infinity; above `threshold`, which is 10 by default, it is a phrase.

    Examples
    --------
    >>> original_scorer(20, 10, 9, 1000, 5, 10_000)
    20.0
    """
    return _discounted(worda_count, wordb_count, bigram_count, min_count, len_vocab)


def npmi_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,  # noqa: ARG001 - the signature of all scorers
    min_count: float,
    corpus_word_count: float,
) -> float:
    """Normalized pointwise mutual information (Bouma 2009).

    ``log(p(a, b) / (p(a) p(b))) / -log(p(a, b))``, with ``p = count / corpus_word_count``

    Parameters
    ----------
    worda_count, wordb_count
        How often each of the two words occurs.
    bigram_count
        How often they occur together, in this order.
    len_vocab
        Not used.
    min_count
        Pairs that are rarer are no phrases.
    corpus_word_count
        Number of words of the corpus.

    Returns
    -------
    float
        From -1 (never together) to 1 (always together); minus infinity for rare pairs.

    Examples
    --------
    >>> round(npmi_scorer(20, 10, 9, 1000, 5, 10_000), 3)
    0.872
    """
    if bigram_count < min_count:
        return -math.inf
    total = float(corpus_word_count)
    first, second, both = worda_count / total, wordb_count / total, bigram_count / total
    try:
        return math.log(both / (first * second)) / -math.log(both)
    except ValueError:  # a count is zero
        return -math.inf


def word2phrase_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,  # noqa: ARG001 - the signature of all scorers
    min_count: float,
    corpus_word_count: float,
) -> float:
    """The score of word2phrase.c: as :func:`original_scorer`, but times the words of the corpus.

    Parameters
    ----------
    worda_count, wordb_count, bigram_count, min_count, corpus_word_count
        As for :func:`npmi_scorer`.
    len_vocab
        Not used.

    Returns
    -------
    float
        From minus infinity; above 100, which is the default of word2phrase, it is a phrase.

    Examples
    --------
    >>> word2phrase_scorer(20, 10, 9, 1000, 5, 10_000)
    200.0
    """
    return _discounted(worda_count, wordb_count, bigram_count, min_count, corpus_word_count)


def _discounted(
    worda_count: float, wordb_count: float, bigram_count: float, min_count: float, scale: float
) -> float:
    """How much more often the pair occurs than `min_count`, by the counts of its words."""
    product = worda_count * wordb_count
    if product == 0:
        return -math.inf
    return (bigram_count - min_count) / float(product) * scale


#: The scorers that have a name.
NAMED: dict[str, Callable[..., float]] = {
    "default": original_scorer,
    "npmi": npmi_scorer,
    "word2phrase": word2phrase_scorer,
}


def checked_scoring(scoring: Any) -> Callable[..., Any]:
    """The scorer that an argument stands for.

    Parameters
    ----------
    scoring
        "default", "npmi", "word2phrase", or a function with the parameters of these.

    Raises
    ------
    ParameterError
        There is no scorer of this name, or the function lacks a parameter.
    InputTypeError
        It is neither a name nor a function.
    """
    if isinstance(scoring, str):
        if scoring not in NAMED:
            raise ParameterError(
                f"scoring={scoring!r} is not known; give {', '.join(map(repr, NAMED))}, or a "
                f"function with the parameters {', '.join(PARAMETERS)}"
            )
        return NAMED[scoring]
    if not callable(scoring):
        raise InputTypeError(
            f"scoring is a {type(scoring).__name__}; give 'default', 'npmi', or a function with "
            f"the parameters {', '.join(PARAMETERS)}"
        )
    missing = missing_parameters(scoring)
    if missing:
        raise ParameterError(
            f"the scorer {getattr(scoring, '__name__', scoring)!r} lacks the parameters "
            f"{', '.join(missing)}; it must take all of {', '.join(PARAMETERS)}, by name, whether "
            "it uses them or not"
        )
    named: Callable[..., Any] = scoring
    if getattr(scoring, "__module__", None) == "gensim.models.phrases":
        ours = {each.__name__: each for each in NAMED.values()}
        named = ours.get(getattr(scoring, "__name__", ""), named)
    return named


def missing_parameters(scoring: Callable[..., Any]) -> list[str]:
    """The parameters of a scorer that a function does not have."""
    try:
        signature = inspect.signature(scoring).parameters
    except (TypeError, ValueError):  # a function in C without a signature
        return list(PARAMETERS)
    return [name for name in PARAMETERS if name not in signature]


def reference_of(scoring: Callable[..., Any]) -> str | None:
    """What files call a scorer: its name, or ``module:function``; None: it cannot be found."""
    for name, function in NAMED.items():
        if function is scoring:
            return name
    place: Any = getattr(scoring, "__module__", None), getattr(scoring, "__qualname__", None)
    if None in place or not place[1].isidentifier():
        return None
    reference = f"{place[0]}:{place[1]}"
    return reference if find_scoring(reference) is scoring else None


def find_scoring(reference: str) -> Callable[..., Any] | None:
    """The scorer of a name that :func:`reference_of` gave.

    A file must not make a program run code. So nothing is imported: a function is looked for in
    modules that the program has imported, and must have the parameters of a scorer.

    Parameters
    ----------
    reference
        A name, or ``module:function``.

    Returns
    -------
    callable or None
        None: there is no such scorer.
    """
    if reference in NAMED:
        return NAMED[reference]
    module, _, name = reference.partition(":")
    found = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if inspect.isfunction(found) and not missing_parameters(found):
        return found
    return None
