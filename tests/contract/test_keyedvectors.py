"""Every query of KeyedVectors gives what gensim's gives on the same vectors, up to rounding.

Vocabularies are drawn at random: keys of several kinds, equal vectors, 1 to 300 dimensions.
Where scores tie to within rounding, either order is right.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("gensim", reason="gensim is the yardstick")

from gensim.models import KeyedVectors as GensimKeyedVectors

from negw2v.errors import NegW2VError
from negw2v.keyedvectors import KeyedVectors

TOLERANCE = 2e-5

# Gensim warns of divisions by zero and of its own old names.
calm = pytest.mark.filterwarnings("ignore")


@dataclass
class World:
    """The same vectors in both libraries, and what to ask about them."""

    ours: Any
    theirs: Any
    keys: list[Any]
    picks: list[Any] = field(default_factory=list)
    vector: Any = None


def build(cls: type, keys: list[Any], vectors: np.ndarray) -> Any:
    store = cls(vectors.shape[1])
    store.add_vectors(keys, vectors)
    store.allocate_vecattrs(["count"], [np.int64])
    for position, key in enumerate(keys):
        store.set_vecattr(key, "count", position % 3)
    return store


KEYS = {
    "words": st.text(min_size=1, max_size=6),
    "numbers": st.integers(0, 10_000),
    "mixed": st.one_of(st.text(min_size=1, max_size=3), st.integers(0, 10_000)),
}


@st.composite
def worlds(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(KEYS)) -> World:
    kind = draw(st.sampled_from(kinds))
    keys = draw(st.lists(KEYS[kind], min_size=4, max_size=40, unique=True))
    dimensions = draw(st.sampled_from([1, 2, 3, 15, 16, 17, 100, 300]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    vectors = random.standard_normal((len(keys), dimensions)).astype(np.float32)
    vectors *= random.gamma(2, 1, (len(keys), 1)).astype(np.float32)
    if draw(st.booleans()):
        vectors[random.integers(len(keys))] = vectors[random.integers(len(keys))]
    # a mean or a sum near zero has no direction but rounding
    picks = [keys[place] for place in random.choice(len(keys), size=4, replace=False)]
    world = World(
        build(KeyedVectors, keys, vectors),
        build(GensimKeyedVectors, keys, vectors),
        keys,
        picks,
        random.standard_normal(dimensions).astype(np.float32),
    )
    units = world.ours.get_normed_vectors()
    rows = [world.ours.get_index(key) for key in picks]
    for signs in ([1], [1, 1], [1, -1], [1, 1, -1], [2, -0.5], [1, 1, 1, 1]):
        total = sum(sign * units[row] for sign, row in zip(signs, rows, strict=False))
        assume(np.linalg.norm(total) > 0.05)
    return world


Call = Callable[[Any, World], Any]

RANKINGS: dict[str, Call] = {
    "one key": lambda kv, w: kv.most_similar(w.picks[0]),
    "topn of 1": lambda kv, w: kv.most_similar(w.picks[0], topn=1),
    "topn beyond the vocabulary": lambda kv, w: kv.most_similar(w.picks[0], topn=1000),
    "analogy": lambda kv, w: kv.most_similar(w.picks[:2], w.picks[2:3], topn=3),
    "negative is a key": lambda kv, w: kv.most_similar(w.picks[:2], w.picks[2]),
    "vector": lambda kv, w: kv.most_similar(w.vector),
    "matrix": lambda kv, w: kv.most_similar(np.stack([w.vector, 2 * w.vector])),
    "vector and key": lambda kv, w: kv.most_similar([w.vector, w.picks[0]]),
    "weights": lambda kv, w: kv.most_similar([(w.picks[0], 2), (w.picks[1], -0.5)], topn=4),
    "weighted vector": lambda kv, w: kv.most_similar([(w.vector, 0.5), w.picks[0]], topn=4),
    "weight of a negative": lambda kv, w: kv.most_similar(w.picks[0], [(w.picks[1], -1.0)]),
    "clip_start": lambda kv, w: kv.most_similar(w.picks[0], clip_start=2),
    "clip_end": lambda kv, w: kv.most_similar(w.picks[0], clip_end=3),
    "both clips": lambda kv, w: kv.most_similar(w.picks[:2], clip_start=1, clip_end=3),
    "clipped away": lambda kv, w: kv.most_similar(w.picks[0], clip_start=3, clip_end=3),
    "restrict_vocab": lambda kv, w: kv.most_similar(w.picks[0], restrict_vocab=3),
    "restrict_vocab beyond": lambda kv, w: kv.most_similar(w.picks[0], restrict_vocab=10**6),
    "similar_by_key": lambda kv, w: kv.similar_by_key(w.picks[0], 5, 4),
    "similar_by_word": lambda kv, w: kv.similar_by_word(w.picks[0], topn=2),
    "similar_by_vector": lambda kv, w: kv.similar_by_vector(w.vector, 3),
}

VALUES: dict[str, Call] = {
    "len": lambda kv, w: len(kv),
    "str": lambda kv, w: str(kv),
    "get key": lambda kv, w: kv[w.picks[0]],
    "get list": lambda kv, w: kv[w.picks],
    "get tuple": lambda kv, w: kv[tuple(w.picks)],
    "in": lambda kv, w: [key in kv for key in [*w.keys, "no such key", -1, 10**9, 0, 3]],
    "has_index_for": lambda kv, w: kv.has_index_for(w.picks[0]),
    "get_index": lambda kv, w: [kv.get_index(key) for key in w.keys],
    "get_index by row": lambda kv, w: kv.get_index(2),
    "get_index with default": lambda kv, w: kv.get_index("no such key", 7),
    "get_vector": lambda kv, w: kv.get_vector(w.picks[0]),
    "get_vector norm": lambda kv, w: kv.get_vector(w.picks[0], norm=True),
    "get_mean_vector": lambda kv, w: kv.get_mean_vector(w.picks),
    "get_mean_vector missing": lambda kv, w: kv.get_mean_vector([w.picks[0], "no such key"]),
    "get_mean_vector all missing": lambda kv, w: kv.get_mean_vector(["no such key"]),
    "get_mean_vector weights": lambda kv, w: kv.get_mean_vector(w.picks, [1, -2, 0.5, 0]),
    "get_mean_vector array of weights": lambda kv, w: kv.get_mean_vector(
        w.picks, np.array([1, 2, 3, 4.0]), pre_normalize=False
    ),
    "get_mean_vector post": lambda kv, w: kv.get_mean_vector(w.picks, post_normalize=True),
    "get_mean_vector vectors": lambda kv, w: kv.get_mean_vector([w.vector, w.picks[0]]),
    "get_mean_vector matrix": lambda kv, w: kv.get_mean_vector(kv[w.picks]),
    "get_normed_vectors": lambda kv, w: kv.get_normed_vectors(),
    "get_vecattr": lambda kv, w: [kv.get_vecattr(key, "count") for key in w.keys],
    "similarity": lambda kv, w: kv.similarity(*w.picks[:2]),
    "distance": lambda kv, w: kv.distance(*w.picks[:2]),
    "distances": lambda kv, w: kv.distances(w.picks[0]),
    "distances of vector": lambda kv, w: kv.distances(w.vector),
    "distances to some": lambda kv, w: kv.distances(w.picks[0], w.picks),
    "n_similarity": lambda kv, w: kv.n_similarity(w.picks[:1], w.picks[1:3]),
    "cosine_similarities": lambda kv, w: kv.cosine_similarities(w.vector, kv.vectors),
    "most_similar to all": lambda kv, w: kv.most_similar(w.picks[0], topn=None),
    "most_similar to clipped": lambda kv, w: kv.most_similar(w.picks[0], topn=None, clip_start=1),
    "most_similar of none": lambda kv, w: kv.most_similar(w.picks[0], topn=0),
    "cosmul to all": lambda kv, w: kv.most_similar_cosmul(w.picks[0], topn=None),
    "cosmul of none": lambda kv, w: kv.most_similar_cosmul(w.picks[0], topn=-1),
    "relative_cosine_similarity": lambda kv, w: kv.relative_cosine_similarity(*w.picks[:2], 2),
    "vectors_for_all": lambda kv, w: kv.vectors_for_all(["no such key", *w.picks, *w.picks]),
    "vectors_for_all attributes": lambda kv, w: kv.vectors_for_all(w.picks, copy_vecattrs=True),
    "sort_by_descending_frequency": lambda kv, w: kv.sort_by_descending_frequency() or kv,
    "unit_normalize_all": lambda kv, w: kv.unit_normalize_all() or kv,
    "init_sims": lambda kv, w: kv.init_sims() or kv,
    "init_sims replace": lambda kv, w: kv.init_sims(replace=True) or kv,
    "word_vec": lambda kv, w: kv.word_vec(w.picks[0]),
    "resize_vectors": lambda kv, w: kv.index_to_key.extend("xyz") or kv.resize_vectors(7) or kv,
}


def agree(ours: Any, theirs: Any) -> None:
    """Equal in value up to rounding, and ours without any scalar of NumPy's."""
    if hasattr(theirs, "index_to_key"):
        assert ours.index_to_key == theirs.index_to_key
        assert ours.key_to_index == theirs.key_to_index
        assert set(ours.expandos) == set(theirs.expandos)
        for name in theirs.expandos:
            np.testing.assert_array_equal(ours.expandos[name], theirs.expandos[name])
            assert ours.expandos[name].dtype == theirs.expandos[name].dtype
        agree(ours.vectors, theirs.vectors)
    elif isinstance(theirs, np.ndarray):
        assert isinstance(ours, np.ndarray)
        assert ours.shape == theirs.shape
        assert ours.dtype.kind == theirs.dtype.kind
        np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE)
    elif isinstance(theirs, list):
        assert isinstance(ours, list)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            agree(one, other)
    elif isinstance(theirs, (float, np.floating)):
        assert type(ours) is float
        assert ours == pytest.approx(float(theirs), rel=1e-3, abs=TOLERANCE)
    else:
        assert not isinstance(ours, np.generic)
        assert ours == theirs


