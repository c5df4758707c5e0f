"""Training on a cluster, from files to a model."""

# ruff: noqa: SLF001 - a model lends its weights to the cluster here, and nowhere else

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from negw2v.corpus.options import AS_IT_IS, CorpusOptions, checked_options
from negw2v.distributed import arguments, parts
from negw2v.distributed.cluster import Cluster, connected
from negw2v.distributed.corpus import ClusterCorpus
from negw2v.distributed.parts import Part
from negw2v.distributed.trainer import Remote
from negw2v.errors import FilePath, ModelFileError, warn
from negw2v.training.checkpoints import checked_interval
from negw2v.training.rounds import Rounds
from negw2v.word2vec import Word2Vec, files, rates, session
from negw2v.word2vec.hyperparameters import check, check_callbacks

__all__ = ["opened_on_cluster", "resume", "train"]

logger = logging.getLogger(__name__)


def train(
    corpus: Any,
    *,
    nodes: int | None = None,
    address: str | None = None,
    shards: int | None = None,
    shard_tokens: int | None = None,
    wire: str = "float32",
    node_timeout: float = 60.0,
    checkpoint: FilePath | None = None,
    checkpoint_every: int | timedelta = 1,
    callbacks: Iterable[Any] = (),
    trim_rule: Callable[[Any, int, int], int] | None = None,
    column: str | None = None,
    tokenizer: str | Callable[[str], Iterable[Any]] | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    padding: int | None = None,
    **parameters: Any,
) -> Word2Vec:
    """Train a model on the machines of a Ray cluster.

    The result is that of ``Word2Vec(deterministic=True)`` on one machine, to the last bit, for any
    number of nodes and threads, as long as `shards`, `shard_tokens` and `wire` have their defaults.

    Parameters
    ----------
    corpus
        Text files with one sentence a line: a path, a folder, a pattern such as ``"texts/*.txt"``,
        a URI for smart_open (``"s3://bucket/key"``), or a list of these; Parquet and Arrow files;
        a ``ray.data.Dataset``. All machines must see the same files. Large text files are read in
        parts, by all machines; compressed files and files of tables as a whole.
    nodes
        How many actors train, each with a whole model; None: one for each machine of the cluster.
        More than a round has shards are of no use.
    address
        ``"host:port"`` of the cluster's head node, or "auto"; None: the cluster that the program is
        connected to, or else this machine alone.
    shards, shard_tokens
        Spans in a round, and tokens in each; None: as for ``deterministic=True``. Longer rounds
        need less communication, and make worse vectors (docs/distributed.md).
    wire
        "float32": changes are sent as they are. "bfloat16": half the bytes; what rounding takes off
        a row is added to its next change. Results then depend on the number of nodes.
    node_timeout
        Seconds to wait for a node to start. A node that was lost, and does not come back within
        this time, is done without.
    checkpoint, checkpoint_every
        As for :meth:`negw2v.Word2Vec.train`; on storage that survives this machine, if
        :func:`resume` may have to run on another one.
    callbacks, trim_rule
        As for :class:`negw2v.Word2Vec`; they run in this process.
    column, tokenizer, encoding, errors, padding
        How the corpus is read, as for :class:`negw2v.Word2Vec`. A function as `tokenizer` must be
        one that all machines can import.
    **parameters
        Those of :class:`negw2v.Word2Vec`. `workers` is the number of threads of each node, for
        which so many CPUs of the cluster are reserved.

    Returns
    -------
    Word2Vec
        The model, on this machine.

    Raises
    ------
    ClusterError
        The cluster cannot be reached, has no room for the nodes, or has lost all of them.
    ConfigurationError
        A node has another version of negw2v or Python, or cannot run the instruction-set level of
        this process.
    MissingDependencyError
        Ray is not installed.
    CorpusError
        Files are missing, differ between machines, or change while they are read.
    InputTypeError, ParameterError
        An argument makes no sense.

    Examples
    --------
    A cluster of this machine alone::

        from negw2v import distributed

        model = distributed.train("corpus/*.txt", nodes=2, workers=4, vector_size=300, sg=1)
    """
    count = arguments.checked_nodes(nodes)
    arguments.check_parameters(parameters)
    arguments.chosen_rounds(
        0,
        paths=False,
        shards=1 if shards is None else shards,
        shard_tokens=1 if shard_tokens is None else shard_tokens,
    )  # an error now, not when the corpus has been counted
    wire, patience = arguments.checked_wire(wire), arguments.patience_of(node_timeout)
    options = checked_options(CorpusOptions(column, tokenizer, encoding, errors, padding))
    callbacks = check_callbacks(callbacks)
    checked_interval(checkpoint_every)
    model = Word2Vec(**{**parameters, "deterministic": True})
    with connected(address):
        source = opened_on_cluster(corpus, options)
        model.build_vocab(corpus_iterable=source, trim_rule=trim_rule)
        rounds = arguments.chosen_rounds(
            len(model.wv), paths=bool(model.hs), shards=shards, shard_tokens=shard_tokens
        )
        alpha, min_alpha = rates.chosen(model)
        with _lent(model, rounds, count, wire, patience):
            model.train(
                corpus_iterable=source,
                total_examples=model.corpus_count,
                total_words=model.corpus_total_words,
                epochs=model.epochs,
                start_alpha=alpha,
                end_alpha=min_alpha,
                compute_loss=model.compute_loss,
                callbacks=callbacks,
                checkpoint=checkpoint,
                checkpoint_every=checkpoint_every,
            )
    return model


