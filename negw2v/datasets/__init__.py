"""Data sets to train on and to measure with.

Each module is one data set; a file is looked for under ``$NEGW2V_DATA``, then in the user's
cache, then downloaded with a checksum where a public source is known
(:mod:`negw2v.datasets.files`)::

    ptb         the Penn Treebank as language-model papers use it     $NEGW2V_DATA/ptb/
    wiki17      17 million words of English Wikipedia                 $NEGW2V_DATA/wiki17/
    benchmarks  analogy questions and word-similarity judgements      $NEGW2V_DATA/eval/
    synthetic   sentences made on the spot, with planted relations    needs no file

:mod:`negw2v.datasets.dictionaries` turns any text into ids with two dictionaries.
"""

from __future__ import annotations

from negw2v.datasets import benchmarks, ptb, synthetic, wiki17

__all__ = ["benchmarks", "ptb", "synthetic", "wiki17"]