def rankings_agree(
    ours: list[tuple[Any, float]], theirs: list[tuple[Any, float]], scores: dict[Any, float]
) -> None:
    """Both name keys of the same scores in the same places, in descending order."""
    assert isinstance(ours, list)
    assert len(ours) == len(theirs)
    assert len({key for key, _ in ours}) == len(ours)
    for (key, score), (_, expected) in zip(ours, theirs, strict=True):
        assert type(score) is float
        assert score == pytest.approx(expected, abs=TOLERANCE, rel=TOLERANCE)
        assert score == pytest.approx(scores[key], abs=TOLERANCE, rel=TOLERANCE)
    assert ours == sorted(ours, key=lambda pair: -pair[1])


@calm
@pytest.mark.parametrize("name", RANKINGS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(world=worlds())
def test_rankings(name: str, world: World) -> None:
    everything: dict[str, Any] = {}

    class AllScores:
        """Takes the query that gensim has made out of the arguments."""

        def most_similar(self, query: np.ndarray, topn: int) -> list[Any]:
            everything["query"] = query
            return []

    ours, theirs = (RANKINGS[name](kv, world) for kv in (world.ours, world.theirs))
    query = world.theirs.most_similar
    world.theirs.most_similar = lambda *args, **kwargs: query(
        *args, **{**kwargs, "indexer": AllScores()}
    )
    RANKINGS[name](world.theirs, world)
    cosines = world.theirs.cosine_similarities(everything["query"], world.theirs.vectors)
    rankings_agree(ours, theirs, dict(zip(world.keys, cosines.tolist(), strict=True)))


@calm
@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_values(name: str, data: st.DataObject) -> None:
    # gensim takes int keys for numbers of rows in the one, for factors in the other
    words_only = name.startswith(("vectors_for_all", "cosmul"))
    world = data.draw(worlds(("words",)) if words_only else worlds())
    agree(VALUES[name](world.ours, world), VALUES[name](world.theirs, world))


@calm
@settings(max_examples=60, deadline=None, derandomize=True)
@given(world=worlds(("words",)), topn=st.integers(1, 50))
def test_most_similar_cosmul(world: World, topn: int) -> None:
    # gensim takes no int keys here, and scores of nearly opposite vectors are rounding alone
    positive, negative = world.picks[:2], world.picks[2:3]
    scores = world.theirs.most_similar_cosmul(positive, negative, topn=None)
    against = world.theirs.distances(negative[0])
    assume(against.max() < 1.95)
    agree(world.ours.most_similar_cosmul(positive, negative, topn=None), scores)
    rankings_agree(
        world.ours.most_similar_cosmul(positive, negative, topn),
        world.theirs.most_similar_cosmul(positive, negative, topn),
        dict(zip(world.keys, scores.tolist(), strict=True)),
    )


@calm
@settings(max_examples=60, deadline=None, derandomize=True)
@given(world=worlds())
def test_closer_than_and_rank(world: World) -> None:
    first, second = world.picks[:2]
    distances = world.theirs.distances(first)
    bound = distances[world.theirs.get_index(second)]
    others = [row for row in range(len(distances)) if row != world.theirs.get_index(second)]
    assume(np.abs(distances[others] - bound).min() > TOLERANCE)
    agree(world.ours.closer_than(first, second), world.theirs.closer_than(first, second))
    agree(world.ours.words_closer_than(first, second), world.theirs.closer_than(first, second))
    agree(world.ours.rank(first, second), world.theirs.rank(first, second))


@calm
@settings(max_examples=60, deadline=None, derandomize=True)
@given(world=worlds(("words",)))
def test_choices_among_given_keys(world: World) -> None:
    first, *rest = world.picks
    cosines = np.array([world.theirs.similarity(first, key) for key in rest])
    assume(np.diff(np.sort(cosines)).min() > TOLERANCE)
    agree(
        world.ours.most_similar_to_given(first, rest),
        world.theirs.most_similar_to_given(first, rest),
    )
    words = [*world.picks, "no such key"]
    theirs = world.theirs.rank_by_centrality(words)
    assume(np.diff(sorted(score for score, _ in theirs)).min() > TOLERANCE)
    for use_norm in (True, False):
        theirs = world.theirs.rank_by_centrality(words, use_norm=use_norm)
        ours = world.ours.rank_by_centrality(words, use_norm=use_norm)
        assert all(type(score) is float for score, _ in ours)
        scores = {word: float(score) for score, word in theirs}
        assert {word: pytest.approx(score, rel=1e-3, abs=1e-4) for score, word in ours} == scores
    assert world.ours.doesnt_match(words) == world.theirs.doesnt_match(words)


@calm
@settings(max_examples=25, deadline=None, derandomize=True)
@given(world=worlds(("words",)), norm=st.booleans())
def test_wmdistance(world: World, norm: bool) -> None:
    pytest.importorskip("ot", reason="Word Mover's Distance needs POT (the extra wmd)")
    units = world.ours.get_normed_vectors()
    assume(len(np.unique(units, axis=0)) == len(units))
    documents = [
        (world.picks[:2], world.picks[1:]),
        ([*world.picks, *world.picks[:1]], world.picks[2:]),
        ([*world.picks, "no such key"], world.keys),
        (world.picks[:1], world.picks[:1]),
        (["no such key"], world.picks),
    ]
    for first, second in documents:
        agree(
            world.ours.wmdistance(first, second, norm=norm),
            float(world.theirs.wmdistance(first, second, norm=norm)),
        )


@calm
@settings(max_examples=40, deadline=None, derandomize=True)
@given(world=worlds(), replace=st.booleans(), seed=st.integers(0, 1000), several=st.booleans())
def test_adding_and_setting(world: World, replace: bool, seed: int, several: bool) -> None:
    random = np.random.default_rng(seed)
    width = world.vector.shape[0]
    keys = [world.picks[0], "a new key", world.picks[1], "another new key"]
    rows = random.standard_normal((4, width)).astype(np.float32)
    for kv in (world.ours, world.theirs):
        if several:
            kv.add_vectors(keys, rows, replace=replace)
        else:
            kv.add_vectors("a new key", rows[0], replace=replace)
            kv[world.picks[1]] = rows[1]
            kv[keys] = rows
            kv.add_vector("the last key", rows[2])
        # gensim leaves these for later
        kv.allocate_vecattrs()
        kv.fill_norms(force=True)
    agree(world.ours, world.theirs)
    agree(world.ours.norms, world.theirs.norms)


@calm
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_preallocated_rows(dtype: type) -> None:
    stores = [cls(3, count=2, dtype=dtype) for cls in (KeyedVectors, GensimKeyedVectors)]
    for kv in stores:
        assert [kv.add_vector("ab"[place], [place, 1, 2]) for place in range(2)] == [0, 1]
        assert kv.vectors.dtype == dtype
        assert kv.add_vector("c", np.array([1, 1, 1])) == 2
    agree(*stores)


@calm
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    data=st.data(),
    restrict_vocab=st.sampled_from([300000, 30, 5, None]),
    case_insensitive=st.booleans(),
    dummy4unknown=st.booleans(),
)
def test_evaluate_word_analogies(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
) -> None:
    letters = st.text(st.sampled_from("aAbBcCéÉ"), min_size=1, max_size=3)
    keys = data.draw(st.lists(letters, min_size=8, max_size=60, unique=True))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    vectors = random.standard_normal((len(keys), 20)).astype(np.float32)
    ours, theirs = (build(cls, keys, vectors) for cls in (KeyedVectors, GensimKeyedVectors))
    lines = []
    for section in range(3):
        lines.append(f": section {section}")
        for _ in range(random.integers(0, 30)):
            words = [*keys, "unknown"]
            picked = [words[place] for place in random.integers(0, len(words), 4)]
            if random.random() < 0.7:
                # an answer that may well be right
                found = theirs.most_similar(
                    [key for key in picked[1:3] if key in theirs] or keys[:1],
                    [key for key in picked[:1] if key in theirs],
                    topn=3,
                )
                picked[3] = found[random.integers(len(found))][0]
            lines.append(" ".join(picked))
    path = tmp_path_factory.mktemp("questions") / "questions.txt"
    path.write_text("\n".join([*lines, ": last", " ".join(keys[:4])]), encoding="utf8")
    settings_ = {
        "restrict_vocab": restrict_vocab,
        "case_insensitive": case_insensitive,
        "dummy4unknown": dummy4unknown,
    }
    assert ours.evaluate_word_analogies(str(path), **settings_) == theirs.evaluate_word_analogies(
        str(path), **settings_
    )


