"""Training on a real Ray cluster of three nodes, all of them processes of this machine.

The bits are those of one machine: for any number of nodes, with nodes that are killed, and with a
driver that dies.
"""

from __future__ import annotations

import gzip
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ray_cluster import PARAMETERS, have_ended, kill

from negw2v import CallbackAny2Vec, StopTraining, Word2Vec, distributed
from negw2v.distributed import parts
from negw2v.distributed.cluster import check_nodes
from negw2v.distributed.node import About
from negw2v.errors import (
    ClusterError,
    ConfigurationError,
    CorpusError,
    CorpusFileError,
    ModelFileError,
    NegW2VWarning,
)

pytest.importorskip("ray", reason="needs Ray: pip install 'negw2v[ray]'")


def assert_same(model: Word2Vec, expected: Word2Vec) -> None:
    assert model.wv.index_to_key == expected.wv.index_to_key
    np.testing.assert_array_equal(model.wv.vectors, expected.wv.vectors)
    np.testing.assert_array_equal(model.syn1neg, expected.syn1neg)
    ours, theirs = model.training_report, expected.training_report
    assert ours.losses == theirs.losses
    assert ours.pairs == theirs.pairs
    assert ours.words_read == theirs.words_read


class Nodes(CallbackAny2Vec):
    """Collects the processes of the nodes; they are there while a model trains."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def now(self, model: Word2Vec) -> list[int]:
        assert model._remote is not None
        pids = [member.about.pid for member in model._remote.cluster.members]  # type: ignore[attr-defined]
        self.seen.update(pids)
        return pids

    def on_epoch_begin(self, model: Word2Vec) -> None:
        self.now(model)

    def on_epoch_end(self, model: Word2Vec) -> None:
        self.now(model)


class Kills(Nodes):
    """Kills nodes some time after an epoch has begun."""

    def __init__(self, delays: list[float], how_many: int = 1) -> None:
        super().__init__()
        self._delays = list(delays)
        self._how_many = how_many
        self.killed: list[int] = []

    def on_epoch_begin(self, model: Word2Vec) -> None:
        pids = self.now(model)
        if self._delays:
            victims = random.Random(len(self._delays)).sample(pids, min(self._how_many, len(pids)))
            self.killed += victims
            for victim in victims:
                threading.Timer(self._delays[0], kill, [victim]).start()
            del self._delays[0]


@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_any_number_of_nodes_gives_the_bits_of_one_machine(
    cluster: str, text: str, alone: Word2Vec, nodes: int
) -> None:
    callback = Nodes()
    model = distributed.train(
        text, nodes=nodes, address=cluster, callbacks=[callback], **PARAMETERS
    )
    assert_same(model, alone)
    assert len(callback.seen) == nodes
    assert os.getpid() not in callback.seen
    assert have_ended(callback.seen)
    assert model.training_report.threads == nodes
    assert model._remote is None


def test_vocabulary_by_map_and_reduce(
    cluster: str, text: str, tmp_path: Path, alone: Word2Vec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte ranges of one file, a compressed one, and one behind a URI."""
    monkeypatch.setattr(parts, "PART_BYTES", 5_000)
    lines = Path(text).read_bytes().splitlines(keepends=True)
    third = len(lines) // 3
    (tmp_path / "1.txt").write_bytes(b"".join(lines[:third]))
    (tmp_path / "2.txt.gz").write_bytes(gzip.compress(b"".join(lines[third : 2 * third])))
    (tmp_path / "3.txt").write_bytes(b"".join(lines[2 * third :]))
    given = [tmp_path / "1.txt", tmp_path / "2.txt.gz", f"file://{tmp_path}/3.txt"]
    model = distributed.train(given, nodes=2, **PARAMETERS)
    assert_same(model, alone)
    np.testing.assert_array_equal(model.wv.expandos["count"], alone.wv.expandos["count"])


