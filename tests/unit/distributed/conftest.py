"""A Ray cluster of three nodes on this machine, for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from ray_cluster import PARAMETERS, ray_cluster

from negw2v import Word2Vec


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of the cluster; this process is connected to it."""
    pytest.importorskip("ray", reason="needs Ray: pip install 'negw2v[ray]'")
    with ray_cluster(cpus=[1, 1, 2]) as address:
        yield address


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a text of 5,000 different words."""
    rng = np.random.default_rng(4)
    words = np.concatenate([np.arange(5_000), rng.zipf(1.2, 9_000) % 5_000])
    rng.shuffle(words)
    lengths = rng.integers(1, 40, 1_500)
    edges = np.cumsum(lengths)
    edges = np.append(edges[edges < len(words)], len(words))
    path = tmp_path_factory.mktemp("text") / "text.txt"
    with path.open("w") as file:
        for first, end in zip(np.append(0, edges), edges, strict=False):
            file.write(" ".join(f"w{word}" for word in words[first:end]) + "\n")
    return str(path)


@pytest.fixture(scope="session")
def alone(text: str) -> Word2Vec:
    """The model that one machine makes of the text."""
    return Word2Vec(corpus_file=text, deterministic=True, **PARAMETERS)
