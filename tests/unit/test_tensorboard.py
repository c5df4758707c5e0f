"""TensorBoardLogger: what it writes, to which writer, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import absence
import pytest

from negw2v import TensorBoardLogger, Word2Vec
from negw2v.errors import InputTypeError, MissingDependencyError, ParameterError


class Writer:
    def __init__(self) -> None:
        self.scalars: dict[str, list[tuple[int, float]]] = {}
        self.flushed = 0

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.scalars.setdefault(name, []).append((step, value))

    def flush(self) -> None:
        self.flushed += 1


def trained(sentences: list[list[str]], log: TensorBoardLogger, epochs: int = 3) -> Word2Vec:
    return Word2Vec(
        sentences[:200], vector_size=8, min_count=1, workers=1, epochs=epochs, callbacks=[log]
    )


def test_the_scalars_are_those_of_the_report(synthetic_sentences: list[list[str]]) -> None:
    writer = Writer()
    report = trained(synthetic_sentences, TensorBoardLogger(writer=writer)).training_report
    assert set(writer.scalars) == {
        "loss/mean",
        "learning_rate",
        "words_per_second/read",
        "words_per_second/trained",
    }
    assert writer.scalars["loss/mean"] == list(enumerate(report.losses, 1))
    assert writer.scalars["learning_rate"] == [
        (step, epoch.end_alpha) for step, epoch in enumerate(report.epochs, 1)
    ]
    assert writer.flushed == 3


def test_files_of_tensorboard(synthetic_sentences: list[list[str]], tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="needs the extra tensorboard")
    log = TensorBoardLogger(tmp_path / "runs")
    report = trained(synthetic_sentences, log).training_report
    assert log.writer is None  # closed
    (file,) = (tmp_path / "runs").iterdir()
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.record_writer import masked_crc32c

    content, losses = file.read_bytes(), []
    while content:
        length = int.from_bytes(content[:8], "little")
        record = content[12 : 12 + length]
        checksum = int.from_bytes(content[12 + length : 16 + length], "little")
        assert checksum == masked_crc32c(record)
        content = content[16 + length :]
        event = Event.FromString(record)
        losses += [
            (event.step, value.simple_value)
            for value in event.summary.value
            if value.tag == "loss/mean"
        ]
    assert [step for step, _ in losses] == [1, 2, 3]
    assert [loss for _, loss in losses] == pytest.approx(report.losses)


@pytest.mark.parametrize("arguments", [{}, {"log_dir": "runs", "writer": Writer()}])
def test_a_folder_or_a_writer(arguments: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="log_dir, or else a writer"):
        TensorBoardLogger(**arguments)


def test_what_is_neither() -> None:
    with pytest.raises(InputTypeError, match="add_scalar"):
        TensorBoardLogger(writer=print)
    with pytest.raises(InputTypeError, match="path"):
        TensorBoardLogger(5)  # type: ignore[arg-type]


def test_without_the_packages_they_are_named(
    synthetic_sentences: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absence.without(monkeypatch, "tensorboardX", "torch")
    with pytest.raises(MissingDependencyError, match=r"pip install 'negw2v\[tensorboard\]'"):
        trained(synthetic_sentences, TensorBoardLogger(tmp_path / "runs"))
    assert not list(tmp_path.iterdir())
