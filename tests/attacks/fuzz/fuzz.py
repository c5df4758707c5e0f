"""Fuzzing of everything that reads files, in two ways.

    python tests/attacks/fuzz/fuzz.py text                    until it is stopped
    python tests/attacks/fuzz/fuzz.py pickle -max_total_time=60
    python tests/attacks/fuzz/fuzz.py rows --mutate 60        60 seconds, with seed 0
    python tests/attacks/fuzz/fuzz.py rows --mutate 60 7      with seed 7
    make fuzz                                                 every target, in both ways

The first way is coverage-guided, with atheris (libFuzzer); it sees lines of Python only. The
second one changes bytes blindly, and is for the compiled parsers: `make fuzz` runs it with modules
that were built with AddressSanitizer and UndefinedBehaviorSanitizer.

A reader may refuse a file with an exception of negw2v's; any other exception, a crash, a hang or
more memory than 512 MB is a finding. libFuzzer writes it to a file crash-*, the second way to
findings/TARGET/, where the tests run it again from then on.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import io
import logging
import lzma
import random
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
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
    from negw2v.formats.gensim import reading as gensim_files

    gensim_files.read(path)


def native(path: Path) -> None:
    """Models and vectors in negw2v's own format, and what load() makes of other files."""
    from negw2v import KeyedVectors, Word2Vec

    for kind in (KeyedVectors, Word2Vec):
        kind.load(path)


def vocabulary(path: Path) -> None:
    """The vocabulary that goes with vectors."""
    from negw2v.formats.word2vec import reading as word2vec_reading

    word2vec_reading.read_counts(path, word2vec_reading.Options(unicode_errors="replace"))


def npy(path: Path) -> None:
    """NumPy's arrays, read and mapped, with a file of words."""
    from negw2v import KeyedVectors, ModelFileError
    from negw2v.formats import npy as numpy_files

    words = path.with_name("words")
    words.write_text("a\nb\nc\n")
    for mmap in (None, "r"):
        try:
            numpy_files.read_npy(path, mmap)
        except ModelFileError as error:
            if str(path) not in str(error):
                raise AssertionError(f"the message does not name the file: {error}") from error
    KeyedVectors.load_npy(path, words)


def projector(path: Path) -> None:
    """The two files of TensorBoard's projector; a line of one byte 255 separates them."""
    from negw2v import KeyedVectors

    metadata = path.with_name(path.name + "_metadata")
    vectors, _, text = path.read_bytes().partition(b"\xff\n")
    path.write_bytes(vectors)
    metadata.write_bytes(text)
    KeyedVectors.load_projector(path, metadata)


def npz(path: Path) -> None:
    """Archives of arrays, which gensim puts beside compressed models."""
    from negw2v.formats import npy as numpy_files

    numpy_files.read_npz(path)


def sidecar(path: Path) -> None:
    """A model of gensim's in several files, one of which is other than it was.

    The first byte of the content tells which one; the others are made anew.
    """
    from negw2v import Word2Vec

    data = path.read_bytes()
    parts = gensim_parts()
    names = sorted(parts)
    for name, content in parts.items():
        path.with_name(path.name + name).write_bytes(content)
    if names and data:
        path.with_name(path.name + names[data[0] % len(names)]).write_bytes(data[1:])
    Word2Vec.load(path)


def compressed(path: Path) -> None:
    """Whatever may be compressed: models, vectors and corpora."""
    from negw2v import KeyedVectors, LineSentence, NegW2VError
    from negw2v.corpus.files import FileCorpus

    found: list[Any] = []
    for read in (
        lambda: KeyedVectors.load(path),
        lambda: KeyedVectors.load_word2vec_format(path, unicode_errors="replace"),
        lambda: found.append(Counter(word for line in LineSentence(path) for word in line)),
        lambda: found.append(FileCorpus([str(path)]).scan()),
    ):
        try:
            read()
        except NegW2VError as error:
            if str(path) not in str(error):
                raise AssertionError(f"the message does not name the file: {error}") from error
    if len(found) == 2 and found[0] != dict(zip(found[1].words, found[1].counts, strict=True)):
        raise AssertionError("the two readers of a corpus do not agree")


