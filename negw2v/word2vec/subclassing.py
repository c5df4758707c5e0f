"""What users build on the model: subclasses, and tools that set parameters by name."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from negw2v.commit import all_or_nothing
from negw2v.errors import NegW2VWarning, ParameterError
from negw2v.suggestions import suggested
from negw2v.training.parameters import RULES, check

__all__ = ["FORMER_PARAMETERS", "UNUSED_HOOKS", "Subclassable", "parameter_names"]

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

#: Parameters of the constructor that had another name before gensim 4, or have one elsewhere.
FORMER_PARAMETERS = {
    "size": "vector_size",
    "iter": "epochs",
    "corpus_iterable": "sentences",
    "learning_rate": "alpha",
}

# What a constructor is given for once, and the model does not keep.
NOT_KEPT = frozenset({"sentences", "corpus_file", "trim_rule", "callbacks"})


class Subclassable:
    """A model that can be derived from, copied by its parameters and set by their names."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        unused = sorted(UNUSED_HOOKS.intersection(vars(cls)))
        if unused:
            warnings.warn(
                f"{cls.__qualname__} overrides {', '.join(unused)}, which gensim calls but "
                "negw2v never does: training runs in compiled code. Override train(), "
                "scan_vocab() or another public method, or use callbacks",
                NegW2VWarning,
                stacklevel=4,  # the metaclass, and the one it derives from, are between
            )

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters with their present values, as scikit-learn asks for them.

        ``type(model)(**model.get_params())`` makes an untrained model like this one, and so
        does ``sklearn.base.clone(model)``. What the constructor does not keep is left out: the
        corpus, callbacks and `trim_rule`.

        Parameters
        ----------
        deep
            Not used: no parameter has parameters of its own.

        Returns
        -------
        dict of str to object

        Examples
        --------
        >>> model.get_params()["vector_size"]
        32
        """
        del deep
        return {name: getattr(self, name) for name in parameter_names(type(self))}

    @all_or_nothing
    def set_params(self, **params: Any) -> Subclassable:
        """Set parameters of the constructor, as scikit-learn does.

        Parameters
        ----------
        **params
            New values by name.

        Returns
        -------
        Subclassable
            The model itself.

        Raises
        ------
        ParameterError
            There is no such parameter.

        Examples
        --------
        >>> model.set_params(epochs=7).epochs
        7
        """
        names = parameter_names(type(self))
        for name, value in params.items():
            if name not in names:
                raise ParameterError(
                    f"{name!r} is no parameter of {type(self).__name__}"
                    f"{suggested(name, names, FORMER_PARAMETERS)}"
                )
            setattr(self, name, check(name, value) if name in RULES else value)
        return self


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
