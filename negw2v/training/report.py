"""What one call to train() did, counted exactly."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["EpochReport", "TrainingReport"]


@dataclass(frozen=True)
class EpochReport:
    """One epoch.

    Parameters
    ----------
    examples
        Sentences read.
    words_read
        Words in them.
    words_in_vocabulary
        Those of them that the vocabulary has.
    words_trained
        Those of these that subsampling left.
    pairs
        (context, centre) pairs of skip-gram, windows of CBOW.
    loss
        Sum of the losses of all pairs, in nats.
    seconds
        Wall-clock time.
    end_alpha
        Learning rate of the last span.
    tasks
        Pieces of work that were handed to the threads.
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

    @property
    def words_out_of_vocabulary(self) -> int:
        """Words that the vocabulary lacks."""
        return self.words_read - self.words_in_vocabulary

    @property
    def words_dropped(self) -> int:
        """Words of the vocabulary that subsampling dropped."""
        return self.words_in_vocabulary - self.words_trained

    @property
    def mean_loss(self) -> float:
        """Mean loss per pair in nats; NaN where there was no pair."""
        return self.loss / self.pairs if self.pairs else float("nan")


@dataclass
class TrainingReport:
    """The receipt of one call to train(): the sums of its epochs, which it also holds.

    Training that Ctrl-C or an error has cut short is accounted for as far as it went: the sums
    of words, pairs and seconds include the epoch in `interrupted`.

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
        The epoch that was cut short, as far as it was trained; None where there is none.
    """

    threads: int
    isa: str
    epochs: list[EpochReport] = field(default_factory=list)
    interrupted: EpochReport | None = None

    @property
    def _begun(self) -> list[EpochReport]:
        """All epochs, also one that was cut short."""
        return self.epochs if self.interrupted is None else [*self.epochs, self.interrupted]

    @property
    def examples(self) -> int:
        """Sentences read."""
        return sum(epoch.examples for epoch in self._begun)

    @property
    def words_read(self) -> int:
        """Words read, in the vocabulary or not."""
        return sum(epoch.words_read for epoch in self._begun)

    @property
    def words_in_vocabulary(self) -> int:
        """Words read that the vocabulary has."""
        return sum(epoch.words_in_vocabulary for epoch in self._begun)

    @property
    def words_out_of_vocabulary(self) -> int:
        """Words read that the vocabulary lacks."""
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
    def words_per_second(self) -> float:
        """Words read per second."""
        return self.words_read / self.seconds if self.seconds else 0.0

    @property
    def trained_words_per_second(self) -> float:
        """Words trained per second: what gensim calls effective words/s."""
        return self.words_trained / self.seconds if self.seconds else 0.0

    @property
    def tasks(self) -> int:
        """Pieces of work that were handed to the threads."""
        return sum(epoch.tasks for epoch in self._begun)

    def __str__(self) -> str:
        lines = [
            ("epochs", f"{len(self.epochs)}{', and one cut short' if self.interrupted else ''}"),
            ("sentences read", f"{self.examples:,}"),
            ("words read", f"{self.words_read:,}"),
            ("  out of vocabulary", f"{self.words_out_of_vocabulary:,}"),
            ("  in vocabulary", f"{self.words_in_vocabulary:,}"),
            ("    dropped by subsampling", f"{self.words_dropped:,}"),
            ("    trained", f"{self.words_trained:,}"),
            ("pairs", f"{self.pairs:,}"),
            ("mean loss per pair", " ".join(f"{loss:.4f}" for loss in self.losses) or "-"),
            ("seconds", f"{self.seconds:.2f}"),
            ("words/s", f"{self.words_per_second:,.0f}"),
            ("threads", f"{self.threads}"),
            ("instruction set", self.isa),
        ]
        return "\n".join(f"{name:<28}{value}" for name, value in lines)
