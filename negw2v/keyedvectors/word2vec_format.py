"""word2vec.c's file formats, and GloVe's."""

from __future__ import annotations

import logging
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v.commit import at_once, item
from negw2v.constructors import MakesAnother
from negw2v.errors import InputTypeError, NegW2VWarning, ParameterError
from negw2v.formats.finite import check_finite_rows
from negw2v.formats.word2vec import reading as word2vec_reading
from negw2v.formats.word2vec import writing as word2vec_writing
from negw2v.keyedvectors.records import from_record
from negw2v.keyedvectors.store import VectorStore

__all__ = ["Word2VecFormat"]

logger = logging.getLogger(__name__)


class Word2VecFormat(VectorStore):
    """Text and binary files of :class:`negw2v.keyedvectors.KeyedVectors`."""

    @MakesAnother
    def load_word2vec_format(
        cls: type[Any],
        fname: Any,
        fvocab: Any = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: Any = np.float32,
        no_header: bool = False,
        *,
        binary_chunk_size: int | None = None,
        allow_nonfinite: bool = False,
        allow_blanks: bool | None = None,
    ) -> Any:
        """Load words and vectors from a file of word2vec.c's, of GloVe's or of fastText's (.vec).

        Text: a line with the number of vectors and their dimensions, then a word and its
        numbers per line, with blanks or tabs between. Numbers are read exactly. Binary: the same
        first line, then each word, a blank, and its numbers as float32.

        Parameters
        ----------
        fname
            Path of the file; a URI that smart_open knows; or a binary file object. What is
            compressed (gzip, bzip2, xz, Zstandard) is unpacked, whatever its name is.
        fvocab
            The vocabulary that goes with it: a word and its count per line. Without it the
            attribute ``count`` only keeps the order: n for the first word, n - 1 for the next.
        binary
            The file is in the binary format.
        encoding
            Of the words.
        unicode_errors
            What happens to words that are not in this encoding: "strict" (an error), "ignore"
            or "replace", as for ``bytes.decode``.
        limit
            Read the first so many vectors; None: all.
        datatype
            Type of the vectors: float16, float32 or float64.
        no_header
            The first line is missing, as in GloVe's files. Text only.
        binary_chunk_size
            No effect; gensim has it.
        allow_nonfinite
            Accept NaN and infinity, which are an error otherwise.
        allow_blanks
            Words with blanks in them, as GloVe's 840B file has (". . ."), text only: the last
            numbers of a line are its vector, what stands before them is the word. None: with a
            warning; an error where the word ends in a number, which might be one too many of
            the vector's. True: always, without a warning. False: never, they are an error.

        Returns
        -------
        KeyedVectors
            A word that occurs again is ignored, with a warning.

        Raises
        ------
        MissingFileError
            There is no such file, or it cannot be read.
        ModelFileError
            The file is damaged or in another format; the message names line and byte.
            TruncatedFileError: it ends too early. FileDecodeError: a word is not in `encoding`.
        ParameterError, InputTypeError
            A parameter makes no sense.
        """
        del binary_chunk_size
        options = word2vec_reading.Options(
            binary,
            encoding,
            unicode_errors,
            limit,
            datatype,
            no_header,
            allow_nonfinite,
            allow_blanks,
        )
        counts = None if fvocab is None else word2vec_reading.read_counts(fvocab, options)
        vectors = from_record(cls, word2vec_reading.read(fname, options, counts))
        vectors.add_lifecycle_event(
            "load_word2vec_format",
            msg=f"loaded {vectors.vectors.shape} matrix of type {vectors.vectors.dtype} "
            f"from {fname}",
            binary=binary,
            encoding=encoding,
        )
        return vectors

    def save_word2vec_format(
        self,
        fname: Any,
        fvocab: Any = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str = "count",
        *,
        allow_blanks: bool | None = None,
        allow_nonfinite: bool = False,
    ) -> None:
        """Save keys and vectors in word2vec.c's text or binary format.

        Text is exact: each number is the shortest decimal that reads back as the same float.

        Parameters
        ----------
        fname
            Path of the file; a suffix .gz, .bz2, .xz or .zst compresses it. A URI of
            smart_open's, or a binary file that is open for writing, will do as well. A file of
            that name is replaced when the new one is complete, and kept where writing fails.
        fvocab
            Another file, for the vocabulary: a key and its `sort_attr` per line.
        binary
            Write the binary format (float32, whatever the vectors are).
        total_vec
            Number of vectors for the first line; None: as many as are written.
        write_header
            False: leave the first line out, as in GloVe's files.
        prefix
            Text to put before each key.
        append
            Write behind what the files hold already.
        sort_attr
            Write the keys in descending order of this attribute; where it is missing, in the
            order of `index_to_key`. Leading int keys that are their own index come first.
        allow_blanks
            Keys with blanks in them. None: in text, those that :meth:`load_word2vec_format`
            reads back are written, with a warning, as other programs (gensim) may not be able
            to; others are an error. True: all are written, for programs that can read them.
            False: they are an error.
        allow_nonfinite
            Write NaN and infinity, too, which are an error otherwise.

        Raises
        ------
        SaveError
            A file cannot be written; an old one is as it was.
        ParameterError
            A key that could not be read back (it has a line feed in it, or see `allow_blanks`);
            `fvocab` without the attribute; no vector for every key; NaN or infinity.
        """
        if self.vectors.shape != (len(self), self.vector_size):
            raise ParameterError(
                f"vectors have shape {self.vectors.shape}, but {len(self)} keys of "
                f"{self.vector_size} dimensions need {(len(self), self.vector_size)}"
            )
        if not isinstance(prefix, str):
            raise InputTypeError(f"prefix is {prefix!r}; it must be a str")
        if not allow_nonfinite:
            check_finite_rows(
                self._matrix, self.index_to_key, "save", np.dtype(np.float32) if binary else None
            )
        content, values = self._in_order(sort_attr)
        content = replace(content, prefix=prefix, binary=binary, allow_blanks=allow_blanks)
        vocabulary = None
        if fvocab is not None:
            if values is None:
                raise ParameterError(
                    f"cannot store a vocabulary with {sort_attr!r}: there is no such attribute "
                    f"with {len(self)} values, one for each key; "
                    f"there are: {', '.join(self.expandos) or 'none'}"
                )
            vocabulary = fvocab, values.tolist()
        count = len(content.keys) if total_vec is None else int(total_vec)
        word2vec_writing.write(
            fname,
            content,
            header=(count, self.vector_size) if write_header else None,
            append=append,
            vocabulary=vocabulary,
        )
        if content.blank_keys:
            warnings.warn(
                f"{len(content.blank_keys):,} keys have blanks in them, such as "
                f"{min(content.blank_keys)!r}: KeyedVectors.load_word2vec_format() reads them, "
                "other programs, such as gensim, may not (allow_blanks=True says that this is "
                "meant)",
                NegW2VWarning,
                stacklevel=2,
            )

    def _in_order(self, sort_attr: str) -> tuple[word2vec_writing.Vectors, npt.NDArray[Any] | None]:
        """Keys and vectors in the order of a file, and the attribute that makes it."""
        if None in self.index_to_key:
            rows = np.array([row for row, key in enumerate(self.index_to_key) if key is not None])
        else:
            rows = np.arange(len(self))
        values = self.expandos.get(sort_attr)
        if values is None:
            logger.warning(
                "attribute %s is not present; keys are stored in the order of index_to_key",
                sort_attr,
            )
        elif len(values) != len(self):  # of other keys: words were cut out by hand
            warnings.warn(
                f"attribute {sort_attr!r} has {len(values)} values for {len(self)} keys; keys are "
                "stored in the order of index_to_key",
                NegW2VWarning,
                stacklevel=3,
            )
            values = None
        else:
            # descending, and equal ones in the order of their rows
            rows = rows[len(rows) - 1 - np.argsort(values[rows][::-1], kind="stable")[::-1]]
            values = values[rows]
        own = 0
        while own < len(self) and self.index_to_key[own] == own:
            own += 1
        if own:
            leading = rows < own
            rows = np.concatenate((np.arange(own), rows[~leading]))
            values = values if values is None else self.expandos[sort_attr][rows]
        if (rows == np.arange(len(self))[: len(rows)]).all():
            keys, order = self.index_to_key[: len(rows)], None
        else:
            keys, order = [self.index_to_key[row] for row in rows.tolist()], rows
        return word2vec_writing.Vectors(keys, self.vectors, order), values

    def intersect_word2vec_format(
        self,
        fname: Any,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        *,
        no_header: bool = False,
        allow_nonfinite: bool = False,
        allow_blanks: bool | None = None,
    ) -> None:
        """Take over the vectors of words that are here, from a file; leave the others alone.

        Where the file is faulty nothing changes.

        Parameters
        ----------
        fname, binary, encoding, unicode_errors, no_header, allow_nonfinite, allow_blanks
            As for :meth:`load_word2vec_format`.
        lockf
            Lock factor of these words' vectors: 0.0 keeps training from changing them, 1.0 lets
            it. `vectors_lockf` becomes one factor per word.

        Raises
        ------
        MissingFileError, ModelFileError
            As for :meth:`load_word2vec_format`.
        ParameterError
            The file's vectors have other dimensions.
        """
        options = word2vec_reading.Options(
            binary,
            encoding,
            unicode_errors,
            no_header=no_header,
            allow_nonfinite=allow_nonfinite,
            allow_blanks=allow_blanks,
        )
        words, vectors = word2vec_reading.read_matching(
            fname, options, self.key_to_index, self.vector_size
        )
        if words:
            # of a word that occurs twice the last vector counts
            last = {self.key_to_index[word]: row for row, word in enumerate(words)}
            targets = np.array(list(last), dtype=np.intp)
            array = self._writable_vectors()
            rows = np.array([vectors[row] for row in last.values()], dtype=array.dtype)
            locks = getattr(self, "vectors_lockf", np.ones(1, dtype=np.float32))
            if len(locks) != len(self):
                locks = np.broadcast_to(locks[:1], len(self))
            locks = locks.astype(np.float32)
            locks[targets] = lockf
            at_once(item(array, targets, rows), self._with_vectors(array, vectors_lockf=locks))
        self.add_lifecycle_event(
            "intersect_word2vec_format",
            msg=f"merged {len(words)} vectors into {self.vectors.shape} matrix from {fname}",
        )