def corpus(path: Path) -> None:
    """Text, by several threads and cut into pieces: what str.split() makes of it."""
    from negw2v.corpus.files import FileCorpus
    from negw2v.io import compression

    data = path.read_bytes()
    if compression.compression_of(data[: compression.FIRST_BYTES]):
        return
    found = FileCorpus([str(path)], workers=3, min_stretch_bytes=1).scan()
    # the corpus was read: it is UTF-8
    expected = Counter(data.decode().removeprefix("\ufeff").split())
    if dict(zip(found.words, found.counts.tolist(), strict=True)) != expected:
        raise AssertionError("not the words of str.split()")


def tokens(path: Path) -> None:
    """The compiled tokenizer, fed in pieces whose sizes the content tells."""
    from negw2v.corpus._tokenizer import LineTokenizer, WordTable

    data = path.read_bytes()
    step, text = (data[0] % 32 + 1, data[1:]) if data else (1, b"")
    table = WordTable()
    reader = LineTokenizer(table, grow=True, keep=True, block_bytes=64, longest=500)
    read: list[int] = []
    try:
        for start in range(0, len(text) + step, step):
            piece = text[start : start + step]
            reader.free_space()[: len(piece)] = piece
            reader.feed(len(piece), last=not piece)
            read += list(reader.tokens())
    except OverflowError:
        if max(map(len, text.split())) < 500:  # bytes.split() knows ASCII's blanks only
            raise
        return
    try:
        expected = text.decode().removeprefix("\ufeff").split()
    except UnicodeDecodeError as error:
        if reader.invalid != error.start:
            raise AssertionError(f"byte {reader.invalid} is invalid, not {error.start}") from error
        return
    if reader.invalid >= 0 or [table.words()[i] for i in read] != expected:
        raise AssertionError("not the words of str.split()")


def rows(path: Path) -> None:
    """The compiled parsers of rows, with every option, whatever the caller looks at before."""
    import numpy as np

    from negw2v.formats import _text_rows

    data = path.read_bytes()
    mode, block = (data[0], data[1:]) if data else (0, b"")
    padded = bytearray(block + bytes(_text_rows.PADDING))
    dimensions = mode % 5 + 1
    count, end, _ = _text_rows.find_lines(padded, len(block), 1000, dimensions)
    for dtype in (np.float32, np.float64):
        out = np.empty((count, dimensions), dtype)
        for blanks in (_text_rows.REFUSE, _text_rows.UNLESS_NUMBER, _text_rows.ACCEPT):
            found, fault, at, *_ = _text_rows.read_lines(
                padded, end, out, "utf8", "replace", mode % 2 == 0, _to_number, blanks
            )
            if not (len(found) <= count and (fault or len(found) == count) and 0 <= at <= end):
                raise AssertionError(f"{len(found)} of {count} rows, fault {fault} at {at}")
    count, end, _ = _text_rows.find_records(padded, len(block), 1000, 4 * dimensions)
    out = np.empty((count, dimensions), np.float32)
    _text_rows.read_records(padded, end, out, "utf8", "ignore", mode % 2 == 0)
    found, *_ = _text_rows.read_records(padded, end, out, "utf8", "replace", False)
    heads = b"".join(b"w%d " % i for i in range(len(found)))
    edges = np.cumsum([0, *(len(b"w%d " % i) for i in range(len(found)))])
    if found:
        _text_rows.write_lines(out[: len(found)], heads, edges, 1e16)
        _text_rows.write_records(out[: len(found)], heads, edges)


