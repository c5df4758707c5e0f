"""``negw2v train``: train word vectors on a text file.

The options are the parameters of :class:`negw2v.Word2Vec`, their help is its documentation, and
the names of word2vec.c's options are accepted, so that its scripts run unchanged.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from negw2v.callbacks import CallbackAny2Vec, TensorBoardLogger
from negw2v.cli import cluster, corpora, finding, logs, vector_files
from negw2v.cli.arguments import at_least
from negw2v.cli.output import add_json, print_json, print_table
from negw2v.corpus.encoding import FileSentences
from negw2v.corpus.options import CORPUS_OPTIONS, CorpusOptions
from negw2v.errors import ParameterError, VocabularyError
from negw2v.evaluation.files import read_lines
from negw2v.io.atomic import check_replaceable
from negw2v.io.paths import file_status, is_remote
from negw2v.io.writing import writing
from negw2v.phrases import FrozenPhrases
from negw2v.phrases.corpus import TransformedCorpus
from negw2v.word2vec import Word2Vec

__all__ = ["add_arguments", "run"]

EXAMPLE = """\
CORPUS has one sentence a line, words separated by blanks; it may be compressed, a folder, or a file
of tables (--column). MODEL is written in
negw2v's own format, from which training can go on, unless its name ends in .txt, .vec, .bin, .npy,
.parquet, .arrow or .feather: then it holds the vectors alone.

  negw2v train corpus.txt -o words.model
  negw2v train corpus.txt.gz -o words.model --sg --vector-size 300 --epochs 10 --workers 8
  cat corpus.txt | negw2v train - -o words.bin
  negw2v train corpus.txt --vector-size 300 --dry-run
  negw2v train corpus.txt -o words.model --find-phrases 2 --save-phrases phrases
  negw2v train more.txt -o words.model --phrases phrases.1 phrases.2

The options of word2vec.c do what they do there:

  negw2v train -train text8 -output vectors.bin -cbow 1 -size 200 -window 8 -negative 25 -hs 0 \\
      -sample 1e-4 -threads 20 -binary 1 -iter 15
