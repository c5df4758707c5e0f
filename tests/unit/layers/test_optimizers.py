"""The book's dense arithmetic, also where most rows have no gradient."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from array_libraries import Arrays
from slides import DenseOptimizer

from negw2v.errors import InputTypeError, NotTrainableError, ParameterError
from negw2v.layers import SGD, AdaGrad, Adam, Momentum, Parameter, RMSprop, SparseGradient, clocks
from negw2v.layers.clocks import adam_terms
from negw2v.layers.libraries import library_of

Array = npt.NDArray[Any]
WORDS, DIMENSIONS = 120, 7

#: ours by mode, and the book's name and settings
OPTIMIZERS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "sgd": (lambda mode: SGD(0.1), ("sgd", 0.1)),
    "adagrad": (lambda mode: AdaGrad(0.01), ("adagrad", 0.01)),
    "momentum": (lambda mode: Momentum(0.1, 0.9, mode=mode), ("momentum", 0.1, 0.9)),
    "momentum-0": (lambda mode: Momentum(0.1, 0, mode=mode), ("momentum", 0.1, 0)),
    "rmsprop": (lambda mode: RMSprop(0.01, 0.99, mode=mode), ("rmsprop", 0.01, 0.99)),
    "adam": (lambda mode: Adam(mode=mode), ("adam", 0.001, 0.9, 0.999)),
    "adam-fast": (lambda mode: Adam(0.01, 0.6, 0.99, mode=mode), ("adam", 0.01, 0.6, 0.99)),
    "adam-no-mean": (lambda mode: Adam(0.001, 0, 0.9, mode=mode), ("adam", 0.001, 0, 0.9)),
    "adam-slow": (lambda mode: Adam(0.001, 0.97, 0.9, mode=mode), ("adam", 0.001, 0.97, 0.9)),
}


class Gradients:
    """Gradients of a few rows, frequent ones more often, of sizes that make eps count."""

    def __init__(self, seed: int = 1, arrays: Arrays | None = None) -> None:
        self._library = library_of(np.zeros(1) if arrays is None else arrays.of(np.zeros(1)))
        self._random = np.random.default_rng(seed)
        p = 1 / np.arange(1, WORDS + 1)
        self._p = p / p.sum()

    def draw(self) -> tuple[Array, SparseGradient]:
        random = self._random
        rows = np.unique(random.choice(WORDS, 6, p=self._p))
        sizes = 10.0 ** random.uniform(-7, -2, (len(rows), 1))
        values = (sizes * random.standard_normal((len(rows), DIMENSIONS))).astype("f")
        gradient = SparseGradient((WORDS, DIMENSIONS), library=self._library)
        gradient.rows = self._library.upload(rows.astype(np.int32))
        gradient.values = self._library.upload(values)
        return np.asarray(gradient), gradient


def start(dtype: npt.DTypeLike = np.float32) -> Array:
    return (0.01 * np.random.default_rng(2).standard_normal((WORDS, DIMENSIONS))).astype(dtype)


def relative_difference(a: Array, b: Array) -> float:
    """Of what both have moved by."""
    moved = np.linalg.norm(b - start())
    assert moved > 0
    return float(np.linalg.norm(a - b) / moved)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("mode", ["exact", "dense"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equals_the_books_dense_steps_over_500_batches(
    arrays: Arrays, name: str, mode: str, dtype: Any
) -> None:
    ours, book = OPTIMIZERS[name][0](mode), DenseOptimizer(*OPTIMIZERS[name][1])
    parameter, W = Parameter(arrays.of(start(dtype))), start(np.float64)
    gradients = Gradients(arrays=arrays)
    for step in range(500 if arrays.name == "numpy" else 40):
        dense, sparse = gradients.draw()
        ours.update([parameter], [sparse])
        book.update([W], [dense.astype(np.float64)])
        if step in (1, 25, 250):  # what is read along the way, too
            assert relative_difference(parameter[:], W) < 1e-4
    assert relative_difference(parameter[:], W) < (1e-4 if dtype == np.float32 else 1e-6)
    # element by element, against the size of the weights
    assert np.abs(parameter[:] - W).max() < 1e-4 * np.abs(W).max()


@pytest.mark.parametrize("name", ["adam", "momentum", "rmsprop"])
def test_a_row_that_is_read_after_a_long_time(name: str) -> None:
    ours, book = OPTIMIZERS[name][0]("exact"), DenseOptimizer(*OPTIMIZERS[name][1])
    parameter, W = Parameter(start()), start(np.float64)
    one = SparseGradient((WORDS, DIMENSIONS))
    one.values = np.full((1, DIMENSIONS), 1e-3, "f")
    for step in range(5_000):
        one.rows = np.array([3 if step % 2_000 == 0 else 8], np.int32)
        ours.update([parameter], [one])
        book.update([W], [one.dense().astype(np.float64)])
    assert relative_difference(parameter[:], W) < 1e-4


@pytest.mark.parametrize("name", ["adam", "momentum", "rmsprop"])
def test_when_the_tables_are_full(
    arrays: Arrays, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(clocks, "CAPACITY", 37)
    ours, book = OPTIMIZERS[name][0]("exact"), DenseOptimizer(*OPTIMIZERS[name][1])
    parameter, W = Parameter(arrays.of(start())), start(np.float64)
    gradients = Gradients(arrays=arrays)
    for _ in range(150 if arrays.name == "numpy" else 40):
        dense, sparse = gradients.draw()
        ours.update([parameter], [sparse])
        book.update([W], [dense.astype(np.float64)])
    assert relative_difference(parameter[:], W) < 1e-4


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("adam", [("lr", 0.0005), ("lr", 0.002)]),
        ("adam", [("beta1", 0.8), ("beta2", 0.99)]),
        ("adam", [("beta2", 0.5), ("beta2", 0.999)]),  # dense in between
        ("momentum", [("lr", 0.05), ("momentum", 0.5)]),
        ("rmsprop", [("lr", 0.05), ("decay_rate", 0.9)]),
    ],
)
def test_settings_that_change_on_the_way(
    arrays: Arrays, name: str, changes: list[tuple[str, float]]
) -> None:
    ours, book = OPTIMIZERS[name][0]("exact"), DenseOptimizer(*OPTIMIZERS[name][1])
    parameter, W = Parameter(arrays.of(start())), start(np.float64)
    gradients = Gradients(arrays=arrays)
    order = {"beta1": 0, "beta2": 1, "momentum": 0, "decay_rate": 0}
    batches = 300 if arrays.name == "numpy" else 45
    for step in range(batches):
        if step % (batches // 3) == batches // 6 and changes:
            what, value = changes.pop(0)
            setattr(ours, what, value)
            if what == "lr":
                book.lr = value
            else:
                settings = list(book.settings)
                settings[order[what]] = value
                book.settings = tuple(settings)
        dense, sparse = gradients.draw()
        ours.update([parameter], [sparse])
        book.update([W], [dense.astype(np.float64)])
    assert relative_difference(parameter[:], W) < 1e-4


def test_a_learning_rate_that_changes_in_every_step(arrays: Arrays) -> None:
    ours, book = Adam(), DenseOptimizer("adam", 0.001, 0.9, 0.999)
    parameter, W = Parameter(arrays.of(start())), start(np.float64)
    gradients = Gradients(arrays=arrays)
    batches = 300 if arrays.name == "numpy" else 30
    for step in range(batches):
        ours.lr = book.lr = 0.001 * (1 - step / batches)
        dense, sparse = gradients.draw()
        ours.update([parameter], [sparse])
        book.update([W], [dense.astype(np.float64)])
    assert relative_difference(parameter[:], W) < 1e-4


@pytest.mark.parametrize("name", ["adam", "momentum", "rmsprop"])
def test_sparse_steps_leave_other_rows_alone(arrays: Arrays, name: str) -> None:
    """The book's arithmetic on the rows that have a gradient, and on these alone."""
    ours, book = OPTIMIZERS[name][0]("sparse"), DenseOptimizer(*OPTIMIZERS[name][1])
    parameter, W = Parameter(arrays.of(start())), start(np.float64)
    book.m, book.v = [np.zeros_like(W)], [np.zeros_like(W)]
    gradients = Gradients(arrays=arrays)
    batches = 200 if arrays.name == "numpy" else 30
    for _ in range(batches):
        dense, sparse = gradients.draw()
        ours.update([parameter], [sparse])
        before = W.copy(), book.m[0].copy(), book.v[0].copy()
        book.update([W], [dense.astype(np.float64)])
        others = np.setdiff1d(np.arange(WORDS), np.asarray(sparse.rows))
        for now, old in zip((W, book.m[0], book.v[0]), before, strict=True):
            now[others] = old[others]
    assert relative_difference(parameter[:], W) < 1e-4
    exact = Parameter(arrays.of(start()))
    optimizer, gradients = OPTIMIZERS[name][0]("exact"), Gradients(arrays=arrays)
    for _ in range(batches):
        optimizer.update([exact], [gradients.draw()[1]])
    assert relative_difference(exact[:], W) > 1e-3, "the modes do the same"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_arrays_and_dense_gradients(name: str) -> None:
    """Weights and gradients as the book has them, of any shape."""
    random = np.random.default_rng(0)
    shapes = [(6, 3), (5,), (2, 3, 4)]
    ours = OPTIMIZERS[name][0]("exact")
    book = DenseOptimizer(*OPTIMIZERS[name][1])
    theirs = [random.standard_normal(shape) for shape in shapes]
    params = [W.astype("f") for W in theirs]
    before = [W.copy() for W in theirs]
    for _ in range(20):
        grads = [random.standard_normal(shape) for shape in shapes]
        ours.update(params, [g.astype("f") for g in grads])
        book.update(theirs, grads)
    for mine, expected, old in zip(params, theirs, before, strict=True):
        assert np.abs(expected - old).max() > 1e-3
        np.testing.assert_allclose(mine, expected, rtol=1e-4, atol=1e-5)


