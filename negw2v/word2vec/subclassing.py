"""What users build on the model: subclasses, and tools that set parameters by name."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from negw2v.commit import all_or_nothing
from negw2v.errors import NegW2VWarning, ParameterError
from negw2v.suggestions import suggested
from negw2v.training.parameters import RULES, check
from negw2v.word2vec.former_names import CONSTRUCTOR

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = [
    "UNUSED_HOOKS",
    "parameter_names",
    "parameters",
    "set_parameters",
    "warn_of_unused_hooks",
]

#: Private methods of gensim's Word2Vec that nothing here calls: a subclass that overrides one
#: would not get what it means to. docs/migrating.md lists those that are called.
UNUSED_HOOKS = frozenset(
    {
        "_check_corpus_sanity",
        "_do_train_epoch",
        "_do_train_job",
        "_get_thread_working_mem",
        "_job_producer",
        "_load_specials",
        "_log_epoch_end",
        "_log_epoch_progress",
        "_log_progress",
        "_log_train_end",
        "_raw_word_count",
        "_save_specials",
        "_scan_vocab",
        "_train_epoch",
        "_train_epoch_corpusfile",
        "_worker_loop",
        "_worker_loop_corpusfile",
    }
)

# What a constructor is given for once, and the model does not keep.
NOT_KEPT = frozenset({"sentences", "corpus_file", "trim_rule", "callbacks"})


def warn_of_unused_hooks(cls: type) -> None:
    """Warn where a new class overrides what gensim would call; from ``__init_subclass__``."""
    unused = sorted(UNUSED_HOOKS.intersection(vars(cls)))
    if unused:
        warnings.warn(
            f"{cls.__qualname__} overrides {', '.join(unused)}, which gensim calls but "
            "negw2v never does: training runs in compiled code. Override train(), "
            "scan_vocab() or another public method, or use callbacks",
            NegW2VWarning,
            stacklevel=5,  # __init_subclass__, the metaclass and its base are between
        )


def parameters(model: Word2Vec) -> dict[str, Any]:
    """The constructor's parameters with their present values: see Word2Vec.get_params()."""
    return {name: getattr(model, name) for name in parameter_names(type(model))}


@all_or_nothing
def set_parameters(model: Word2Vec, values: Mapping[str, Any]) -> None:
    """Set parameters of the constructor: see Word2Vec.set_params()."""
    names = parameter_names(type(model))
    for name, value in values.items():
        if name not in names:
            raise ParameterError(
                f"{name!r} is no parameter of {type(model).__name__}"
                f"{suggested(name, names, CONSTRUCTOR)}"
            )
        setattr(model, name, check(name, value) if name in RULES else value)


def parameter_names(cls: type) -> list[str]:
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
    return [name for name in names if name not in NOT_KEPT]
