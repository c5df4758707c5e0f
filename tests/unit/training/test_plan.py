"""The learning rate, a function of the position in the data; how long spans are."""

from __future__ import annotations

import numpy as np
import pytest

from negw2v.training.plan import SHORTEST_SPAN, TASK_COST, LinearDecay, span_tokens


def rates(
    schedule: LinearDecay, epoch: int, examples: list[float], words: list[int]
) -> list[float]:
    progress = schedule.progress(np.array(examples, float), np.array(words))
    result = schedule.rates(epoch, progress)
    assert result.dtype == np.float32
    return result.tolist()


def test_it_falls_linearly_over_all_epochs() -> None:
    schedule = LinearDecay(0.1, 0.0, epochs=2, total_examples=10)
    assert rates(schedule, 0, [0, 5], [0, 0]) == pytest.approx([0.1, 0.075])
    assert rates(schedule, 1, [0, 5, 10], [0, 0, 0]) == pytest.approx([0.05, 0.025, 0.0])


def test_sentences_come_before_words_as_in_gensim() -> None:
    both = LinearDecay(0.1, 0.0, epochs=1, total_examples=10, total_words=1000)
    assert rates(both, 0, [5], [0]) == pytest.approx([0.05])
    only_words = LinearDecay(0.1, 0.0, epochs=1, total_words=1000)
    assert rates(only_words, 0, [5], [250]) == pytest.approx([0.075])


def test_it_never_goes_below_the_end() -> None:
    schedule = LinearDecay(0.1, 0.02, epochs=1, total_examples=10)
    assert rates(schedule, 0, [10, 15, 100], [0, 0, 0]) == pytest.approx([0.02] * 3)


def test_a_start_below_the_end_gives_the_end_throughout() -> None:
    schedule = LinearDecay(0.01, 0.05, epochs=1, total_examples=10)
    assert rates(schedule, 0, [0, 5], [0, 0]) == pytest.approx([0.05, 0.05])


def test_dear_tokens_make_short_spans() -> None:
    assert span_tokens(10_000, 1) == 10_000
    assert span_tokens(10_000, TASK_COST // 5_000) == 5_000
    assert span_tokens(10_000, TASK_COST) == SHORTEST_SPAN
    assert span_tokens(50, TASK_COST) == 50