def arrow(path: Path) -> None:
    """A column by hand, of which everything but the sizes of its buffers may be a lie.

    The content says what it is made of. What is read must be the same with Python's objects; what
    was handed over must be released once.
    """
    import gc

    sys.path.insert(0, str(Path(__file__).parents[2] / "helpers"))
    try:
        import arrow_arrays
    finally:
        del sys.path[0]
    from negw2v import NegW2VError
    from negw2v.corpus.arrow import ArrowSource
    from negw2v.corpus.columns import ColumnCorpus

    made = []

    def corpus() -> ColumnCorpus:
        root = HostileColumns(path.read_bytes()).root()
        made.append(root)
        source = ArrowSource(root, None, "the column")
        return ColumnCorpus(source, workers=2, task_words=3, round_words=9)

    try:
        found = corpus().scan()
        words = [word for row in corpus().sentences() for word in row]
        if dict(zip(found.words, found.counts.tolist(), strict=True)) != Counter(words):
            raise AssertionError("not the words of Python's objects")
        (block,) = corpus().blocks({word: place for place, word in enumerate(found.words)})
        if [found.words[token] for token in block.tokens] != words:
            raise AssertionError("not the ids of the words")
    except NegW2VError as error:
        if "the column" not in str(error):
            raise AssertionError(f"the message does not name the column: {error}") from error
    for root in made:
        if root.handed_over() != root.released_arrays():
            gc.collect()  # tracebacks may have kept it
        if root.handed_over() != root.released_arrays():
            raise AssertionError(f"{root.handed_over()} arrays, {root.released_arrays()} released")
    arrow_arrays.forget()


