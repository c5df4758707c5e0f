"""Replaces gensim's classes by negw2v's, or takes gensim's place, and undoes it.

Where gensim can be imported, its modules are patched (:class:`_Patch`); where it is not installed,
negw2v serves modules of its names (:class:`negw2v.plugin.stand_in.StandIn`). A patch first
computes all of its changes, in :mod:`sys.modules`, in gensim's modules and in
:data:`negw2v.gensim_substitution.REPLACED`; then it makes them at once, or none of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
import threading
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from operator import attrgetter
from types import TracebackType
from typing import Any, NamedTuple

from negw2v.commit import Change, at_once, entries, item
from negw2v.errors import ConfigurationError, MissingDependencyError, NegW2VWarning
from negw2v.extras import OPTIONAL, missing
from negw2v.gensim_substitution import REPLACED, ReplacedClass
from negw2v.keyedvectors import KeyedVectors
from negw2v.plugin import facade, namespaces
from negw2v.plugin.fallbacks import Fallback, FallbackLog, needs_gensim, outside_subclasses
from negw2v.plugin.stand_in import StandIn, is_gensims
from negw2v.plugin.table import TABLE, TESTED_VERSIONS, Row, gensim_modules
from negw2v.word2vec import Word2Vec

__all__ = ["Patched", "Status", "is_patched", "patch_gensim", "status", "unpatch_gensim"]

logger = logging.getLogger(__name__)

_WITHOUT_IT = (
    "use negw2v without gensim: negw2v.patch_gensim(stand_in=True), or negw2v run --stand-in"
)


class Status(NamedTuple):
    """The state of the plugin, for printing; see :func:`status`.

    Parameters
    ----------
    patched
        Whether the patch is on.
    gensim
        Version of gensim; None: it is not imported. If `patched`, negw2v is in its place then.
    rows
        The replaced names of gensim's modules, or all names that negw2v serves in its place.
    exchanged
        (module, name) of names that were imported before the patch, and were replaced.
    fallbacks
        What gensim's own code still does, and why.

    Examples
    --------
    >>> print(Status(False, None, (), (), ()))
    gensim is not patched
    """

    patched: bool
    gensim: str | None
    rows: tuple[Row, ...]
    exchanged: tuple[tuple[str, str], ...]
    fallbacks: tuple[Fallback, ...]

    def __str__(self) -> str:
        if not self.patched:
            return "gensim is not patched"
        rows = [f"  {row.module}.{row.name}" for row in self.rows]
        if self.gensim is None:
            title = "gensim is not in use, negw2v is in its place: these names are there"
            return "\n".join([title, *rows])
        lines = [f"gensim {self.gensim} is patched: these names are negw2v's", *rows]
        lines += [f"  {module}.{name} (imported before)" for module, name in self.exchanged]
        lines.append("Everything else stays gensim's, FastText and Doc2Vec among it")
        lines += [f"  {fallback}" for fallback in self.fallbacks]
        return "\n".join(lines)


class _Patch:
    """One patch of gensim's modules, from patch_gensim() to unpatch_gensim()."""

    rows = TABLE

    def __init__(self, version: str) -> None:
        self.version = version
        self.log = FallbackLog()
        self.ours_before: set[tuple[int, str]] = set()
        self.facades: list[facade.Facade] = []
        self.exchanged: list[namespaces.Exchange] = []

    def changes(self) -> list[Change]:
        """The changes that replace gensim's classes by ours."""
        own: dict[Any, Any] = {}
        replacements: dict[str, dict[str, tuple[Any, Any]]] = defaultdict(dict)
        for row in TABLE:
            module = sys.modules[row.module]
            shown = _resolve(row.ours)
            replacements[row.module][row.name] = vars(module)[row.name], shown
            own[vars(module)[row.name]] = shown
        # changes_back() searches modules that read names from a facade. These names in them are
        # ours already, so they do not come from a facade.
        self.ours_before = {
            (id(each.namespace), each.name) for each in namespaces.bindings(own.values())
        }
        replaced = {}
        for theirs, ours in own.items():
            if ours in {Word2Vec, KeyedVectors}:
                replaced[ours] = ReplacedClass(theirs, self._is_needed(ours))
                self._note_subclasses(theirs)
        for name, shown_names in replacements.items():
            module = sys.modules[name]
            self.facades.append(
                facade.Facade(module, shown_names, self.log.pickled, module_class=type(module))
            )
        self.exchanged = namespaces.exchanges(own, skip=replacements)
        return [
            entries(REPLACED, replaced),
            *map(facade.putting_up, self.facades),
            *namespaces.going_through(self.exchanged),
        ]

    def _is_needed(self, ours: type) -> Any:
        if ours is Word2Vec:
            return lambda name, namespace: needs_gensim(self.log, name, namespace)
        return lambda _name, _namespace: False

    def _note_subclasses(self, theirs: type) -> None:
        for subclass in outside_subclasses(theirs):
            self.log.add(
                f"class {subclass.__module__}.{subclass.__qualname__}",
                f"it was derived from gensim's {theirs.__name__} before the patch; patch earlier",
            )

    def changes_back(self) -> list[Change]:
        """The changes that restore gensim's classes everywhere."""
        visitors: dict[int, dict[str, Any]] = {}
        theirs: dict[Any, Any] = {}
        down: list[Change] = []
        for each in self.facades:
            down += facade.taking_down(each)
            visitors |= each.visitors
            theirs.update({shown: own for own, shown in each.replacements.values()})
        visited = [
            namespaces.Exchange(each._replace(value=theirs[each.value]), each.value)
            for each in list(namespaces.bindings(theirs))
            if id(each.namespace) in visitors
            and (id(each.namespace), each.name) not in self.ours_before
        ]
        return [
            partial(REPLACED.pop, Word2Vec, None),
            partial(REPLACED.pop, KeyedVectors, None),
            *down,
            *namespaces.going_back(visited),
            *namespaces.going_back(self.exchanged),
        ]


