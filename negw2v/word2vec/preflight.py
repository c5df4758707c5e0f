"""What training will take, before it begins: see Word2Vec.preflight().

::

    run            counts the corpus, and asks
      memory         what the model and its training will occupy
      measured       how fast it trains: a moment of real training, on a sample (measuring.py)
      mistakes       what is likely wrong with the corpus (negw2v.corpus.mistakes)
    Preflight      the answer
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from negw2v import kernels
from negw2v.corpus import mistakes
from negw2v.corpus.encoding import Corpus, open_corpus
from negw2v.corpus.mistakes import Mistake
from negw2v.corpus.options import CORPUS_OPTIONS, CorpusOptions
from negw2v.corpus.storage import SPILL_BYTES
from negw2v.corpus.trimming import TrimRule
from negw2v.errors import CorpusDecodeError, CorpusFileError, FilePath, ParameterError
from negw2v.html_tables import table
from negw2v.io.kinds import FIRST_BYTES
from negw2v.io.reading import open_unpacked
from negw2v.kernels import padded_length
from negw2v.word2vec import measuring, rates, weights

if TYPE_CHECKING:
    from negw2v.word2vec.model import Word2Vec

__all__ = ["Preflight", "available_memory", "memory", "run"]

#: Words of the sample: enough for every thread, and read in a fraction of a second.
SAMPLE_WORDS = 500_000
#: Longer measurements tell no more.
LONGEST_MEASUREMENT = 600.0

#: Bytes of a word besides its vectors: the text, its places in a list and a dict, its count, and
#: the tables of negative sampling and subsampling; with hs, its path in the tree, too.
WORD_BYTES = 240
PATH_BYTES = 420
#: Bytes of a word while words are counted: the text, a place in a dict, its count, and the same
#: in the table of the reader.
COUNTED_WORD_BYTES = 250
#: Bytes of a sentence in the token stream: where it starts, and how long it was.
SENTENCE_BYTES = 24
TOKEN_BYTES = 4


@dataclasses.dataclass(frozen=True)
class Preflight:
    """What training will take, and what is likely wrong with the corpus.

    Parameters
    ----------
    sentences, words, word_types
        The corpus: its sentences, its words, and how many different ones there are.
    vocabulary, words_in_vocabulary
        Words that training keeps, and how often they occur, all together.
    min_count
        The smallest count in the vocabulary.
    epochs, workers, isa
        Passes over the corpus, threads, instruction-set level.
    memory
        Bytes by what they are for: "counting" (its peak, before the others), "word tables",
        "vectors", "output vectors", "copies" (rows of whole cache lines that the kernel trains),
        "rounds" (of `deterministic`) and "tokens". An estimate; Python and NumPy take some 50 MB
        besides.
    available_memory
        Bytes that the system has free; None: it does not tell.
    counting_seconds
        Time that counting the words took.
    sample_words, measured_seconds
        Words of the sample that speed was measured on, and for how long; 0 where it was not.
    words_per_second
        Raw words that training reads in a second; None where it was not measured, as memory does
        not suffice.
    mistakes
        Likely mistakes.

    Examples
    --------
    >>> found = negw2v.Word2Vec.preflight(sentences, min_count=1, seconds=0.05)
    >>> found.sentences, found.mistakes
    (1000, ())
    """

    sentences: int
    words: int
    word_types: int
    vocabulary: int
    words_in_vocabulary: int
    min_count: float
    epochs: int
    workers: int
    isa: str
    memory: Mapping[str, int]
    available_memory: int | None
    counting_seconds: float
    sample_words: int
    measured_seconds: float
    words_per_second: float | None
    mistakes: tuple[Mistake, ...]

    @property
    def peak_memory(self) -> int:
        """Bytes that are occupied at once, at most."""
        counting = self.memory["counting"]
        return max(counting, sum(self.memory.values()) - counting)

    @property
    def training_seconds(self) -> float | None:
        """Estimate of the time of all epochs; None where speed was not measured."""
        if not self.words_per_second:
            return None
        return self.epochs * self.words / self.words_per_second

    def to_dict(self) -> dict[str, Any]:
        """The numbers and mistakes as JSON can hold them.

        Examples
        --------
        >>> found = negw2v.Word2Vec.preflight(sentences, min_count=1, seconds=0.05)
        >>> found.to_dict()["sentences"]
        1000
        """
        return {
            **dataclasses.asdict(self),
            "memory": dict(self.memory),
            "peak_memory": self.peak_memory,
            "training_seconds": self.training_seconds,
            "mistakes": [mistake._asdict() for mistake in self.mistakes],
        }

    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table: a name and its value as text.

        Examples
        --------
        >>> found = negw2v.Word2Vec.preflight(sentences, min_count=1, seconds=0.05)
        >>> found.rows()[0]
        ('sentences', '1,000')
        """
        share = 100 * self.words_in_vocabulary / self.words
        lines = [
            ("sentences", f"{self.sentences:,}"),
            ("words", f"{self.words:,}"),
            ("different words", f"{self.word_types:,}"),
            ("vocabulary", f"{self.vocabulary:,} words, {share:.1f} % of the text"),
            ("memory", f"about {_size(self.peak_memory)}"),
            *((f"  {name}", _size(size)) for name, size in self.memory.items() if size),
        ]
        if self.available_memory is not None:
            lines.append(("memory that is free", _size(self.available_memory)))
        lines.append(("counting took", _duration(self.counting_seconds)))
        if self.training_seconds is None:
            lines.append(("training", "not measured: memory does not suffice"))
        else:
            duration = _duration(self.training_seconds)
            speed = f"{self.words_per_second:,.0f}"
            measured = f"{self.measured_seconds:.2f} s on the first {self.sample_words:,} words"
            lines += [
                ("training will take", f"about {duration} ({_several(self.epochs, 'epoch')})"),
                ("  words/s", f"{speed} in {_several(self.workers, 'thread')}"),
                ("  measured", measured),
            ]
        lines += [("warning", mistake.message) for mistake in self.mistakes]
        return lines

    def __str__(self) -> str:
        return "\n".join(f"{name:<28}{value}" for name, value in self.rows())

    def _repr_html_(self) -> str:
        return table([(name.strip(), value) for name, value in self.rows()], caption="preflight")


