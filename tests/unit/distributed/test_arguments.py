"""What distributed training refuses, before it looks for a cluster."""

from __future__ import annotations

from typing import Any

import absence
import pytest

from negw2v import distributed
from negw2v.distributed import arguments
from negw2v.errors import InputTypeError, MissingDependencyError, ParameterError
from negw2v.training.rounds import Rounds


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"nodes": 0}, ParameterError, "nodes must be 1 or more"),
        ({"nodes": -1}, ParameterError, "nodes must be 1 or more"),
        ({"nodes": 1.5}, InputTypeError, "nodes is a whole number"),
        ({"nodes": True}, InputTypeError, "nodes is a whole number"),
        ({"shards": 65}, ParameterError, "shards must be 1 to 64"),
        ({"shards": "8"}, InputTypeError, "shards is a whole number"),
        ({"shard_tokens": -5}, ParameterError, "shard_tokens must be 1 or more"),
        ({"wire": "float16"}, ParameterError, "wire must be one of 'float32', 'bfloat16'"),
        ({"node_timeout": 0}, ParameterError, "node_timeout must be more than 0"),
        ({"node_timeout": "1"}, InputTypeError, "node_timeout is a number of seconds"),
        ({"deterministic": False}, ParameterError, "always gives the same bits"),
        ({"phrases": object()}, ParameterError, "phrases= is not for distributed training"),
        ({"max_vocab_size": 10}, ParameterError, "min_count or max_final_vocab"),
        ({"corpus_file": "x"}, ParameterError, "corpus_file= is not for distributed training"),
        ({"column": 3}, InputTypeError, "column must be a str"),
        ({"vector_sise": 3}, TypeError, "vector_size"),
        ({"window": 0}, ParameterError, "window"),
    ],
)
def test_bad_arguments(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        distributed.train("corpus.txt", **given)


def test_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    absence.without(monkeypatch, "ray")
    with pytest.raises(MissingDependencyError, match=r"needs ray.*pip install 'negw2v\[ray\]'"):
        distributed.train("corpus.txt", nodes=2)


def test_the_rounds_are_those_of_one_machine_unless_others_are_asked_for() -> None:
    def chosen(words: int, **given: Any) -> Rounds | None:
        asked = {"shards": None, "shard_tokens": None, **given}
        return arguments.chosen_rounds(words, paths=False, **asked)

    usual = Rounds.for_vocabulary(10_000)
    assert chosen(10_000) == usual
    assert usual is not None
    assert chosen(10_000, shards=16) == Rounds(16, usual.shard_tokens)
    assert chosen(10_000, shard_tokens=5_000) == Rounds(usual.shards, 5_000)
    assert chosen(100) is None
    assert chosen(100, shards=4, shard_tokens=50) == Rounds(4, 50)
    with pytest.raises(ParameterError, match="give both shards and shard_tokens"):
        chosen(100, shards=4)
