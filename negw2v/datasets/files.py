"""Finds the files of data sets: in the user's folder, in the cache, or by a download."""

from __future__ import annotations

import hashlib
import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from negw2v.errors import DatasetError, MissingDependencyError, MissingDownloaderError
from negw2v.extras import needed

__all__ = [
    "CACHE_VARIABLE",
    "DATA_VARIABLE",
    "PATIENCE_SECONDS",
    "DataFile",
    "cache_folder",
    "data_folder",
]

logger = logging.getLogger(__name__)

#: Environment variable: the folder of data sets, with ``ptb/``, ``wiki17/``, ``eval/``.
DATA_VARIABLE = "NEGW2V_DATA"
#: Environment variable: the folder for downloads, instead of the system's usual one.
CACHE_VARIABLE = "NEGW2V_CACHE"

#: How long a server may be silent.
PATIENCE_SECONDS = 10


def data_folder() -> Path | None:
    """The folder that ``$NEGW2V_DATA`` names, or None if it is not set."""
    named = os.environ.get(DATA_VARIABLE, "").strip()
    return Path(named).expanduser() if named else None


def cache_folder() -> Path:
    """The folder for downloads.

    ``$NEGW2V_CACHE``, else ``$XDG_CACHE_HOME/negw2v``, else ``~/.cache/negw2v``.
    """
    named = os.environ.get(CACHE_VARIABLE, "").strip()
    if named:
        return Path(named).expanduser()
    caches = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(caches) if caches else Path.home() / ".cache") / "negw2v"


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Parameters
    ----------
    folder, name
        Its place under ``$NEGW2V_DATA`` and in the cache.
    sha256
        Checksum of its content, in hexadecimal.
    url
        A public source of it; None if there is no reliable one.
    """

    folder: str
    name: str
    sha256: str
    url: str | None = None

    def path(self, *, download: bool = True) -> Path:
        """The file on this machine; it is downloaded if necessary.

        Parameters
        ----------
        download
            False: only look on this machine.

        Raises
        ------
        DatasetError
            The file was not found (the message names every way to provide it), or it is
            damaged.
        """
        for found in self._places():
            if found.is_file():
                self._check(found)
                logger.debug("%s: using %s", self.name, found)
                return found
        if download and self.url is not None:
            return self._download()
        reason = "it was not to be downloaded" if self.url else "it has no public source"
        raise DatasetError(self._how_to_provide(reason))

    def _places(self) -> Iterator[Path]:
        data = data_folder()
        if data is not None:
            yield data / self.folder / self.name
        yield self._cached()

    def _cached(self) -> Path:
        return cache_folder() / self.folder / self.name

    def _check(self, path: Path) -> None:
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != self.sha256:
            raise DatasetError(
                f"{path} is not the {self.name} that is expected here: its sha256 is "
                f"{digest.hexdigest()}, not {self.sha256}. It may have been cut short or "
                "edited; replace it, or delete it, so that other places are searched."
            )

    def _download(self) -> Path:
        try:
            with needed("downloading it", "pooch"):
                import pooch
                import requests  # pooch needs it, too
        except MissingDependencyError as error:
            raise MissingDownloaderError(self._how_to_provide(str(error)), error.name) from error
        target = self._cached()
        logger.info("downloading %s to %s", self.url, target)
        # pooch writes the same to stderr, regardless of the logging level.
        talkative, level = pooch.get_logger(), pooch.get_logger().level
        talkative.setLevel(logging.WARNING)
        try:
            _wait_for_an_answer(requests.head, self.url)
            pooch.retrieve(
                self.url,
                known_hash=f"sha256:{self.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=pooch.HTTPDownloader(timeout=PATIENCE_SECONDS),
            )
        except (OSError, ValueError) as error:  # unreachable or refused; the wrong content
            # A failed connection has five nested tracebacks, which do not help users.
            logger.debug("%s: download failed", self.name, exc_info=True)
            raise DatasetError(self._how_to_provide(f"the download failed: {error}")) from None
        finally:
            talkative.setLevel(level)
        return target

    def _how_to_provide(self, reason: str) -> str:
        data = data_folder()
        set_to = "is not set" if data is None else f"is {data}, which has no such file"
        ways = [
            f"1. your data: set {DATA_VARIABLE} to the folder that holds {self.folder}/{self.name}",
            f"2. the cache: put the file at {self._cached()}",
        ]
        if self.url is not None:
            ways.append(f"3. the network: let it be downloaded from {self.url}")
        return (
            f"{self.name} is not available: {reason}, ${DATA_VARIABLE} {set_to}, and it is not in "
            "the cache. Ways to provide it:\n  " + "\n  ".join(ways)
        )


def _wait_for_an_answer(ask: Callable[..., object], url: str | None) -> None:
    """Return when a server answers; the timeouts of `ask` do not limit the look-up of its name.

    Raises
    ------
    OSError
        It cannot be reached, or does not answer in time.
    """
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            ask(url, timeout=PATIENCE_SECONDS)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=run, daemon=True).start()
    try:
        error = outcome.get(timeout=PATIENCE_SECONDS)
    except queue.Empty:
        raise TimeoutError(f"{url} did not answer within {PATIENCE_SECONDS} s") from None
    if error is not None:
        raise error