def run(
    kind: type[Word2Vec],
    sentences: Iterable[Any] | None,
    corpus_file: FilePath | None,
    trim_rule: TrimRule | None,
    seconds: float,
    parameters: Mapping[str, Any],
) -> Preflight:
    """Count a corpus and measure training on a sample of it: see Word2Vec.preflight()."""
    if not 0 < seconds <= LONGEST_MEASUREMENT:
        raise ParameterError(
            f"seconds={seconds!r}: the measurement takes more than 0 and at most "
            f"{LONGEST_MEASUREMENT:g} seconds"
        )
    given = {"progress": False, **parameters}
    phrases = given.pop("phrases", None)
    options = CorpusOptions(**{name: given.pop(name, None) for name in CORPUS_OPTIONS})
    model = kind(**given)
    corpus = _opened(model, sentences, corpus_file, phrases, options)
    before = time.perf_counter()
    words, examples = _counted(model, sentences, corpus_file, trim_rule, options)
    counting = time.perf_counter() - before
    kept = model.prepare_vocab(keep_raw_vocab=True, trim_rule=trim_rule)["retain_total"]
    counts, model.raw_vocab = model.raw_vocab, None
    sample = _sample(corpus.sentences())
    found = mistakes.found_in(sample, counts, len(model.wv), kept, model.effective_min_count)
    occupied = memory(model, len(counts), kept, examples, interned=corpus.interned)
    types = len(counts)
    del counts
    free = available_memory()
    measured = None
    if free is None or sum(occupied.values()) <= free:
        model.prepare_weights()
        measured = measuring.measured(model, sample, seconds)
        found += (_too_high(model),) if measured.loss_explodes else ()
    else:
        found += (_too_large(sum(occupied.values()), free),)
    speed = measured and measured.words_per_second
    if speed is not None and not corpus.interned:
        speed = min(speed, words / counting)  # every epoch reads the corpus anew
    return Preflight(
        sentences=examples,
        words=words,
        word_types=types,
        vocabulary=len(model.wv),
        words_in_vocabulary=kept,
        min_count=model.effective_min_count,
        epochs=model.epochs,
        workers=model.workers,
        isa=kernels.isa(),
        memory=occupied,
        available_memory=free,
        counting_seconds=counting,
        sample_words=measured.words if measured else 0,
        measured_seconds=measured.seconds if measured else 0.0,
        words_per_second=speed,
        mistakes=found,
    )


