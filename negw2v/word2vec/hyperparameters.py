"""The hyper-parameters: what each may be, and what becomes of it, in one table.

From :data:`TABLE` follow the checks of the constructor, of :meth:`Word2Vec.train` and of what is
read from files; what a file of ours holds; what gensim is told; and the parameters by name that
scikit-learn asks for. The signature of the constructor is written out in the class; a test compares
it, and the docstring, with the table.

A number is accepted in any form that Python or NumPy has for it (1, 1.0, True, numpy.int64(1)) and
returned in one; everything else is refused with an error that says what was given, what is accepted
and what to do.
"""

from __future__ import annotations

import inspect
import math
import numbers
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from negw2v.commit import all_or_nothing
from negw2v.errors import InputTypeError, ParameterError
from negw2v.formats.gensim import names as gensim_names
from negw2v.suggestions import suggested
from negw2v.word2vec.former_names import CONSTRUCTOR

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = [
    "AUTO",
    "GENSIMS",
    "RECHECKED",
    "STORED",
    "TABLE",
    "Parameter",
    "by_name",
    "check",
    "check_callbacks",
    "check_objective",
    "check_seed",
    "keep",
    "names_of",
    "recheck",
    "set_by_name",
]

HOOKS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")
INT32_MAX = (1 << 31) - 1

#: A rate that is chosen when training begins: see :mod:`negw2v.word2vec.rates`.
AUTO = "auto"


@dataclass(frozen=True)
class Parameter:
    """One row of the table.

    Parameters
    ----------
    kind
        What it may be. "whole": 5 and 5.0, not 5.5; "number": finite; "rate": the same, or
        "auto"; "share": a number up to 1; "flag": a number that is
        true or false; "bool": anything, of which its truth is kept; "function": one, or None;
        "seed", "callbacks": see :func:`check_seed` and :func:`check_callbacks`; "any": not
        checked.
    default
        The constructor's default, or the method's.
    hint
        What to do; ends the message of an error about a number.
    least
        Smallest number allowed.
    optional
        Whether None is allowed in place of a number.
    none_is
        What None is kept as.
    of
        "model": an attribute of the model, which the constructor sets; "constructor": the
        constructor passes it on and forgets it; "method": a method has it.
    stored
        Whether a file of ours holds it, if it is a model's.
    rechecked
        Whether it is checked again when training begins: it may have been set as an attribute.
    """

    kind: str
    default: Any
    hint: str = ""
    least: float = 0
    optional: bool = False
    none_is: Any = None
    of: str = "model"
    stored: bool = True
    rechecked: bool = False


