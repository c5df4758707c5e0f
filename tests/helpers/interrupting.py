"""Exceptions out of nowhere, such as Ctrl-C: at every line, or instruction, of a call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import negw2v

PACKAGE = str(Path(negw2v.__file__).parent)

# What only makes other things faster: it may be there or not, and is never wrong.
DERIVED = {"_int8_copy", "_owned_vectors", "_huffman", "_tables", "_norms", "norms", "random"}
DERIVED |= {"stored_keys"}


class Interruption(BaseException):
    """As KeyboardInterrupt, but nobody else raises it."""


class _Interrupter:
    def __init__(self, event: int, instructions: bool) -> None:
        self.left = event
        self.places: list[tuple[str, int]] = []
        self._instructions = instructions

    def trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if self._instructions:
            frame.f_trace_opcodes = True
        if event == "line" or event == "opcode":
            self.places.append((frame.f_code.co_filename, frame.f_lineno))
            if self.left == 0:
                raise Interruption  # which ends tracing
            self.left -= 1
        return self.trace


def run(action: Callable[[], object], event: int, instructions: bool = False) -> _Interrupter:
    """Run `action` and raise at the event of this number (-1: never)."""
    interrupter = _Interrupter(event, instructions)
    before = sys.gettrace()
    sys.settrace(interrupter.trace)
    try:
        action()
    except Interruption:
        pass
    finally:
        sys.settrace(before)
    return interrupter


def events(action: Callable[[], object], instructions: bool = False) -> Iterator[int]:
    """The numbers of the events at which `action` is worth interrupting.

    All of them where they are few; otherwise of each line the first three and the last two.
    """
    places = run(action, -1, instructions).places
    assert places
    if len(places) <= 500:
        yield from range(len(places))
        return
    times: dict[tuple[str, int], list[int]] = {}
    for event, place in enumerate(places):
        times.setdefault(place, []).append(event)
    yield from sorted({event for each in times.values() for event in each[:3] + each[-2:]})


def snapshot(value: Any) -> Any:
    """A deep copy of what makes up an object, to be compared with ==."""
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return "objects", [snapshot(each) for each in value.tolist()]
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, dict):
        return {key: snapshot(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [snapshot(each) for each in value]
    if isinstance(value, negw2v.KeyedVectors):
        return snapshot_of_vectors(value)
    if isinstance(value, negw2v.Word2Vec):
        return snapshot_of_attributes(value)
    return value


def snapshot_of_attributes(owner: Any) -> dict[str, Any]:
    state = {name: snapshot(value) for name, value in vars(owner).items() if name not in DERIVED}
    events = getattr(owner, "lifecycle_events", None) or []
    state["lifecycle_events"] = [event["event"] for event in events]
    return state


def snapshot_of_vectors(vectors: negw2v.KeyedVectors) -> dict[str, Any]:
    """Everything that can be seen, what queries find among it."""
    assert vectors.key_to_index == {
        key: row for row, key in enumerate(vectors.index_to_key) if key is not None
    }
    state = snapshot_of_attributes(vectors)
    state["vectors"] = snapshot(vectors.vectors)
    rows, lengths = len(vectors.vectors), np.linalg.norm(vectors.vectors, axis=1)
    if vectors.norms is not None:
        np.testing.assert_allclose(vectors.norms, lengths, rtol=1e-5)
    present = [key for key, row in vectors.key_to_index.items() if row < rows]
    state["rows"] = {key: vectors[key].tobytes() for key in present}
    state["neighbours"] = [
        vectors.most_similar(key, topn=3) for key in present if np.isfinite(lengths).all()
    ]
    return state