def test_tables_and_data_sets(cluster: str, text: str, alone: Word2Vec, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'negw2v[arrow]'")
    import pyarrow.parquet

    sentences = [line.split() for line in Path(text).read_text().splitlines()]
    half = len(sentences) // 2
    tables = [
        pa.table({"words": part, "other": list(range(len(part)))})
        for part in (sentences[:half], sentences[half:])
    ]
    for number, table in enumerate(tables):
        pyarrow.parquet.write_table(table, tmp_path / f"{number}.parquet")
    model = distributed.train(tmp_path, column="words", nodes=2, **PARAMETERS)
    assert_same(model, alone)

    class DataSet:
        """As ray.data.Dataset; that itself needs more packages."""

        def to_arrow_refs(self) -> list[Any]:
            import ray

            return [ray.put(table) for table in tables]

    model = distributed.train(DataSet(), column="words", nodes=2, **PARAMETERS)
    assert_same(model, alone)


def test_longer_rounds_and_small_vocabularies(cluster: str, tmp_path: Path) -> None:
    """More shards than the corpus has spans, and as many nodes as one likes."""
    (tmp_path / "small.txt").write_text("a b c d e\n" * 200)
    given = {"shards": 64, "shard_tokens": 50, **PARAMETERS}
    models = [distributed.train(tmp_path, nodes=nodes, **given) for nodes in (1, 3)]
    assert_same(models[1], models[0])
    assert models[0].training_report.words_read == 2_000
    untrained = Word2Vec(**PARAMETERS)
    untrained.build_vocab(corpus_file=str(tmp_path))
    assert (models[0].wv.vectors != untrained.wv.vectors).all()


def test_a_vocabulary_too_small_for_rounds_is_trained_by_one_thread(
    cluster: str, tmp_path: Path
) -> None:
    (tmp_path / "small.txt").write_text("a b c d e\n" * 200)
    model = distributed.train(tmp_path, nodes=2, **PARAMETERS)
    assert_same(model, Word2Vec(corpus_file=str(tmp_path), deterministic=True, **PARAMETERS))


def test_more_nodes_than_shards(cluster: str, text: str, alone: Word2Vec) -> None:
    callback = Nodes()
    with pytest.warns(NegW2VWarning, match="nodes=9, but a round has 4 shards"):
        model = distributed.train(text, nodes=9, callbacks=[callback], **PARAMETERS)
    assert_same(model, alone)
    assert len(callback.seen) == 4


# --- faults -------------------------------------------------------------------------------


def test_killed_nodes_are_replaced_and_the_bits_are_the_same(
    cluster: str, text: str, alone: Word2Vec
) -> None:
    """Two of three nodes, one after the other; and, with epochs so short, whenever it happens."""
    kills = Kills([0.05, 0.0])
    model = distributed.train(text, nodes=3, callbacks=[kills], **PARAMETERS)
    assert_same(model, alone)
    assert len(kills.killed) == 2
    assert have_ended(kills.seen)


def test_the_only_node_is_killed(cluster: str, text: str, alone: Word2Vec) -> None:
    kills = Kills([0.0, 0.0], how_many=9)
    model = distributed.train(text, nodes=1, callbacks=[kills], **PARAMETERS)
    assert_same(model, alone)


def test_the_shards_of_a_node_that_stays_away_go_to_the_others(
    cluster: str, text: str, alone: Word2Vec, monkeypatch: pytest.MonkeyPatch
) -> None:
    from negw2v.distributed.cluster import Cluster

    start = Cluster._started
    starts: list[int] = []

    def once(self: Cluster, count: int) -> Any:
        starts.append(count)
        return start(self, count) if len(starts) == 1 else []

    monkeypatch.setattr(Cluster, "_started", once)
    kills = Kills([0.02])
    model = distributed.train(text, nodes=3, callbacks=[kills], **PARAMETERS)
    assert_same(model, alone)
    assert starts == [3, 1]
    assert model.training_report.threads == 2


class Stops(CallbackAny2Vec):
    """Ends training as Ctrl-C does, after an epoch and its checkpoint."""

    def on_epoch_begin(self, model: Word2Vec) -> None:
        if model.epochs_begun == 2:
            raise KeyboardInterrupt


DRIVER = """
import os, signal, sys
from negw2v import CallbackAny2Vec, distributed

class Dies(CallbackAny2Vec):
    def on_epoch_begin(self, model):
        if model.epochs_begun == 2:
            os.kill(os.getpid(), signal.SIGKILL)

distributed.train(
    sys.argv[1], address=sys.argv[2], nodes=2, checkpoint=sys.argv[3], callbacks=[Dies()],
    vector_size=20, min_count=1, epochs=2, sg=1, workers=1, seed=3, progress=False,
)
"""


def test_a_driver_that_dies_goes_on_from_its_checkpoint(
    cluster: str, text: str, alone: Word2Vec, tmp_path: Path
) -> None:
    checkpoint = str(tmp_path / "checkpoint")
    died = subprocess.run(
        [sys.executable, "-c", DRIVER, text, cluster, checkpoint], check=False, timeout=60
    )
    assert died.returncode == -signal.SIGKILL
    model = distributed.resume(checkpoint, text, nodes=3)
    assert_same(model, alone)
    again = distributed.resume(checkpoint, text)
    np.testing.assert_array_equal(again.wv.vectors, alone.wv.vectors)


def test_checkpoints_keep_the_shape_of_rounds(cluster: str, text: str, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    given = {"shards": 3, "shard_tokens": 500, **PARAMETERS}
    whole = distributed.train(text, nodes=1, **given)
    with pytest.raises(KeyboardInterrupt):
        distributed.train(text, nodes=2, checkpoint=checkpoint, callbacks=[Stops()], **given)
    with pytest.raises(ModelFileError, match="rounds of 3 shards of 500 tokens"):
        Word2Vec.resume(checkpoint, corpus_file=text)
    assert_same(distributed.resume(checkpoint, text, nodes=2), whole)


def test_checkpoints_of_one_machine_go_on_on_a_cluster(
    cluster: str, text: str, alone: Word2Vec, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint"
    model = Word2Vec(deterministic=True, **PARAMETERS)
    model.build_vocab(corpus_file=text)
    with pytest.raises(KeyboardInterrupt):
        model.train(
            corpus_file=text,
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=2,
            checkpoint=checkpoint,
            callbacks=[Stops()],
        )
    assert_same(distributed.resume(checkpoint, text, nodes=2), alone)


# --- what goes wrong ----------------------------------------------------------------------


def test_callbacks_see_and_change_weights(cluster: str, text: str) -> None:
    class Halves(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            model.wv.vectors *= 0.5

    models = [
        distributed.train(text, nodes=2, callbacks=[Halves()], **PARAMETERS),
        Word2Vec(corpus_file=text, deterministic=True, callbacks=[Halves()], **PARAMETERS),
    ]
    assert_same(*models)


def test_exceptions_of_callbacks_reach_the_caller_and_leave_no_process(
    cluster: str, text: str
) -> None:
    class Raises(Nodes):
        def on_epoch_end(self, model: Word2Vec) -> None:
            raise ZeroDivisionError("mine")

    callback = Raises()
    with pytest.raises(ZeroDivisionError, match="mine"):
        distributed.train(text, nodes=2, callbacks=[callback], **PARAMETERS)
    assert have_ended(callback.seen)

    class StopsEarly(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            raise StopTraining

    model = distributed.train(text, nodes=2, callbacks=[StopsEarly()], **PARAMETERS)
    assert len(model.training_report.epochs) == 1


def test_a_file_that_vanishes(cluster: str, text: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"

    class Vanishes(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            copy.unlink()

    class Changes(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            copy.write_text("something else\n")

    for callback, error, message in (
        (Changes(), CorpusError, r"copy\.txt has 1 sentences and 2 words now, but had"),
        (Vanishes(), CorpusFileError, r"copy\.txt"),
    ):
        copy.write_bytes(Path(text).read_bytes())
        with pytest.raises(error, match=message):
            distributed.train(copy, nodes=2, callbacks=[callback], **PARAMETERS)


def test_more_nodes_than_the_cluster_has_room_for(cluster: str, text: str) -> None:
    with pytest.raises(ClusterError, match=r"of 3 nodes could be started within 1 s: .*workers=2"):
        distributed.train(
            text, nodes=3, node_timeout=1, **{**PARAMETERS, "workers": 2, "epochs": 1}
        )


def test_another_cluster_than_the_one_that_is_connected(cluster: str, text: str) -> None:
    with pytest.raises(ClusterError, match=rf"connected .* at {cluster}, not to 127.0.0.1:9"):
        distributed.train(text, address="127.0.0.1:9", **PARAMETERS)


def test_nodes_that_differ_are_refused_before_training() -> None:
    import negw2v
    from negw2v import kernels

    python = ".".join(map(str, sys.version_info[:2]))
    good = About(negw2v.__version__, python, (kernels.isa(), "baseline"), "here", 1)
    check_nodes([good])
    for other, message in (
        (good._replace(version="0.0.1"), r"node here \(process 1\) has negw2v 0\.0\.1, but"),
        (good._replace(python="3.9"), r"runs Python 3\.9, but"),
        (good._replace(levels=("old",)), r"cannot run .* NEGW2V_ISA"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            check_nodes([good, other])


UNREACHABLE = """
import sys
from negw2v import distributed
distributed.train(sys.argv[1], address=sys.argv[2], nodes=2)
"""


@pytest.mark.parametrize("kind", ["nobody", "silent", "client", "nonsense"])
def test_a_cluster_that_cannot_be_reached(kind: str, text: str) -> None:
    """Also where something listens that is no Ray; the error comes soon, and names the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        address = {
            "nobody": f"127.0.0.1:{port}",
            "silent": f"127.0.0.1:{port}",
            "client": "ray://127.0.0.1:10001",
            "nonsense": "somewhere",
        }[kind]
        if kind == "nobody":
            server.close()
        ended = subprocess.run(
            [sys.executable, "-c", UNREACHABLE, text, address],
            check=False,
            timeout=30,
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 1
    assert "ClusterError" in ended.stderr.splitlines()[-1]
    assert address in ended.stderr.splitlines()[-1]
