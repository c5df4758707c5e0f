"""Programs that import gensim use negw2v instead, without a change to them.

>>> import negw2v
>>> negw2v.patch_gensim()  # doctest: +SKIP
>>> from gensim.models import Word2Vec  # doctest: +SKIP
>>> Word2Vec is negw2v.Word2Vec  # doctest: +SKIP
True

::

    program         runs a script or a module, for ``negw2v run``
    ipython         ``%load_ext negw2v``
      patching      patch_gensim(), unpatch_gensim(), status()
        table       which names of which gensim modules become which names of negw2v
        facade      gensim's modules show other code our classes, and their own code gensim's
        namespaces  names that a program imported before the patch
        fallbacks   what stays with gensim, and why
        stand_in    where gensim is not installed: an import hook with modules of its names
          served        which names these are
          placeholders  names that can be imported, but not used
          equivalents   what gensim's smaller modules do

:mod:`negw2v.gensim_substitution` makes ``isinstance`` and subclassing work. The plugin imports
gensim when it patches. The rest of negw2v imports it only for ``to_gensim()``, and for callbacks
that monitor topic models.
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
