"""What every parameter may be, in one table.

A value of a fitting kind is accepted in any form that Python or NumPy has for it (1, 1.0,
True, numpy.int64(1)) and returned in one; everything else is refused with an error that
says what was given, what is accepted and what to do.
"""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from negw2v.errors import InputTypeError, ParameterError

__all__ = [
    "RULES",
    "Rule",
    "check",
    "check_callbacks",
    "check_objective",
    "check_seed",
    "check_trim_rule",
]

HOOKS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")
INT32_MAX = (1 << 31) - 1


@dataclass(frozen=True)
class Rule:
    """What one parameter may be.

    Parameters
    ----------
    kind
        "whole" (5 and 5.0, not 5.5), "number" (finite), or "flag" (true or false).
    least
        Smallest number allowed.
    optional
        Whether None is allowed, too.
    hint
        What to do; ends every error message.
    """

    kind: str
    least: float
    hint: str
    optional: bool = False


RULES = {
    "vector_size": Rule("whole", 1, "it is the length of a word's vector, usually 100 to 300"),
    "alpha": Rule("number", 0, "the usual initial learning rate is 0.025"),
    "min_alpha": Rule("number", 0, "the usual final learning rate is 0.0001"),
    "start_alpha": Rule("number", 0, "leave it out to use the model's alpha", optional=True),
    "end_alpha": Rule("number", 0, "leave it out to use the model's min_alpha", optional=True),
    "window": Rule("whole", 1, "it is the largest distance between two words, usually 5"),
    "min_count": Rule("number", 0, "words that are rarer than this are left out; 0 or 1: none"),
    "max_vocab_size": Rule("whole", 0, "None means no limit", optional=True),
    "max_final_vocab": Rule("whole", 1, "None means no limit", optional=True),
    "sample": Rule("number", 0, "1e-3 is usual, 0 switches subsampling off", optional=True),
    "workers": Rule("whole", 1, "it is the number of threads; try the number of your cores"),
    "sg": Rule("flag", 0, "1 is skip-gram, 0 is CBOW"),
    "hs": Rule("flag", 0, "1 is hierarchical softmax, 0 is none"),
    "negative": Rule("whole", 0, "5 to 20 negative samples are usual, 0 means none"),
    "ns_exponent": Rule("number", -math.inf, "0.75 is usual"),
    "cbow_mean": Rule("flag", 0, "1 is the mean of the context vectors, 0 their sum"),
    "epochs": Rule("whole", 1, "it is the number of passes over the corpus, usually 5"),
    "batch_words": Rule("whole", 1, "it is the number of words in a span, usually 10000"),
    "total_examples": Rule("whole", 0, "pass model.corpus_count", optional=True),
    "total_words": Rule("whole", 0, "pass model.corpus_total_words", optional=True),
    "queue_factor": Rule("whole", 0, "2 is usual"),
    "progress_per": Rule("whole", 1, "it is the number of sentences between two log lines"),
    "report_delay": Rule("number", 0, "it is the number of seconds between two log lines"),
}


def check(name: str, value: Any) -> Any:
    """A parameter's value in its usual form: int, float, or int for a flag.

    Parameters
    ----------
    name
        One of :data:`RULES`.
    value
        What was given.

    Raises
    ------
    ParameterError
        The value makes no sense: NaN, infinite, too small, a broken number.
    InputTypeError
        It is no number.
    """
    rule = RULES[name]
    if value is None and rule.optional:
        return None
    if not isinstance(value, (numbers.Real, np.bool_)):
        msg = f"{name} must be a number, got {value!r} ({type(value).__name__}); {rule.hint}"
        raise InputTypeError(msg)
    real = float(value)
    if not math.isfinite(real) or real < rule.least:
        bound = "finite" if rule.least == -math.inf else f"finite and at least {rule.least:g}"
        msg = f"{name} must be {bound}, got {value!r}; {rule.hint}"
        raise ParameterError(msg)
    if rule.kind == "number":
        return int(value) if isinstance(value, numbers.Integral) else real
    if not real.is_integer() or real > INT32_MAX:
        msg = f"{name} must be a whole number below 2**31, got {value!r}; {rule.hint}"
        raise ParameterError(msg)
    # An int stays the object that it is: scikit-learn compares parameters by identity.
    return int(value) if isinstance(value, numbers.Integral) else int(real)


def check_seed(value: Any) -> int | list[int] | None:
    """A seed as NumPy's generators take it: None, a whole number from 0, or several.

    Raises
    ------
    ParameterError, InputTypeError
        It is negative, or no whole number.
    """
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        if not value:
            raise ParameterError(f"seed is {value!r}; a list of seeds must have one at least")
        if any(part is None or isinstance(part, (list, tuple)) for part in value):
            raise InputTypeError(f"seed must hold whole numbers alone, got {value!r}")
        return [operator.index(part) for part in value if check_seed(part) is not None]
    try:
        seed = operator.index(value)
    except TypeError:
        msg = f"seed must be a whole number or None, got {value!r} ({type(value).__name__})"
        raise InputTypeError(msg) from None
    if seed < 0:
        msg = f"seed must not be negative, got {value!r}"
        raise ParameterError(msg)
    return seed


def check_objective(hs: int, negative: int) -> None:
    """At least one of hierarchical softmax and negative sampling must be on.

    Raises
    ------
    ParameterError
        Both are off.
    """
    if not hs and not negative:
        msg = (
            "hs=0 and negative=0 leave nothing to train; set negative=5 (negative sampling) or "
            "hs=1 (hierarchical softmax)"
        )
        raise ParameterError(msg)


def check_trim_rule(trim_rule: Any) -> None:
    """Raise where a rule is not a function, before anything is counted.

    Parameters
    ----------
    trim_rule
        What was given as one.

    Raises
    ------
    InputTypeError
        It cannot be called.
    """
    if trim_rule is not None and not callable(trim_rule):
        raise InputTypeError(
            f"trim_rule is {trim_rule!r}; it must be a function of a word, its count and "
            "min_count, or None"
        )


def check_callbacks(callbacks: Any) -> tuple[Any, ...]:
    """Callbacks as a tuple, each with the four hooks.

    Raises
    ------
    InputTypeError
        Not an iterable, or one of them lacks a hook.
    """
    if callbacks is None:
        return ()
    if not isinstance(callbacks, Iterable):
        msg = (
            f"callbacks must be a list of callbacks, got {callbacks!r}; "
            "put a single one in brackets: callbacks=[callback]"
        )
        raise InputTypeError(msg)
    result = tuple(callbacks)
    for callback in result:
        missing = [hook for hook in HOOKS if not callable(getattr(callback, hook, None))]
        if isinstance(callback, type) or missing:
            what = f"lacks {', '.join(missing)}" if missing else "is a class, not an object of it"
            msg = f"the callback {callback!r} {what}; derive it from negw2v.CallbackAny2Vec"
            raise InputTypeError(msg)
    return result
