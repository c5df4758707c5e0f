"""Options of ``negw2v train`` for several machines: see :mod:`negw2v.distributed`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from negw2v.errors import ParameterError
from negw2v.word2vec import Word2Vec

__all__ = ["add_arguments", "check", "resumed", "trained"]

#: Options that say nothing without --ray.
OWN = ("nodes", "shards", "shard_tokens", "wire")


def add_arguments(group: Any) -> None:
    """Declare the options."""
    group.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="train on this Ray cluster: 'host:port' of its head node, or 'auto'; with the bits of "
        "--deterministic",
    )
    group.add_argument(
        "--nodes", type=int, metavar="N", help="how many nodes train (default: all machines)"
    )
    group.add_argument("--shards", type=int, metavar="N", help="spans in a round")
    group.add_argument("--shard-tokens", type=int, metavar="N", help="tokens in a span")
    group.add_argument(
        "--wire", metavar="TYPE", help="float32, or bfloat16: half the bytes (default: float32)"
    )


def check(arguments: argparse.Namespace, corpus: str) -> None:
    """Refuse options that contradict each other.

    Raises
    ------
    ParameterError
        Some do.
    """
    given = [name for name in OWN if getattr(arguments, name) is not None]
    if not arguments.ray:
        if given:
            flags = ", ".join("--" + name.replace("_", "-") for name in given)
            raise ParameterError(f"{flags}: for training on a cluster; name it with --ray ADDRESS")
        return
    if corpus == "-":
        raise ParameterError(
            "--ray: standard input is on this machine alone; name files that all machines see"
        )
    for name in ("read_vocab", "dry_run", "phrases", "find_phrases"):
        if getattr(arguments, name):
            raise ParameterError(f"--{name.replace('_', '-')} is not for --ray; leave it out")
    if arguments.resume:
        given = [name for name in given if name.startswith("shard")]
        if given:
            raise ParameterError(
                f"--{given[0].replace('_', '-')}: training goes on in the rounds of the "
                "checkpoint; leave it out"
            )


def _cluster(arguments: argparse.Namespace) -> dict[str, Any]:
    """The arguments that say which cluster, and how."""
    return {
        "address": arguments.ray,
        "nodes": arguments.nodes,
        "wire": arguments.wire or "float32",
    }


def trained(
    arguments: argparse.Namespace,
    corpus: Mapping[str, Any],
    callbacks: Iterable[Any],
    parameters: Mapping[str, Any],
) -> Word2Vec:
    """A new model."""
    from negw2v import distributed

    return distributed.train(
        corpus["corpus_file"],
        shards=arguments.shards,
        shard_tokens=arguments.shard_tokens,
        checkpoint=arguments.checkpoint,
        callbacks=callbacks,
        **_cluster(arguments),
        **parameters,
    )


def resumed(
    arguments: argparse.Namespace, corpus: Mapping[str, Any], callbacks: Iterable[Any], quiet: bool
) -> Word2Vec:
    """A model that goes on from its checkpoint."""
    from negw2v import distributed

    reading = dict(corpus)
    return distributed.resume(
        arguments.resume,
        reading.pop("corpus_file"),
        callbacks=callbacks,
        workers=getattr(arguments, "workers", None),
        progress=False if quiet else None,
        **_cluster(arguments),
        **reading,
    )