def resume(
    checkpoint: FilePath,
    corpus: Any,
    *,
    nodes: int | None = None,
    address: str | None = None,
    wire: str = "float32",
    node_timeout: float = 60.0,
    callbacks: Iterable[Any] = (),
    workers: int | None = None,
    write: bool = True,
    check_corpus: bool = True,
    progress: bool | None = None,
    column: str | None = None,
    tokenizer: str | Callable[[str], Iterable[Any]] | None = None,
    encoding: str | None = None,
    errors: str | None = None,
    padding: int | None = None,
) -> Word2Vec:
    """Go on with training on a cluster from its last checkpoint to its end.

    The model ends with the same bits as if it had never been interrupted, also with another number
    of nodes (with ``wire="float32"``). Checkpoints of ``Word2Vec.train()`` with
    ``deterministic=True`` are taken, too.

    Parameters
    ----------
    checkpoint
        The file that ``train(..., checkpoint=...)`` wrote.
    corpus, nodes, address, wire, node_timeout
        As for :func:`train`. The rounds are those of the checkpoint.
    callbacks, write, check_corpus, progress
        As for :meth:`negw2v.Word2Vec.resume`.
    workers
        Threads of each node; None: as before.
    column, tokenizer, encoding, errors, padding
        How the corpus is read, as for :func:`train`.

    Returns
    -------
    Word2Vec
        The model, trained.

    Raises
    ------
    MissingFileError
        There is no such file.
    ModelFileError
        The file is damaged, or not a checkpoint of training with ``deterministic=True``.
    ClusterError, ConfigurationError, CorpusError
        As for :func:`train`.
    InputTypeError, MissingDependencyError, ParameterError
        As for :func:`train`.

    Examples
    --------
    ::

        model = distributed.resume("shared/training.checkpoint", "corpus/*.txt", address="auto")
    """
    count = arguments.checked_nodes(nodes)
    wire, patience = arguments.checked_wire(wire), arguments.patience_of(node_timeout)
    options = checked_options(CorpusOptions(column, tokenizer, encoding, errors, padding))
    callbacks = check_callbacks(callbacks)
    model, state = files.load_checkpoint(Word2Vec, checkpoint)
    if not model.deterministic:
        raise ModelFileError(
            checkpoint,
            "training began without deterministic=True, and cannot go on on a cluster; resume it "
            "with Word2Vec.resume()",
        )
    if state.finished:
        finished: Word2Vec = Word2Vec.resume(checkpoint, corpus_iterable=[])
        return finished
    if workers is not None:
        model.workers = check("workers", workers)
    with connected(address):
        source = opened_on_cluster(corpus, options)
        with _lent(model, state.rounds, count, wire, patience):
            session.go_on(
                model,
                state,
                checkpoint,
                source,
                None,
                callbacks=callbacks,
                workers=workers,
                write=write,
                check_corpus=check_corpus,
                progress=progress,
                options=AS_IT_IS,
            )
    return model


def opened_on_cluster(given: Any, options: CorpusOptions) -> ClusterCorpus:
    """A corpus as the cluster reads it, to which this process is connected.

    Parameters
    ----------
    given
        As for :func:`train`.
    options
        How it is read.
    """
    if hasattr(given, "to_arrow_refs"):
        pieces = [Part(table=reference) for reference in given.to_arrow_refs()]
        options.allow(("column", "tokenizer", "padding"), "a data set of Ray's")
        return ClusterCorpus("the data set", pieces, options)
    paths = parts.paths_of(given)
    pieces = parts.cut_files(paths, options, parts.PART_BYTES)
    name = paths[0] if len(paths) == 1 else f"{len(paths)} files"
    corpus = ClusterCorpus(name, pieces, options)
    corpus.check_machines()
    return corpus


@contextlib.contextmanager
def _lent(
    model: Word2Vec, rounds: Rounds | None, nodes: int | None, wire: str, patience: float
) -> Iterator[None]:
    """A block in which a cluster trains the model."""
    if rounds is None:
        logger.warning(
            "a vocabulary of %d words is too small for rounds: one thread of this process trains "
            "it; shards= and shard_tokens= make rounds of any size",
            len(model.wv),
        )
        yield
        return
    import ray

    wanted = nodes or max(
        1, sum(bool(n["Alive"] and n["Resources"].get("CPU")) for n in ray.nodes())
    )
    if wanted > rounds.shards:
        if nodes is not None:
            warn(
                f"nodes={nodes}, but a round has {rounds.shards} shards: {rounds.shards} nodes "
                "train, others would have nothing to do; shards= makes rounds of more"
            )
        wanted = rounds.shards
    cluster = Cluster(wanted, model.workers, patience)
    try:
        remote = Remote(cluster, rounds, wire, model.wv.expandos["count"])
        model._remote = remote
        yield
        model.training_report.threads = len(cluster.members) * model.workers
        logger.info(
            "%d rounds, %d messages of %d bytes between nodes",
            remote.traffic.rounds,
            remote.traffic.messages,
            remote.traffic.nbytes,
        )
    finally:
        model._remote = None
        cluster.stop()
