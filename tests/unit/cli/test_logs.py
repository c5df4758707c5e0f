"""What verbs say while they run: lines of warnings, events as JSON, TensorBoard's files."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from negw2v.cli.logs import events_written, warnings_shown
from negw2v.cli.main import main
from negw2v.errors import warn

SMALL = ["--vector-size", "8", "--min-count", "1", "--workers", "1", "--quiet"]


@pytest.fixture
def corpus(tmp_path: Path, synthetic_sentences: list[list[str]]) -> str:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(words) + "\n" for words in synthetic_sentences))
    return str(path)


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_event_of_training_is_a_line(corpus: str, tmp_path: Path) -> None:
    log, target = tmp_path / "log.json", tmp_path / "m"
    assert (
        main(["train", corpus, "-o", str(target), *SMALL, "--epochs", "2", "--log-json", str(log)])
        == 0
    )
    found = events(log)
    kinds = [event["event"] for event in found]
    assert kinds[0] == "begin"
    assert kinds[-1] == "end"
    assert kinds.count("epoch") == 2
    assert "counting" in kinds
    assert found[0]["parameters"]["vector_size"] == 8
    words = len(Path(corpus).read_text().split())
    counted = [event for event in found if event["event"] == "counting"]
    assert counted[-1]["words"] == words
    epochs = [event for event in found if event["event"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [0, 1]
    assert [epoch["words_read"] for epoch in epochs] == [words, words]
    assert epochs[1]["mean_loss"] < epochs[0]["mean_loss"]
    assert found[-1]["words_read"] == 2 * words
    assert all("time" in event for event in found)


def test_progress_has_the_loss_and_the_rate(corpus: str, tmp_path: Path) -> None:
    from negw2v import Word2Vec

    log = tmp_path / "log.json"
    model = Word2Vec(vector_size=8, min_count=1, workers=1, alpha=0.05, batch_words=1000)
    model.build_vocab(corpus_file=corpus)
    with events_written(str(log)):
        model.train(
            corpus_file=corpus, total_words=model.corpus_total_words, epochs=2, report_delay=1e-9
        )
    progress = [event for event in events(log) if event["event"] == "progress"]
    last = progress[-1]
    assert last["epoch"] == 1
    assert last["share"] == pytest.approx(1)
    assert last["words_read"] == model.corpus_total_words
    assert last["mean_loss"] == pytest.approx(model.training_report.losses[-1])
    assert last["learning_rate"] == pytest.approx(model.training_report.epochs[-1].end_alpha)
    assert len(events(log)) > 4


def test_the_share_of_a_corpus_of_unknown_size_is_null(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    from negw2v.training.progress import TrainingProgress

    with events_written(str(log)), TrainingProgress(False, 1, None, None, 1e-9) as progress:
        import numpy as np

        from negw2v.kernels import TOTALS

        progress.begin(0)
        progress.add(1.0, 5, np.zeros(1, TOTALS), np.ones(1, np.float32))
    assert events(log)[0]["share"] is None


def test_afterwards_the_loggers_are_as_before(tmp_path: Path) -> None:
    library = logging.getLogger("negw2v")
    before = library.level, list(library.handlers), warnings.showwarning
    with warnings_shown("train"), events_written(str(tmp_path / "log")):
        assert library.level == logging.INFO
    assert (library.level, library.handlers, warnings.showwarning) == before


def test_warnings_are_lines_and_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with warnings_shown("train"), events_written(str(log)):
            warn("the rate is high")
            logging.getLogger("negw2v.training").warning("one of %d", 2)
            logging.getLogger("negw2v.training").info("nothing")
    assert capsys.readouterr().err == ("negw2v train: the rate is high\nnegw2v train: one of 2\n")
    assert [(event["event"], event["message"]) for event in events(log)] == [
        ("warning", "the rate is high"),
        ("warning", "one of 2"),
    ]


def test_warnings_of_others_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(UserWarning, match="theirs"), warnings_shown("train"):
        warnings.warn("theirs", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == ""


def test_what_went_wrong_is_the_last_event(corpus: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    arguments = ["train", corpus, "-o", str(tmp_path / "m"), *SMALL, "--log-json", str(log)]
    assert main([*arguments, "--min-count", "1000000"]) == 1
    assert events(log)[-1]["event"] == "failed"
    assert "min_count" in events(log)[-1]["message"]


def test_standard_error_and_files_that_cannot_be_written(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", corpus, "-o", str(tmp_path / "m"), *SMALL, "--epochs", "1"]
    assert main([*arguments, "--log-json", "-"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert json.loads(lines[-1])["event"] == "end"
    assert main([*arguments, "--log-json", str(tmp_path / "nowhere" / "log")]) == 1
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT")
def test_ctrl_c_within_the_first_epoch_writes_the_checkpoint(tmp_path: Path) -> None:
    corpus, log = tmp_path / "corpus", tmp_path / "log"
    corpus.write_text("a b c d e f g h i j k l m n o p\n" * 100_000)
    checkpoint = tmp_path / "checkpoint"
    command = [sys.executable, "-m", "negw2v", "train", str(corpus), "-o", str(tmp_path / "m")]
    options = [
        "--sg",
        "--vector-size",
        "300",
        "--window",
        "20",
        "--sample",
        "0",
        "--epochs",
        "1000",
    ]
    running = subprocess.Popen(
        [*command, *SMALL, *options, "--checkpoint", str(checkpoint), "--log-json", str(log)],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if log.exists() and '"event": "progress"' in log.read_text():
            break
        time.sleep(0.01)
    assert not checkpoint.exists()  # the first epoch is not over
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said == f"negw2v train: interrupted; {checkpoint} holds the state of training\n"
    assert events(log)[-1]["event"] == "interrupted"
    from negw2v import Word2Vec

    assert Word2Vec.load(str(checkpoint)).epochs_begun == 1


def test_tensorboard_gets_the_scalars_of_every_epoch(corpus: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="needs the extra tensorboard")
    folder = tmp_path / "runs"
    arguments = ["train", corpus, "-o", str(tmp_path / "m"), *SMALL, "--epochs", "2", "--json"]
    assert main([*arguments, "--tensorboard", str(folder)]) == 0
    (written,) = folder.iterdir()
    content = written.read_bytes()
    for name in (b"loss/mean", b"learning_rate", b"words_per_second/trained"):
        assert content.count(name) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_training_goes_on_where_its_log_cannot(
    corpus: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", corpus, "-o", str(tmp_path / "m"), *SMALL, "--epochs", "1"]
    assert main([*arguments, "--log-json", "/dev/full"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("negw2v train: --log-json ends here, as writing failed: No space")
    assert said.count("\n") == 1
    assert (tmp_path / "m").exists()
