"""The training loop: what it goes through, what it reports, where it stops."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from slides import NumpyCBOW

from negw2v.errors import DivergenceError, MissingDependencyError, ParameterError
from negw2v.layers import CBOW, SGD, Adam, Embedding, Parameter, Trainer, clip_gradients


class Recorder:
    """A network that remembers its batches; its loss is the number of the batch."""

    def __init__(self, losses: Any = None) -> None:
        self.weight = Parameter(np.ones((3, 2)))
        self.params, self.grads = [self.weight], [np.ones((3, 2), "f")]
        self.batches: list[tuple[Any, Any]] = []
        self._losses = losses

    def forward(self, x: Any, t: Any) -> float:
        self.batches.append((x, t))
        n = len(self.batches)
        return float(n) if self._losses is None else self._losses[n - 1]  # type: ignore[no-any-return]

    def backward(self, dout: float = 1.0) -> None:
        pass


def data(n: int) -> tuple[Any, Any]:
    return np.arange(2 * n).reshape(n, 2), np.arange(n)


def test_an_epoch_is_every_example_once() -> None:
    model = Recorder()
    x, t = data(60)
    trainer = Trainer(model, SGD(), seed=3)
    trainer.fit(x, t, max_epoch=3, batch_size=6)
    assert len(model.batches) == 30
    assert trainer.current_epoch == 3
    orders = []
    for epoch in range(3):
        batches = model.batches[10 * epoch : 10 * epoch + 10]
        order = np.concatenate([t for _, t in batches])
        assert sorted(order) == list(range(60))
        np.testing.assert_array_equal(np.concatenate([x for x, _ in batches]), x[order])
        orders.append(order.tolist())
    assert orders[0] != orders[1] != orders[2]


def test_what_is_left_over_changes_from_epoch_to_epoch() -> None:
    model = Recorder()
    Trainer(model, SGD(), seed=3).fit(*data(10), max_epoch=30, batch_size=4)
    assert len(model.batches) == 60
    seen = np.bincount(np.concatenate([t for _, t in model.batches]), minlength=10)
    assert seen.sum() == 240
    assert seen.max() < 30


def test_the_losses_are_means_of_intervals() -> None:
    """An entry for the first iteration, then one for each interval, as in the book."""
    model = Recorder()
    trainer = Trainer(model, SGD())
    trainer.fit(*data(70), max_epoch=2, batch_size=10, eval_interval=3)
    assert trainer.loss_list == [1, 3, 6, 8, 10, 13]
    assert trainer.eval_interval == 3
    trainer.fit(*data(10), max_epoch=1, batch_size=10)
    assert trainer.loss_list[6:] == [15]
    quiet = Trainer(Recorder(), SGD())
    quiet.fit(*data(10), max_epoch=1, batch_size=5, eval_interval=None)
    assert quiet.loss_list == []


def test_seeds() -> None:
    orders = []
    for seed in (1, 1, 2, None, None):
        model = Recorder()
        Trainer(model, SGD(), seed=seed).fit(*data(50), max_epoch=1, batch_size=5)
        orders.append(tuple(np.concatenate([t for _, t in model.batches]).tolist()))
    assert orders[0] == orders[1]
    assert len(set(orders)) == 4


def test_training_cbow_equals_a_loop_of_ones_own() -> None:
    corpus = np.random.default_rng(0).integers(0, 20, 400)
    x = np.random.default_rng(1).integers(0, 20, (60, 4))
    t = np.arange(60) % 20
    first, second = (CBOW(20, 6, 2, corpus, seed=1) for _ in range(2))
    Trainer(first, Adam(), seed=5).fit(x, t, 2, 20, max_grad=0.01)
    random, optimizer = np.random.default_rng(5), Adam()
    for _ in range(2):
        order = random.permutation(60)
        for i in range(0, 60, 20):
            second.forward(x[order[i : i + 20]], t[order[i : i + 20]])
            second.backward()
            clip_gradients(second.grads, 0.01)
            optimizer.update(second.params, second.grads)
    np.testing.assert_array_equal(first.word_vecs, second.word_vecs)


def test_layers_that_share_weights() -> None:
    """A network in the book's form: one Embedding for each context word, one matrix."""

    class BooksNetwork:
        def __init__(self, W: Any) -> None:
            self.layers = [Embedding(W) for _ in range(4)]
            self.params: list[Any] = []
            self.grads: list[Any] = []
            for layer in self.layers:
                self.params += layer.params
                self.grads += layer.grads

        def forward(self, x: Any, t: Any) -> float:
            h = sum(layer.forward(x[:, i]) for i, layer in enumerate(self.layers)) / 4
            self.dh = (h - t[:, None]) / len(t)
            return float(0.5 * ((h - t[:, None]) ** 2).sum() / len(t))

        def backward(self, dout: float = 1.0) -> None:
            for layer in self.layers:
                layer.backward(self.dh / 4)

    x = np.random.default_rng(1).integers(0, 20, (60, 4))
    t = np.random.default_rng(2).standard_normal(60)
    results = []
    start = np.random.default_rng(3).standard_normal((20, 5))
    for W in (Parameter(start.astype("f")), start.astype("f"), start.copy()):
        Trainer(BooksNetwork(W), Adam(lr=0.1), seed=1).fit(x, t, 5, 20)
        results.append(np.array(W))
    np.testing.assert_allclose(results[0], results[2], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(results[1], results[2], rtol=1e-3, atol=1e-5)
    assert np.abs(results[2] - start).max() > 0.1


def test_clipping() -> None:
    model = NumpyCBOW(np.ones((3, 2)), np.ones((3, 2)))
    model.grads = [np.full((3, 2), 3.0), np.full((3, 2), 4.0)]
    norm = np.sqrt(6 * 9 + 6 * 16)
    assert clip_gradients(model.grads, 100) == pytest.approx(norm)
    assert model.grads[0][0, 0] == 3
    clip_gradients(model.grads, 1.5)
    assert np.sqrt(sum((g**2).sum() for g in model.grads)) == pytest.approx(1.5, rel=1e-5)
    layer = Embedding(np.ones((5, 2), "f"))
    layer.forward([1, 1, 2])
    layer.backward(np.ones((3, 2)))
    assert clip_gradients(layer.grads, 1) == pytest.approx(np.sqrt(2 * 4 + 2 * 1))
    assert np.linalg.norm(np.asarray(layer.grads[0])) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, np.float32(np.nan)])
