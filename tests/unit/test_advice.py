"""What messages advise exists, and helps: every message is collected, and the advice followed."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import negw2v
from negw2v import (
    CallbackAny2Vec,
    KeyedVectors,
    NegW2VError,
    Word2Vec,
    distributed,
    layers,
    phrases,
)
from negw2v.datasets import dictionaries
from negw2v.errors import NegW2VWarning
from negw2v.plugin.equivalents import downloads

SENTENCES = [["king", "queen", "man"], ["man", "woman", "queen"]] * 4
SMALL: dict[str, Any] = {"vector_size": 4, "min_count": 1, "workers": 1, "epochs": 1}

# ---------------------------------------------------------------- every message names what exists

#: What belongs to Python and to packages that messages speak of.
OTHERS = {
    "parameters": {"minutes", "dir", "sandbox", "srcdoc", "style"},  # the latter are HTML's
    "functions": {
        *("add_scalar", "asarray", "astype", "decode", "detach", "reshape", "split", "timedelta"),
        *("SentenceTransformer", "shutdown", "to_csv", *dir(builtins)),
    },
}


def messages() -> Iterator[tuple[str, str]]:
    """Every text in the package with a blank in it that is no docstring, and where it is."""
    folder = Path(negw2v.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and " " in text and id(node) not in docstrings:
                yield f"{path.relative_to(folder)}:{node.lineno}", text


def public_callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in (negw2v, distributed, layers, phrases, dictionaries, downloads):
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                yield name, value
            if inspect.isclass(value):
                for attribute in dir(value):
                    member = getattr(value, attribute, None)  # a name of gensim 3 has none
                    if not attribute.startswith("_") and callable(member):
                        yield attribute, member


FUNCTIONS = {name for name, _ in public_callables()}
PARAMETERS: set[str] = set()
for _, each in public_callables():
    try:
        PARAMETERS |= set(inspect.signature(each).parameters)
    except ValueError:  # of a class without a signature
        continue


def test_every_parameter_that_a_message_names_exists() -> None:
    known = PARAMETERS | OTHERS["parameters"] | {"effective_min_count"}  # an attribute
    unknown = {
        (place, name)
        for place, text in messages()
        for name in re.findall(r"\b([a-z_0-9]+)=", text)
        if name not in known
    }
    assert unknown == set()


def test_every_function_that_a_message_names_exists() -> None:
    known = FUNCTIONS | OTHERS["functions"]
    unknown = {
        (place, name)
        for place, text in messages()
        for name in re.findall(r"(\w+)\(", text)
        if name not in known
    }
    assert unknown == set()


# ---------------------------------------------------------------- the advice helps


class Case(NamedTuple):
    """A wrong call, what it is told, and that advice as it is followed."""

    call: Callable[[Path], Any]
    advice: str
    follow: Callable[[Path, str], Any]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def corpus(folder: Path) -> str:
    return str(write(folder / "corpus.txt", "".join(" ".join(s) + "\n" for s in SENTENCES)))


def nested(folder: Path) -> Path:
    """A folder with a corpus, and one more in a folder of its own."""
    (folder / "texts" / "more").mkdir(parents=True)
    corpus(folder / "texts" / "more")
    corpus(folder / "texts")
    return folder / "texts"


def built(**settings: Any) -> Word2Vec:
    model = Word2Vec(**{**SMALL, **settings})
    model.build_vocab(SENTENCES)
    return model


def trained(**settings: Any) -> Word2Vec:
    return Word2Vec(SENTENCES, **{**SMALL, **settings})


def saved(folder: Path) -> Path:
    trained().wv.save(folder / "vectors")
    return folder / "vectors"


def quoted(message: str, pattern: str) -> Any:
    """What a message wrote out as code."""
    found = re.search(pattern, message)
    assert found is not None, message
    return found[0]


def preallocated() -> KeyedVectors:
    vectors = KeyedVectors(2, count=2)
    vectors.add_vector("a", [1, 2])
    return vectors


class Silent(CallbackAny2Vec):
    """A callback."""


NAN_ROW = "1 2\na nan 1\n"
LATIN = "König Dame\n".encode("latin-1")

CASES: dict[str, Case] = {
    "path as sentences": Case(
        lambda folder: Word2Vec(corpus(folder), **SMALL),
        "given as corpus_file",
        lambda folder, _: Word2Vec(corpus_file=corpus(folder), **SMALL),
    ),
    "sentences as path": Case(
        lambda folder: Word2Vec(corpus_file=SENTENCES, **SMALL),  # type: ignore[arg-type]
        "given as sentences",
        lambda folder, _: Word2Vec(sentences=SENTENCES, **SMALL),
    ),
    "both": Case(
        lambda folder: Word2Vec(SENTENCES, corpus_file=corpus(folder), **SMALL),
        "either sentences or corpus_file",
        lambda folder, _: Word2Vec(sentences=SENTENCES, **SMALL),
    ),
    "neither for the vocabulary": Case(
        lambda folder: Word2Vec().build_vocab(),
        "either corpus_iterable or corpus_file",
        lambda folder, _: Word2Vec(**SMALL).build_vocab(corpus_iterable=SENTENCES),
    ),
    "folders in a folder": Case(
        lambda folder: Word2Vec(corpus_file=nested(folder), **SMALL),
        "whose files are not read",
        lambda folder, message: Word2Vec(
            corpus_file=eval(quoted(message, r"(?<=corpus_file=)'.*?'")), **SMALL
        ),
    ),
    "lines of text": Case(
        lambda folder: Word2Vec([" ".join(words) for words in SENTENCES], **SMALL),
        "[line.split() for line in lines]",
        lambda folder, message: Word2Vec(
            eval(
                quoted(message, r"\[line.*lines\]"),
                {"lines": [" ".join(words) for words in SENTENCES]},
            ),
            **SMALL,
        ),
    ),
    "bytes": Case(
        lambda folder: Word2Vec([b"king queen"], **SMALL),
        "line.decode('utf-8').split()",
        lambda folder, message: Word2Vec(
            [eval(quoted(message, r"line\.decode.*\.split\(\)"), {"line": b"king queen"})], **SMALL
        ),
    ),
    "another encoding": Case(
        lambda folder: Word2Vec(corpus_file=write(folder / "latin", LATIN), **SMALL),
        "encoding='latin-1'",
        lambda folder, _: (
            Word2Vec(corpus_file=folder / "latin", encoding="latin-1", **SMALL),
            Word2Vec(corpus_file=folder / "latin", errors="replace", **SMALL),
        ),
    ),
    "generator": Case(
        lambda folder: Word2Vec((words for words in SENTENCES), **SMALL),
        "sentences is a generator, which can be read only once",
        lambda folder, _: Word2Vec(list(words for words in SENTENCES), **SMALL),  # noqa: C400
    ),
    "min_count": Case(
        lambda folder: Word2Vec(SENTENCES, min_count=100),
        "min_count=",
        lambda folder, message: Word2Vec(
            SENTENCES, min_count=int(quoted(message, r"\d+(?= or less)")), workers=1
        ),
    ),
    "no objective": Case(
        lambda folder: trained(hs=0, negative=0),
        "set negative=5 (negative sampling) or hs=1",
        lambda folder, _: (trained(hs=0, negative=5), trained(hs=1, negative=0)),
    ),
    "callback": Case(
        lambda folder: trained(callbacks=Silent()),
        "callbacks=[callback]",
        lambda folder, _: trained(callbacks=[Silent()]),
    ),
    "callback's class": Case(
        lambda folder: trained(callbacks=[object()]),
        "derive it from negw2v.CallbackAny2Vec",
        lambda folder, _: trained(callbacks=[Silent()]),
    ),
    "no vocabulary": Case(
        lambda folder: Word2Vec(**SMALL).train(SENTENCES, total_examples=8, epochs=1),
        "call build_vocab() before train()",
        lambda folder, _: built().train(SENTENCES, total_examples=8, epochs=1),
    ),
    "update of no vocabulary": Case(
        lambda folder: Word2Vec(**SMALL).build_vocab(SENTENCES, update=True),
        "call build_vocab() without update=True",
        lambda folder, _: built().build_vocab(SENTENCES, update=True),
    ),
    "no length": Case(
        lambda folder: built().train(SENTENCES, epochs=1),
        "total_examples=model.corpus_count",
        lambda folder, _: (model := built()).train(
            SENTENCES, total_examples=model.corpus_count, epochs=1
        ),
    ),
    "no epochs": Case(
        lambda folder: built().train(SENTENCES, total_examples=8),
        "epochs=model.epochs",
        lambda folder, _: (model := built()).train(
            SENTENCES, total_examples=8, epochs=model.epochs
        ),
    ),
    "score": Case(
        lambda folder: trained().score(SENTENCES),
        "train with hs=1, negative=0",
        lambda folder, _: trained(hs=1, negative=0).score(SENTENCES),
    ),
    "prediction": Case(
        lambda folder: trained(hs=1, negative=0).predict_output_word(["king"]),
        "train with negative=5",
        lambda folder, _: trained(negative=5).predict_output_word(["king"]),
    ),
    "checkpoint interval": Case(
        lambda folder: built().train(
            SENTENCES, total_examples=8, epochs=1, checkpoint=folder / "c", checkpoint_every=0
        ),
        "timedelta(minutes=10)",
        lambda folder, message: built().train(
            SENTENCES,
            total_examples=8,
            epochs=1,
            checkpoint=folder / "c",
            checkpoint_every=eval(quoted(message, r"timedelta\(.*\)"), {"timedelta": timedelta}),
        ),
    ),
    "mmap": Case(
        lambda folder: KeyedVectors.load(saved(folder), mmap="r+"),
        'mmap="c"',
        lambda folder, _: KeyedVectors.load(folder / "vectors", mmap="c"),
    ),
    "vectors as a model": Case(
        lambda folder: Word2Vec.load(saved(folder)),
        "load it with KeyedVectors.load()",
        lambda folder, _: KeyedVectors.load(folder / "vectors"),
    ),
    "load on an object": Case(
        lambda folder: trained().load(saved(folder)),
        "write Word2Vec.load(...)",
        lambda folder, _: (trained().save(folder / "model"), Word2Vec.load(folder / "model")),
    ),
    "a model as a checkpoint": Case(
        lambda folder: (
            trained().save(folder / "model"),
            Word2Vec.resume(folder / "model", SENTENCES),
        ),
        "train(..., checkpoint=...)",
        lambda folder, _: (
            built().train(SENTENCES, total_examples=8, epochs=1, checkpoint=folder / "c"),
            Word2Vec.resume(folder / "c", SENTENCES),
        ),
    ),
    "an .npy file": Case(
        lambda folder: (
            trained().wv.save_npy(folder / "v.npy"),
            KeyedVectors.load(folder / "v.npy"),
        ),
        "KeyedVectors.load_npy()",
        lambda folder, _: KeyedVectors.load_npy(folder / "v.npy"),
    ),
    "text to load()": Case(
        lambda folder: (
            trained().wv.save_word2vec_format(folder / "v.txt"),
            KeyedVectors.load(folder / "v.txt"),
        ),
        "KeyedVectors.load_word2vec_format()",
        lambda folder, _: KeyedVectors.load_word2vec_format(folder / "v.txt"),
    ),
    "a model to load_word2vec_format()": Case(
        lambda folder: KeyedVectors.load_word2vec_format(saved(folder)),
        "load it with KeyedVectors.load()",
        lambda folder, _: KeyedVectors.load(folder / "vectors"),
    ),
    "text as binary": Case(
        lambda folder: KeyedVectors.load_word2vec_format(
            write(folder / "v.txt", "2 2\na 1.5 2.5\nb 2 1\n"), binary=True
        ),
        "leave binary=True away",
        lambda folder, _: KeyedVectors.load_word2vec_format(folder / "v.txt"),
    ),
    "binary as text": Case(
        lambda folder: (
            trained().wv.save_word2vec_format(folder / "v.bin", binary=True),
            KeyedVectors.load_word2vec_format(folder / "v.bin"),
        ),
        "give binary=True",
        lambda folder, _: KeyedVectors.load_word2vec_format(folder / "v.bin", binary=True),
    ),
    "GloVe's text": Case(
        lambda folder: KeyedVectors.load_word2vec_format(
            write(folder / "glove.txt", "a 1.5 2\nb 2 1\n")
        ),
        "no_header=True",
        lambda folder, _: KeyedVectors.load_word2vec_format(folder / "glove.txt", no_header=True),
    ),
    "NaN in a file": Case(
        lambda folder: KeyedVectors.load_word2vec_format(write(folder / "nan.txt", NAN_ROW)),
        "allow_nonfinite=True",
        lambda folder, _: KeyedVectors.load_word2vec_format(
            folder / "nan.txt", allow_nonfinite=True
        ),
    ),
    "NaN in a vector": Case(
        lambda folder: KeyedVectors(2).add_vectors(["a"], [[np.nan, 1]]),
        "allow_nonfinite=True",
        lambda folder, _: KeyedVectors(2).add_vectors(["a"], [[np.nan, 1]], allow_nonfinite=True),
    ),
    "words in another encoding": Case(
        lambda folder: KeyedVectors.load_word2vec_format(
            write(folder / "latin.txt", "1 1\nKönig 1\n".encode("latin-1"))
        ),
        "unicode_errors='ignore' or 'replace'",
        lambda folder, _: (
            KeyedVectors.load_word2vec_format(folder / "latin.txt", unicode_errors="ignore"),
            KeyedVectors.load_word2vec_format(folder / "latin.txt", unicode_errors="replace"),
            KeyedVectors.load_word2vec_format(folder / "latin.txt", encoding="latin-1"),
        ),
    ),
    "more vectors than announced": Case(
        lambda folder: KeyedVectors.load_word2vec_format(
            write(folder / "more.txt", "1 1\na 1\nb 1\n")
        ),
        "limit=1",
        lambda folder, _: KeyedVectors.load_word2vec_format(folder / "more.txt", limit=1),
    ),
    "a table under another name": Case(
        lambda folder: trained().wv.save_table(folder / "v.csv"),
        "(.parquet, .pq) or Arrow (.arrow, .feather, .ipc, or no suffix)",
        lambda folder, _: (
            [
                trained().wv.save_table(folder / name)
                for name in ("v.parquet", "v.pq", "v.arrow", "v.feather", "v.ipc", "v")
            ],
            trained().wv.to_pandas().to_csv(folder / "v.csv"),
            trained().wv.save_word2vec_format(folder / "v.csv"),
        ),
    ),
    "a table with free rows": Case(
        lambda folder: preallocated().to_arrow(),
        "fill it with add_vector(), or make a smaller set with vectors_for_all()",
        lambda folder, _: (
            preallocated().vectors_for_all(["a"]).to_arrow(),
            (vectors := preallocated()).add_vector("b", [2, 3]),
            vectors.to_arrow(),
        ),
    ),
    "a text as words": Case(
        lambda folder: trained().wv.doesnt_match("king queen man"),
        "for example ['king', 'queen', 'man']",
        lambda folder, message: trained().wv.doesnt_match(
            ast.literal_eval(quoted(message, r"\['king.*\]"))
        ),
    ),
    "a list as a vector": Case(
        lambda folder: trained().wv.nearest([1.0, 2.0, 3.0, 4.0]),
        "give it as a numpy.ndarray of floats",
        lambda folder, _: trained().wv.nearest(np.array([1.0, 2.0, 3.0, 4.0])),
    ),
    "one name to ignore": Case(
        lambda folder: trained().save(folder / "m", ignore="syn1neg"),
        "give a list of names",
        lambda folder, _: trained().save(folder / "m", ignore=["syn1neg"]),
    ),
    "lock factors": Case(
        lambda folder: (
            setattr((model := built()).wv, "vectors_lockf", np.ones(3, dtype=np.float32)),
            model.train(SENTENCES, total_examples=8, epochs=1),
        ),
        "must hold 1 factor, or one per word (4)",
        lambda folder, _: (
            setattr((model := built()).wv, "vectors_lockf", np.ones(4, dtype=np.float32)),
            model.train(SENTENCES, total_examples=8, epochs=1),
        ),
    ),
    "losses that are not there": Case(
        lambda folder: layers.Trainer(None, layers.SGD()).plot(),  # type: ignore[arg-type]
        "call fit() first, with an eval_interval",
        lambda folder, _: None,  # tests/unit/layers/test_trainer.py draws one
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_following_the_advice_helps(case: str, tmp_path: Path) -> None:
    if "table" in case:
        pytest.importorskip("pyarrow")
        pytest.importorskip("pandas")
    call, advice, follow = CASES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("error", NegW2VWarning)
        with pytest.raises((NegW2VError, NegW2VWarning)) as caught:
            call(tmp_path)
        message = str(caught.value)
        assert advice in message
        follow(tmp_path, message)


NOT_SENTENCES: dict[str, Any] = {
    "text": "corpus.txt",
    "bytes": b"text",
    "path": Path("corpus.txt"),
    "number": 5,
    "mapping": {"a": 1},
    "array": np.zeros((2, 2)),
    "nothing": [],
    "no words": [[], []],
}


@pytest.mark.parametrize("given", NOT_SENTENCES)
def test_messages_name_the_parameter_of_the_call_that_was_made(given: str) -> None:
    calls: dict[str, Callable[[Any], Any]] = {
        "sentences": lambda value: Word2Vec(value, **SMALL),
        "corpus_iterable": lambda value: Word2Vec(**SMALL).build_vocab(value),
        "corpus_iterable ": lambda value: built().train(value, total_examples=8, epochs=2),
    }
    for name, call in calls.items():
        with pytest.raises(NegW2VError) as caught:
            call(NOT_SENTENCES[given])
        other = "corpus_iterable" if name == "sentences" else "sentences is"
        assert name.strip() in str(caught.value)
        assert other not in str(caught.value)