"""

#: Parameters that are objects of Python, or of no use here.
LEFT_OUT = {"self", "sentences", "corpus_file", "hashfxn", "trim_rule", "callbacks", "comment"}
LEFT_OUT |= {"compute_loss", "progress", "phrases"}
#: Those that are options.
PARAMETERS = set(inspect.signature(Word2Vec.__init__).parameters) - LEFT_OUT
#: Where a program of its own should do better than gensim's defaults.
OWN_DEFAULTS: dict[str, Any] = {"alpha": "auto", "workers": os.cpu_count() or 1}
#: What word2vec.c calls them.
WORD2VEC_C = {
    "vector_size": "-size",
    "window": "-window",
    "sample": "-sample",
    "negative": "-negative",
    "workers": "-threads",
    "epochs": "-iter",
    "min_count": "-min-count",
    "alpha": "-alpha",
}


@dataclasses.dataclass(frozen=True)
class Documented:
    """What the documentation of Word2Vec says of a parameter."""

    kind: str
    about: str


def documented_parameters() -> dict[str, Documented]:
    """Each parameter of Word2Vec by its name."""
    text = inspect.cleandoc(Word2Vec.__doc__ or "").split("\nParameters\n", 1)[1]
    text = text.split("\nAttributes\n", 1)[0]
    found: dict[str, Documented] = {}
    for names, kind, about in re.findall(
        r"^(\w[\w, ]*) : (.*)\n{1}((?:    .*\n)+)", text, re.MULTILINE
    ):
        line = " ".join(about.split()).replace("``", "").replace("`", "")
        found |= {name.strip(): Documented(kind, line) for name in names.split(",")}
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = EXAMPLE
    parser.add_argument("corpus", metavar="CORPUS", nargs="?", help="the text; -: standard input")
    parser.add_argument("-o", dest="target", metavar="MODEL", help="the file to write")
    parser.add_argument(
        "--save-vocab",
        "-save-vocab",
        metavar="FILE",
        help="write the words and their counts, too",
    )
    parser.add_argument(
        "--read-vocab",
        "-read-vocab",
        metavar="FILE",
        help="take the words and their counts from this file in place of counting the corpus",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="write the state of training to this file after each epoch, and at Ctrl-C",
    )
    parser.add_argument(
        "--resume", metavar="FILE", help="go on from a checkpoint; its parameters are kept"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar and no report")
    parser.add_argument(
        "--log-json",
        metavar="FILE",
        help="write what happens to this file, each event as a JSON object on a line: counting, "
        "progress, the end of an epoch; -: to standard error",
    )
    parser.add_argument(
        "--tensorboard",
        metavar="FOLDER",
        help="write loss, learning rate and speed of each epoch to this folder, for TensorBoard",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="train for a second alone, and say what training will take and what is likely wrong "
        "with CORPUS; nothing is written",
    )
    add_json(parser)
    _add_phrases(parser.add_argument_group("phrases, such as new_york"))
    cluster.add_arguments(parser.add_argument_group("training on several machines, with Ray"))
    group = parser.add_argument_group("parameters of training")
    documented = documented_parameters()
    for name, parameter in inspect.signature(Word2Vec.__init__).parameters.items():
        if name in PARAMETERS:
            _add_parameter(group, name, parameter.default, documented[name])
    _add_word2vec_c(parser.add_argument_group("further options of word2vec.c"))


def _add_phrases(group: Any) -> None:
    group.add_argument(
        "--phrases", nargs="+", metavar="FILE", help="join the phrases of these files, in rounds"
    )
    group.add_argument(
        "--find-phrases",
        nargs="?",
        type=at_least(1),
        const=1,
        metavar="ROUNDS",
        help="find phrases in CORPUS first, and join them; 2 rounds: of up to four words, ...",
    )
    group.add_argument(
        "--save-phrases",
        metavar="FILE",
        help="write what --find-phrases has found; several rounds: FILE.1, FILE.2, ...",
    )
    finding.add_options(group, "phrase-")


def _add_parameter(group: Any, name: str, default: Any, documented: Documented) -> None:
    flags = ["--" + name.replace("_", "-")]
    flags += [WORD2VEC_C[name]] if name in WORD2VEC_C else []
    about = documented.about.replace("%", "%%")
    default = OWN_DEFAULTS.get(name, default)
    if documented.kind in ("bool", "{0, 1}"):
        shown = "yes" if default else "no"
        group.add_argument(
            *flags,
            dest=name,
            action=argparse.BooleanOptionalAction,
            default=argparse.SUPPRESS,
            help=f"{about} (default: {shown})",
        )
        return
    group.add_argument(
        *flags,
        dest=name,
        type=_type_of(documented.kind),
        metavar="N" if documented.kind.startswith("int") else "X",
        default=argparse.SUPPRESS,
        help=about + ("" if default is None else f" (default: {default})"),
    )


def _type_of(kind: str) -> Callable[[str], Any]:
    if '"auto"' in kind:
        return rate
    if kind.startswith("str"):
        return str
    return float if kind.startswith("float") else int


def rate(text: str) -> float | str:
    """A learning rate: a number, or "auto"."""
    return text if text == "auto" else float(text)


def _add_word2vec_c(group: Any) -> None:
    """The options that have another meaning here, or none."""
    hidden = argparse.SUPPRESS
    group.add_argument("-train", dest="train", metavar="FILE", help="CORPUS")
    group.add_argument(
        "-output", metavar="FILE", help="the vectors, in word2vec's format whatever the name is"
    )
    group.add_argument("-binary", type=int, choices=(0, 1), default=0, help="1: of -output")
    group.add_argument(
        "-cbow", dest="cbow", type=int, choices=(0, 1), default=hidden, help="1: CBOW; 0: skip-gram"
    )
    group.add_argument(
        "-hs", dest="hs", type=int, choices=(0, 1), default=hidden, help="1: hierarchical softmax"
    )
    group.add_argument("-debug", type=int, default=2, dest="verbosity", help="0: as --quiet")
    group.add_argument("-classes", type=int, default=0, help="refused: clusters are not made here")


def run(arguments: argparse.Namespace) -> int:
    """Train, and write the model."""
    corpus = arguments.train or arguments.corpus
    if not corpus:
        raise ParameterError("name the corpus: negw2v train CORPUS -o MODEL")
    if not (arguments.target or arguments.output or arguments.dry_run):
        raise ParameterError(
            "name the file to write: -o MODEL for a model, -output FILE for word2vec's format"
        )
    if arguments.phrases and arguments.find_phrases:
        raise ParameterError("give --phrases or --find-phrases: they are known, or to be found")
    if arguments.save_phrases and not arguments.find_phrases:
        raise ParameterError("--save-phrases is for what --find-phrases finds; add that")
    if arguments.classes:
        raise ParameterError(
            "-classes makes clusters of words, which negw2v does not; train with -output, and give "
            "the vectors to a library for clustering, such as scikit-learn's KMeans"
        )
    cluster.check(arguments, corpus)
    _check_targets(arguments, corpus)
    quiet = arguments.quiet or arguments.verbosity == 0
    if arguments.dry_run:
        return _dry_run(arguments, corpus, quiet)
    with (
        logs.events_written(arguments.log_json) as event,
        corpora.readable(corpus, sys.stdin.buffer) as text,
    ):
        parameters = None if arguments.resume else _parameters(arguments, quiet)
        event(event="begin", corpus=corpus, resume=arguments.resume, parameters=parameters)
        phrases = _phrases(arguments, text, _reading(vars(arguments)), quiet)
        model = _trained(arguments, text, phrases, quiet)
        _save(model, arguments)
        report = model.training_report
        event(event="end", vocabulary=len(model.wv), **report.to_dict())
    if arguments.json:
        print_json(report.to_dict())
    elif not quiet:
        print(f"{report}\n{'vocabulary':<28}{len(model.wv):,} words", file=sys.stderr)
    return 0


def _check_targets(arguments: argparse.Namespace, corpus: str) -> None:
    """Hours of training shall not end with a file that cannot be written, or write over another."""
    read = [name for name in (corpus, arguments.read_vocab, *(arguments.phrases or ())) if name]
    for flag, name in (
        ("-o", arguments.target),
        ("-output", arguments.output),
        ("--save-vocab", arguments.save_vocab),
        ("--save-phrases", arguments.save_phrases),
        ("--checkpoint", arguments.checkpoint),
        ("--log-json", arguments.log_json),
    ):
        if not name or name == "-" or is_remote(name):
            continue
        check_replaceable(name)
        if any(_is_same_file(name, other) for other in read):
            raise ParameterError(f"{flag} {name} is a file that is read, too; give another name")


def _is_same_file(one: str, other: str) -> bool:
    first, second = file_status(one), file_status(other)
    return first is not None and second is not None and os.path.samestat(first, second)


def _dry_run(arguments: argparse.Namespace, corpus: str, quiet: bool) -> int:
    for name in ("read_vocab", "resume", "save_phrases"):
        if getattr(arguments, name):
            flag = name.replace("_", "-")
            raise ParameterError(
                f"--dry-run counts the corpus, and writes nothing; leave --{flag} out"
            )
    with corpora.readable(corpus, sys.stdin.buffer) as text:
        parameters = _parameters(arguments, quiet)
        phrases = _phrases(arguments, text, _reading(parameters), quiet) or None
        found = Word2Vec.preflight(corpus_file=text, phrases=phrases, **parameters)
    if arguments.json:
        print_json(found.to_dict())
    else:
        print_table(("", "value"), found.rows())
    return 0


def _parameters(arguments: argparse.Namespace, quiet: bool) -> dict[str, Any]:
    """The arguments of Word2Vec()."""
    parameters = {name: value for name, value in vars(arguments).items() if name in PARAMETERS}
    if "cbow" in arguments:
        parameters["sg"] = 1 - arguments.cbow
    return {**OWN_DEFAULTS, **parameters, "progress": False if quiet else None}


def _phrases(
    arguments: argparse.Namespace, text: str, reading: dict[str, Any], quiet: bool
) -> list[FrozenPhrases]:
    """The phrases to join, round by round."""
    if arguments.phrases:
        return finding.loaded(arguments.phrases)
    if not arguments.find_phrases:
        return []
    sentences = FileSentences(text, CorpusOptions(**reading))
    options = argparse.Namespace(**{**OWN_DEFAULTS, **vars(arguments)})
    rounds = finding.found(sentences, arguments.find_phrases, options, "phrase-")
    if arguments.save_phrases:
        finding.save(rounds, arguments.save_phrases, several=arguments.find_phrases > 1)
    if not quiet:
        print(f"{sum(len(each.phrasegrams) for each in rounds):,} phrases", file=sys.stderr)
    return rounds


def _corpus(text: str, phrases: list[FrozenPhrases], reading: dict[str, Any]) -> dict[str, Any]:
    """The corpus as an argument of Word2Vec's methods."""
    if not phrases:
        return {"corpus_file": text, **reading}
    sentences: Any = FileSentences(text, CorpusOptions(**reading))
    for each in phrases:
        sentences = TransformedCorpus(each, sentences)
    return {"corpus_iterable": sentences}


