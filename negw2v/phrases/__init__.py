"""Phrases: words that occur together so often that they are one word, as new_york.

The map::

    models          Phrases, FrozenPhrases: the public classes
      files         their files, and gensim's
      corpus        a corpus with its phrases joined, as an iterable and for training
      lines         a text file into another one with its phrases joined
        joining     sentences with phrases joined (compiled: _joining)
        candidates  which pairs are phrases, and their scores
      counting      from sentences or a file to counts (compiled: _ngrams)
        vocabulary  counts and phrases by their text
          counts    words, pairs and their counts, as arrays
      arguments     what may be given, and what is refused
      scorers       how likely two words are a phrase
      reference     counting and joining in plain Python: what the compiled code must do

Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
Compositionality"; the interface is that of gensim 4.4.0's ``gensim.models.phrases``.
"""

from negw2v.phrases.models import FrozenPhrases, Phraser, Phrases
from negw2v.phrases.scorers import ENGLISH_CONNECTOR_WORDS, npmi_scorer, original_scorer

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "FrozenPhrases",
    "Phraser",
    "Phrases",
    "npmi_scorer",
    "original_scorer",
]
