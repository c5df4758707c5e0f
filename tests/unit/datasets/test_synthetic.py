"""The grammar is reproducible, and what it plants can be found again by training."""

from __future__ import annotations

from collections import Counter

import pytest

from negw2v import Word2Vec
from negw2v.datasets import synthetic
from negw2v.errors import ParameterError


def test_the_seed_decides() -> None:
    assert synthetic.sentences(50, seed=7) == synthetic.sentences(50, seed=7)
    assert synthetic.sentences(50, seed=7) != synthetic.sentences(50, seed=8)
    # Also on other machines and versions of Python.
    assert synthetic.sentences(2, seed=1) == [
        "the mayor of seoul serves kimchi in a korean city hall".split(),
        "a single timid mouse was seen in the cellar".split(),
    ]


def test_a_longer_corpus_begins_with_the_shorter_one() -> None:
    assert synthetic.sentences(100)[:40] == synthetic.sentences(40)
    assert synthetic.sentences(0) == []


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ParameterError, match="count=-1"):
        synthetic.sentences(-1)


def test_every_word_of_the_questions_is_frequent_enough() -> None:
    counts = Counter(word for words in synthetic.sentences(5_000) for word in words)
    asked = {word for questions in synthetic.analogies().values() for q in questions for word in q}
    asked |= {word for group in synthetic.synonyms() for word in group}
    assert min(counts[word] for word in asked) >= 20


def test_questions_are_all_ordered_pairs() -> None:
    questions = synthetic.analogies()
    assert {name: len(found) for name, found in questions.items()} == {
        "capital-country": 12 * 11,
        "singular-plural": 12 * 11,
        "present-past": 12 * 11,
    }
    assert ("paris", "france", "rome", "italy") in questions["capital-country"]
    assert ("dog", "dogs", "child", "children") in questions["singular-plural"]
    assert ("writes", "wrote", "sings", "sang") in questions["present-past"]


@pytest.mark.parametrize("sg", [0, 1])
def test_training_recovers_the_planted_relations(sg: int) -> None:
    model = Word2Vec(
        synthetic.sentences(20_000),
        vector_size=50,
        sg=sg,
        min_count=1,
        epochs=10,
        seed=1,
        workers=1,
    )
    for relation, questions in synthetic.analogies().items():
        right = sum(
            model.wv.most_similar(positive=[b, c], negative=[a], topn=1)[0][0] == d
            for a, b, c, d in questions
        )
        assert right >= 0.95 * len(questions), relation
    found = [
        {word for word, _ in model.wv.most_similar(asked, topn=len(group) - 1)}
        == set(group) - {asked}
        for group in synthetic.synonyms()
        for asked in group
    ]
    assert sum(found) >= 0.9 * len(found)