_lock = threading.RLock()
_active: _Patch | StandIn | None = None


class Patched:
    """The result of :func:`patch_gensim`: in a ``with`` statement, the patch ends with the block.

    Parameters
    ----------
    outermost
        Whether this call made the patch; only then the end of the block undoes it.

    Examples
    --------
    >>> with negw2v.patch_gensim():  # doctest: +SKIP
    ...     from gensim.models import Word2Vec
    """

    def __init__(self, outermost: bool) -> None:
        self._outermost = outermost

    def __enter__(self) -> Patched:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._outermost:
            unpatch_gensim()


def patch_gensim(*, stand_in: bool | None = None, placeholders: bool = False) -> Patched:
    """Replace gensim's Word2Vec and KeyedVectors by negw2v's in this process.

    From now on ``gensim.models.Word2Vec`` and the like are negw2v's, also in modules that
    imported them before. gensim's files do not change. FastText, Doc2Vec and everything else
    stay gensim's and keep working. A second call has no effect.

    Where gensim is not installed, negw2v takes its place: ``import gensim`` and the like find
    modules with the names that negw2v has, and an error for all others. That is so until
    :func:`unpatch_gensim`, even if gensim is installed in the meantime.

    Parameters
    ----------
    stand_in
        True: take gensim's place even if it is installed, for example because it is broken or
        too old. False: do not. None: take it where there is no gensim.
    placeholders
        In gensim's place, whether names that negw2v does not have can be imported, although not
        used: for packages that import FastText or Doc2Vec, where the program does not need them.

    Returns
    -------
    Patched
        For ``with patch_gensim():``, which undoes the patch at the end of the block; may be
        ignored.

    Raises
    ------
    MissingDependencyError
        gensim is installed, but importing it fails; or `stand_in` is false and it is not
        installed.
    ConfigurationError
        The interface of this version of gensim is different; or `stand_in` is true and gensim
        has already been imported.

    Warns
    -----
    NegW2VWarning
        The plugin was not tested with this version of gensim.

    Examples
    --------
    >>> negw2v.patch_gensim()  # doctest: +SKIP
    >>> from gensim.models import Word2Vec  # doctest: +SKIP
    >>> Word2Vec is negw2v.Word2Vec  # doctest: +SKIP
    True
    """
    with _lock:
        if _active is not None:
            return Patched(outermost=False)
        patch = _new_patch(stand_in, placeholders)
        try:
            at_once(*patch.changes(), item(globals(), "_active", patch))
        except BaseException:  # a module whose class cannot be replaced
            if _active is None:
                at_once(*patch.changes_back())
            raise
        for before, _ in patch.exchanged:
            logger.info("%s.%s is negw2v's now", before.module, before.name)
    return Patched(outermost=True)


