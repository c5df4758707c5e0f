"""How Sphinx builds the site: `make docs`, or python -m sphinx -W docs build/docs/html."""

from __future__ import annotations

import typing

import negw2v

if typing.TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "negw2v"
author = copyright = "negw2v contributors"  # noqa: A001 -- Sphinx's name
version = release = negw2v.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["conf.py"]
source_suffix = {".md": "markdown"}

# Headings can be linked to, as on the code host: [text](page.md#heading).
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say more
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_title = f"negw2v {version}"
html_theme_options = {
    "github_url": "https://github.com/negw2v/negw2v",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
}
html_show_sourcelink = False
html_copy_source = False


def skip_names_of_the_past(
    app: Sphinx, kind: str, name: str, member: object, skip: bool, options: object
) -> bool | None:
    """Leave out what is there for programs that were written for gensim 3."""
    documentation = getattr(member, "__doc__", None) or ""
    if documentation.startswith(("Deprecated", "Removed")) or type(member).__name__ in {
        "FormerName"
    }:
        return True
    return None


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-skip-member", skip_names_of_the_past)
