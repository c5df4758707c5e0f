"""``%load_ext negw2v`` patches gensim in IPython and Jupyter, ``%unload_ext negw2v`` undoes it."""

from __future__ import annotations

from typing import Any

from negw2v.plugin import namespaces
from negw2v.plugin.patching import patch_gensim, unpatch_gensim

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Patch gensim; IPython calls this for ``%load_ext negw2v``.

    Parameters
    ----------
    shell
        The shell. Names that it has imported are replaced, too.
    """
    namespaces.FURTHER["the shell"] = shell.user_ns
    try:
        patch_gensim()
    except BaseException:
        namespaces.FURTHER.pop("the shell", None)
        raise


def unload_ipython_extension(shell: Any) -> None:
    """Undo the patch; IPython calls this for ``%unload_ext negw2v``.

    Parameters
    ----------
    shell
        The shell.
    """
    del shell
    unpatch_gensim()
    namespaces.FURTHER.pop("the shell", None)
