"""Names of trimming rules that existing code imports from ``gensim.utils``."""

from __future__ import annotations

from negw2v.corpus.trimming import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP, keep_vocab_item

__all__ = ["RULE_DEFAULT", "RULE_DISCARD", "RULE_KEEP", "keep_vocab_item"]
