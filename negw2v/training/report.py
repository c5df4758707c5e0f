"""Reports of training: exact counts, losses and speed, of each epoch and of a whole run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from negw2v import pictures
from negw2v.html_tables import table
from negw2v.training.drift import DriftReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EpochReport", "TrainingReport"]


@dataclass(frozen=True)
class EpochReport:
    """The counts of one epoch.

    Parameters
    ----------
    examples
        Sentences read.
    words_read
        Words in them.
    words_in_vocabulary
        Words that are in the vocabulary.
    words_trained
        Words of the vocabulary that subsampling kept.
    pairs
        (context, centre) pairs of skip-gram, windows of CBOW.
    loss
        Sum of the losses of all pairs, in nats.
    seconds
        Wall-clock time.
    end_alpha
        Learning rate of the last span.
    tasks
        Number of tasks that the threads did.
    corpus_waited
        Seconds for which reading the corpus stood still, as the threads had enough to do.
    threads_waited
        Seconds for which a thread, on average, had nothing to do: it waited for the corpus, or for
        the other threads at the end of the epoch.

    Examples
    --------
    >>> epoch = model.training_report.epochs[0]
    >>> epoch.examples
    1000
    >>> epoch.words_read == epoch.words_in_vocabulary + epoch.words_out_of_vocabulary
    True
    """

    examples: int
    words_read: int
    words_in_vocabulary: int
    words_trained: int
    pairs: int
    loss: float
    seconds: float
    end_alpha: float
    tasks: int
    corpus_waited: float = 0.0
    threads_waited: float = 0.0

    @property
    def words_out_of_vocabulary(self) -> int:
        """Words that are not in the vocabulary."""
        return self.words_read - self.words_in_vocabulary

    @property
    def words_dropped(self) -> int:
        """Words of the vocabulary that subsampling dropped."""
        return self.words_in_vocabulary - self.words_trained

    @property
    def mean_loss(self) -> float:
        """Mean loss per pair in nats; NaN without pairs."""
        return self.loss / self.pairs if self.pairs else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """The counts, and those that follow from them, as JSON can hold them.

        Examples
        --------
        >>> model.training_report.epochs[0].to_dict()["examples"]
        1000
        """
        return {
            **asdict(self),
            "words_out_of_vocabulary": self.words_out_of_vocabulary,
            "words_dropped": self.words_dropped,
            "mean_loss": self.mean_loss if self.pairs else None,
        }


@dataclass
class TrainingReport:
    """The report of one call to train(): its epochs, and the sums of their counts.

    If Ctrl-C or an error ended training, the sums of words, pairs and seconds include the
    unfinished epoch, `interrupted`.

    ``words_read == words_in_vocabulary + words_out_of_vocabulary`` and
    ``words_in_vocabulary == words_dropped + words_trained``, to the word.

    Parameters
    ----------
    threads
        Worker threads.
    isa
        Instruction-set level of the kernels.
    epochs
        One :class:`EpochReport` for each finished epoch, in order.
    interrupted
        The unfinished epoch; None if all epochs were finished.
    advice
        What to do to get better vectors, where the parameters say it; empty: nothing.
    null_sentences, null_words
        Rows of a table that are null, and null words in the others: one pass leaves out so many.
    drift
        How far the words moved that were there before ``build_vocab(update=True)``; None where
        there was no update.

    Examples
    --------
    >>> report = model.training_report
    >>> report.examples, len(report.epochs)
    (5000, 5)
    >>> report.losses[0] > report.losses[-1]
    True
    """

    threads: int
    isa: str
    epochs: list[EpochReport] = field(default_factory=list)
    interrupted: EpochReport | None = None
    advice: str = ""
    null_sentences: int = 0
    null_words: int = 0
    drift: DriftReport | None = None

    @property
    def _begun(self) -> list[EpochReport]:
        """All epochs, including an unfinished one."""
        return self.epochs if self.interrupted is None else [*self.epochs, self.interrupted]

    @property
    def examples(self) -> int:
        """Sentences read."""
        return sum(epoch.examples for epoch in self._begun)

    @property
    def words_read(self) -> int:
        """Words read, both in the vocabulary and not."""
        return sum(epoch.words_read for epoch in self._begun)

    @property
    def words_in_vocabulary(self) -> int:
        """Words read that are in the vocabulary."""
        return sum(epoch.words_in_vocabulary for epoch in self._begun)

    @property
    def words_out_of_vocabulary(self) -> int:
        """Words read that are not in the vocabulary."""
        return sum(epoch.words_out_of_vocabulary for epoch in self._begun)

    @property
    def words_dropped(self) -> int:
        """Words of the vocabulary that subsampling dropped."""
        return sum(epoch.words_dropped for epoch in self._begun)

    @property
    def words_trained(self) -> int:
        """Words that were trained as centre words."""
        return sum(epoch.words_trained for epoch in self._begun)

    @property
    def pairs(self) -> int:
        """(context, centre) pairs of skip-gram, windows of CBOW."""
        return sum(epoch.pairs for epoch in self._begun)

    @property
    def losses(self) -> list[float]:
        """Mean loss per pair of each finished epoch, in nats."""
        return [epoch.mean_loss for epoch in self.epochs]

    @property
    def seconds(self) -> float:
        """Wall-clock time of the epochs, without callbacks."""
        return sum(epoch.seconds for epoch in self._begun)

    @property
    def corpus_waited(self) -> float:
        """Seconds for which reading the corpus stood still, as the threads had enough to do."""
        return sum(epoch.corpus_waited for epoch in self._begun)

    @property
    def threads_waited(self) -> float:
        """Seconds for which a thread, on average, had nothing to do."""
        return sum(epoch.threads_waited for epoch in self._begun)

    @property
    def words_per_second(self) -> float:
        """Words read per second."""
        return self.words_read / self.seconds if self.seconds else 0.0

    @property
    def trained_words_per_second(self) -> float:
        """Words trained per second; gensim calls them effective words/s."""
        return self.words_trained / self.seconds if self.seconds else 0.0

    def plot(self) -> Figure:
        """Draw the mean loss per pair of each finished epoch.

        Returns
        -------
        matplotlib.figure.Figure
            It shows itself in a notebook; ``figure.savefig("loss.png")`` writes it.

        Raises
        ------
        ParameterError
            No epoch is finished.
        MissingDependencyError
            matplotlib is not installed.

        Examples
        --------
        >>> figure = model.training_report.plot()
        """
        return pictures.losses(self.losses)

    def to_dict(self) -> dict[str, Any]:
        """The sums and the epochs as JSON can hold them.

        Examples
        --------
        >>> sorted(model.training_report.to_dict())[:3]
        ['advice', 'corpus_waited', 'drift']
        """
        names = (
            "examples words_read words_in_vocabulary words_out_of_vocabulary words_dropped "
            "words_trained pairs seconds threads_waited corpus_waited words_per_second "
            "trained_words_per_second threads isa advice"
        )
        return {
            **{name: getattr(self, name) for name in names.split()},
            "epochs": [epoch.to_dict() for epoch in self.epochs],
            "interrupted": self.interrupted.to_dict() if self.interrupted else None,
            "drift": self.drift.to_dict() if self.drift else None,
        }

    @property
    def tasks(self) -> int:
        """Number of tasks that the threads did."""
        return sum(epoch.tasks for epoch in self._begun)

    def _null_lines(self) -> list[tuple[str, str]]:
        nulls = (("sentences", self.null_sentences), ("words", self.null_words))
        return [(f"  null {unit}, left out", f"{count:,}") for unit, count in nulls if count]

    def rows(self) -> list[tuple[str, str]]:
        """The lines of the table that ``print(report)`` shows: a name and its value as text.

        Examples
        --------
        >>> model.training_report.rows()[1]
        ('sentences read', '5,000')
        """
        lines = [
            ("epochs", f"{len(self.epochs)}{', and one cut short' if self.interrupted else ''}"),
            ("sentences read", f"{self.examples:,}"),
            *self._null_lines(),
            ("words read", f"{self.words_read:,}"),
            ("  out of vocabulary", f"{self.words_out_of_vocabulary:,}"),
            ("  in vocabulary", f"{self.words_in_vocabulary:,}"),
            ("    dropped by subsampling", f"{self.words_dropped:,}"),
            ("    trained", f"{self.words_trained:,}"),
            ("pairs", f"{self.pairs:,}"),
            ("mean loss per pair", " ".join(f"{loss:.4f}" for loss in self.losses) or "-"),
            ("seconds", f"{self.seconds:.2f}"),
            ("  threads had to wait", f"{self.threads_waited:.2f}"),
            ("  reading had to wait", f"{self.corpus_waited:.2f}"),
            ("words/s", f"{self.words_per_second:,.0f}"),
            ("threads", f"{self.threads}"),
            ("instruction set", self.isa),
        ]
        lines += [("advice", self.advice)] if self.advice else []
        lines += self.drift.rows() if self.drift else []
        return lines

    def __str__(self) -> str:
        return "\n".join(f"{name:<28}{value}" for name, value in self.rows())

    def _repr_html_(self) -> str:
        return table([(name.strip(), value) for name, value in self.rows()], caption="training")