def _trained(
    arguments: argparse.Namespace, text: str, phrases: list[FrozenPhrases], quiet: bool
) -> Word2Vec:
    corpus = _corpus(text, phrases, _reading(vars(arguments)))
    checkpoint = arguments.resume or arguments.checkpoint
    before = _version_of(checkpoint)
    try:
        return (
            _resumed(arguments, corpus, quiet)
            if arguments.resume
            else _new(arguments, corpus, quiet)
        )
    except KeyboardInterrupt:
        if checkpoint and _version_of(checkpoint) != before:
            raise KeyboardInterrupt(f"{checkpoint} holds the state of training") from None
        raise


def _version_of(path: str | None) -> tuple[int, int] | None:
    """What tells a file from the one that it is replaced by; None: there is none."""
    status = file_status(path) if path else None
    return (status.st_ino, status.st_mtime_ns) if status else None


def _callbacks(arguments: argparse.Namespace) -> list[CallbackAny2Vec]:
    return [TensorBoardLogger(arguments.tensorboard)] if arguments.tensorboard else []


def _resumed(arguments: argparse.Namespace, corpus: dict[str, Any], quiet: bool) -> Word2Vec:
    fixed = sorted({"checkpoint", "read_vocab"} & {n for n, v in vars(arguments).items() if v})
    again = {"workers", *CORPUS_OPTIONS}
    fixed += sorted(({"cbow"} | PARAMETERS - again) & vars(arguments).keys())
    if fixed:
        flags = ", ".join("--" + name.replace("_", "-") for name in fixed)
        raise ParameterError(
            f"{flags}: training goes on with the parameters and the file of the checkpoint; leave "
            "it out"
        )
    if arguments.ray:
        return cluster.resumed(arguments, corpus, _callbacks(arguments), quiet)
    resumed: Word2Vec = Word2Vec.resume(
        arguments.resume,
        callbacks=_callbacks(arguments),
        workers=getattr(arguments, "workers", None),
        progress=False if quiet else None,
        **corpus,
    )
    return resumed


