"""The weights half of a model: start, growth, and the kernel that trains them."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.commit import all_or_nothing, at_once, attributes
from negw2v.corpus import huffman
from negw2v.errors import NotTrainableError, ParameterError, VocabularyError
from negw2v.training import weights
from negw2v.training.engine import Plan, SpanTrainer
from negw2v.training.parameters import check, check_objective
from negw2v.training.report import TrainingReport
from negw2v.training.schedule import LinearDecay
from negw2v.training.workspace import Workspace, trainable
from negw2v.word2vec.vocabulary import Vocabulary

__all__ = ["Trainable"]

logger = logging.getLogger(__name__)

# A kernel keeps room for every row of a window; beyond the longest piece of a sentence a
# wider window changes nothing that could be measured.
WIDEST_WINDOW = 1 << 16


# Parameters that are looked at again whenever training begins: they may be set as attributes.
TRAINING_PARAMETERS = (
    "alpha",
    "min_alpha",
    "window",
    "sample",
    "workers",
    "sg",
    "hs",
    "negative",
    "cbow_mean",
    "batch_words",
)


class Trainable(Vocabulary):
    """A vocabulary and its weights, up to the kernel that trains them. A part of Word2Vec."""

    seed: Any
    hashfxn: Callable[[str], int]
    sg: int
    window: int
    shrink_windows: bool
    share_negatives: bool
    cbow_mean: int
    corrected_cbow: bool
    alpha: float
    min_alpha: float
    min_alpha_yet_reached: float
    epochs: int
    compute_loss: bool
    running_training_loss: float
    syn1: npt.NDArray[Any]
    syn1neg: npt.NDArray[Any]
    training_report: TrainingReport

    def prepare_weights(self, update: bool = False) -> None:
        """Make the weights fit the vocabulary.

        Parameters
        ----------
        update
            True: :meth:`update_weights`; False: :meth:`init_weights`.

        Examples
        --------
        >>> model.prepare_weights()
        >>> model.wv.vectors.shape == (len(model.wv), 32)
        True
        """
        if update:
            self.update_weights()
        else:
            self.init_weights()

    @all_or_nothing
    def init_weights(self) -> None:
        """Set all weights to their start: random input vectors, zero output vectors.

        Input vectors are uniform in [-1, 1) / vector_size, drawn from
        ``numpy.random.default_rng(seed)``: the same values as gensim's.

        Examples
        --------
        >>> model.init_weights()  # all that was trained is gone
        >>> bool(model.syn1neg.any())
        False
        """
        logger.info("setting %d vectors to their start", len(self.wv))
        self.wv.vectors = np.zeros((0, self.vector_size), dtype=np.float32)
        self.wv.resize_vectors(seed=self.seed)
        if self.hs:
            self.syn1 = kernels.plain_matrix(len(self.wv), self.layer1_size)
        if self.negative:
            self.syn1neg = kernels.plain_matrix(len(self.wv), self.layer1_size)

    @all_or_nothing
    def update_weights(self) -> None:
        """Give the weights a row for each new word, and keep those that there are.

        Raises
        ------
        VocabularyError
            There are no weights yet.

        Examples
        --------
        >>> model.build_vocab([["metro", "station"]] * 5, update=True)  # calls update_weights()
        >>> "metro" in model.wv
        True
        """
        if not len(self.wv.vectors):
            raise VocabularyError(
                "there is no vocabulary to update yet; call build_vocab() without update=True "
                "before the first build_vocab(..., update=True)"
            )
        logger.info("adding %d vectors", len(self.wv) - len(self.wv.vectors))
        self.wv.resize_vectors(seed=self.seed)
        if self.hs:
            self.syn1 = weights.grown(self.syn1, len(self.wv))
        if self.negative:
            self.syn1neg = weights.grown(self.syn1neg, len(self.wv))

    def seeded_vector(self, seed_string: str, vector_size: int) -> npt.NDArray[np.float32]:
        """A random vector that depends on `seed_string` and `hashfxn`. Deprecated, as in gensim.

        Parameters
        ----------
        seed_string
            What the random numbers are seeded with.
        vector_size
            Length of the vector.

        Returns
        -------
        numpy.ndarray
            float32 (vector_size,), uniform in [-0.5, 0.5) / vector_size.

        Examples
        --------
        >>> model.init_weights()  # in its place
        """
        warnings.warn(
            "seeded_vector() is deprecated: initial vectors come from init_weights()",
            DeprecationWarning,
            stacklevel=2,
        )
        return weights.seeded_vector(vector_size, seed_string, self.hashfxn)

    def _check_vocabulary(self) -> None:
        """Raise unless there are an objective and a vocabulary."""
        check_objective(self.hs, self.negative)
        if not self.wv.key_to_index:
            raise NotTrainableError(
                "you must first build a vocabulary: call build_vocab() before train() or score()"
            )

    def _check_trainable(self) -> None:
        """Raise unless there are an objective, a vocabulary and weights that fit."""
        self._check_vocabulary()
        self._check_weights()
        words = len(self.wv)
        attributes = ["sample_int"] if self.sample else []
        attributes += ["code", "point"] if self.hs else []
        for name in attributes:
            if len(self.wv.expandos.get(name, ())) != words:
                raise NotTrainableError(
                    f"not every word has the attribute {name!r}; build_vocab() makes it"
                    + (", create_binary_tree() too" if name != "sample_int" else "")
                )

    def _check_weights(self) -> None:
        """Raise unless every matrix of weights has a row per word and the right columns."""
        matrices = {"wv.vectors": (self.wv.vectors, self.vector_size)}
        missing = np.empty((0, self.layer1_size))
        for name, needed in (("syn1", self.hs), ("syn1neg", self.negative)):
            if needed:
                matrix = getattr(self, name, None)  # None, too, where somebody wanted the memory
                matrices[name] = missing if matrix is None else matrix, self.layer1_size
        for name, (matrix, columns) in matrices.items():
            if matrix.shape != (len(self.wv), columns):
                raise NotTrainableError(
                    f"{name} has shape {matrix.shape}, but {len(self.wv)} words of {columns} "
                    f"dimensions need {(len(self.wv), columns)}; call init_weights(), or "
                    "update_weights() after the vocabulary has grown"
                )
            if matrix.dtype.kind not in "fiu":
                raise NotTrainableError(
                    f"{name} is of type {matrix.dtype}, but weights are real numbers; assign a "
                    "float32 array"
                )

    def _check_training_sanity(
        self,
        epochs: int | None = 0,
        total_examples: int | None = None,
        total_words: int | None = None,
        **_kwargs: Any,
    ) -> None:
        """Raise unless the model can be trained with these arguments and its attributes.

        gensim's name: subclasses override it.
        """
        checked = {name: check(name, getattr(self, name)) or 0 for name in TRAINING_PARAMETERS}
        self._check_vocabulary()
        if not total_examples and not total_words:
            raise ParameterError(
                f"total_examples={total_examples} and total_words={total_words}: train() needs at "
                "least one of them to compute the learning rate; for the corpus of build_vocab() "
                "pass total_examples=model.corpus_count, after build_vocab_from_freq() the number "
                "of sentences"
            )
        if epochs is None:
            raise ParameterError(
                "train() needs an explicit number of epochs, usually epochs=model.epochs"
            )
        self._check_trainable()
        at_once(attributes(self, checked))

    def _get_next_alpha(self, epoch_progress: float, cur_epoch: int) -> float:
        """The learning rate at a place in the corpus; subclasses override it, as in gensim.

        Parameters
        ----------
        epoch_progress
            Share of the epoch that lies before.
        cur_epoch
            Number of the epoch in this call of train(), from 0.
        """
        return float(self._linear_decay().rates(cur_epoch, np.array([epoch_progress]))[0])

    def _computes_rates(self) -> bool:
        """Whether a subclass computes the learning rate."""
        return type(self)._get_next_alpha is not Trainable._get_next_alpha  # noqa: SLF001

    def _linear_decay(self) -> LinearDecay:
        alpha, min_alpha = (check(name, getattr(self, name)) for name in ("alpha", "min_alpha"))
        return LinearDecay(alpha, min_alpha, self.epochs)

    def _learning_rates(
        self, epoch: int, progress: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float32]:
        """What :class:`negw2v.training.schedule.ModelsRates` asks."""
        if not self._computes_rates():
            return self._linear_decay().rates(epoch, progress)
        rates = (self._get_next_alpha(share, epoch) for share in progress.tolist())
        return np.array([check("alpha", rate) for rate in rates], dtype=np.float32)

    def _clear_post_train(self) -> None:
        """Drop what training has put out of date; gensim's name: subclasses override it."""
        self.wv.norms = None

    def _begin_training(self, plan: Plan, compute_loss: bool) -> None:
        """Write down what training begins with."""
        schedule = plan.schedule
        if self.hs and self.negative:
            logger.warning(
                "hs=1 and negative=%d: both are trained; set one of them to 0 if that is not meant",
                self.negative,
            )
        if schedule.start > self.min_alpha_yet_reached:
            logger.warning(
                "alpha=%g is higher than %g, where earlier training ended",
                schedule.start,
                self.min_alpha_yet_reached,
            )
        if schedule.start < schedule.end:
            logger.warning(
                "alpha=%g is below min_alpha=%g: the learning rate is min_alpha throughout",
                schedule.start,
                schedule.end,
            )
        self.alpha, self.min_alpha = schedule.start, schedule.end
        self.epochs = schedule.epochs
        self.compute_loss = bool(compute_loss)
        self.running_training_loss = 0.0
        self.add_lifecycle_event(
            "train",
            msg=(
                f"training {len(self.wv)} words of {self.vector_size} dimensions in "
                f"{self.workers} threads: sg={self.sg} hs={self.hs} negative={self.negative} "
                f"sample={self.sample} window={self.window} "
                f"shrink_windows={self.shrink_windows} epochs={self.epochs}"
            ),
        )

    def _objective(self) -> kernels.Objective:
        """The training objective that the parameters describe."""
        return kernels.Objective(
            skip_gram=bool(self.sg),
            window=min(int(self.window), WIDEST_WINDOW),
            shrink_windows=bool(self.shrink_windows),
            negative=int(self.negative),
            share_negatives=bool(self.share_negatives),
            cbow_mean=bool(self.cbow_mean),
            corrected_cbow=bool(self.corrected_cbow),
        )

    def _tables(self) -> kernels.Tables:
        """The look-up tables that belong to the vocabulary."""
        alias = None
        if self.negative:
            if self.cum_table is None or len(self.cum_table) != len(self.wv):
                self.make_cum_table()
            assert self.cum_table is not None
            alias = kernels.alias_table(np.diff(self.cum_table.astype(np.float64), prepend=0.0))
        keep = self.wv.expandos["sample_int"] if self.sample else None
        paths = self._huffman_paths() if self.hs else None
        return kernels.Tables(keep=keep, alias=alias, huffman=paths)

    def _huffman_paths(self) -> kernels.HuffmanPaths:
        """The tree that the words' attributes ``code`` and ``point`` describe."""
        codes = self.wv.expandos["code"]
        if self._huffman is None or self._huffman[0] is not codes:
            paths = huffman.paths_from_codes(codes.tolist(), self.wv.expandos["point"].tolist())
            self._huffman = codes, paths
        return self._huffman[1]

    def span_trainer(self, workspace: Workspace) -> SpanTrainer:
        """A kernel on rows with the present values of the weights.

        Arrays that were put in the weights' place from outside, and that results cannot be
        written into, are replaced by copies.

        Parameters
        ----------
        workspace
            Gives the rows.

        Raises
        ------
        NotTrainableError
            The weights do not fit the vocabulary.

        Examples
        --------
        >>> from negw2v.training.workspace import Workspace
        >>> trainer = model.span_trainer(Workspace())
        """
        self._check_weights()
        objective, tables = self._objective(), self._tables()
        vectors = trainable(self.wv.vectors)
        if vectors is not self.wv.vectors:
            self.wv.vectors = vectors
        matrices = {"vectors": vectors}
        if objective.negative:
            matrices["syn1neg"] = self.syn1neg = trainable(self.syn1neg)
        if tables.huffman is not None:
            matrices["syn1"] = self.syn1 = trainable(self.syn1)
        rows = workspace.take(matrices)
        # vectors that were made elsewhere and put into a model have no lock factors
        locks = getattr(self.wv, "vectors_lockf", np.ones(1, dtype=np.float32))
        trainer: SpanTrainer = kernels.SpanTrainer(
            objective,
            kernels.Weights(
                dimensions=self.vector_size,
                input_vectors=rows["vectors"],
                output_vectors=rows.get("syn1neg"),
                node_vectors=rows.get("syn1"),
                lock_factors=weights.lock_factors(locks, len(self.wv)),
            ),
            tables,
            threads=self.workers,
        )
        return trainer

    def _untrained_loss(self) -> float:
        """Mean loss per pair, in nats, of weights that know nothing: ln 2 for each output row."""
        rows = self.negative + 1 if self.negative else 0.0
        if self.hs:
            counts = np.asarray(self.wv.expandos["count"], dtype=np.float64)
            lengths = np.diff(self._huffman_paths().starts)
            rows += float(np.average(lengths, weights=counts if counts.any() else None))
        return rows * math.log(2)

    def _token_cost(self) -> int:
        """Multiply-adds per token, roughly: see :class:`negw2v.training.engine.Plan`."""
        rows = self.negative + 1 if self.negative else 0
        if self.hs:
            rows += max(1, len(self.wv).bit_length())
        return int(self.layer1_size * rows * (self.window if self.sg else 2))
