"""Every parameter: the forms that are accepted, and what is refused with which words."""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

import numpy as np
import pytest

from negw2v.callbacks import CallbackAny2Vec
from negw2v.errors import InputTypeError, ParameterError
from negw2v.formats.gensim import names as gensim_names
from negw2v.word2vec import Word2Vec, hyperparameters
from negw2v.word2vec.hyperparameters import TABLE, check, check_callbacks, check_seed

RULES = {name: row for name, row in TABLE.items() if row.kind in {"whole", "number", "flag"}}
WHOLE = [name for name, row in RULES.items() if row.kind != "number"]


def test_the_signature_and_the_table_agree() -> None:
    signature = inspect.signature(Word2Vec).parameters
    rows = {name: row for name, row in TABLE.items() if row.of != "method"}
    assert list(rows) == list(signature)
    assert {name: row.default for name, row in rows.items()} == {
        name: parameter.default for name, parameter in signature.items()
    }


def test_the_docstring_and_the_table_agree() -> None:
    documentation = inspect.getdoc(Word2Vec) or ""
    section = documentation.partition("Parameters\n---")[2].partition("Attributes\n---")[0]
    named = re.findall(r"^(\w+(?:, \w+)*) :", section, re.MULTILINE)
    found = [name for line in named for name in line.split(", ")]
    assert sorted(found) == sorted(name for name, row in TABLE.items() if row.of != "method")


def test_what_a_model_keeps_is_declared_in_its_class() -> None:
    assert set(hyperparameters.ATTRIBUTES) <= set(Word2Vec.__annotations__)


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.of == "method"])
def test_the_defaults_of_methods_are_those_of_the_table(name: str) -> None:
    signatures = [
        inspect.signature(method).parameters
        for method in (Word2Vec.train, Word2Vec.build_vocab, Word2Vec.scan_vocab)
    ]
    defaults = {each[name].default for each in signatures if name in each}
    assert defaults == {TABLE[name].default}


def test_what_gensims_models_hold_is_in_the_table() -> None:
    assert frozenset(gensim_names.PARAMETERS) == hyperparameters.GENSIMS
    assert set(hyperparameters.STORED) - hyperparameters.GENSIMS == {
        "share_negatives",
        "corrected_cbow",
        "paired_windows",
        "deterministic",
        "progress",
    }


def test_every_default_is_in_its_usual_form() -> None:
    for name, row in TABLE.items():
        if row.kind != "any" and not (row.of == "method" and row.default is None):
            assert check(name, row.default) == row.default


def test_truth_values_are_kept_as_bool() -> None:
    model = Word2Vec(shrink_windows=0, compute_loss=np.bool_(True), corrected_cbow=1)  # type: ignore[arg-type]
    assert (model.shrink_windows, model.compute_loss, model.corrected_cbow) == (False, True, True)
    assert type(model.corrected_cbow) is bool
    assert Word2Vec().set_params(share_negatives=0).share_negatives is False
    with pytest.raises(InputTypeError, match="shrink_windows must be true or false, got array"):
        Word2Vec(shrink_windows=np.ones(2))  # type: ignore[arg-type]


def test_a_seed_that_is_set_by_its_name_is_checked() -> None:
    model = Word2Vec(seed=4)
    with pytest.raises(ParameterError, match="seed must not be negative"):
        model.set_params(seed=-1)
    assert model.seed == 4


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
        assert check(name, None) == {"sample": 0}.get(name)
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
