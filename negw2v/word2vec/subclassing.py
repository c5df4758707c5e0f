"""What a class derived from the model may override, and what it would override in vain."""

from __future__ import annotations

import warnings

from negw2v.errors import NegW2VWarning

__all__ = ["UNUSED_HOOKS", "warn_of_unused_hooks"]

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
