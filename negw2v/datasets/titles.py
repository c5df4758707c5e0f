"""Nine titles of technical reports, the classical example of latent semantic indexing.

Deerwester, Dumais, Furnas, Landauer and Harshman (1990), Indexing by Latent Semantic Analysis,
table 2: five titles about human-computer interaction, four about graph theory. The terms of the
example are the words that occur in more than one title.
"""

from __future__ import annotations

from collections import Counter

from negw2v.corpus.preprocessing import tokenize

__all__ = ["TITLES", "common_texts"]

TITLES = (
    "Human machine interface for Lab ABC computer applications",
    "A survey of user opinion of computer system response time",
    "The EPS user interface management system",
    "System and human system engineering testing of EPS",
    "Relation of user-perceived response time to error measurement",
    "The generation of random, binary, unordered trees",
    "The intersection graph of paths in trees",
    "Graph minors IV: Widths of trees and well-quasi-ordering",
    "Graph minors: A survey",
)

_FUNCTION_WORDS = frozenset({"a", "and", "for", "in", "of", "the", "to"})


def _terms() -> list[list[str]]:
    words = [list(tokenize(title, lower=True)) for title in TITLES]
    titles_with = Counter(word for title in words for word in set(title))
    return [
        [word for word in title if titles_with[word] > 1 and word not in _FUNCTION_WORDS]
        for title in words
    ]


#: The terms of each title, as ``gensim.test.utils`` has them.
common_texts = _terms()
