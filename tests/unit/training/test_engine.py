"""The epochs: every span once per epoch, exact counts, the same bits, errors that surface."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from negw2v import kernels
from negw2v.corpus.base import TokenBlock
from negw2v.training import engine
from negw2v.training import plan as plans
from negw2v.training.plan import LinearDecay, Plan, Position
from negw2v.training.progress import TrainingProgress
from negw2v.training.report import EpochReport, TrainingReport
from negw2v.training.spans import SpanTable

WORDS = 50


def corpus(seed: int = 1, sentences: int = 400) -> TokenBlock:
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 30, sentences)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    tokens = random.integers(0, WORDS, starts[-1]).astype(np.int32)
    return TokenBlock(tokens, starts, lengths + random.integers(0, 3, sentences))


def split(block: TokenBlock, sentences: int) -> Iterator[TokenBlock]:
    starts = block.sentence_starts
    for first in range(0, len(starts) - 1, sentences):
        last = min(first + sentences, len(starts) - 1)
        yield TokenBlock(
            block.tokens[starts[first] : starts[last]].copy(),
            starts[first : last + 1] - starts[first],
            block.raw_lengths[first:last],
        )


def plan(block: TokenBlock, **changes: Any) -> Plan:
    schedule = LinearDecay(0.05, 0.0001, 3, total_examples=len(block.raw_lengths))
    settings: dict[str, Any] = {
        "schedule": schedule,
        "seed": 1,
        "first_epoch": 0,
        "workers": 1,
        "queued": 2,
        "token_cost": 1,
        "progress": False,
        "report_delay": 1.0,
    }
    return Plan(**{**settings, **changes})


class Recorder:
    """A kernel that writes down which spans it was given, and keeps every other token."""

    def __init__(self) -> None:
        self.spans: list[tuple[tuple[int, ...], float, int]] = []
        self.lock = threading.Lock()

    def train(
        self, tokens, sentence_starts, span_starts, first, last, streams, learning_rates, totals
    ) -> None:
        for i in range(first, last):
            bounds = sentence_starts[span_starts[i]], sentence_starts[span_starts[i + 1]]
            words = tuple(tokens[bounds[0] : bounds[1]].tolist())
            with self.lock:
                self.spans.append((words, float(learning_rates[i]), int(streams[i])))
            totals[i] = (len(words) // 2, len(words), len(words) / 4)


class Hooks(engine.Observer):
    """Lends a kernel, and writes down what it is told."""

    def __init__(self, kernel: Callable[[], engine.SpanTrainer]) -> None:
        self.kernel = kernel
        self.events: list[str] = []

    def bind(self) -> engine.SpanTrainer:
        self.events.append("bind")
        return self.kernel()

    def publish(self) -> None:
        self.events.append("publish")

    def epoch_begins(self, start: Position) -> None:
        self.events.append("begin")

    def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:
        self.events.append("end")
        return last


def run(source: engine.SpanSource, the_plan: Plan, hooks: Hooks) -> TrainingReport:
    report = TrainingReport(threads=the_plan.workers, isa="none")
    engine.run(source, the_plan, hooks, report, [hooks])
    assert not [
        t for t in threading.enumerate() if t.name.startswith(("negw2v-worker", "negw2v-corpus"))
    ]
    return report


def real_kernel(seed: int = 3) -> tuple[kernels.Weights, engine.SpanTrainer]:
    vectors, outputs = kernels.aligned_matrix(WORDS, 20), kernels.aligned_matrix(WORDS, 20)
    vectors[:, :20] = np.random.default_rng(seed).random((WORDS, 20), dtype=np.float32) - 0.5
    given = kernels.Weights(20, vectors, outputs, None, np.ones(1, dtype=np.float32))
    objective = kernels.Objective(skip_gram=True, window=3)
    tables = kernels.Tables(
        keep=np.full(WORDS, 1 << 31, np.uint32), alias=kernels.alias_table(np.ones(WORDS))
    )
    return given, kernels.SpanTrainer(objective, given, tables)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("block_sentences", [None, 1, 37])
@pytest.mark.parametrize("task_tokens", [1, 1000, 1 << 16])
def test_every_span_is_trained_once_per_epoch(
    workers: int, block_sentences: int | None, task_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "TASK_TOKENS", task_tokens)
    block = corpus()
    if block_sentences is None:
        source = engine.SpanSource(lambda: iter([block]), True, 100)
    else:
        source = engine.SpanSource(lambda: split(block, block_sentences), False, 100)
    recorder = Recorder()
    hooks = Hooks(lambda: recorder)
    report = run(source, plan(block, workers=workers), hooks)

    assert hooks.events == ["begin", "bind", "end"] * 3
    one_thread = Recorder()
    run(engine.SpanSource(lambda: iter([block]), True, 100), plan(block), Hooks(lambda: one_thread))
    if workers == 1:
        assert recorder.spans == one_thread.spans
    assert sorted(recorder.spans) == sorted(one_thread.spans)
    assert len({stream for _, _, stream in recorder.spans}) == len(recorder.spans)
    rates = [rate for _, rate, _ in one_thread.spans]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(0.05)
    tokens = [token for words, _, _ in one_thread.spans for token in words]
    assert tokens == block.tokens.tolist() * 3

    for epoch in report.epochs:
        assert epoch.examples == len(block.raw_lengths)
        assert epoch.words_read == block.raw_lengths.sum()
        assert epoch.words_in_vocabulary == len(block.tokens)
        assert epoch.pairs == len(block.tokens)
        assert epoch.loss == pytest.approx(len(block.tokens) / 4)
        assert epoch.words_trained + epoch.words_dropped == epoch.words_in_vocabulary
    assert report.epochs[-1].end_alpha == pytest.approx(rates[-1])


def test_one_thread_gives_the_same_bits_however_the_work_is_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    block = corpus()
    results = []
    for task_tokens, sentences in [(1 << 16, None), (100, None), (1 << 16, 7), (1, 100)]:
        monkeypatch.setattr(plans, "TASK_TOKENS", task_tokens)
        given, kernel = real_kernel()
        if sentences is None:
            source = engine.SpanSource(lambda: iter([block]), True, 100)
        else:
            source = engine.SpanSource(lambda n=sentences: split(block, n), False, 100)
        report = run(source, plan(block), Hooks(lambda kernel=kernel: kernel))
        results.append((given.input_vectors.tobytes(), report.losses))
    assert all(result == results[0] for result in results)
    losses = results[0][1]
    assert losses[2] < losses[0]


def test_epochs_that_went_before_have_used_up_their_random_streams() -> None:
    block = corpus()
    recorders = [Recorder() for _ in range(2)]
    for recorder, first in zip(recorders, [0, 3], strict=True):
        source = engine.SpanSource(lambda: iter([block]), True, 100)
        run(source, plan(block, first_epoch=first), Hooks(lambda recorder=recorder: recorder))
    streams = [{stream for _, _, stream in recorder.spans} for recorder in recorders]
    assert not streams[0] & streams[1]


def test_an_interned_corpus_is_encoded_once_and_a_stream_in_every_epoch() -> None:
    block = corpus()
    for interned, expected in [(True, 1), (False, 3)]:
        passes = []

        def blocks(passes: list[int] = passes) -> Iterator[TokenBlock]:
            passes.append(1)
            return iter([block])

        run(engine.SpanSource(blocks, interned, 100), plan(block), Hooks(Recorder))
        assert len(passes) == expected


def test_a_hook_can_end_training() -> None:
    block = corpus()

    class Once(Hooks):
        def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:
            return True

    source = engine.SpanSource(lambda: iter([block]), True, 100)
    assert len(run(source, plan(block), Once(Recorder)).epochs) == 1


@pytest.mark.parametrize("workers", [1, 4])
def test_errors_of_the_corpus_and_of_the_kernel_surface_and_end_the_threads(workers: int) -> None:
    block = corpus()

    def failing() -> Iterator[TokenBlock]:
        yield from list(split(block, 50))[:3]
        raise OSError("the disk has gone")

    class Broken(Recorder):
        def train(self, *arguments: Any) -> None:
            raise MemoryError("no room")

    source = engine.SpanSource(failing, False, 100)
    with pytest.raises(OSError, match="the disk has gone"):
        run(source, plan(block, workers=workers), Hooks(Recorder))
    source = engine.SpanSource(lambda: iter([block]), True, 100)
    with pytest.raises(MemoryError, match="no room"):
        run(source, plan(block, workers=workers), Hooks(Broken))
    assert not [
        t for t in threading.enumerate() if t.name.startswith(("negw2v-worker", "negw2v-corpus"))
    ]


class Interrupted(Exception):
    """Ends training wherever a test wants it."""


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("where", ["corpus", "kernel", "counting"])
def test_what_an_epoch_trained_before_it_was_cut_short_is_in_the_report(
    where: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "TASK_TOKENS", 1)
    block = corpus()
    passes = 0
    begun = threading.Semaphore(0)

    def blocks() -> Iterator[TokenBlock]:
        nonlocal passes
        passes += 1
        for number, part in enumerate(split(block, 20)):
            if where == "corpus" and (passes, number) == (2, 12):
                assert begun.acquire(timeout=10)
                raise Interrupted
            yield part

    class Failing(Recorder):
        def train(self, *arguments: Any) -> None:
            if where == "kernel" and passes == 2 and len(self.spans) >= 90:
                raise Interrupted
            super().train(*arguments)
            if passes == 2:
                begun.release()

    def add(progress: TrainingProgress, *arguments: Any) -> None:
        if where == "counting" and passes == 2:
            raise Interrupted  # the span is trained, and nobody has taken note of it yet

    monkeypatch.setattr(TrainingProgress, "add", add)
    recorder = Failing()
    report = TrainingReport(threads=workers, isa="none")
    with pytest.raises(Interrupted):
        engine.run(
            engine.SpanSource(blocks, False, 100),
            plan(block, workers=workers),
            Hooks(lambda: recorder),
            report,
        )
    (whole,) = report.epochs
    part = report.interrupted
    assert part is not None
    tokens = sum(len(words) for words, _, _ in recorder.spans)
    assert 0 < part.words_in_vocabulary < whole.words_in_vocabulary == len(block.tokens)
    assert report.words_in_vocabulary == tokens
    assert report.words_trained == sum(len(words) // 2 for words, _, _ in recorder.spans)
    assert report.pairs == tokens
    assert sum(epoch.loss for epoch in (whole, part)) == pytest.approx(tokens / 4)
    assert whole.tasks + part.tasks == report.tasks == len(recorder.spans)
    assert 0 < part.examples < whole.examples
    assert part.words_in_vocabulary <= part.words_read < whole.words_read
    assert plan(block).schedule.end < part.end_alpha < whole.end_alpha
    assert len(report.losses) == 1


def test_an_epoch_that_is_over_is_not_counted_twice_when_a_hook_fails() -> None:
    block = corpus()

    class Failing(Hooks):
        def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:
            raise Interrupted

    report = TrainingReport(threads=1, isa="none")
    source = engine.SpanSource(lambda: iter([block]), True, 100)
    hooks = Failing(Recorder)
    with pytest.raises(Interrupted):
        engine.run(source, plan(block), hooks, report, [hooks])
    assert report.interrupted is None
    assert report.words_in_vocabulary == len(block.tokens)


def test_dear_tokens_make_short_tasks() -> None:
    block = corpus()
    source = engine.SpanSource(lambda: iter([block]), True, 1)
    cheap = run(source, plan(block, token_cost=1), Hooks(Recorder)).epochs[0].tasks
    dear = run(source, plan(block, token_cost=plans.TASK_COST), Hooks(Recorder)).epochs[0].tasks
    assert dear > 2 * cheap


class Watcher(engine.Observer):
    """Writes down all that an observer is told."""

    def __init__(self, told: list[tuple[Any, ...]]) -> None:
        self.told = told

    def training_begins(self, source: engine.SpanSource) -> None:
        self.told.append(("training begins", source.interned))

    def epoch_begins(self, start: Position) -> None:
        self.told.append(("epoch begins", start.epoch, start.spans))

    def spans_follow(
        self,
        table: SpanTable,
        first: int,
        end: int,
        pause: Callable[[], Position] | None,
    ) -> None:
        self.told.append(("spans", table.first_span + first, table.first_span + end, pause))

    def spans_end(self) -> None:
        self.told.append(("spans end",))

    def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:
        self.told.append(("epoch ends", epoch.examples, last))
        return last


def test_observers_are_told_of_every_span_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "TASK_TOKENS", 500)
    block = corpus()
    told: list[tuple[Any, ...]] = []
    source = engine.SpanSource(lambda: iter([block]), True, 100)
    engine.run(source, plan(block), Hooks(Recorder), TrainingReport(1, "none"), [Watcher(told)])
    events = [each for each in told if each[0] != "spans"]
    examples = len(block.raw_lengths)
    assert events == [
        ("training begins", True),
        *(
            event
            for epoch in range(3)
            for event in (
                ("epoch begins", epoch, 0),
                ("spans end",),
                ("epoch ends", examples, epoch == 2),
            )
        ),
    ]
    runs = [each[1:3] for each in told if each[0] == "spans"]
    count = sum(table.span_count for table in source.tables())
    assert len(runs) > 6
    assert [n for first, end in runs for n in range(first, end)] == [*range(count)] * 3


def test_an_observer_that_pauses_training_sees_all_that_was_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plans, "TASK_TOKENS", 500)
    block = corpus()
    recorder = Recorder()
    hooks = Hooks(lambda: recorder)
    positions: list[Position] = []
    source = engine.SpanSource(lambda: iter([block]), True, 100)
    count = sum(table.span_count for table in source.tables())

    class Pausing(engine.Observer):
        def spans_follow(
            self, table: SpanTable, first: int, end: int, pause: Callable[[], Position] | None
        ) -> None:
            assert pause is not None
            positions.append(pause())
            assert positions[-1].spans == len(positions[-1].totals) == table.first_span + end
            assert len(recorder.spans) == positions[-1].epoch * count + table.first_span + end

    report = TrainingReport(3, "none")
    engine.run(source, plan(block, workers=3), hooks, report, [Pausing()])
    assert hooks.events.count("publish") == len(positions) > 6

    # and training may begin there
    middle = positions[len(positions) // 2]
    assert 0 < middle.spans < count
    rest = Recorder()
    told: list[tuple[Any, ...]] = []
    report = TrainingReport(1, "none")
    engine.run(source, plan(block, start=middle), Hooks(lambda: rest), report, [Watcher(told)])
    assert len(rest.spans) == len(recorder.spans) - middle.epoch * count - middle.spans
    assert told[1:3] == [
        ("epoch begins", middle.epoch, middle.spans),
        ("spans", 0, middle.spans, None),
    ]
    assert report.epochs[0].words_in_vocabulary == len(block.tokens)


def test_observers_know_whether_one_before_them_ends_training() -> None:
    block = corpus()
    told: list[tuple[Any, ...]] = []

    class Once(engine.Observer):
        def epoch_ends(self, epoch: EpochReport, last: bool) -> bool:
            assert not last
            return True

    source = engine.SpanSource(lambda: iter([block]), True, 100)
    observers = [Once(), Watcher(told)]
    engine.run(source, plan(block), Hooks(Recorder), TrainingReport(1, "none"), observers)
    assert told[-1] == ("epoch ends", len(block.raw_lengths), True)
