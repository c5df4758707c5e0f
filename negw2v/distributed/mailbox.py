"""Messages of a round that wait until a node is ready for them.

Nodes call each other without waiting; so a message may come before its receiver has begun the
round, or when the round has been given up because a node was lost. Each try at a round has a
number, its generation.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

__all__ = ["Mailbox", "RoundGivenUpError"]


class RoundGivenUpError(Exception):
    """Another node was lost; the round will be tried again."""


class Mailbox:
    """What other nodes have sent, by generation, kind and sender."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._messages: dict[tuple[int, Hashable], dict[int, Any]] = defaultdict(dict)
        self._generation = 0
        self._given_up = -1

    def begin(self, generation: int) -> None:
        """Forget the messages of earlier generations."""
        with self._changed:
            self._generation = generation
            for key in [key for key in self._messages if key[0] < generation]:
                del self._messages[key]

    def put(self, generation: int, kind: Hashable, sender: int, message: Any) -> None:
        """A message has come."""
        with self._changed:
            if generation >= self._generation:
                self._messages[generation, kind][sender] = message
                self._changed.notify_all()

    def take(self, generation: int, kind: Hashable, count: int) -> dict[int, Any]:
        """Wait for so many messages of one kind; each by its sender.

        Raises
        ------
        RoundGivenUpError
            The generation was given up.
        """
        key = generation, kind
        with self._changed:
            self._changed.wait_for(
                lambda: self._given_up >= generation or len(self._messages[key]) == count
            )
            if self._given_up >= generation:
                raise RoundGivenUpError
            return self._messages.pop(key)

    def give_up(self, generation: int) -> None:
        """Nobody needs to wait any longer for messages of this generation."""
        with self._changed:
            self._given_up = max(self._given_up, generation)
            self._changed.notify_all()
