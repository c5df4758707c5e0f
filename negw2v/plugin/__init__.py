"""negw2v under programs that import gensim, without a change to them.

>>> import negw2v
>>> negw2v.patch_gensim()  # doctest: +SKIP
>>> from gensim.models import Word2Vec  # doctest: +SKIP
>>> Word2Vec is negw2v.Word2Vec  # doctest: +SKIP
True

The only part of negw2v that imports gensim.
"""

from __future__ import annotations

from negw2v.plugin.patching import (
    Patched,
    Status,
    is_patched,
    patch_gensim,
    status,
    unpatch_gensim,
)

__all__ = ["Patched", "Status", "is_patched", "patch_gensim", "status", "unpatch_gensim"]
