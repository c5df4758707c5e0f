"""What gensim accepts is accepted, and what it refuses is refused by an exception of that type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("gensim", reason="gensim is the yardstick")

from gensim.models import Word2Vec as GensimWord2Vec

from negw2v import NegW2VError, Word2Vec

SENTENCES = [["a", "b", "c"], ["b", "c"], ["c", "d", "e", "f"]] * 5


def built(cls: type, **settings: Any) -> Any:
    model = cls(min_count=1, vector_size=4, **settings)
    model.build_vocab(SENTENCES)
    return model


def generator() -> Iterator[list[str]]:
    yield from SENTENCES


REFUSED: dict[str, Callable[[type], Any]] = {
    "no vocabulary": lambda cls: cls().train(SENTENCES, total_examples=15, epochs=1),
    "no totals": lambda cls: built(cls).train(SENTENCES, epochs=1),
    "no epochs": lambda cls: built(cls).train(SENTENCES, total_examples=15),
    "zero epochs": lambda cls: built(cls).train(SENTENCES, total_examples=15, epochs=0),
    "no corpus": lambda cls: built(cls).train(total_examples=15, epochs=1),
    "no corpus for the vocabulary": lambda cls: cls().build_vocab(),
    "two corpora": lambda cls: cls(SENTENCES, corpus_file="corpus.txt"),
    "two corpora to train": lambda cls: built(cls).train(
        SENTENCES, corpus_file="corpus.txt", total_examples=15, epochs=1
    ),
    "missing file": lambda cls: cls(corpus_file="/no/such/file.txt"),
    "generator": lambda cls: cls(generator(), min_count=1),
    "generator to train": lambda cls: built(cls).train(generator(), total_examples=15, epochs=2),
    "no iterable": lambda cls: cls(5),
    "no objective": lambda cls: cls(SENTENCES, min_count=1, hs=0, negative=0),
    "no word left": lambda cls: cls(SENTENCES, min_count=1000),
    "empty corpus": lambda cls: cls([]),
    "update of nothing": lambda cls: cls(min_count=1).build_vocab(SENTENCES, update=True),
    "prediction without negative sampling": lambda cls: built(
        cls, hs=1, negative=0
    ).predict_output_word(["a"]),
    "score without hierarchical softmax": lambda cls: built(cls).score(SENTENCES),
    "score without vocabulary": lambda cls: cls(hs=1, negative=0).score(SENTENCES),
    "unknown parameter": lambda cls: built(cls).train(
        SENTENCES, total_examples=15, epochs=1, nonsense=1
    ),
    "unknown constructor parameter": lambda cls: cls(size=100),
    "unknown vocabulary parameter": lambda cls: built(cls).build_vocab(SENTENCES, nonsense=1),
    "negative seed": lambda cls: cls(seed=-1),
    "callback that is not in a list": lambda cls: cls(SENTENCES, min_count=1, callbacks=object()),
    "vector size of zero": lambda cls: cls(vector_size=-1),
    "NaN window": lambda cls: cls(window=float("nan")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_errors_are_of_gensims_types(case: str) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever gensim raises
        REFUSED[case](GensimWord2Vec)
    with pytest.raises(theirs.type) as ours:
        REFUSED[case](Word2Vec)
    assert isinstance(ours.value, NegW2VError) or case.startswith("unknown")
    assert len(str(ours.value)) > 20


ACCEPTED: dict[str, dict[str, Any]] = {
    "booleans": {"sg": True, "hs": True, "negative": False, "cbow_mean": False},
    "NumPy numbers": {
        "vector_size": np.int64(5),
        "window": np.int32(3),
        "min_count": np.int8(1),
        "alpha": np.float32(0.03),
        "min_alpha": np.float64(0.001),
        "sample": np.float32(1e-3),
        "seed": np.int64(4),
        "workers": np.uint8(2),
        "negative": np.int64(3),
        "epochs": np.int64(2),
        "ns_exponent": np.float32(0.5),
    },
    "whole floats": {"window": 3.0, "negative": 5.0, "workers": 1.0, "sg": 1.0},
    "no subsampling": {"sample": 0},
    "a count as sample": {"sample": 4},
    "every word": {"min_count": 0},
    "broken min_count": {"min_count": 1.5},
    "no final learning rate": {"min_alpha": 0},
    "no learning rate": {"alpha": 0},
    "rising learning rate": {"alpha": 0.01, "min_alpha": 0.02},
    "any seed": {"seed": None},
    "large seed": {"seed": 2**32 - 1},
    "small batches": {"batch_words": 1},
    "large batches": {"batch_words": 100_000},
    "wide window": {"window": 1000},
    "both objectives": {"hs": 1, "negative": 5},
    "no limit": {"max_vocab_size": None, "max_final_vocab": None},
    "zero as no limit": {"max_vocab_size": 0},
    "own hash": {"hashfxn": len},
    "comment": {"comment": {"any": "thing"}},
    "unsorted": {"sorted_vocab": 0},
    "uniform negatives": {"ns_exponent": 0},
    "reversed negatives": {"ns_exponent": -1},
    "no callbacks": {"callbacks": []},
    "whole windows": {"shrink_windows": False},
    "one dimension": {"vector_size": 1},
    "many workers": {"workers": 16},
    "final vocabulary of one": {"max_final_vocab": 1},
}


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("case", ACCEPTED)
def test_what_gensim_accepts_is_accepted(case: str, sg: int) -> None:
    settings = {"min_count": 1, "vector_size": 4, "sg": sg, **ACCEPTED[case]}
    theirs = GensimWord2Vec(SENTENCES, **settings)
    ours = Word2Vec(SENTENCES, **settings)
    assert ours.wv.index_to_key[:1] == theirs.wv.index_to_key[:1]
    assert len(ours.wv) == len(theirs.wv)
    assert ours.corpus_total_words == theirs.corpus_total_words
    assert np.isfinite(ours.wv.vectors).all()
    for name in settings:
        if name not in {"callbacks", "seed"}:
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name)) or name == "comment"


def test_attributes_set_later_are_used(caplog: pytest.LogCaptureFixture) -> None:
    for cls in (Word2Vec, GensimWord2Vec):
        model = built(cls)
        model.workers, model.window, model.negative, model.alpha = 2, 2, 7, 0.05
        trained, raw = model.train(SENTENCES, total_examples=15, epochs=2)
        assert raw == 2 * 45
        assert trained <= raw