# -- the corpus


def _opened(
    model: Word2Vec,
    sentences: Iterable[Any] | None,
    corpus_file: FilePath | None,
    phrases: Any,
    options: CorpusOptions,
) -> Corpus:
    """The corpus that training would read, with phrases if there are any."""
    corpus = open_corpus(
        sentences,
        corpus_file,
        workers=model.workers,
        passes=model.epochs + 1,
        iterable_name="sentences",
        options=options,
    )
    if phrases is not None:
        from negw2v.phrases.corpus import with_phrases  # most models have none

        corpus = with_phrases(phrases, corpus, model.workers)
        model._opened = (sentences, corpus_file, corpus)  # noqa: SLF001
    return corpus


def _counted(
    model: Word2Vec,
    sentences: Iterable[Any] | None,
    corpus_file: FilePath | None,
    trim_rule: TrimRule | None,
    options: CorpusOptions,
) -> tuple[int, int]:
    """Count the words, into the model: the numbers of words and of sentences."""
    try:
        return model.scan_vocab(
            sentences,
            corpus_file,  # type: ignore[arg-type] # any path
            trim_rule=trim_rule,
            **options.given(),
        )
    except CorpusDecodeError as error:
        if corpus_file is not None and _is_binary(corpus_file):
            raise CorpusFileError(
                f"{os.fsdecode(corpus_file)} is a binary file; a corpus is text in UTF-8, one "
                "sentence a line"
            ) from error
        raise


def _sample(sentences: Iterable[list[Any]]) -> list[list[Any]]:
    """The first sentences."""
    sample: list[list[Any]] = []
    words = 0
    for sentence in sentences:
        sample.append(sentence)
        words += len(sample[-1])
        if words >= SAMPLE_WORDS:
            break
    return sample


def _is_binary(path: FilePath) -> bool:
    with open_unpacked(path) as file:
        return b"\0" in file.read(FIRST_BYTES)


# -- memory


def memory(
    model: Word2Vec, types: int, tokens: int, sentences: int, *, interned: bool
) -> dict[str, int]:
    """Bytes that training takes, by what they are for: see :class:`Preflight`.

    Parameters
    ----------
    model
        A model with its vocabulary; its weights need not be there.
    types
        Different words of the corpus.
    tokens
        Words of the corpus that are in the vocabulary.
    sentences
        Sentences of the corpus.
    interned
        Whether the corpus is held as word ids; otherwise every epoch reads it in blocks.
    """
    words, dimensions = len(model.wv), model.vector_size
    row = np.dtype(np.float32).itemsize
    matrix = words * dimensions * row
    matrices = 1 + bool(model.negative) + bool(model.hs)
    padded = padded_length(dimensions)
    rounds = weights.rounds_of(model)
    stream = min(tokens * TOKEN_BYTES, SPILL_BYTES) + sentences * SENTENCE_BYTES
    return {
        "counting": types * COUNTED_WORD_BYTES,
        "word tables": words * (WORD_BYTES + PATH_BYTES * bool(model.hs)),
        "vectors": matrix,
        "output vectors": (matrices - 1) * matrix,
        "copies": matrices * words * padded * row if padded != dimensions else 0,
        "rounds": rounds.memory(words, padded * row) if rounds else 0,
        "tokens": stream if interned else 0,
    }


def available_memory() -> int | None:
    """Bytes that the system can still give without swapping; None: it does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:  # it is Linux's
        return None
    fields = dict(line.split(":", 1) for line in lines)
    found = fields.get("MemAvailable")
    return int(found.split()[0]) * 1024 if found else None


def _too_large(needed: int, free: int) -> Mistake:
    return Mistake(
        "too_large",
        f"training takes about {_size(needed)}, but {_size(free)} of memory are free: raise "
        "min_count, set max_final_vocab, or lower vector_size",
    )


def _too_high(model: Word2Vec) -> Mistake:
    return Mistake(
        "learning_rate",
        f"with alpha={rates.chosen(model).alpha:g} the loss grows from the start: the learning "
        "rate is too high; lower alpha",
    )


# -- as text


def _several(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'s' * (number != 1)}"


def _size(size: int) -> str:
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6)):
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"