def test_a_loss_that_is_no_number_stops_training(bad: float) -> None:
    model = Recorder([1.0, 2.0, bad, 4.0])
    trainer = Trainer(model, SGD(lr=0.5))
    message = rf"loss is {bad} in step 3 \(epoch 2\), at the learning rate 0\.5"
    with pytest.raises(DivergenceError, match=message):
        trainer.fit(*data(10), max_epoch=2, batch_size=5)
    assert (model.weight[:] == 0).all()  # two steps of 0.5 were taken, the third was not


def test_weights_that_diverge_are_noticed() -> None:
    corpus = np.random.default_rng(0).integers(0, 20, 400)
    x, t = np.zeros((50, 4), int), np.zeros(50, int)
    model = CBOW(20, 6, 2, corpus, seed=1)
    model.word_vecs[0, 0] = np.nan
    with pytest.raises(DivergenceError, match=r"step 1 .*learning rate 0\.001"):
        Trainer(model, Adam()).fit(x, t, 1, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 11}, "batch_size=11: there are only 10 examples"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"max_epoch": 0}, "max_epoch=0"),
        ({"max_epoch": 1.5}, "max_epoch=1.5"),
        ({"eval_interval": 0}, "eval_interval=0"),
        ({"max_grad": 0}, "max_grad=0"),
        ({"max_grad": np.nan}, "max_grad=nan"),
        ({"t": np.arange(9)}, r"x has the shape \(10, 2\) and t \(9,\)"),
        ({"t": 3}, r"t \(\)"),
    ],
)
def test_bad_input(arguments: dict[str, Any], message: str) -> None:
    x, t = data(10)
    model = Recorder()
    with pytest.raises(ParameterError, match=message):
        Trainer(model, SGD()).fit(**{"x": x, "t": t, "batch_size": 5, **arguments})
    assert not model.batches


def test_an_exception_in_the_network_reaches_the_caller() -> None:
    class Failing(Recorder):
        def backward(self, dout: float = 1.0) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trainer(Failing(), SGD()).fit(*data(10), batch_size=5, progress=True)


def test_a_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    Trainer(Recorder(), SGD()).fit(*data(10), max_epoch=2, batch_size=4, progress=True)
    shown = capsys.readouterr().err
    assert "epoch 2" in shown
    assert "100%" in shown


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # between matplotlib and its own
def test_the_plot_is_saved_without_a_display(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.delenv("DISPLAY", raising=False)
    pyplot = "matplotlib.pyplot" in sys.modules
    trainer = Trainer(Recorder([3.0, 2.0, 1.5, 1.25]), SGD())
    with pytest.raises(ParameterError, match=r"call fit\(\) first"):
        trainer.plot()
    trainer.fit(*data(8), max_epoch=1, batch_size=2, eval_interval=1)
    path = tmp_path / "losses.png"
    figure = trainer.plot(path, ylim=(0, 4))
    assert path.read_bytes().startswith(b"\x89PNG")
    axes = figure.axes[0]
    assert np.asarray(axes.lines[0].get_ydata()).tolist() == [3.0, 2.0, 1.5, 1.25]
    assert axes.get_xlabel() == "iterations (x1)"
    assert axes.get_ylim() == (0, 4)
    assert ("matplotlib.pyplot" in sys.modules) == pyplot  # others may have imported it
    trainer.plot(tmp_path / "losses.svg")


def test_a_plot_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    trainer = Trainer(Recorder(), SGD())
    trainer.fit(*data(4), max_epoch=1, batch_size=2)
    with pytest.raises(MissingDependencyError, match=r"negw2v\[plot\]"):
        trainer.plot()