@calm
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    restrict_vocab=st.sampled_from([300000, 8, None]),
    case_insensitive=st.booleans(),
    dummy4unknown=st.booleans(),
    delimiter=st.sampled_from(["\t", " ", ","]),
)
def test_evaluate_word_pairs(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
    delimiter: str,
) -> None:
    pytest.importorskip("scipy")
    random = np.random.default_rng(seed)
    keys = [*"abcdefghABCDxyz", "Émile", "émile", "ßx"]
    vectors = random.standard_normal((len(keys), 10)).astype(np.float32)
    ours, theirs = (build(cls, keys, vectors) for cls in (KeyedVectors, GensimKeyedVectors))
    lines = ["# a comment"]
    for _ in range(60):
        # a word's similarity with itself is rounding alone, and its rank in gensim's, too
        places = random.choice(len(keys) + 1, size=2, replace=False)
        words = [[*keys, "unknown"][place] for place in places]
        if words[0].upper() != words[1].upper():
            lines.append(delimiter.join([*words, str(random.integers(0, 10))]))
    path = tmp_path_factory.mktemp("pairs") / "pairs.txt"
    path.write_text("\n".join(lines), encoding="utf8")
    found = [
        kv.evaluate_word_pairs(
            str(path),
            delimiter=delimiter,
            restrict_vocab=restrict_vocab,
            case_insensitive=case_insensitive,
            dummy4unknown=dummy4unknown,
        )
        for kv in (ours, theirs)
    ]
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(other), rtol=1e-4, atol=1e-6)
    assert all(type(number) is float for part in found[0][:2] for number in part)


