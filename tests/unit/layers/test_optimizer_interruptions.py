"""Updates that were put off are made once, also where making up for them is interrupted."""

from __future__ import annotations

import interrupting
import numpy as np
import pytest

from negw2v.layers import Adam, Momentum, Parameter, SparseGradient


def begun(kind: type[Adam | Momentum]) -> tuple[Adam | Momentum, list[Parameter]]:
    """Two matrices, rows of which an optimizer owes some steps; its settings are new now."""
    weights = [Parameter(np.ones((6, 3), np.float32)), Parameter(np.ones((4, 3), np.float32))]
    optimizer = kind(lr=0.1)
    for row in range(4):
        gradients = [SparseGradient(each.shape) for each in weights]
        for each in gradients:
            each.rows = np.array([row], np.int32)
            each.values = np.full((1, 3), row + 1, np.float32)
        optimizer.update(weights, gradients)
    if isinstance(optimizer, Adam):
        optimizer.beta1 = 0.5
    else:
        optimizer.momentum = 0.5
    return optimizer, weights


@pytest.mark.parametrize("kind", [Adam, Momentum])
def test_new_settings_settle_what_was_put_off_once(kind: type[Adam | Momentum]) -> None:
    def flush(optimizer: Adam | Momentum) -> None:
        optimizer._prepare_step(optimizer._states)

    first, weights = begun(kind)
    expected = [each.flush().copy() for each in begun(kind)[1]]
    assert any((w.memory != e).any() for w, e in zip(weights, expected, strict=True))
    for event in interrupting.events(lambda: flush(first)):
        optimizer, weights = begun(kind)
        interrupting.run(lambda optimizer=optimizer: flush(optimizer), event)
        flush(optimizer)
        for each, values in zip(weights, expected, strict=True):
            np.testing.assert_array_equal(each.flush(), values)
