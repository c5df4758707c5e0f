"""What a page of the explorer holds, read as a browser would."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class Reader(HTMLParser):
    """The elements of a page: scripts with their attributes and texts, and all addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.policy = self.title = ""
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.addresses += [
            value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")
        ]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag == "script":
            self.scripts.append((given, ""))
            self.inside = True
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""

    def handle_data(self, text: str) -> None:
        if self.tags and self.tags[-1] == "title" and not self.title:
            self.title = text
        if self.inside:
            given, before = self.scripts[-1]
            self.scripts[-1] = (given, before + text)

    def handle_endtag(self, tag: str) -> None:
        self.inside = False


def words_in(text: str) -> list[str]:
    """The words named word0, word1, ... in the data of a page."""
    return re.findall(r'"(word\d+)"', text.partition('"words":')[2].partition("]")[0])