def _reading(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that say how the corpus is read."""
    return {name: given[name] for name in CORPUS_OPTIONS if name in given}


def _new(arguments: argparse.Namespace, corpus: dict[str, Any], quiet: bool) -> Word2Vec:
    parameters = _parameters(arguments, quiet)
    if arguments.ray:
        return cluster.trained(arguments, corpus, _callbacks(arguments), parameters)
    kept = parameters.keys() - set(CORPUS_OPTIONS)
    model = Word2Vec(**{name: parameters[name] for name in kept})
    if arguments.read_vocab:
        counts = _read_counts(arguments.read_vocab)
        model.build_vocab_from_freq(counts)
        total_examples, total_words = None, sum(counts.values())
    else:
        model.build_vocab(**corpus)
        total_examples, total_words = model.corpus_count, model.corpus_total_words
    model.train(
        total_examples=total_examples,
        total_words=total_words,
        epochs=model.epochs,
        callbacks=_callbacks(arguments),
        checkpoint=arguments.checkpoint,
        **corpus,
    )
    return model


def _read_counts(path: str) -> dict[str, int]:
    """Words and counts, as --save-vocab and word2vec.c write them."""
    counts: dict[str, int] = {}
    for number, line in enumerate(read_lines(path), 1):
        if not line:
            continue
        word, separator, count = line.rpartition(" " if "\t" not in line else "\t")
        if not separator or not count.strip().isdigit():
            raise VocabularyError(
                f"{path}, line {number}: {line!r} is not a word and its count, separated by a blank"
            )
        counts[word] = int(count)
    return counts


def _save(model: Word2Vec, arguments: argparse.Namespace) -> None:
    if arguments.save_vocab:
        counts = model.wv.expandos["count"].tolist()
        lines = (
            f"{word} {count}\n" for word, count in zip(model.wv.index_to_key, counts, strict=True)
        )
        with writing(arguments.save_vocab) as file:
            file.write("".join(lines).encode("utf-8", "surrogateescape"))
    if arguments.output:
        model.wv.save_word2vec_format(arguments.output, binary=bool(arguments.binary))
    if arguments.target and arguments.target != "-":
        if vector_files.format_of_name(arguments.target) == "native":
            model.save(arguments.target)
        else:
            vector_files.save(model.wv, arguments.target, None)
    elif arguments.target:
        vector_files.save(model.wv, "-", None)
