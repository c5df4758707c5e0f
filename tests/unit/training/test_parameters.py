"""Every parameter: the forms that are accepted, and what is refused with which words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from negw2v.callbacks import CallbackAny2Vec
from negw2v.errors import InputTypeError, ParameterError
from negw2v.training.parameters import RULES, check, check_callbacks, check_seed

WHOLE = [name for name, rule in RULES.items() if rule.kind != "number"]


@pytest.mark.parametrize("name", RULES)
def test_numbers_in_any_form_are_accepted(name: str) -> None:
    for value in (5, 5.0, np.int64(5), np.float32(5), np.uint8(5)):
        result = check(name, value)
        assert result == 5
        assert type(result) in (int, float)
    assert check(name, True) == 1


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_nan_and_infinity_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"{name} must be finite.*got .*(nan|inf)") as caught:
        check(name, value)
    assert RULES[name].hint in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.least > -math.inf])
def test_numbers_below_the_least_are_refused(name: str) -> None:
    least = RULES[name].least
    check(name, least)
    with pytest.raises(ParameterError, match=f"{name} must be finite and at least {least:g}, got"):
        check(name, least - 1)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [5.5, 2**31])
def test_broken_and_huge_numbers_are_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"{name} must be a whole number"):
        check(name, value)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("value", ["5", [5], 5j, object(), np.ones(2)])
def test_other_things_than_numbers_are_refused_by_kind(name: str, value: Any) -> None:
    with pytest.raises(InputTypeError, match=f"{name} must be a number, got") as caught:
        check(name, value)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("name", RULES)
def test_none_is_accepted_where_it_has_a_meaning(name: str) -> None:
    if RULES[name].optional:
        assert check(name, None) is None
    else:
        with pytest.raises(InputTypeError):
            check(name, None)


def test_an_exponent_may_be_negative() -> None:
    assert check("ns_exponent", -0.5) == -0.5


@pytest.mark.parametrize("seed", [0, 1, 2**70, np.int64(3), None, [1, 2], (3, 4)])
def test_seeds(seed: Any) -> None:
    expected = list(seed) if isinstance(seed, tuple) else seed
    assert check_seed(seed) == expected


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ParameterError), (1.5, InputTypeError), ("1", InputTypeError)]
)
def test_bad_seeds(seed: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="seed must"):
        check_seed(seed)


def test_callbacks() -> None:
    callback = CallbackAny2Vec()
    assert check_callbacks(iter([callback])) == (callback,)
    assert check_callbacks(None) == ()
    with pytest.raises(InputTypeError, match=r"callbacks=\[callback\]"):
        check_callbacks(callback)
    with pytest.raises(InputTypeError, match="is a class, not an object of it"):
        check_callbacks([CallbackAny2Vec])
    with pytest.raises(InputTypeError, match="lacks on_train_begin, on_epoch_begin"):
        check_callbacks([object()])
