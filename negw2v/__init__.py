"""negw2v: word2vec with gensim's interface, several times faster.

>>> from negw2v import Word2Vec
>>> model = Word2Vec(sentences, vector_size=100, workers=4)  # doctest: +SKIP
>>> model.wv.most_similar("king")  # doctest: +SKIP

Everything public is here, by one flat name; it is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from negw2v.callbacks import CallbackAny2Vec, EarlyStopping, EpochLogger, StopTraining
    from negw2v.config import show_config
    from negw2v.corpus.readers import BrownCorpus, LineSentence, PathLineSentences, Text8Corpus
    from negw2v.errors import (
        ConfigurationError,
        CorpusDecodeError,
        CorpusError,
        CorpusFileError,
        CorpusReadError,
        DatasetError,
        DivergenceError,
        EmptyCorpusError,
        EmptyQueryError,
        FileDecodeError,
        FileMemoryError,
        InputTypeError,
        KeyNotFoundError,
        MissingDependencyError,
        MissingDownloaderError,
        MissingFileError,
        ModelFileError,
        NegW2VError,
        NegW2VWarning,
        NotAModelError,
        NotTrainableError,
        OneShotCorpusError,
        ParameterError,
        RemovedNameError,
        RowIndexError,
        SaveError,
        TruncatedCorpusError,
        TruncatedFileError,
        UnsafeFileError,
        VocabularyError,
    )
    from negw2v.keyedvectors import KeyedVectors
    from negw2v.plugin import is_patched, patch_gensim, unpatch_gensim
    from negw2v.training.report import EpochReport, TrainingReport
    from negw2v.word2vec import Word2Vec

__version__ = "0.1.0"

__all__ = [
    "BrownCorpus",
    "CallbackAny2Vec",
    "ConfigurationError",
    "CorpusDecodeError",
    "CorpusError",
    "CorpusFileError",
    "CorpusReadError",
    "DatasetError",
    "DivergenceError",
    "EarlyStopping",
    "EmptyCorpusError",
    "EmptyQueryError",
    "EpochLogger",
    "EpochReport",
    "FileDecodeError",
    "FileMemoryError",
    "InputTypeError",
    "KeyNotFoundError",
    "KeyedVectors",
    "LineSentence",
    "MissingDependencyError",
    "MissingDownloaderError",
    "MissingFileError",
    "ModelFileError",
    "NegW2VError",
    "NegW2VWarning",
    "NotAModelError",
    "NotTrainableError",
    "OneShotCorpusError",
    "ParameterError",
    "PathLineSentences",
    "RemovedNameError",
    "RowIndexError",
    "SaveError",
    "StopTraining",
    "Text8Corpus",
    "TrainingReport",
    "TruncatedCorpusError",
    "TruncatedFileError",
    "UnsafeFileError",
    "VocabularyError",
    "Word2Vec",
    "__version__",
    "is_patched",
    "patch_gensim",
    "show_config",
    "unpatch_gensim",
]

# Where the names come from that are no exceptions; those are all in negw2v.errors.
_HOMES = {
    "BrownCorpus": "corpus.readers",
    "CallbackAny2Vec": "callbacks",
    "EarlyStopping": "callbacks",
    "EpochLogger": "callbacks",
    "EpochReport": "training.report",
    "KeyedVectors": "keyedvectors",
    "LineSentence": "corpus.readers",
    "PathLineSentences": "corpus.readers",
    "StopTraining": "callbacks",
    "Text8Corpus": "corpus.readers",
    "TrainingReport": "training.report",
    "Word2Vec": "word2vec",
    "is_patched": "plugin",
    "load_ipython_extension": "plugin.ipython",
    "patch_gensim": "plugin",
    "show_config": "config",
    "unload_ipython_extension": "plugin.ipython",
    "unpatch_gensim": "plugin",
}


def __getattr__(name: str) -> Any:
    if name == "plugin":
        return importlib.import_module("negw2v.plugin")
    if name not in __all__ and name not in _HOMES:
        raise AttributeError(f"module 'negw2v' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"negw2v.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = value  # the next use finds it at once
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