def small(cls: type) -> Any:
    return build(cls, ["a", "b", "c"], np.eye(3, dtype=np.float32) + 1)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "unknown key": lambda kv: kv["no such key"],
    "unknown row": lambda kv: kv[3],
    "negative row": lambda kv: kv[-1],
    "unknown in list": lambda kv: kv[["a", "no such key"]],
    "empty list": lambda kv: kv[[]],
    "get_index": lambda kv: kv.get_index("no such key"),
    "get_vector": lambda kv: kv.get_vector("no such key"),
    "mean of nothing": lambda kv: kv.get_mean_vector([]),
    "mean of unknown": lambda kv: kv.get_mean_vector(["no such key"], ignore_missing=False),
    "weights too few": lambda kv: kv.get_mean_vector(["a", "b"], [1.0]),
    "most_similar of nothing": lambda kv: kv.most_similar(),
    "most_similar of empty lists": lambda kv: kv.most_similar([], []),
    "most_similar of unknown": lambda kv: kv.most_similar("no such key"),
    "most_similar of a short vector": lambda kv: kv.most_similar(np.ones(2)),
    "most_similar of a number": lambda kv: kv.most_similar(2.5),
    "most_similar of lists in lists": lambda kv: kv.most_similar([["a", "b"]]),
    "topn of a float": lambda kv: kv.most_similar("a", topn=2.5),
    "topn of a str": lambda kv: kv.most_similar("a", topn="2"),
    "cosmul of nothing": lambda kv: kv.most_similar_cosmul(negative=["a"]),
    "cosmul of unknown": lambda kv: kv.most_similar_cosmul("no such key"),
    "similarity": lambda kv: kv.similarity("a", "no such key"),
    "n_similarity of nothing": lambda kv: kv.n_similarity([], ["a"]),
    "distances": lambda kv: kv.distances("no such key"),
    "distances to unknown": lambda kv: kv.distances("a", ["no such key"]),
    "closer_than": lambda kv: kv.closer_than("a", "no such key"),
    "rank": lambda kv: kv.rank("no such key", "a"),
    "most_similar_to_given of nothing": lambda kv: kv.most_similar_to_given("a", []),
    "most_similar_to_given of unknown": lambda kv: kv.most_similar_to_given("a", ["no such key"]),
    "doesnt_match of nothing": lambda kv: kv.doesnt_match([]),
    "doesnt_match of unknown": lambda kv: kv.doesnt_match(["no such key"]),
    "relative_cosine_similarity": lambda kv: kv.relative_cosine_similarity("a", "b", 0),
    "wrong dimension": lambda kv: kv.add_vectors(["d"], np.ones((1, 2))),
    "wrong dimension of one": lambda kv: kv.add_vector("d", np.ones(2)),
    "attribute of another type": lambda kv: kv.set_vecattr("a", "count", "many"),
    "attribute of unknown": lambda kv: kv.set_vecattr("no such key", "count", 1),
    "no such attribute": lambda kv: kv.get_vecattr("a", "no such attribute"),
    "vocab": lambda kv: kv.vocab,
    "set vocab": lambda kv: setattr(kv, "vocab", {}),
    "index2word": lambda kv: kv.index2word,
    "index2entity": lambda kv: kv.index2entity,
    "vectors_norm": lambda kv: kv.vectors_norm,
    "similarity_unseen_docs": lambda kv: kv.similarity_unseen_docs(),
    "missing analogies": lambda kv: kv.evaluate_word_analogies("/no/such/file"),
    "missing pairs": lambda kv: kv.evaluate_word_pairs("/no/such/file"),
    "negative count": lambda kv: type(kv)(3, count=-1).vectors[0],
}


