"""A folder that model2vec, sentence-transformers and tokenizers read, too.

    tokenizer.json       words and their rows, as the tokenizers library has them
    model.safetensors    the vectors, as the tensor ``embeddings``
    config.json          what model2vec asks for
    modules.json         what sentence-transformers asks for
    README.md            the model card, see :mod:`negw2v.formats.model_card`

tokenizers needs an entry for words that it does not know. It is the last row, all zeros;
model2vec leaves it out of its means. Tokens and rows of folders that others wrote are read from
the same files, of which only the first two are needed.

Source: StaticModel of model2vec 0.10, StaticEmbedding of sentence-transformers 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.errors import (
    FilePath,
    ModelFileError,
    ParameterError,
    SaveError,
    warn,
)
from negw2v.formats.native.container import Container, TensorFile, container
from negw2v.formats.records import VectorsRecord
from negw2v.formats.tables import keys_of
from negw2v.io.atomic import replacing
from negw2v.io.paths import file_status, possible_path
from negw2v.io.reading import read_all

__all__ = ["CARD", "FILES", "LAYOUTS", "read_folder", "write_folder"]

TOKENIZER = "tokenizer.json"
TENSORS = "model.safetensors"
CONFIG = "config.json"
MODULES = "modules.json"
CARD = "README.md"
FILES = (CARD, CONFIG, TENSORS, MODULES, TOKENIZER)

#: The tensor of the vectors: model2vec's name, which is written, and sentence-transformers'.
TENSOR_NAMES = ("embeddings", "embedding.weight")
#: Where sentence-transformers puts the files of its first module.
INNER_FOLDER = "0_StaticEmbedding"
#: The files to read, here or there.
LAYOUTS = ((TOKENIZER, TENSORS), (f"{INNER_FOLDER}/{TOKENIZER}", f"{INNER_FOLDER}/{TENSORS}"))
ATTRIBUTE = "attributes."
UNKNOWN = "[UNK]"
#: Metadata of the tensors: the token of the row that is not the user's, and a hash of all tokens.
UNKNOWN_ENTRY = "negw2v.unknown_token"
TOKENS_ENTRY = "negw2v.tokens_sha256"


# ---------------------------------------------------------------- writing


def write_folder(
    record: VectorsRecord,
    folder: FilePath,
    card: str,
    *,
    lowercase: bool,
    further: Mapping[str, Container] | None = None,
) -> None:
    """Write the files; the folder is made where there is none.

    All are written before the first takes its name, so that an error leaves the files that were
    there. Where a process is killed in between, :func:`read_folder` notices that tokens and
    vectors do not belong together.

    Parameters
    ----------
    record
        What to write. Keys that are numbers become texts; attributes that are one number per key
        are tensors of their own.
    folder
        A folder on this machine.
    card
        The text of README.md.
    lowercase
        Whether the tokenizer turns texts into lower case.
    further
        Other files of tensors, by name.

    Raises
    ------
    ParameterError
        A key cannot be a token.
    SaveError
        The folder cannot be made or written to.
    """
    tokens = _tokens(record)
    unknown = _free_name(tokens)
    tokens.append(unknown)
    rows, dimensions = record.vectors.shape
    dtype = record.vectors.dtype
    matrix = np.zeros((rows + 1, dimensions), dtype=dtype)
    matrix[:rows] = record.vectors
    tensors = {TENSOR_NAMES[0]: matrix}
    for name, values in record.attributes.items():
        if values.dtype.kind in "biuf" and values.ndim == 1:
            tensors[ATTRIBUTE + name] = values
    ready = {
        **(further or {}),
        TENSORS: container(tensors, {UNKNOWN_ENTRY: unknown, TOKENS_ENTRY: _hash(tokens)}),
    }
    texts = {
        CARD: card,
        MODULES: _json(
            [
                {
                    "idx": 0,
                    "name": "0",
                    "path": ".",
                    "type": "sentence_transformers.models.StaticEmbedding",
                }
            ]
        ),
        CONFIG: _json(_config(dimensions, dtype)),
        TOKENIZER: json.dumps(_tokenizer(tokens, unknown, lowercase), ensure_ascii=False),
    }
    place, made = _made_folder(folder)
    try:
        with ExitStack() as files:
            for name, text in texts.items():
                files.enter_context(replacing(place / name)).write(text.encode())
            for name, content in ready.items():
                content.write(files.enter_context(replacing(place / name)))
    except BaseException:
        for path in made:
            with suppress(OSError):  # it is not empty: somebody else uses it
                path.rmdir()
        raise


def _tokens(record: VectorsRecord) -> list[str]:
    """The keys as different texts that JSON can hold."""
    keys = keys_of(record)
    blank = None
    for key in keys:
        if isinstance(key, bool) or not isinstance(key, (str, int, np.integer)):
            raise ParameterError(
                f"the key {key!r} is of type {type(key).__name__}; tokens are texts, or whole "
                "numbers, which become texts. save() stores keys of any kind"
            )
        if isinstance(key, str):
            try:
                key.encode()
            except UnicodeEncodeError:
                raise ParameterError(
                    f"the key {key!r} has half a character in it, which UTF-8 cannot hold; "
                    "save() stores it"
                ) from None
            if blank is None and key.split() != [key]:
                blank = key
    tokens = [str(key) for key in keys]
    if len(set(tokens)) < len(tokens):
        seen: set[str] = set()
        twice = next(token for token in tokens if token in seen or seen.add(token))  # type: ignore[func-returns-value]
        raise ParameterError(
            f"two keys become the token {twice!r}: one is a number, the other a text; "
            "save() stores both"
        )
    if blank is not None:
        warn(
            f"keys with blanks in them, such as {blank!r}, are tokens that no text is split into: "
            "texts are split at blanks. Join such words with an underscore, in texts as well"
        )
    return tokens


def _free_name(tokens: list[str]) -> str:
    """A token for unknown words that is not one of the user's."""
    taken, name, number = set(tokens), UNKNOWN, 1
    while name in taken:
        number += 1
        name = f"[UNK{number}]"
    return name


