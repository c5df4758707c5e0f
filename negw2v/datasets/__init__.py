"""Data sets for training and for evaluation.

Each data set is a module::

    ptb              the Penn Treebank as language-model papers use it    $NEGW2V_DATA/ptb/
      dictionaries   text as word ids with two dictionaries, as in the book
    wiki17           17 million words of English Wikipedia                $NEGW2V_DATA/wiki17/
    benchmarks       analogy questions and word-similarity judgements     $NEGW2V_DATA/eval/
    synthetic        generated sentences with planted relations           needs no file
    titles           nine titles of reports, the example of gensim         needs no file
    files            finds the files of ptb, wiki17 and benchmarks: under $NEGW2V_DATA, then in
                     the cache, then by a download if there is a public source; with checksums
"""

from __future__ import annotations

from negw2v.datasets import benchmarks, ptb, synthetic, wiki17

__all__ = ["benchmarks", "ptb", "synthetic", "wiki17"]
