"""Checkpoints: where training stands, when that is written down, and whether a corpus is the same.

Everything that training draws follows from (seed, epoch, span), and its learning rate from the
place in the data: the weights and a place in the stream of spans are therefore all that is
needed to go on to the same bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from negw2v import kernels
from negw2v.errors import CorpusError, InputTypeError, ParameterError
from negw2v.kernels.problem import TOTALS
from negw2v.training.drift import Baseline
from negw2v.training.engine import Observer, SpanSource
from negw2v.training.plan import LinearDecay, Plan, Position
from negw2v.training.report import EpochReport
from negw2v.training.rounds import Rounds
from negw2v.training.spans import SpanTable

__all__ = ["Checkpoints", "TrainingState", "checked_interval"]


@dataclass
class Stream:
    """What is known of the token stream, to recognise it.

    Parameters
    ----------
    interned
        Whether every epoch has the same.
    done
        Digest of the present epoch up to the position.
    head
        Digest of the first span of an epoch.
    whole
        Digest of the last epoch that is over.
    """

    interned: bool
    done: str = ""
    head: str = ""
    whole: str = ""


@dataclass
class TrainingState:
    """What a checkpoint holds beside the model.

    Parameters
    ----------
    schedule
        The learning rate, and with it the epochs.
    seed, first_epoch
        As in :class:`negw2v.training.plan.Plan`.
    isa
        Instruction-set level: another one rounds differently.
    position
        Where training stands.
    epochs
        The reports of the epochs that are over.
    stream
        The token stream.
    every
        Epochs, or time, between two checkpoints.
    finished
        Whether training is over.
    rounds
        As in :class:`negw2v.training.plan.Plan`: with others, spans are other spans.
    baseline
        Old words as they were when training began; None: the vocabulary has not grown.
    """

    schedule: LinearDecay
    seed: int
    first_epoch: int
    isa: str
    position: Position
    epochs: list[EpochReport]
    stream: Stream
    every: int | timedelta
    finished: bool = False
    rounds: Rounds | None = None
    baseline: Baseline | None = None

    @classmethod
    def at_the_start(
        cls,
        plan: Plan,
        every: int | timedelta,
        interned: bool,
        baseline: Baseline | None = None,
    ) -> TrainingState:
        """Nothing is trained yet."""
        return cls(
            plan.schedule,
            plan.seed,
            plan.first_epoch,
            kernels.isa(),
            Position(),
            [],
            Stream(interned),
            every,
            rounds=plan.rounds,
            baseline=baseline,
        )

    def to_parts(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """As JSON can hold it, and arrays by name."""
        every = self.every
        content = {
            "schedule": asdict(self.schedule),
            "seed": self.seed,
            "first_epoch": self.first_epoch,
            "isa": self.isa,
            "epoch": self.position.epoch,
            "spans": self.position.spans,
            "seconds": self.position.seconds,
            "tasks": self.position.tasks,
            "epochs": [asdict(epoch) for epoch in self.epochs],
            "stream": asdict(self.stream),
            "every_epochs": None if isinstance(every, timedelta) else every,
            "every_seconds": every.total_seconds() if isinstance(every, timedelta) else None,
            "finished": self.finished,
        }
        if self.rounds is not None:
            content["rounds"] = asdict(self.rounds)
        totals = self.position.totals
        arrays = {name: totals[name] for name in TOTALS.names or ()}
        if self.baseline is not None:
            content["drift"], further = self.baseline.to_parts()
            arrays |= further
        return content, arrays

    @classmethod
    def from_parts(
        cls, content: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]
    ) -> TrainingState:
        """The state of which :meth:`to_parts` made these.

        Raises
        ------
        ParameterError
            A part is missing, or makes no sense.
        """
        try:
            spans = _whole(content["spans"])
            totals = np.zeros(spans if spans == len(arrays["loss"]) else -1, dtype=TOTALS)
            for name in TOTALS.names or ():
                totals[name] = arrays[name]
            seconds = content["every_seconds"]
            return cls(
                schedule=LinearDecay(**content["schedule"]),
                seed=_whole(content["seed"]),
                first_epoch=_whole(content["first_epoch"]),
                isa=str(content["isa"]),
                position=Position(
                    _whole(content["epoch"]),
                    spans,
                    totals,
                    float(content["seconds"]),
                    _whole(content["tasks"]),
                ),
                epochs=[EpochReport(**epoch) for epoch in content["epochs"]],
                stream=Stream(**content["stream"]),
                every=checked_interval(
                    content["every_epochs"] if seconds is None else timedelta(seconds=seconds)
                ),
                finished=bool(content["finished"]),
                rounds=Rounds(**content["rounds"]) if "rounds" in content else None,
                baseline=(
                    Baseline.from_parts(content["drift"], arrays) if "drift" in content else None
                ),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ParameterError(f"the state of training is damaged: {error!r}") from None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value


def checked_interval(every: Any) -> int | timedelta:
    """A number of epochs, or a time, between two checkpoints.

    Raises
    ------
    InputTypeError, ParameterError
        It is something else, or not positive.
    """
    hint = (
        "give a whole number of epochs, or a time as datetime.timedelta, such as "
        "timedelta(minutes=10)"
    )
    if isinstance(every, bool) or not isinstance(every, (int, np.integer, timedelta)):
        raise InputTypeError(
            f"checkpoint_every={every!r} is of type {type(every).__name__}; {hint}"
        )
    if isinstance(every, timedelta):
        if every <= timedelta(0):
            raise ParameterError(f"checkpoint_every={every!r} is not positive; {hint}")
        return every
    if every < 1:
        raise ParameterError(f"checkpoint_every={every!r} is less than 1; {hint}")
    return int(every)


class _Digest:
    """Of spans: their tokens, and where sentences and words lie; in whatever runs they come."""

    def __init__(self) -> None:
        import hashlib

        self._parts = [hashlib.blake2b(digest_size=16) for _ in range(3)]

    def add(self, table: SpanTable, first: int, end: int) -> None:
        """More spans."""
        starts = table.piece_starts[table.span_starts[first] : table.span_starts[end] + 1]
        data: tuple[Any, ...] = (
            table.tokens[starts[0] : starts[-1]],
            np.diff(starts),
            table.words[first:end],
        )
        for part, array in zip(self._parts, data, strict=True):
            contiguous: Any = np.ascontiguousarray(array)
            part.update(contiguous)

    def __str__(self) -> str:
        return "".join(part.hexdigest() for part in self._parts)


class Checkpoints(Observer):
    """Follows training, and writes down where it stands when it is time.

    Parameters
    ----------
    state
        Where training begins; `position`, `stream` and `finished` are kept up to date.
    write
        Writes the state; None: only the corpus is checked.
    check
        Whether a corpus that is not the one of `state` is refused.
    interrupted
        Whether Ctrl-C was pressed: then the state is written, and training ends.
    """

    def __init__(
        self,
        state: TrainingState,
        write: Callable[[TrainingState], None] | None,
        *,
        check: bool = True,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.state = state
        self._write = write
        self._interrupted = interrupted
        self._check = check
        self._expected = Stream(**asdict(state.stream))
        self._last = time.monotonic()
        self._hash = _Digest()
        self._seen = 0

    def training_begins(self, source: SpanSource) -> None:
        """Check a corpus that is the same in every epoch, before anything is trained.

        Raises
        ------
        CorpusError
            It is not the corpus that training began with.
        """
        if not (source.interned and self._check and self._expected.whole):
            return
        digest = _Digest()
        for table in source.tables():
            digest.add(table, 0, table.span_count)
        self.state.stream.whole = str(digest)
        self._compare("whole", True)

    def epoch_begins(self, start: Position) -> None:
        """An epoch begins, at a position in it."""
        self._hash = _Digest()
        self._seen = 0
        self._start = start

    def spans_follow(
        self, table: SpanTable, first: int, end: int, pause: Callable[[], Position] | None
    ) -> None:
        """Spans of a table are handed out, or passed over because they were trained before.

        Raises
        ------
        CorpusError
            They are not those of the corpus that training began with.
        KeyboardInterrupt
            Ctrl-C was pressed; the state is written.
        """
        if self._seen == 0:
            head = _Digest()
            head.add(table, 0, 1)
            self.state.stream.head = str(head)
            self._compare("head", self._start.epoch > 0 or self._start.spans > 0)
        self._hash.add(table, first, end)
        self._seen += end - first
        if self._seen == self._start.spans:
            self.state.stream.done = str(self._hash)
            self._compare("done", self._seen > 0)
        if pause is not None and (self._is_due() or self._interrupted()):
            self.state.position = pause()
            self.state.stream.done = str(self._hash)
            self._save()
            self._end_if_interrupted()

    def spans_end(self) -> None:
        """The last span of an epoch is handed out.

        Raises
        ------
        CorpusError
            The epoch ends before the position at which it was to be continued.
        """
        if self._seen < self._start.spans and self._check:
            raise CorpusError(
                f"this is not the corpus that the checkpoint was made with: {self._start.spans} "
                f"spans of the epoch were trained, but this corpus has {self._seen}; give the same "
                "one"
            )

    def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:
        """Write a checkpoint after an epoch, unless it is the last: see :meth:`finish`.

        Raises
        ------
        KeyboardInterrupt
            Ctrl-C was pressed; the state is written.
        """
        state = self.state
        state.epochs.append(epoch)
        state.position, state.finished = Position(self._start.epoch + 1), last
        state.stream.whole, state.stream.done = str(self._hash), ""
        every = state.every
        if isinstance(every, timedelta):
            is_due = self._is_due()
        else:
            is_due = state.position.epoch % every == 0
        if (is_due or self._interrupted()) and not last:
            self._save()
            self._end_if_interrupted()
        return last

    def finish(self) -> None:
        """Training is over, and the model knows it: write the last checkpoint."""
        self._save()

    def _end_if_interrupted(self) -> None:
        if self._interrupted():
            raise KeyboardInterrupt

    def _compare(self, what: str, known: bool) -> None:
        expected, found = getattr(self._expected, what), getattr(self.state.stream, what)
        if known and self._check and expected and expected != found:
            raise CorpusError(
                "this is not the corpus that the checkpoint was made with: its sentences differ "
                + {
                    "head": "from the start",
                    "done": "before the place where training stopped",
                    "whole": "somewhere",
                }[what]
                + "; give the same one, or check_corpus=False if they differ on purpose"
            )

    def _is_due(self) -> bool:
        """Whether a checkpoint is due, by time."""
        every = self.state.every
        return (
            self._write is not None
            and isinstance(every, timedelta)
            and time.monotonic() - self._last >= every.total_seconds()
        )

    def _save(self) -> None:
        if self._write is not None:
            self._write(self.state)
            self._last = time.monotonic()
