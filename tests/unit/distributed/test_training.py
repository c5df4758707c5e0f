"""Training on a real Ray cluster of three nodes, all of them processes of this machine.

The bits are those of one machine: for any number of nodes, with nodes that are killed, and with a
driver that dies.
"""

from __future__ import annotations

import gzip
import os
import random
import re
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

from negw2v import CallbackAny2Vec, Word2Vec, distributed
from negw2v.cli.main import main
from negw2v.corpus.encoding import open_corpus
from negw2v.corpus.options import CorpusOptions
from negw2v.distributed import cluster as cluster_module
from negw2v.distributed import parts
from negw2v.distributed.cluster import Cluster, Member, check_nodes
from negw2v.distributed.node import About
from negw2v.distributed.training import opened_on_cluster
from negw2v.errors import (
    ClusterError,
    ConfigurationError,
    CorpusFileError,
    ModelFileError,
    NegW2VWarning,
)
from negw2v.training.rounds import Rounds

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


def test_one_node_that_is_killed_is_replaced(cluster: str, text: str, alone: Word2Vec) -> None:
    """No other one has the weights: what was trained since the last look is trained again."""
    kills = Kills([0.0, 0.0])
    model = distributed.train(text, nodes=1, address=cluster, callbacks=[kills], **PARAMETERS)
    assert_same(model, alone)
    assert len(kills.killed) == 2
    assert len(kills.seen) > 1  # another process has taken its place
    assert have_ended(kills.seen)


