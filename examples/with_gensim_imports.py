"""A program that imports gensim, as people write it; it runs with gensim, and without.

    python examples/with_gensim_imports.py                   with gensim
    python -m negw2v run examples/with_gensim_imports.py     with negw2v, also without gensim

It reads a corpus line by line, trains while a callback prints the loss, queries the vectors, saves
and loads them, and trains on: what tutorials about word vectors show.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gensim.downloader
import gensim.models
from gensim import matutils, utils
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.word2vec import FAST_VERSION, LineSentence
from gensim.test.utils import common_texts, get_tmpfile

TEXT = """\
The king rules the old country from his castle, and the queen rules it from her palace.
A king and a queen live in a palace; their son, the prince, lives in the castle.
The dog chases the cat through the garden, and the cat chases a mouse through the house.
A dog and a cat sleep in the house. The mouse sleeps in the garden!
"""


class Corpus:
    """Sentences of a file, prepared word by word when they are read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[list[str]]:
        with utils.open(str(self.path), "r", encoding="utf8") as lines:
            for line in lines:
                yield utils.simple_preprocess(line)


class PrintLoss(CallbackAny2Vec):  # type: ignore[misc, unused-ignore]
    """Count the epochs, and remember the loss."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_epoch_end(self, model: Any) -> None:
        """Take the loss of the epoch."""
        self.losses.append(model.get_latest_training_loss())


def rule(word: str, count: int, min_count: int) -> int:  # noqa: ARG001 - gensim's signature
    """Keep kings, drop articles, leave the rest to the minimum count."""
    if word == "the":
        return int(utils.RULE_DISCARD)
    return int(utils.RULE_KEEP if word == "king" else utils.RULE_DEFAULT)


def main() -> None:
    """Run all of it, and print what came out."""
    print("trained by", gensim.models.Word2Vec.__module__.partition(".")[0])
    print("version", gensim.__version__, "fast", FAST_VERSION > -1)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "corpus.txt")
        path.write_text(TEXT * 50)
        losses = PrintLoss()
        model = Word2Vec(
            sentences=Corpus(path),
            vector_size=32,
            window=5,
            min_count=2,
            sg=1,
            workers=1,
            seed=1,
            epochs=5,
            trim_rule=rule,
            compute_loss=True,
            callbacks=[losses],
        )
        print("epochs", len(losses.losses), "the" in model.wv, "king" in model.wv)
        print("words", len(model.wv.index_to_key), model.wv.vectors.shape[1])
        print("nearest", len(model.wv.most_similar(positive=["king"], topn=5)))
        print("odd one", model.wv.doesnt_match(["dog", "cat", "mouse", "queen"]) in model.wv)
        mean = matutils.unitvec(model.wv.vectors.mean(axis=0))
        print("length", round(float((mean * mean).sum()), 3))

        saved = get_tmpfile("word2vec.model")
        model.save(saved)
        again = Word2Vec.load(saved)
        again.build_vocab(common_texts, update=True)
        again.train(common_texts, total_examples=again.corpus_count, epochs=again.epochs)
        print("trained on", len(again.wv) >= len(model.wv))

        text = str(Path(folder, "vectors.txt"))
        model.wv.save_word2vec_format(text)
        loaded = KeyedVectors.load_word2vec_format(text, binary=False)
        print("same keys", loaded.index_to_key == model.wv.index_to_key)
        print("lines", sum(1 for _ in LineSentence(str(path))))


if __name__ == "__main__":
    main()
