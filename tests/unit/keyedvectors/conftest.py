"""What several tests of KeyedVectors start from."""

from __future__ import annotations

import numpy as np
import pytest

from negw2v import KeyedVectors

WORDS = ["king", "queen", "man", "woman", "apple", "orange", "zero"]


@pytest.fixture
def kv() -> KeyedVectors:
    vectors = np.random.default_rng(3).standard_normal((len(WORDS), 5)).astype(np.float32)
    vectors[-1] = 0
    store = KeyedVectors(5)
    store.add_vectors(WORDS, vectors)
    store.allocate_vecattrs(["count"], [int])
    store.expandos["count"][:] = range(10, 3, -1)
    return store