class HostileColumns:
    """Arrays of Arrow's, made of bytes: a byte below 200 chooses what is usual.

    Parameters
    ----------
    data
        The bytes; behind them there are zeros.
    """

    ODD = 200
    FORMATS = (
        *("u", "U", "vu", "i", "l", "c", "C", "s", "S", "I", "L", "+l", "+L", "+vl", "+vL", "+w:2"),
        *("+s", "n", "b", "f", "z", "+w:-1", "+w:x", "+w:99999999999999999999", "+r", "", "\xff"),
    )
    INTEGERS = "cCsSiIlL"

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def _byte(self) -> int:
        return next(self._data, 0)

    def _pick(self, usual: Any, *odd: Any) -> Any:
        byte = self._byte()
        return usual if byte < self.ODD else odd[byte % len(odd)]

    def root(self) -> Any:
        """What has ``__arrow_c_stream__`` or ``__arrow_c_array__``."""
        from arrow_arrays import Column, Streamed

        kind = self._byte()
        column = self._lists() if kind % 4 < 3 else self._any(0)
        if kind // 4 % 2:
            rows = self._pick(column.sizes[0], 1, -1, 0, 1 << 62)
            column = Column(
                "+s",
                rows,
                [self._bits(8)],
                (column,),
                nulls=self._pick(0, -1, 3),
                offset=self._pick(0, 1, -1, (1 << 63) - 1),
            )
        if kind // 8 % 2:
            times = 1 + self._byte() % 3
            root: Any = Streamed(column, times, error=self._pick(0, 5, -1))
            root.handed_over = lambda: times - root.left
        else:
            root = column
            root.handed_over = lambda: root.asked
        root.released_arrays = lambda: column.released["array"]
        return root

    def _lists(self) -> Any:
        return self._array(self.FORMATS[11 + self._byte() % 5], 0)

    def _any(self, depth: int) -> Any:
        return self._array(self.FORMATS[self._byte() % len(self.FORMATS)], depth)

    def _bits(self, count: int) -> Any:
        return self._pick(None, self._some((count + 7) // 8))

    def _some(self, count: int) -> Any:
        """So many bytes of which none is behind the end of the memory."""
        import numpy as np

        skipped = self._pick(0, 1)
        return np.array([self._byte() for _ in range(skipped + count)], np.uint8)[skipped:]

    def _places(self, count: int, size: int, most: int) -> Any:
        """Offsets that rise, mostly."""
        import numpy as np

        place, places = self._pick(0, 1, -1), []
        for _ in range(count):
            places.append(place)
            place = min(place + (self._byte() + 1) % 3, most)
            place = self._pick(place, 0, -1, most + 1, (1 << (8 * size - 1)) - 1)
        return np.array(places, np.int32 if size == 4 else np.int64)

    def _array(self, code: str, depth: int) -> Any:
        import numpy as np
        from arrow_arrays import Column

        length = self._pick(3, 0, 1, 7, -1, -(1 << 63), (1 << 63) - 1)
        offset = self._pick(0, 1, 2, -1, (1 << 63) - 1)
        count = length + offset if 0 <= length <= 7 and 0 <= offset <= 2 else 0
        buffers: list[Any] = [self._bits(count)]
        children: tuple[Any, ...] = ()
        dictionary = None
        if code.startswith("+") and depth < 3:
            values = [self._any(depth + 1)] if self._byte() >= self.ODD else []
            values = values or [self._array("u" if self._byte() % 2 else "i", depth + 1)]
            children = tuple(values * self._pick(1, 0, 2))
        if code in ("+l", "+L", "+vl", "+vL"):
            size = 4 if code.endswith("l") else 8
            most = min(20, max(0, values[0].sizes[0])) if depth < 3 else 0
            buffers.append(self._places(count + 1, size, most))
            if "v" in code:
                buffers.append(self._places(count, size, 2))
        elif code in ("u", "U"):
            places = self._places(count + 1, 4 if code == "u" else 8, 20)
            places[-1] = min(places[-1], 40)  # the one that must be true
            buffers += [places, self._some(max(0, int(places[-1])))]
        elif code == "vu":
            views = np.zeros((count, 4), np.int32)
            for view in views:
                view[0] = self._pick(self._byte() % 15, 20, -1, (1 << 31) - 1)
                view[1:] = [self._byte(), self._pick(0, 1, -1), self._pick(0, 3, 30, -1)]
            sizes = np.array([self._pick(30, 0, 1, -1)], np.int64)
            buffers += [views, self._some(30), sizes]
        elif code in self.INTEGERS:
            buffers.append(self._some(count << self.INTEGERS.index(code) // 2))
            if self._byte() % 3 == 2 and depth < 4:
                dictionary = self._array("u" if self._byte() < self.ODD else "vu", depth + 1)
        column = Column(
            code,
            length,
            [self._pick(buffer, buffer, None) for buffer in buffers],
            children,
            dictionary=dictionary,
            nulls=self._pick(0, -1, 1, 5),
            offset=offset,
        )
        column.sizes = (*column.sizes[:3], self._pick(len(buffers), 0, 1, -1))
        return column


def _to_number(text: bytes) -> float:
    return float(text.decode())


TARGETS: dict[str, Callable[[Path], None]] = {
    target.__name__: target
    for target in (
        *(text, binary, vocabulary, pickle, native, npy, npz, sidecar, compressed),
        *(projector, corpus, tokens, rows, arrow),
    )
}


# -- whole files to start from


def gensim_parts() -> dict[str, bytes]:
    """The files of a model that gensim saved in several, by what follows its name."""
    if not _parts:
        try:
            from gensim.models import Word2Vec as Gensim
        except ImportError:
            return {}
        model = Gensim([["a", "b", "c"] * 3] * 5, vector_size=3, min_count=1, workers=1, seed=1)
        with tempfile.TemporaryDirectory() as folder:
            model.save(f"{folder}/model", sep_limit=0)
            for path in Path(folder).iterdir():
                _parts[path.name.removeprefix("model")] = path.read_bytes()
    return _parts


_parts: dict[str, bytes] = {}


def _vectors() -> Any:
    import numpy as np

    from negw2v import KeyedVectors

    vectors = KeyedVectors(3)
    vectors.add_vectors(["a", "bc", "ö"], np.float32([[1, -2.5, 3e-9], [0.1, 0, 4], [5, 6, 7]]))
    return vectors


def _written(write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "file")
        return (Path(folder) / "file").read_bytes()


def _native_seeds() -> list[bytes]:
    from negw2v import Word2Vec

    model = Word2Vec([["a", "b"]], vector_size=3, min_count=1, workers=1, progress=False)
    mixed = _vectors()
    mixed.add_vectors([5, 2.5], [[1, 2, 3]] * 2)
    return [_written(kind.save) for kind in (_vectors(), mixed, model)]


def _pickle_seeds() -> list[bytes]:
    import pickle as pickles

    import numpy as np

    values: list[Any] = [
        {"a": [1, 2.5, None, True, b"x" * 2000], "b": ("c", "d"), "e": {1}, "f": 2**70},
        np.float32([[1, -2.5, 3e-9], [0.1, 0, 4]]),
        np.float32(1),
        np.random.RandomState(1),
    ]
    found = [pickles.dumps(value, protocol=protocol) for value in values for protocol in (2, 4, 5)]
    try:
        from gensim.models import KeyedVectors as Gensim
    except ImportError:
        return found
    theirs, ours = Gensim(3), _vectors()
    theirs.add_vectors(ours.index_to_key, ours.vectors)
    return [*found, _written(lambda path: theirs.save(str(path)))]


def _array_seeds(archive: bool) -> list[bytes]:
    import numpy as np

    found = []
    for array in (np.eye(3, dtype=np.float32), np.arange(6.0).reshape(2, 3).T, np.arange(3)):
        file = io.BytesIO()
        np.save(file, array)
        found.append(file.getvalue())
    if not archive:
        return found
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)
    packed = []
    for content, method in zip(found, methods, strict=True):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as writer:
            writer.writestr("val.npy", content)
        packed.append(file.getvalue())
    return packed


LINES = (
    "the quick brown fox\n\njumps  over\tthe lazy dog\n",
    "дом\u3000мир \x85a\x1cb\xa0c\u2028d\r\n" + "long" * 30 + "\n",
    codecs.BOM_UTF8.decode() + "😀 \U0010ffff a\0b",
)


def seeds(target: str) -> list[bytes]:
    """Whole files to start from.

    Parameters
    ----------
    target
        One of TARGETS.
    """
    texts = [line.encode() for line in LINES]
    vectors = [
        _written(lambda path, binary=binary: _vectors().save_word2vec_format(path, binary=binary))
        for binary in (False, True)
    ]
    without_header = [content.partition(b"\n")[2] for content in vectors]
    makers: dict[str, Callable[[], list[bytes]]] = {
        "text": lambda: [vectors[0], b"\xff" + without_header[0]],
        "binary": lambda: vectors[1:],
        "vocabulary": lambda: [b"a 3\nbc 2\n\xc3\xb6 1\n"],
        "pickle": _pickle_seeds,
        "native": _native_seeds,
        "npy": lambda: _array_seeds(archive=False),
        "npz": lambda: _array_seeds(archive=True),
        "projector": lambda: [
            b"1\t2\n-.5\t1e9\n\xff\na\n\xc3\xb6\n",
            b"1\t2\n3\t4\n\xff\nword\tcount\tshare\tkind\na\t5\t.5\tx\nb\t6\t1e3\ty\n",
        ],
        "sidecar": lambda: (
            [bytes((at,)) + gensim_parts()[name] for at, name in enumerate(sorted(gensim_parts()))]
            or [b"\0"]
        ),
        "compressed": lambda: [
            pack(content)
            for pack in (gzip.compress, bz2.compress, lzma.compress, *_zstandard())
            for content in (texts[0] * 20, vectors[0], _native_seeds()[0], _pickle_seeds()[-1])
        ],
        "corpus": lambda: texts,
        "tokens": lambda: [bytes((size,)) + text for size in (0, 7, 31) for text in texts],
        "rows": lambda: (
            [b"\x02" + content for content in without_header]
            + [b"\x03a 1e5 -inf .5 0x1\nb 1_0 9" + b"9" * 40 + b" nan 1e-400\n"]
        ),
        "arrow": lambda: [
            bytes((kind, lists, values, *random.Random(kind).choices(range(200), k=size)))
            for kind in (0, 4, 8, 12, 3, 11)
            for lists in range(5)
            for values in (0, 1)
            for size in (0, 90)
        ],
    }
    return makers[target]()


def _zstandard() -> list[Callable[[bytes], bytes]]:
    try:
        from backports.zstd import compress
    except ImportError:
        return []
    return [compress]


def changed(files: list[bytes], chance: random.Random) -> bytes:
    """One of the files with a few blind changes.

    Parameters
    ----------
    files
        Whole files.
    chance
        What decides.
    """
    data = bytearray(chance.choice(files))
    for _ in range(chance.randint(1, 4)):
        data = data or bytearray(b"x")
        at = chance.randrange(len(data))
        change = chance.randrange(5)
        if change == 0:
            data[at] = chance.randrange(256)
        elif change == 1:
            data[at] = chance.choice(b"\0\n \t0-e.\x7f\x80\xff")
        elif change == 2:
            del data[at : at + chance.randint(1, 8)]
        elif change == 3:
            data[at:at] = data[max(0, at - 8) : at]
        else:
            other = chance.choice(files)
            start = chance.randrange(len(other) + 1)
            data[at : at + 8] = other[start : start + chance.randint(0, 30)]
    return bytes(data)


# -- the two ways


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


def mutate(target: str, seconds: float, seed: int) -> None:
    """Check files with blind changes for so long; what is found is kept, and ends it.

    Parameters
    ----------
    target
        One of TARGETS.
    seconds
        How long.
    seed
        Of the changes.
    """
    chance = random.Random(seed)
    known = FINDINGS / target
    kept = [path.read_bytes() for path in known.iterdir()] if known.is_dir() else []
    files = [*seeds(target), *kept]
    start, done = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        last = Path(folder) / "last"  # a crash leaves the process no time to write it
        while time.monotonic() - start < seconds:
            data = changed(files, chance)
            last.write_bytes(data)
            try:
                check(target, data, Path(folder))
            except BaseException:
                known.mkdir(parents=True, exist_ok=True)
                name = hashlib.sha256(data).hexdigest()[:16]
                (known / name).write_bytes(data)
                sys.stderr.write(f"{target}: a finding, kept as {known / name}\n")
                raise
            done += 1
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(f"{target}: {done:,} files, seed {seed}, no finding; {most} MB at most\n")


def main() -> None:
    """Fuzz the target that is named first; further arguments are libFuzzer's, or --mutate's."""
    target = sys.argv[1]
    if target not in TARGETS:
        raise SystemExit(f"{target!r} is no target; there are {', '.join(TARGETS)}")
    logging.getLogger("negw2v").setLevel(logging.ERROR)
    if sys.argv[2:3] == ["--mutate"]:
        mutate(target, float(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 0)
        return
    import atheris

    with atheris.instrument_imports(include=["negw2v"]):
        import negw2v.corpus.files
        import negw2v.formats.gensim.reading
        import negw2v.formats.word2vec.reading
        import negw2v.word2vec  # noqa: F401
    with tempfile.TemporaryDirectory() as folder:
        started_from = Path(folder) / "corpus"
        started_from.mkdir()
        known = FINDINGS / target
        kept = [path.read_bytes() for path in known.iterdir()] if known.is_dir() else []
        for number, seed in enumerate([*seeds(target), *kept]):
            (started_from / f"seed{number}").write_bytes(seed)
        atheris.Setup(
            [sys.argv[0], *sys.argv[2:], "-rss_limit_mb=512", "-timeout=10", "-max_len=8192",
             str(started_from)],
            lambda data: check(target, data, Path(folder)),
        )  # fmt: skip
        atheris.Fuzz()


if __name__ == "__main__":
    main()