def _hash(tokens: list[str]) -> str:
    import hashlib  # not with negw2v: it loads OpenSSL

    return hashlib.sha256("\0".join(tokens).encode()).hexdigest()


def _tokenizer(tokens: list[str], unknown: str, lowercase: bool) -> dict[str, Any]:
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"} if lowercase else None,
        # what str.split() does, but for U+001C to U+001F
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {token: row for row, token in enumerate(tokens)},
            "unk_token": unknown,
        },
    }


def _config(dimensions: int, dtype: np.dtype[Any]) -> dict[str, Any]:
    return {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "hidden_dim": dimensions,
        "embedding_dtype": dtype.name,
        "normalize": False,
        "max_length": None,  # model2vec would read no more than 512 words of a text
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _made_folder(folder: FilePath) -> tuple[Path, list[Path]]:
    """The folder, and those that were made for it, the innermost first."""
    place = Path(possible_path(folder))
    missing = [path for path in (place, *place.parents) if file_status(path) is None]
    try:
        place.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        reason = "there is a file of this name; give the path of a folder"
        raise SaveError(folder, reason, error.errno or 0) from None
    except OSError as error:
        reason = f"the folder cannot be made: {error.strerror}"
        raise SaveError(folder, reason, error.errno or 0) from error
    return place, missing


# ---------------------------------------------------------------- reading


def read_folder(folder: Path) -> VectorsRecord:
    """Read tokens and vectors.

    Parameters
    ----------
    folder
        A folder that :func:`write_folder`, model2vec or sentence-transformers has written. The
        files of one of :data:`LAYOUTS` are in it.

    Raises
    ------
    ModelFileError
        A file is damaged, or the two do not belong together.
    """
    there = all(file_status(folder / name) is not None for name in LAYOUTS[0])
    place = folder if there else folder / INNER_FOLDER
    tokens = _read_tokens(place / TOKENIZER)
    with TensorFile(place / TENSORS) as file:
        matrix = _matrix(file, len(tokens))
        unknown = file.metadata.get(UNKNOWN_ENTRY)
        if file.metadata.get(TOKENS_ENTRY, _hash(tokens)) != _hash(tokens):
            raise file.fail(
                f"its vectors belong to the words of another {TOKENIZER}; save the folder again"
            )
        if unknown is not None and tokens and tokens[-1] == unknown:
            tokens.pop()
            matrix = matrix[:-1]
        attributes = {
            name.removeprefix(ATTRIBUTE): file.read(name)
            for name in file.tensors
            if name.startswith(ATTRIBUTE)
        }
    return VectorsRecord(list(tokens), matrix, attributes)


def _read_tokens(path: Path) -> list[str]:
    """The tokens in the order of their numbers."""
    try:
        content = json.loads(read_all(path))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(path, f"this is not JSON: {str(error)[:100]}") from None
    try:
        vocabulary = content["model"]["vocab"]
        if isinstance(vocabulary, list):  # tokens with scores, as Unigram has them
            numbers = {pair[0]: number for number, pair in enumerate(vocabulary)}
        else:
            numbers = dict(vocabulary)
        for added in content.get("added_tokens") or ():
            numbers.setdefault(added["content"], added["id"])
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise ModelFileError(
            path, "this is not a tokenizer with a vocabulary: model.vocab is missing or damaged"
        ) from None
    tokens: list[Any] = [None] * len(numbers)
    for token, number in numbers.items():
        fits = type(number) is int and 0 <= number < len(tokens) and tokens[number] is None
        if not fits or not isinstance(token, str):
            raise ModelFileError(
                path,
                f"token {token!r} has the number {number!r}; {len(tokens)} tokens need each of "
                f"the numbers 0 to {len(tokens) - 1} once",
            )
        tokens[number] = token
    return tokens


def _matrix(file: TensorFile, tokens: int) -> npt.NDArray[Any]:
    """One row per token."""
    name = next((name for name in TENSOR_NAMES if name in file.tensors), None)
    if name is None:
        raise file.fail(
            f"there is no tensor {' or '.join(map(repr, TENSOR_NAMES))}; there are "
            f"{', '.join(map(repr, file.tensors)) or 'none'}"
        )
    tensor = file.tensors[name]
    if len(tensor.shape) != 2 or tensor.dtype.kind != "f":
        raise file.fail(
            f"{name!r} is an array of {tensor.dtype} of shape {tensor.shape}; a matrix of floats "
            "is needed"
        )
    matrix = file.read(name)
    # model2vec's smaller models: several tokens share a row, and each has a weight.
    if "mapping" in file.tensors:
        mapping = file.read("mapping")
        if mapping.ndim != 1 or mapping.dtype.kind not in "iu" or not _are_rows(mapping, matrix):
            raise file.fail(f"'mapping' does not give rows of a matrix of shape {matrix.shape}")
        matrix = matrix[mapping]
    if len(matrix) != tokens:
        raise file.fail(f"there are {len(matrix)} vectors, but {tokens} tokens in {TOKENIZER}")
    if "weights" in file.tensors:
        weights = file.read("weights")
        if weights.shape != (tokens,) or weights.dtype.kind != "f":
            raise file.fail(f"'weights' has shape {weights.shape} for {tokens} tokens")
        matrix = (matrix * weights[:, np.newaxis]).astype(matrix.dtype)
    return matrix


def _are_rows(mapping: npt.NDArray[Any], matrix: npt.NDArray[Any]) -> bool:
    return not mapping.size or (int(mapping.min()) >= 0 and int(mapping.max()) < len(matrix))