def test_two_nodes_and_files_in_parts(
    cluster: str, text: str, tmp_path: Path, alone: Word2Vec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte ranges of one file, a compressed one, and one behind a URI."""
    monkeypatch.setattr(parts, "PART_BYTES", 10_000)
    lines = Path(text).read_bytes().splitlines(keepends=True)
    third = len(lines) // 3
    (tmp_path / "1.txt").write_bytes(b"".join(lines[:third]))
    (tmp_path / "2.txt.gz").write_bytes(gzip.compress(b"".join(lines[third : 2 * third])))
    (tmp_path / "3.txt").write_bytes(b"".join(lines[2 * third :]))
    given = [tmp_path / "1.txt", tmp_path / "2.txt.gz", f"file://{tmp_path}/3.txt"]
    callback = Nodes()
    model = distributed.train(given, nodes=2, callbacks=[callback], **PARAMETERS)
    assert_same(model, alone)
    np.testing.assert_array_equal(model.wv.expandos["count"], alone.wv.expandos["count"])
    assert len(callback.seen) == 2
    assert os.getpid() not in callback.seen
    assert have_ended(callback.seen)
    assert model.training_report.threads == 2
    assert model._remote is None


def test_three_nodes_of_which_two_are_killed(cluster: str, text: str, alone: Word2Vec) -> None:
    kills = Kills([0.05, 0.0])
    model = distributed.train(text, nodes=3, callbacks=[kills], **PARAMETERS)
    assert_same(model, alone)
    assert len(kills.killed) == 2
    assert len(kills.seen) > 3  # others have taken their places
    assert have_ended(kills.seen)


def test_more_nodes_than_shards(cluster: str, text: str, alone: Word2Vec) -> None:
    callback = Nodes()
    with pytest.warns(NegW2VWarning, match="nodes=9, but a round has 4 shards"):
        model = distributed.train(text, nodes=9, callbacks=[callback], **PARAMETERS)
    assert_same(model, alone)
    assert len(callback.seen) == 4


def test_tables_and_data_sets_are_read_as_on_one_machine(
    cluster: str, text: str, alone: Word2Vec, tmp_path: Path
) -> None:
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

    class DataSet:
        """As ray.data.Dataset; that itself needs more packages."""

        def to_arrow_refs(self) -> list[Any]:
            import ray

            return [ray.put(table) for table in tables]

    ids = alone.wv.key_to_index
    (expected,) = open_corpus(None, text, workers=1, passes=1).blocks(ids)
    for given in (tmp_path, DataSet()):
        corpus = opened_on_cluster(given, CorpusOptions(column="words"))
        found = corpus.scan()
        assert dict(zip(found.words, found.counts.tolist(), strict=True)) == {
            word: alone.wv.get_vecattr(word, "count") for word in ids
        }
        assert found.corpus_count == alone.corpus_count
        tokens = np.concatenate([block.tokens for block in corpus.blocks(ids)])
        np.testing.assert_array_equal(tokens, expected.tokens)
        assert list(corpus.sentences()) == sentences


def test_rounds_of_any_shape(cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More shards than the corpus has spans, and a vocabulary that has no rounds by itself."""
    (tmp_path / "small.txt").write_text("a b c d e\n" * 200)
    model = distributed.train(tmp_path, nodes=2, **PARAMETERS)
    small = {"corpus_file": str(tmp_path), "deterministic": True, **PARAMETERS}
    assert_same(model, Word2Vec(**small))
    model = distributed.train(tmp_path, nodes=3, shards=64, shard_tokens=50, **PARAMETERS)
    monkeypatch.setattr(Rounds, "for_vocabulary", lambda words, paths=False: Rounds(64, 50))
    assert_same(model, Word2Vec(**small))


# --- faults -------------------------------------------------------------------------------


def test_the_shards_of_a_node_that_stays_away_go_to_the_others(
    cluster: str, text: str, alone: Word2Vec, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_checkpoints_of_one_machine_go_on_on_a_cluster_in_their_rounds(
    cluster: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = tmp_path / "checkpoint"
    with monkeypatch.context() as patch:
        patch.setattr(Rounds, "for_vocabulary", lambda words, paths=False: Rounds(3, 500))
        whole = Word2Vec(corpus_file=text, deterministic=True, **PARAMETERS)
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
    with pytest.raises(ModelFileError, match="rounds of 3 shards of 500 tokens"):
        Word2Vec.resume(checkpoint, corpus_file=text)
    assert_same(distributed.resume(checkpoint, text, nodes=2), whole)


def test_other_checkpoints_are_refused(text: str, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    model = Word2Vec(**PARAMETERS)
    model.build_vocab([["a", "b"]])
    model.train([["a", "b"]], total_examples=1, epochs=1, checkpoint=checkpoint)
    with pytest.raises(ModelFileError, match="without deterministic=True"):
        distributed.resume(checkpoint, text)


def test_results_that_were_lost_with_a_machine_are_no_error(cluster: str) -> None:
    import ray

    def lost() -> None:
        raise ray.exceptions.ObjectLostError("00", None, "")

    nodes = Cluster.__new__(Cluster)
    nodes.members, nodes.generation = [], 0
    member = Member(None, About("", "", (), "here", 1))
    assert nodes.call([(member, ray.remote(num_cpus=0)(lost).remote())]) == []


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


def test_a_file_that_vanishes(cluster: str, text: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes(Path(text).read_bytes())

    class Vanishes(Nodes):
        def on_epoch_end(self, model: Word2Vec) -> None:
            copy.unlink()

    callback = Vanishes()
    with pytest.raises(CorpusFileError, match=r"copy\.txt"):
        distributed.train(copy, nodes=2, callbacks=[callback], **PARAMETERS)
    assert have_ended(callback.seen)


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


@pytest.mark.parametrize("kind", ["nobody", "silent", "other", "client", "nonsense"])
def test_a_cluster_that_cannot_be_reached(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where something listens that is no Ray; the error comes soon, and names the address."""
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        address = {"client": "ray://127.0.0.1:10001", "nonsense": "somewhere"}.get(
            kind, f"127.0.0.1:{port}"
        )
        if kind == "nobody":
            server.close()
        answering = threading.Thread(target=answer_as_another, args=(server,))
        if kind == "other":
            answering.start()
        with (
            pytest.raises(ClusterError, match=re.escape(address)),
            cluster_module.connected(address),
        ):
            pass
        if kind == "other":
            answering.join()


def answer_as_another(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_full_object_store_is_an_error_that_says_what_helps() -> None:
    from ray import exceptions

    found = cluster_module.own_error(exceptions.ObjectStoreFullError("no space"))
    assert isinstance(found, ClusterError)
    assert "--object-store-memory" in str(found)
    cause = CorpusFileError("a file")
    wrapped = exceptions.RayTaskError("task", "traceback", cause)
    assert cluster_module.own_error(wrapped.as_instanceof_cause()) is cause


def test_the_command_line(cluster: str, text: str, alone: Word2Vec, tmp_path: Path) -> None:
    target = tmp_path / "words.model"
    options = "--vector-size 20 --min-count 1 --epochs 2 --sg --workers 1 --seed 3 --quiet".split()
    options += ["--alpha", "0.025", "--ray", cluster, "--nodes", "2"]
    assert main(["train", text, "-o", str(target), *options]) == 0
    model = Word2Vec.load(target)
    np.testing.assert_array_equal(model.wv.vectors, alone.wv.vectors)