@calm
@pytest.mark.parametrize("name", REFUSED)
def test_errors(name: str) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        REFUSED[name](small(GensimKeyedVectors))
    with pytest.raises(theirs.type) as ours:
        REFUSED[name](small(KeyedVectors))
    assert isinstance(ours.value, (NegW2VError, NotImplementedError))


def test_old_names_that_can_be_set() -> None:
    ours, theirs = small(KeyedVectors), small(GensimKeyedVectors)
    for kv in (ours, theirs):
        kv.vectors_norm = None
        kv.index2word = ["x", "y", "z"]
        assert kv.index_to_key == ["x", "y", "z"]
        kv.index2entity = ["u", "v", "w"]
        assert kv.index_to_key == ["u", "v", "w"]


@pytest.mark.parametrize("call", ["word_vec", "init_sims", "words_closer_than"])
def test_deprecated_names_warn(call: str) -> None:
    arguments = {"word_vec": ["a"], "words_closer_than": ["a", "b"]}.get(call, [])
    for kv in (small(KeyedVectors), small(GensimKeyedVectors)):
        with pytest.warns(DeprecationWarning, match="(?i)use "):
            getattr(kv, call)(*arguments)


def test_growing_by_one_warns() -> None:
    for kv in (small(KeyedVectors), small(GensimKeyedVectors)):
        with pytest.warns(UserWarning, match="prealloc"):
            kv.add_vector("d", np.ones(3))


def test_nothing_public_is_missing() -> None:
    names = {name for name in dir(GensimKeyedVectors) if not name.startswith("_")}
    assert names - set(dir(KeyedVectors)) == set()


def test_signatures() -> None:
    import inspect

    for name, theirs in inspect.getmembers(GensimKeyedVectors, callable):
        ours = getattr(KeyedVectors, name, None)
        if name.startswith("__") or not inspect.isfunction(ours):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = inspect.signature(inspect.unwrap(theirs)).parameters
        found = inspect.signature(ours).parameters
        for position, parameter in enumerate(expected.values()):
            if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
                continue
            assert list(found)[position] == parameter.name, name
            assert found[parameter.name].default == parameter.default, (name, parameter)
