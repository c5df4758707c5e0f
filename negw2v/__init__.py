"""negw2v: word2vec with gensim's interface, several times faster.

Everything public is here, under one flat name, and is imported at its first use. The map, in the
order of imports: a module imports only those below it::

    __main__            python -m negw2v
    cli                 the verbs of the command line: demo, config, run
    plugin              negw2v's classes in place of gensim's, in a running program
    config              show_config(): versions, levels, optional packages
    sklearn             WordVectorizer: a transformer of scikit-learn
    distributed         training on several machines, with Ray
    word2vec            Word2Vec
      callbacks         what happens while a model trains
    layers              word2vec in parts, to build other models
    phrases             Phrases, FrozenPhrases: new york as one word
    keyedvectors        KeyedVectors: vectors by key, and queries
      search            cosine scan, shortlist, top-k, approximate index
      evaluation        analogies, word pairs
    training            epochs over a token stream: changed weights, and a report
    explorer            a map of words as a page for the browser
    datasets            loaders with checksums, a synthetic corpus
    formats             files of vectors and models, to records and back
    corpus              sentences, vocabulary, the token stream
    io                  files as bytes: paths, compression, reading, atomic writing
    kernels             compiled loops over arrays, and their specification in NumPy
    commit              several changes together, or none
    array_ownership     who else holds an array, and may change it
    lifecycle           the log of an object: created, trained, saved, loaded
    constructors        class methods that make a new object
    gensim_substitution a class that programs take for gensim's
    pictures            vectors and losses, drawn with matplotlib
    notebook            %load_ext negw2v.notebook: results of searches as tables
    suggestions         names in error messages
    extras              optional packages, and the error if one is missing
    utils               names that programs import from gensim.utils
    html_tables         tables of notebooks, escaped
    parallel            how many threads are useful, and pools of them
    arrays              names of array types, offsets
    deferred            modules that are imported at their first use
    errors              every exception and warning

Examples
--------
>>> from negw2v import Word2Vec
>>> from negw2v.datasets import synthetic
>>> model = Word2Vec(synthetic.sentences(1_000), min_count=1, workers=1, progress=False)
>>> len(model.wv.most_similar("paris", topn=3))
3
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from negw2v.callbacks import (
        CallbackAny2Vec,
        EarlyStopping,
        EpochLogger,
        StopTraining,
        TensorBoardLogger,
    )
    from negw2v.config import show_config
    from negw2v.corpus.readers import BrownCorpus, LineSentence, PathLineSentences, Text8Corpus
    from negw2v.errors import (
        ArrayMemoryError,
        ClusterError,
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
        GensimNameError,
        GensimNeededError,
        HubError,
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
    from negw2v.training.drift import DriftReport
    from negw2v.training.report import EpochReport, TrainingReport
    from negw2v.word2vec import Word2Vec
    from negw2v.word2vec.preflight import Preflight

__version__ = "0.2.0"

__all__ = [
    "ArrayMemoryError",
    "BrownCorpus",
    "CallbackAny2Vec",
    "ClusterError",
    "ConfigurationError",
    "CorpusDecodeError",
    "CorpusError",
    "CorpusFileError",
    "CorpusReadError",
    "DatasetError",
    "DivergenceError",
    "DriftReport",
    "EarlyStopping",
    "EmptyCorpusError",
    "EmptyQueryError",
    "EpochLogger",
    "EpochReport",
    "FileDecodeError",
    "FileMemoryError",
    "GensimNameError",
    "GensimNeededError",
    "HubError",
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
    "Preflight",
    "RemovedNameError",
    "RowIndexError",
    "SaveError",
    "StopTraining",
    "TensorBoardLogger",
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

# The module of each public name that is not an exception; exceptions are in negw2v.errors.
_HOMES = {
    "BrownCorpus": "corpus.readers",
    "CallbackAny2Vec": "callbacks",
    "DriftReport": "training.drift",
    "EarlyStopping": "callbacks",
    "EpochLogger": "callbacks",
    "EpochReport": "training.report",
    "KeyedVectors": "keyedvectors",
    "LineSentence": "corpus.readers",
    "PathLineSentences": "corpus.readers",
    "Preflight": "word2vec.preflight",
    "StopTraining": "callbacks",
    "TensorBoardLogger": "callbacks",
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