#: Every parameter of the constructor in its order, and those of methods that are checked.
TABLE: dict[str, Parameter] = {
    "sentences": Parameter("any", None, of="constructor"),
    "corpus_file": Parameter("any", None, of="constructor"),
    "vector_size": Parameter(
        "whole", 100, "it is the length of a word's vector, usually 100 to 300", least=1
    ),
    "alpha": Parameter(
        "rate",
        0.025,
        "the usual initial learning rate is 0.025; 'auto' chooses one that suits the algorithm",
        rechecked=True,
    ),
    "window": Parameter(
        "whole", 5, "it is the largest distance between two words, usually 5", 1, rechecked=True
    ),
    "min_count": Parameter(
        "number", 5, "words that are rarer than this are left out; 0 or 1: none"
    ),
    "max_vocab_size": Parameter("whole", None, "None means no limit", optional=True),
    "sample": Parameter(
        "number",
        1e-3,
        "1e-3 is usual, 0 switches subsampling off",
        optional=True,
        none_is=0,
        rechecked=True,
    ),
    "seed": Parameter("seed", 1),
    "workers": Parameter(
        "whole", 3, "it is the number of threads; try the number of your cores", 1, rechecked=True
    ),
    "min_alpha": Parameter(
        "rate",
        0.0001,
        "the usual final learning rate is 0.0001, and 'auto' is that",
        rechecked=True,
    ),
    "sg": Parameter("flag", 0, "1 is skip-gram, 0 is CBOW", rechecked=True),
    "hs": Parameter("flag", 0, "1 is hierarchical softmax, 0 is none", rechecked=True),
    "negative": Parameter(
        "whole", 5, "5 to 20 negative samples are usual, 0 means none", rechecked=True
    ),
    "ns_exponent": Parameter("number", 0.75, "0.75 is usual", least=-math.inf),
    "cbow_mean": Parameter(
        "flag", 1, "1 is the mean of the context vectors, 0 their sum", rechecked=True
    ),
    "hashfxn": Parameter("any", hash, stored=False),
    "epochs": Parameter("whole", 5, "it is the number of passes over the corpus, usually 5", 1),
    "null_word": Parameter("any", 0),
    "trim_rule": Parameter(
        "function", None, "a function of a word, its count and min_count", of="constructor"
    ),
    "sorted_vocab": Parameter("any", 1),
    "batch_words": Parameter(
        "whole", 10000, "it is the number of words in a span, usually 10000", 1, rechecked=True
    ),
    "compute_loss": Parameter("bool", False),
    "callbacks": Parameter("callbacks", (), of="constructor"),
    "comment": Parameter("any", None),
    "max_final_vocab": Parameter("whole", None, "None means no limit", 1, optional=True),
    "shrink_windows": Parameter("bool", True),
    "share_negatives": Parameter("bool", True),
    "corrected_cbow": Parameter("bool", False),
    "paired_windows": Parameter("bool", False),
    "deterministic": Parameter("bool", False),
    "progress": Parameter("any", None),
    "phrases": Parameter("any", None, of="constructor"),
    # how the corpus is read: see negw2v.corpus.options, which checks them
    "column": Parameter("any", None, of="constructor"),
    "tokenizer": Parameter("any", None, of="constructor"),
    "encoding": Parameter("any", None, of="constructor"),
    "errors": Parameter("any", None, of="constructor"),
    "padding": Parameter("any", None, of="constructor"),
    # of train()
    "start_alpha": Parameter(
        "number", None, "leave it out to use the model's alpha", optional=True, of="method"
    ),
    "end_alpha": Parameter(
        "number", None, "leave it out to use the model's min_alpha", optional=True, of="method"
    ),
    "total_examples": Parameter(
        "whole", None, "pass model.corpus_count", optional=True, of="method"
    ),
    "total_words": Parameter(
        "whole", None, "pass model.corpus_total_words", optional=True, of="method"
    ),
    "queue_factor": Parameter("whole", 2, "2 is usual", of="method"),
    "report_delay": Parameter(
        "number", 1.0, "it is the number of seconds between two log lines", of="method"
    ),
    "anchor": Parameter(
        "share",
        None,
        "1 holds the words that were there before the update, 0 lets them move",
        optional=True,
        none_is=0.0,
        of="method",
    ),
    # of build_vocab()
    "progress_per": Parameter(
        "whole", 10000, "it is the number of sentences between two log lines", 1, of="method"
    ),
}

#: The parameters that are a model's attributes.
ATTRIBUTES = tuple(name for name, row in TABLE.items() if row.of == "model")
#: Those that a file of ours holds.
STORED = tuple(name for name in ATTRIBUTES if TABLE[name].stored)
#: Those of them that gensim's models have, too.
GENSIMS = frozenset(STORED).intersection(gensim_names.PARAMETERS)
#: Those that are checked again when training begins.
RECHECKED = tuple(name for name, row in TABLE.items() if row.rechecked)

# Parameters that the constructor passes on; its objects do not keep them.
_PASSED_ON = tuple(name for name, row in TABLE.items() if row.of == "constructor")


