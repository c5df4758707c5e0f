"""Models that gensim 0.12 to 3 saved, from gensim's test data: they load, train, and save again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("gensim", reason="its old files are read here")

from gensim.test.utils import datapath, lee_corpus_list

from negw2v import Word2Vec

FOLDER = Path(datapath("old_w2v_models"))
VERSIONS = ["0.12.0", "0.12.1", "0.12.2", "0.12.3", "0.12.4", "0.13.0", "0.13.1", "0.13.2"]
VERSIONS += ["0.13.3", "0.13.4"]
VERSIONS += ["1.0.0", "1.0.1", "2.0.0", "2.1.0", "2.2.0", "2.3.0"]
VERSIONS += ["3.0.0", "3.1.0", "3.2.0", "3.3.0", "3.4.0"]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_model_trains_on_and_is_saved(version: str, tmp_path: Path) -> None:
    model = Word2Vec.load(FOLDER / f"w2v_{version}.mdl")
    assert model.wv.vectors.shape == (3, 4)
    assert len(model.wv.most_similar("sentence")) == 2
    # some versions saved one lock factor per word, which are too few when the vocabulary grows
    model.wv.vectors_lockf = np.ones(1, dtype=np.float32)
    for _ in range(2):
        words = len(model.wv)
        model.build_vocab(lee_corpus_list, update=True)
        assert len(model.wv) >= words
        model.train(lee_corpus_list, total_examples=model.corpus_count, epochs=1)
        model.save(tmp_path / "model")
        model = Word2Vec.load(tmp_path / "model")
    assert len(model.wv) > 1000