def unpatch_gensim() -> None:
    """Undo :func:`patch_gensim`; without a patch it does nothing.

    Models that were made in the meantime do not change.

    Examples
    --------
    >>> negw2v.unpatch_gensim()
    >>> negw2v.is_patched()
    False
    """
    with _lock:
        if _active is not None:
            at_once(*_active.changes_back(), item(globals(), "_active", None))


def is_patched() -> bool:
    """Whether :func:`patch_gensim` is in effect.

    Returns
    -------
    bool

    Examples
    --------
    >>> negw2v.is_patched()
    False
    """
    return _active is not None


def status() -> Status:
    """The state of the plugin: the replaced names, and what stays with gensim and why.

    Returns
    -------
    Status
        For printing.

    Examples
    --------
    >>> print(negw2v.plugin.status())
    gensim is not patched
    """
    patch = _active
    if patch is None:
        return Status(False, _imported_version(), (), (), ())
    return Status(
        True,
        patch.version,
        patch.rows,
        tuple((before.module, before.name) for before, _ in patch.exchanged),
        tuple(patch.log),
    )


def _imported_version() -> str | None:
    return getattr(sys.modules.get("gensim"), "__version__", None)


def _new_patch(stand_in: bool | None, placeholders: bool) -> _Patch | StandIn:
    if stand_in is None:
        stand_in = not _is_installed()
    if not stand_in:
        with _all_or_nothing_of_gensim():
            return _Patch(_import_gensim())
    if sys.modules.get("gensim") is not None:
        raise ConfigurationError(
            f"gensim {_imported_version()} has been imported, so negw2v cannot take its place any "
            "more; call patch_gensim(stand_in=True) before the first import of gensim"
        )
    return StandIn(placeholders)


def _is_installed() -> bool:
    """Whether there is a gensim to import. A folder of that name without code is none."""
    if sys.modules.get("gensim") is not None:
        return True
    spec = None
    with suppress(ImportError):  # a finder that keeps it away
        spec = importlib.util.find_spec("gensim")
    return spec is not None and spec.origin is not None


@contextmanager
def _all_or_nothing_of_gensim() -> Iterator[None]:
    """If the block raises, and gensim was not imported before, nothing of it stays imported."""
    before = {name: module for name, module in sys.modules.items() if is_gensims(name)}
    try:
        yield
    except BaseException:
        if "gensim" not in before:
            for name in list(filter(is_gensims, sys.modules)):
                del sys.modules[name]
            sys.modules.update(before)
        raise


def _import_gensim() -> str:
    """Import gensim's modules, check its version and return it."""
    tested = ", ".join(TESTED_VERSIONS)
    try:
        import gensim
    except Exception as error:  # whatever a broken package raises
        if isinstance(error, ModuleNotFoundError) and error.name == "gensim":
            purpose = f"patch_gensim(stand_in=False) (it is tested with gensim {tested})"
            raise missing(purpose, OPTIONAL["gensim"], error) from error
        raise MissingDependencyError(
            f"gensim is installed, but importing it fails ({type(error).__name__}: {error}); "
            f"repair it (pip install --force-reinstall gensim), or "
            f"{_WITHOUT_IT}",
            "gensim",
        ) from error
    version = str(getattr(gensim, "__version__", "of unknown version"))
    if not version.startswith("4."):
        raise ConfigurationError(
            f"gensim {version} is installed, but the plugin supports gensim 4 only; it is tested "
            f"with gensim {tested}, install one of these, or {_WITHOUT_IT}"
        )
    try:
        for name in gensim_modules():
            importlib.import_module(name)
        for row in TABLE:
            vars(sys.modules[row.module])[row.name]
    except (ImportError, KeyError) as error:
        raise ConfigurationError(
            f"gensim {version} does not have {error}, so its interface is different; the "
            f"plugin is tested with gensim {tested}, install one of these, or {_WITHOUT_IT}"
        ) from error
    if version not in TESTED_VERSIONS:
        warnings.warn(
            f"gensim {version} was not tested with the plugin; tested: {tested}",
            NegW2VWarning,
            stacklevel=4,
        )
    return version


def _resolve(reference: str) -> Any:
    module, _, name = reference.partition(":")
    return attrgetter(name)(importlib.import_module(module))
