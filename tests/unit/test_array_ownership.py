"""Who else holds an array: leases, and counts of references."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from negw2v import array_ownership
from negw2v.array_ownership import Lease, OwnedArray

HOLDERS: list[Callable[[np.ndarray], Any]] = [
    lambda array: array,
    lambda array: array[1:],
    lambda array: array.reshape(-1)[::2],
    memoryview,
    lambda array: {"in": [array.T]},
]


@pytest.mark.parametrize("hold", HOLDERS)
def test_a_lease_lasts_as_long_as_anything_that_refers_to_the_array(
    hold: Callable[[np.ndarray], Any],
) -> None:
    array = np.zeros((3, 4))
    lease = Lease(array)
    assert not lease.is_held
    held = hold(lease.hand_out())
    assert lease.is_held
    again = lease.hand_out()
    again[2, 2] = 7
    assert array[2, 2] == 7
    del again
    assert lease.is_held
    del held
    assert not lease.is_held


@pytest.mark.parametrize("hold", HOLDERS)
def test_the_version_is_known_only_while_nobody_holds_the_array(
    hold: Callable[[np.ndarray], Any],
) -> None:
    owned = OwnedArray(np.zeros((3, 4)))
    first = owned.version()
    assert first is not None
    assert owned.version() == first
    held = hold(owned.expose())
    assert owned.version() is None
    del held
    assert owned.version() not in (None, first)


def test_an_array_is_held_by_whoever_gave_it() -> None:
    mine = np.zeros((3, 4))
    owned = OwnedArray(mine[1:])
    assert owned.version() is None
    del mine
    assert owned.version() is not None


def test_read_only_views_do_not_count() -> None:
    owned = OwnedArray(np.zeros((3, 4)))
    row = owned.read_only()[1]
    assert owned.version() is not None
    assert not row.flags.writeable


def test_where_references_cannot_be_counted_no_version_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(array_ownership, "_reference_count", None)
    assert OwnedArray(np.zeros((3, 4))).version() is None


def test_references_are_counted_by_cpython_with_the_gil_alone() -> None:
    assert array_ownership._exact_reference_count("cpython", has_gil=True) is sys.getrefcount
    assert array_ownership._exact_reference_count("cpython", has_gil=False) is None
    assert array_ownership._exact_reference_count("pypy", has_gil=True) is None
