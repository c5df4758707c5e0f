"""What distributed training accepts."""

from __future__ import annotations

from typing import Any

from negw2v.distributed.exchange import WIRES
from negw2v.errors import InputTypeError, ParameterError
from negw2v.kernels import MOST_SHARDS
from negw2v.training.rounds import Rounds

__all__ = ["check_parameters", "checked_nodes", "checked_wire", "chosen_rounds", "patience_of"]

#: Parameters of Word2Vec that make no sense here, and why.
REFUSED = {
    "sentences": "the corpus is the first argument, as files or a data set of Ray's",
    "corpus_file": "the corpus is the first argument",
    "phrases": "join phrases first, and train on the files with them (negw2v phrases)",
    "max_vocab_size": "which words it forgets depends on the order of counting; use min_count or "
    "max_final_vocab",
}


def checked_nodes(nodes: Any) -> int | None:
    """A number of nodes; None: all that the cluster has.

    Raises
    ------
    InputTypeError, ParameterError
        It is none.
    """
    return _whole("nodes", nodes, 1, None, "how many machines train")


def checked_wire(wire: Any) -> str:
    """How changes are sent.

    Raises
    ------
    ParameterError
        There is no such way.
    """
    if wire not in WIRES:
        raise ParameterError(f"wire must be one of {', '.join(map(repr, WIRES))}, got {wire!r}")
    return str(wire)


def patience_of(seconds: Any) -> float:
    """Seconds to wait for nodes.

    Raises
    ------
    InputTypeError, ParameterError
        They are none.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise InputTypeError(f"node_timeout is a number of seconds, got {seconds!r}")
    if not 0 < seconds < float("inf"):
        raise ParameterError(f"node_timeout must be more than 0 seconds, got {seconds!r}")
    return float(seconds)


def chosen_rounds(words: int, *, paths: bool, shards: Any, shard_tokens: Any) -> Rounds | None:
    """The rounds of a vocabulary: those of ``deterministic=True``, unless others are asked for.

    Parameters
    ----------
    words
        The size of the vocabulary.
    paths
        Whether there is hierarchical softmax.
    shards, shard_tokens
        What was asked for; None: as usual.

    Returns
    -------
    Rounds or None
        None: the vocabulary is too small for rounds, unless both are given.

    Raises
    ------
    InputTypeError, ParameterError
        They are no such numbers.
    """
    shards = _whole("shards", shards, 1, MOST_SHARDS, "how many spans make a round")
    shard_tokens = _whole("shard_tokens", shard_tokens, 1, None, "how many tokens make a span")
    usual = Rounds.for_vocabulary(words, paths=paths)
    if shards is None and shard_tokens is None:
        return usual
    if usual is None and (shards is None or shard_tokens is None):
        raise ParameterError(
            f"a vocabulary of {words:,} words is too small for rounds by itself: give both shards "
            "and shard_tokens, or none of them"
        )
    if usual is None:
        return Rounds(shards, shard_tokens)
    return Rounds(shards or usual.shards, shard_tokens or usual.shard_tokens)


def check_parameters(parameters: dict[str, Any]) -> None:
    """Refuse parameters of the model that make no sense here.

    Raises
    ------
    ParameterError
        There is one.
    """
    for name, reason in REFUSED.items():
        if parameters.get(name) is not None:
            raise ParameterError(f"{name}= is not for distributed training: {reason}")
    if not parameters.get("deterministic", True):
        raise ParameterError(
            "deterministic=False is not for distributed training, which always gives the same "
            "bits; leave it out"
        )


def _whole(name: str, value: Any, least: int, most: int | None, what: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise InputTypeError(f"{name} is a whole number, {what}; got {value!r}")
    number = value.__index__()
    if number < least or (most is not None and number > most):
        upper = f"to {most}" if most is not None else "or more"
        raise ParameterError(f"{name} must be {least} {upper} ({what}), got {value!r}")
    return int(number)