def test_a_matrix_named_twice_gets_the_sum_of_its_gradients() -> None:
    first, second = Gradients().draw()[1], Gradients(seed=2).draw()[1]
    total = first.dense() + second.dense()
    parameter, other = Parameter(start()), Parameter(start())
    SGD(0.1).update([parameter, other, parameter], [first, total, second])
    np.testing.assert_allclose(parameter, start() - 0.1 * total, rtol=1e-6)
    np.testing.assert_allclose(other, parameter, rtol=1e-6)


def test_terms_are_as_many_as_the_bound_asks_for() -> None:
    assert adam_terms(0.9, 0.999) == 4
    assert adam_terms(0, 0.5) == 1
    assert adam_terms(0.9, 0.9) is None
    assert adam_terms(0.99, 0.9) is None
    # the bound holds: 1 / (c^j a + eps) by the series, for every share q that eps leaves to a
    c, terms = np.sqrt(0.999), 4
    j = np.arange(1, 300)
    for q in (0.0, 0.3, 0.9, 1.0):
        exact = (0.9**j / (1 - q * (1 - c**j))).sum()
        series = sum(q**n * (0.9**j * (1 - c**j) ** n).sum() for n in range(terms))
        assert abs(series / exact - 1) < 1e-7


def test_an_optimizer_goes_when_nobody_needs_it() -> None:
    parameter = Parameter(start())
    optimizer = Adam()
    optimizer.update([parameter], [Gradients().draw()[1]])
    gone = weakref.ref(optimizer)
    del parameter, optimizer
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0), "lr=0"),
        (lambda: SGD(float("nan")), "lr=nan"),
        (lambda: Adam(beta1=1), "beta1=1"),
        (lambda: Adam(beta2=-0.1), "beta2=-0.1"),
        (lambda: Adam(eps=0), "eps=0"),
        (lambda: Adam(mode="lazy"), "mode='lazy': the modes are exact, sparse, dense"),  # type: ignore[arg-type]
        (lambda: Momentum(momentum=1.5), "momentum=1.5"),
        (lambda: RMSprop(decay_rate=2), "decay_rate=2"),
        (lambda: AdaGrad(eps=-1), "eps=-1"),
    ],
)
def test_settings_that_make_no_sense(make: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        make()


def test_weights_and_gradients_that_do_not_fit() -> None:
    parameter, gradient = Parameter(start()), Gradients().draw()[1]
    optimizer = Adam()
    with pytest.raises(ParameterError, match="1 matrices of weights and 0 gradients"):
        optimizer.update([parameter], [])
    with pytest.raises(ParameterError, match=r"shape \(2, 2\) does not fit .*\(120, 7\)"):
        optimizer.update([parameter], [np.zeros((2, 2))])
    optimizer.update([parameter], [gradient])
    with pytest.raises(NotTrainableError, match="other weights"):
        optimizer.update([Parameter(start())], [gradient])
    with pytest.raises(InputTypeError, match="int64 cannot be trained"):
        Adam().update([np.zeros((120, 7), int)], [gradient])
    with pytest.raises(ParameterError, match="changed in place"):
        Adam().update([np.zeros((4, 3, 2)).transpose(2, 1, 0)], [np.zeros((2, 3, 4))])
    optimizer.lr = -1
    before = parameter[:].copy()
    with pytest.raises(ParameterError, match="lr=-1"):
        optimizer.update([parameter], [gradient])
    np.testing.assert_array_equal(parameter, before)