def keep(model: Word2Vec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the constructor's parameters, and make attributes of those that a model keeps.

    Parameters
    ----------
    model
        The new model.
    given
        The parameters by name; other names may be among them.

    Returns
    -------
    dict of str to object
        Those that it does not keep.
    """
    for name in ATTRIBUTES:
        setattr(model, name, check(name, given[name]))
    return {name: check(name, given[name]) for name in _PASSED_ON}


def recheck(model: Word2Vec) -> dict[str, Any]:
    """The parameters that training depends on, as they are now, in their usual form."""
    return {name: check(name, getattr(model, name)) for name in RECHECKED}


def by_name(model: Word2Vec) -> dict[str, Any]:
    """The constructor's parameters with their present values: see Word2Vec.get_params()."""
    return {name: getattr(model, name) for name in names_of(type(model))}


@all_or_nothing
def set_by_name(model: Word2Vec, values: Mapping[str, Any]) -> None:
    """Set parameters of the constructor: see Word2Vec.set_params()."""
    names = names_of(type(model))
    for name, value in values.items():
        if name not in names:
            raise ParameterError(
                f"{name!r} is not a parameter of {type(model).__name__}"
                f"{suggested(name, names, CONSTRUCTOR)}"
            )
        setattr(model, name, check(name, value) if name in TABLE else value)


def names_of(cls: type) -> list[str]:
    """The parameters of a class's constructor that its objects keep as attributes.

    Parameters
    ----------
    cls
        The class. Where its constructor hands ``**kwargs`` on, those of its bases count, too.

    Returns
    -------
    list of str
    """
    names: dict[str, None] = {}
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
        names.update(
            (each.name, None)
            for each in list(parameters)[1:]
            if each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}
        )
        if not any(each.kind is each.VAR_KEYWORD for each in parameters):
            break
    return [name for name in names if name not in _PASSED_ON]


def check(name: str, value: Any) -> Any:
    """A parameter's value in its usual form: int, float, or int for a flag.

    Parameters
    ----------
    name
        One of :data:`TABLE`.
    value
        What was given.

    Raises
    ------
    ParameterError
        The value makes no sense: NaN, infinite, too small, a broken number.
    InputTypeError
        It is of the wrong kind.
    """
    row = TABLE[name]
    if row.kind == "any":
        return value
    if row.kind == "bool":
        return _truth(name, value)
    if row.kind == "function":
        return _function(name, value)
    if row.kind == "seed":
        return check_seed(value)
    if row.kind == "callbacks":
        return check_callbacks(value)
    if row.kind == "rate" and isinstance(value, str) and value == AUTO:
        return AUTO
    return _number(name, row, value)


def _number(name: str, row: Parameter, value: Any) -> Any:
    if value is None and row.optional:
        return row.none_is
    if not isinstance(value, (numbers.Real, np.bool_)):
        msg = f"{name} must be a number, got {value!r} ({type(value).__name__}); {row.hint}"
        raise InputTypeError(msg)
    real = float(value)
    if not math.isfinite(real) or real < row.least:
        bound = "finite" if row.least == -math.inf else f"finite and at least {row.least:g}"
        msg = f"{name} must be {bound}, got {value!r}; {row.hint}"
        raise ParameterError(msg)
    if row.kind == "share" and real > 1:
        raise ParameterError(f"{name} must be from 0 to 1, got {value!r}; {row.hint}")
    if row.kind in ("number", "rate", "share"):
        return int(value) if isinstance(value, numbers.Integral) else real
    if not real.is_integer() or real > INT32_MAX:
        msg = f"{name} must be a whole number below 2**31, got {value!r}; {row.hint}"
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


def _truth(name: str, value: Any) -> bool:
    try:
        return bool(value)
    except ValueError:  # an array of several
        msg = f"{name} must be true or false, got {value!r} ({type(value).__name__})"
        raise InputTypeError(msg) from None


def _function(name: str, value: Any) -> Any:
    if value is not None and not callable(value):
        raise InputTypeError(f"{name} is {value!r}; it must be {TABLE[name].hint}, or None")
    return value
