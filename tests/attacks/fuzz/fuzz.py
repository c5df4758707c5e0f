"""Coverage-guided fuzzing of everything that reads files, with atheris (libFuzzer).

    python tests/attacks/fuzz/fuzz.py text                    until it is stopped
    python tests/attacks/fuzz/fuzz.py pickle -max_total_time=60
    make fuzz                                                 60 seconds each

A reader may refuse a file with an exception of negw2v's; any other exception, a crash, a hang or
more memory than 512 MB is a finding. libFuzzer writes it to a file crash-*; put its content into
findings/TARGET/, where the tests run it again from then on.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

FINDINGS = Path(__file__).with_name("findings")


def text(path: Path) -> None:
    """word2vec's text format, with a header and without."""
    from negw2v import KeyedVectors

    first = path.read_bytes()[:1]
    KeyedVectors.load_word2vec_format(
        path, no_header=first == b"\xff", unicode_errors="replace", allow_nonfinite=first == b"1"
    )


def binary(path: Path) -> None:
    """word2vec's binary format."""
    from negw2v import KeyedVectors

    KeyedVectors.load_word2vec_format(path, binary=True, unicode_errors="ignore")


def pickle(path: Path) -> None:
    """gensim's pickles."""
    from negw2v.formats import gensim_files

    gensim_files.read(path)


def native(path: Path) -> None:
    """Models and vectors in negw2v's own format, and what load() makes of other files."""
    from negw2v import KeyedVectors, Word2Vec

    for kind in (KeyedVectors, Word2Vec):
        kind.load(path)


TARGETS: dict[str, Callable[[Path], None]] = {
    "text": text,
    "binary": binary,
    "pickle": pickle,
    "native": native,
}


def seeds(target: str) -> list[bytes]:
    """Whole files to start from."""
    import pickle as pickles

    import numpy as np

    from negw2v import KeyedVectors, Word2Vec

    vectors = KeyedVectors(3)
    vectors.add_vectors(["a", "bc", "ö"], np.float32([[1, -2.5, 3e-9], [0.1, 0, 4], [5, 6, 7]]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        if target in {"text", "binary"}:
            vectors.save_word2vec_format(path, binary=target == "binary")
            found = [path.read_bytes()]
        elif target == "native":
            vectors.save(path)
            found = [path.read_bytes()]
            model = Word2Vec([["a", "b"]], vector_size=3, min_count=1, workers=1, progress=False)
            model.save(path)
            found.append(path.read_bytes())
        else:
            values: list[Any] = [
                {"a": [1, 2.5, None, True, b"x" * 2000], "b": ("c", "d"), "e": {1}, "f": 2**70},
                vectors.vectors,
                vectors.vectors[0, 0],
                np.random.RandomState(1),
            ]
            found = [
                pickles.dumps(value, protocol=protocol)
                for value in values
                for protocol in (2, 4, 5)
            ]
            try:
                from gensim.models import KeyedVectors as Gensim
            except ImportError:
                return found
            theirs = Gensim(3)
            theirs.add_vectors(vectors.index_to_key, vectors.vectors)
            theirs.save(str(path))
            found.append(path.read_bytes())
    return found


def check(target: str, data: bytes, folder: Path) -> None:
    """Read a file with this content; whatever is not ours goes on to the caller."""
    from negw2v import NegW2VError

    path = folder / "file"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            TARGETS[target](path)
        except NegW2VError as error:
            if str(path) not in str(error):
                raise AssertionError(f"the message does not name the file: {error}") from error


def main() -> None:
    """Fuzz the target that is named first; further arguments are libFuzzer's."""
    import atheris

    target = sys.argv[1]
    check_target = TARGETS[target]  # a KeyError names an unknown one
    del check_target
    with atheris.instrument_imports(include=["negw2v"]):
        import negw2v.formats.gensim_files
        import negw2v.formats.word2vec_format
        import negw2v.word2vec  # noqa: F401
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        known = FINDINGS / target
        kept = [path.read_bytes() for path in known.iterdir()] if known.is_dir() else []
        for number, seed in enumerate([*seeds(target), *kept]):
            (corpus / f"seed{number}").write_bytes(seed)
        atheris.Setup(
            [sys.argv[0], *sys.argv[2:], "-rss_limit_mb=512", "-timeout=10", "-max_len=8192",
             str(corpus)],
            lambda data: check(target, data, Path(folder)),
        )  # fmt: skip
        atheris.Fuzz()


if __name__ == "__main__":
    main()
