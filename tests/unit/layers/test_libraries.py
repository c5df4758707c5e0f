"""Arrays of other libraries: what is refused, what is copied, and agreement with NumPy's."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import numpy as np
import pytest
from array_libraries import Arrays

from negw2v.errors import (
    ArrayMemoryError,
    ConfigurationError,
    DivergenceError,
    InputTypeError,
    MissingDependencyError,
    ParameterError,
)
from negw2v.layers import (
    CBOW,
    SGD,
    AdaGrad,
    Adam,
    Embedding,
    EmbeddingDot,
    Momentum,
    NegativeSamplingLoss,
    Parameter,
    RMSprop,
    SigmoidWithLoss,
    SkipGram,
    SparseGradient,
    Trainer,
    UnigramSampler,
    as_keyed_vectors,
    clip_gradients,
    config,
    libraries,
    to_cpu,
    to_gpu,
)
from negw2v.layers.libraries import library_of

WORDS = 30
OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda: SGD(1.0),
    "adagrad": lambda: AdaGrad(0.01),
    "momentum": lambda: Momentum(0.5),
    "rmsprop": lambda: RMSprop(0.01),
    "adam": lambda: Adam(0.05),
    "adam-sparse": lambda: Adam(0.05, mode="sparse"),
}


@pytest.fixture(params=["array_api_strict", "torch"])
def foreign(request: pytest.FixtureRequest) -> Arrays:
    return Arrays(request.param)


def corpus() -> Any:
    return np.random.default_rng(0).integers(0, WORDS, 600)


def trained(kind: Any, optimizer: Any, arrays: Arrays, **parameters: Any) -> Any:
    """A network after 20 batches, and its losses."""
    random = np.random.default_rng(1)
    contexts, target = random.integers(0, WORDS, (60, 4)), random.integers(0, WORDS, 60)
    network = kind(WORDS, 6, 2, corpus(), sample_size=3, seed=1, xp=arrays.xp, **parameters)
    trainer = Trainer(network, optimizer, seed=2)
    x, t = arrays.of(contexts), arrays.of(target)
    trainer.fit(x, t, max_epoch=1, batch_size=3, max_grad=5, eval_interval=4, progress=False)
    return network, trainer.loss_list


@pytest.mark.parametrize("kind", [CBOW, SkipGram])
@pytest.mark.parametrize("hs", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_twenty_batches_agree_with_numpys(
    foreign: Arrays, kind: Any, hs: bool, optimizer: str
) -> None:
    expected, losses = trained(kind, OPTIMIZERS[optimizer](), Arrays("numpy"), hs=hs)
    network, found = trained(kind, OPTIMIZERS[optimizer](), foreign, hs=hs)
    assert found == pytest.approx(losses, abs=1e-5)
    # The first steps of these two are g / (|g| + eps): the rounding of a tiny g shows.
    atol = 5e-5 if optimizer in ("adagrad", "rmsprop") else 1e-5
    for mine, other in zip(network.params, expected.params, strict=True):
        assert foreign.own(mine.memory)
        np.testing.assert_allclose(to_cpu(mine.array), other.array, atol=atol, rtol=0)


def test_results_stay_in_the_library(foreign: Arrays) -> None:
    network = CBOW(WORDS, 4, 1, corpus(), seed=1, xp=foreign.xp)
    contexts, target = foreign.of([[1, 2]]), foreign.of([3])
    loss: Any = network.forward(contexts, target)
    assert foreign.own(loss), "a loss is read when somebody needs it"
    assert "float64" in str(loss.dtype)
    network.backward()
    assert isinstance(network.grads[0], SparseGradient)
    assert foreign.own(network.grads[0].values)
    assert foreign.own(network.word_vecs)
    assert foreign.own(UnigramSampler(counts=np.ones(9)).get_negative_sample(target))
    assert isinstance(to_cpu(network.word_vecs), np.ndarray)
    keyed = network.to_keyed_vectors({f"w{i}": i for i in range(WORDS)})
    np.testing.assert_array_equal(keyed["w3"], to_cpu(network.word_vecs)[3])
    ids = {f"w{i}": i for i in range(WORDS)}
    np.testing.assert_array_equal(as_keyed_vectors(network.word_vecs, ids)["w3"], keyed["w3"])


def test_weights_in_place_and_copies(foreign: Arrays) -> None:
    W = foreign.of(np.ones((3, 2), np.float32))
    layer = Embedding(W)
    SGD(0.5).update(layer.params, [SparseGradient((3, 2), library=layer.weight.library)])
    assert layer.weight.is_watched
    assert Parameter.of(W) is layer.weight
    copy = Parameter(W)
    assert copy.library is layer.weight.library
    assert not copy.is_watched
    assert copy.array is copy.memory
    assert copy.is_watched, "who holds it cannot be known"
    copy.array[0, 0] = 7
    assert np.asarray(copy)[0, 0] == 7
    assert to_cpu(W)[0, 0] == 1
    assert Parameter(foreign.of(np.ones((3, 2), int))).dtype == foreign.xp.float32
    other = pickle.loads(pickle.dumps(copy))
    assert foreign.own(other.memory)
    np.testing.assert_array_equal(np.asarray(other), np.asarray(copy))


def test_the_sum_of_gradients_and_their_norm(foreign: Arrays) -> None:
    library = library_of(foreign.of(np.zeros(1)))
    first = SparseGradient((4, 2), library=library)
    first.rows, first.values = (
        library.upload(np.int32([3, 1])),
        library.upload(np.float32([[1, 2], [3, 4]])),
    )
    second = SparseGradient((4, 2), library=library)
    second.rows, second.values = library.upload(np.int32([3])), library.upload(np.float32([[5, 6]]))
    first += second
    assert np.asarray(first).tolist() == [[0, 0], [3, 4], [0, 0], [6, 8]]
    assert clip_gradients([first], 1) == pytest.approx(np.sqrt(125))
    assert np.linalg.norm(np.asarray(first)) == pytest.approx(1, rel=1e-5)


def test_two_libraries_in_one_call(foreign: Arrays) -> None:
    W = np.ones((3, 2), np.float32)
    idx = np.array([0, 1])
    with pytest.raises(InputTypeError, match="idx is an array of NumPy's, but the weights are"):
        Embedding(foreign.of(W)).forward(idx)
    with pytest.raises(InputTypeError, match=r"idx is an array of .* but the weights are NumPy's"):
        Embedding(W).forward(foreign.of(idx))
    with pytest.raises(InputTypeError, match="h is an array of NumPy's"):
        EmbeddingDot(foreign.of(W)).forward(W[:2], foreign.of(idx))
    layer = Embedding(foreign.of(W))
    layer.forward([0, 1])
    with pytest.raises(InputTypeError, match="dout is an array of NumPy's"):
        layer.backward(W[:2])
    with pytest.raises(InputTypeError, match="t is an array of"):
        SigmoidWithLoss().forward([0.0, 1.0], foreign.of([0, 1]))  # type: ignore[arg-type]
    loss = NegativeSamplingLoss(foreign.of(W), [0, 1, 2], sample_size=1)
    with pytest.raises(InputTypeError, match="target is an array of NumPy's"):
        loss.forward(foreign.of(W[:2]), idx)
    network = CBOW(WORDS, 4, 1, corpus(), xp=foreign.xp)
    with pytest.raises(InputTypeError, match="contexts is an array of NumPy's"):
        Trainer(network, SGD()).fit(np.zeros((4, 2), int), np.zeros(4, int), batch_size=2)
    parameter = Parameter(foreign.of(W))
    for make in (SGD, Adam):
        with pytest.raises(InputTypeError, match="a gradient is"):
            make().update([parameter], [SparseGradient((3, 2))])
        with pytest.raises(InputTypeError, match="a gradient is"):
            make().update([Parameter(W)], [foreign.of(W)])
        with pytest.raises(InputTypeError, match="a gradient is an array of NumPy's"):
            make().update([parameter], [W])
    np.testing.assert_array_equal(np.asarray(parameter), W)


def test_two_devices_in_one_call() -> None:
    arrays = Arrays("array_api_strict")
    xp = arrays.xp
    there = xp.asarray([0, 1], device=xp.Device("device1"))
    with pytest.raises(InputTypeError, match=r"idx is an array of .*device1.*on one device"):
        Embedding(arrays.of(np.ones((3, 2), np.float32))).forward(there)
    network = CBOW(WORDS, 4, 1, corpus(), xp=xp, device=xp.Device("device1"))
    assert network.word_vecs.device == xp.Device("device1")  # type: ignore[attr-defined]


def test_row_numbers_that_are_none(foreign: Arrays) -> None:
    layer = Embedding(foreign.of(np.ones((3, 2), np.float32)))
    with pytest.raises(InputTypeError, match="idx must be integers"):
        layer.forward(foreign.of([0.0, 1.0]))
    with pytest.raises(IndexError, match="hold 3 at position 1"):
        layer.forward(foreign.of([0, 3]))
    assert tuple(layer.forward(foreign.of(np.zeros(0))).shape) == (0, 2)


def test_a_tensor_that_requires_grad() -> None:
    arrays = Arrays("torch")
    W = arrays.xp.ones((3, 2), requires_grad=True)
    for make in (Parameter, Parameter.of, Embedding):
        with pytest.raises(InputTypeError, match=r"requires grad.*detach\(\)"):
            make(W)
    h = arrays.xp.ones((2, 2), requires_grad=True)
    with pytest.raises(InputTypeError, match="h requires grad"):
        EmbeddingDot(W.detach()).forward(h, arrays.of([0, 1]))


def test_arrays_that_cannot_be_changed_in_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    array = Arrays("array_api_strict").of(np.ones((3, 2)))
    monkeypatch.setattr(libraries, "library_name", lambda _: "jax")
    with pytest.raises(InputTypeError, match="jax cannot be changed in place"):
        Parameter(array)


def test_a_matrix_that_memory_does_not_hold(foreign: Arrays) -> None:
    library = library_of(foreign.of(np.zeros(1)))
    with pytest.raises(ArrayMemoryError, match=r"for the rows, of shape \(1000000000000, 9000\)"):
        library.empty("the rows", (10**12, 9000), foreign.xp.float32)
    with pytest.raises(MemoryError, match="smaller batch"):
        library.empty("the rows", (10**12, 9000), foreign.xp.float32)


def test_weights_that_are_no_matrix(foreign: Arrays) -> None:
    W = foreign.of(np.ones(3, np.float32))
    with pytest.raises(ParameterError, match=r"must be matrices, \(rows, d\), not of the shape"):
        SGD().update([W], [W])


def test_a_loss_that_is_no_number_stops_at_the_end_of_its_interval(foreign: Arrays) -> None:
    network = CBOW(WORDS, 4, 1, corpus(), seed=1, xp=foreign.xp)
    network.word_vecs[0, 0] = np.nan
    x, t = foreign.of(np.zeros((40, 2), int)), foreign.of(np.ones(40, int))
    for interval, step in ((5, 1), (None, 10)):
        trainer = Trainer(network, SGD())
        with pytest.raises(DivergenceError, match=f"loss is nan in step {step} "):
            trainer.fit(x, t, 1, 4, eval_interval=interval, progress=False)


def test_without_array_api_compat(foreign: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "array_api_compat", None)
    with pytest.raises(MissingDependencyError, match=r"negw2v\[array\]"):
        Parameter(foreign.of(np.ones((3, 2))))


# the switch of the book's programs


def test_the_switch_without_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(MissingDependencyError, match=r"negw2v\[gpu\]"):
        to_gpu(np.ones(3))
    monkeypatch.setattr(config, "GPU", True)
    with pytest.raises(MissingDependencyError, match=r"config\.GPU = True needs .*negw2v\[gpu\]"):
        CBOW(WORDS, 4, 1, corpus())


class CuPyWithoutGPU:
    """What CuPy does where there is no driver."""

    class cuda:
        class runtime:
            class CUDARuntimeError(RuntimeError):
                pass

            @classmethod
            def getDeviceCount(cls) -> int:
                raise cls.CUDARuntimeError("cudaErrorInsufficientDriver")


def test_the_switch_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", CuPyWithoutGPU)
    monkeypatch.setattr(config, "GPU", True)
    for call in (lambda: CBOW(WORDS, 4, 1, corpus()), lambda: to_gpu(np.ones(3))):
        with pytest.raises(ConfigurationError, match=r"finds no GPU .*config\.GPU = False"):
            call()
    monkeypatch.setattr(CuPyWithoutGPU.cuda.runtime, "getDeviceCount", lambda: 0)
    with pytest.raises(ConfigurationError, match="there is no GPU"):
        to_gpu(np.ones(3))


def test_numpy_has_no_devices() -> None:
    assert CBOW(WORDS, 4, 1, corpus(), xp=np, device="cpu").params[0].library is libraries.HOST
    with pytest.raises(ConfigurationError, match="device='cuda': NumPy's arrays are on the CPU"):
        CBOW(WORDS, 4, 1, corpus(), device="cuda")


def test_the_books_np(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Any] = {}
    exec("from negw2v.layers.np import *", names)
    assert names["np"] is np
    monkeypatch.setattr(config, "GPU", True)
    monkeypatch.setitem(sys.modules, "cupy", CuPyWithoutGPU)
    with pytest.raises(ConfigurationError, match="finds no GPU"):
        exec("from negw2v.layers.np import *", {})
