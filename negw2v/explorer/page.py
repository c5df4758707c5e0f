"""The page of the explorer: templates, data and Plotly's script in one file."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from functools import cache
from importlib import resources
from string import Template
from typing import IO, Any

from negw2v.errors import FilePath
from negw2v.explorer.data import PageData
from negw2v.extras import needed
from negw2v.io.writing import writing

__all__ = ["SCRIPTS", "ExplorerPage", "made", "plotly_script"]

#: The scripts of the page, in the order in which they are joined: each uses those before it.
SCRIPTS = (
    "vectors.js",
    "search.js",
    "colours.js",
    "views.js",
    "labels.js",
    "navigation.js",
    "panels.js",
    "main.js",
)


class ExplorerPage:
    """A map of words as one HTML file, which needs neither a server nor the network.

    :meth:`negw2v.KeyedVectors.explore` makes it. In a notebook it shows itself.

    Parameters
    ----------
    html
        The page.
    words
        How many words are on the map.

    Attributes
    ----------
    html, words
        As given.

    Examples
    --------
    >>> from negw2v.explorer.page import ExplorerPage
    >>> ExplorerPage("<!DOCTYPE html>...", 3)
    ExplorerPage(3 words, 0.0 MB)
    """

    def __init__(self, html: str, words: int) -> None:
        self.html = html
        self.words = words

    def save(self, path: FilePath | IO[bytes]) -> None:
        """Write the page.

        Parameters
        ----------
        path
            The file, written whole or not at all; or a binary file that is open.

        Raises
        ------
        SaveError
            It cannot be written.

        Examples
        --------
        >>> from negw2v.explorer.page import ExplorerPage
        >>> ExplorerPage("<!DOCTYPE html>...", 3).save("map.html")
        """
        with writing(path) as file:
            file.write(self.html.encode("utf-8"))

    def __repr__(self) -> str:
        size = len(self.html.encode("utf-8")) / 1e6
        return f"ExplorerPage({self.words:,} words, {size:.1f} MB)"

    def _repr_html_(self) -> str:
        """The page within a notebook, where its scripts reach nothing but itself."""
        return (
            '<iframe title="Map of words" sandbox="allow-scripts" style="width: 100%; height: '
            f'640px; border: 1px solid #888" srcdoc="{html.escape(self.html)}"></iframe>'
        )


def plotly_script() -> str:
    """The script of plotly.js, as the package plotly brings it along.

    Raises
    ------
    MissingDependencyError
        plotly is not installed.
    """
    with needed("explore()", "plotly"):
        from plotly.offline import get_plotlyjs
    script: str = get_plotlyjs()
    return script


def made(data: PageData, title: str, library: str) -> ExplorerPage:
    """Put a page together.

    Parameters
    ----------
    data
        Its words.
    title
        Its heading.
    library
        The script of plotly.js.
    """
    library = _inline(library)
    script = _inline("\n".join(map(_asset, SCRIPTS)))
    page = Template(_asset("page.html")).substitute(
        policy=_policy(library, script),
        # ASCII: a title may hold what UTF-8 has no bytes for
        title=html.escape(title).encode("ascii", "xmlcharrefreplace").decode("ascii"),
        style=_asset("style.css"),
        data=data.to_json(),
        library=library,
        script=script,
    )
    return ExplorerPage(page, len(data.words))


def _policy(*scripts: str) -> str:
    """What the browser allows: these scripts, known by their hashes, and nothing from anywhere.

    Even if words got into the page as markup, no script in them would run.
    """
    hashes = (hashlib.sha256(script.encode("utf-8")).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(one).decode('ascii')}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _inline(script: str) -> str:
    """A script that may stand in a page, with line ends as browsers see them, for its hash."""
    script = script.replace("\r\n", "\n").replace("\r", "\n")
    # in strings and patterns of JavaScript, where alone they occur, \/ and \! are / and !
    return re.sub(r"<(?=/script|!--)", r"<\\", script, flags=re.IGNORECASE)


@cache
def _asset(name: str) -> str:
    source: Any = resources.files("negw2v.explorer") / "assets" / name
    text: str = source.read_text(encoding="utf-8")
    return text
