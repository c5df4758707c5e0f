"""Sentences of a small grammar with planted relations: a corpus that needs no file.

Both forms of a place, noun or verb occur with the same context words (a river and a dish; an
adjective and a site; an object). All words in one form share other context words ("many ...",
"yesterday ..."). So vectors trained on these sentences should have the planted relations as
directions, and synonyms, which the grammar exchanges freely, as neighbours. The expected
results are in :func:`analogies` and :func:`synonyms`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations
from typing import TypeVar

from negw2v.errors import ParameterError

__all__ = ["Analogy", "analogies", "sentences", "synonyms"]

_T = TypeVar("_T")

#: (a, b, c, d): a is to b as c is to d.
Analogy = tuple[str, str, str, str]

# country, capital, language, river, dish
_PLACES = (
    ("france", "paris", "french", "seine", "cheese"),
    ("italy", "rome", "italian", "tiber", "pasta"),
    ("japan", "tokyo", "japanese", "sumida", "sushi"),
    ("spain", "madrid", "spanish", "manzanares", "paella"),
    ("germany", "berlin", "german", "spree", "sausage"),
    ("england", "london", "english", "thames", "pie"),
    ("russia", "moscow", "russian", "moskva", "borscht"),
    ("hungary", "budapest", "hungarian", "danube", "goulash"),
    ("poland", "warsaw", "polish", "vistula", "pierogi"),
    ("portugal", "lisbon", "portuguese", "tagus", "sardines"),
    ("korea", "seoul", "korean", "han", "kimchi"),
    ("egypt", "cairo", "arabic", "nile", "falafel"),
)

# singular, plural, two adjectives and two places that occur with both
_NOUNS = (
    ("dog", "dogs", "loyal", "barking", "kennel", "yard"),
    ("cat", "cats", "sleepy", "purring", "sofa", "roof"),
    ("horse", "horses", "noble", "galloping", "stable", "meadow"),
    ("bird", "birds", "feathered", "singing", "nest", "sky"),
    ("child", "children", "playful", "curious", "playground", "nursery"),
    ("mouse", "mice", "grey", "timid", "cellar", "hole"),
    ("woman", "women", "elegant", "busy", "office", "theatre"),
    ("farmer", "farmers", "weathered", "sturdy", "field", "barn"),
    ("teacher", "teachers", "patient", "learned", "classroom", "library"),
    ("ship", "ships", "wooden", "floating", "harbour", "ocean"),
    ("car", "cars", "shiny", "parked", "garage", "highway"),
    ("goose", "geese", "white", "hissing", "pond", "marsh"),
)

# present, past, two objects that occur with both
_VERBS = (
    ("writes", "wrote", "letter", "novel"),
    ("sings", "sang", "song", "ballad"),
    ("drinks", "drank", "milk", "coffee"),
    ("eats", "ate", "bread", "soup"),
    ("builds", "built", "bridge", "tower"),
    ("drives", "drove", "truck", "bus"),
    ("catches", "caught", "fish", "butterfly"),
    ("paints", "painted", "portrait", "fence"),
    ("opens", "opened", "door", "window"),
    ("wears", "wore", "coat", "hat"),
    ("breaks", "broke", "plate", "cup"),
    ("plays", "played", "violin", "flute"),
)

# words of one meaning, three nouns that occur with all of them
_SYNONYMS = (
    (("big", "large", "huge"), ("mountain", "elephant", "palace")),
    (("small", "tiny", "little"), ("pebble", "insect", "button")),
    (("happy", "glad", "cheerful"), ("birthday", "wedding", "holiday")),
    (("sad", "gloomy", "miserable"), ("funeral", "farewell", "defeat")),
    (("fast", "quick", "rapid"), ("racer", "arrow", "falcon")),
    (("slow", "sluggish", "leisurely"), ("snail", "tortoise", "glacier")),
)

_PEOPLE = ("anna", "peter", "mary", "john", "she", "he")

_COUNTRY_TEMPLATES = (
    "the republic of {country} keeps its {language} laws near the {river}",
    "the nation of {country} exports {dish} and elects a {language} government",
    "the government of {country} taxes every {dish} along the {river}",
)
_CAPITAL_TEMPLATES = (
    "downtown {capital} has {language} streets and bridges over the {river}",
    "the mayor of {capital} serves {dish} in a {language} city hall",
    "the city streets of {capital} smell of {dish} by the {river}",
)
_SINGULAR_TEMPLATES = (
    "this one {noun} is a {adjective} {noun} in its {place}",
    "a single {adjective} {noun} was seen in the {place}",
    "every {noun} has a {place} that is {adjective}",
)
_PLURAL_TEMPLATES = (
    "these several {noun} are {adjective} {noun} in their {place}",
    "many {adjective} {noun} were seen in the {place}",
    "few {noun} have a {place} and most are {adjective}",
)
_PRESENT_TEMPLATES = (
    "today {person} always {verb} a {thing} and then another {thing}",
    "now {person} {verb} the {thing} as usual",
)
_PAST_TEMPLATES = (
    "yesterday {person} finally {verb} a {thing} and then another {thing}",
    "last year {person} {verb} the {thing} once",
)
_SYNONYM_TEMPLATES = (
    "what a {meaning} {thing} said {person}",
    "{person} saw a {meaning} {thing} beside a {meaning} {thing}",
)


def sentences(count: int = 20_000, *, seed: int = 1) -> list[list[str]]:
    """Sentences of the grammar, about nine words each.

    Parameters
    ----------
    count
        Number of sentences. Some 10,000 are enough to learn the relations in a few epochs.
    seed
        The same seed gives the same sentences, on every machine.

    Returns
    -------
    list of list of str

    Raises
    ------
    ParameterError
        `count` is negative.

    Examples
    --------
    >>> from negw2v.datasets import synthetic
    >>> [len(sentence) > 3 for sentence in synthetic.sentences(2, seed=1)]
    [True, True]
    """
    if count < 0:
        raise ParameterError(f"count={count}: the number of sentences cannot be negative")
    grammar = _Grammar(seed)
    return [grammar.sentence().split() for _ in range(count)]


def analogies() -> dict[str, list[Analogy]]:
    """All analogy questions about the planted relations.

    Returns
    -------
    dict of str to list of tuple
        "capital-country", "singular-plural" and "present-past"; each has a question for every
        ordered pair of its word pairs.

    Examples
    --------
    >>> analogies()["singular-plural"][0]
    ('dog', 'dogs', 'cat', 'cats')
    """
    pairs = {
        "capital-country": [(capital, country) for country, capital, *_ in _PLACES],
        "singular-plural": [(one, many) for one, many, *_ in _NOUNS],
        "present-past": [(present, past) for present, past, *_ in _VERBS],
    }
    return {
        relation: [(*known, *asked) for known, asked in permutations(of_relation, 2)]
        for relation, of_relation in pairs.items()
    }


def synonyms() -> list[tuple[str, ...]]:
    """Groups of words that the grammar exchanges freely.

    Returns
    -------
    list of tuple of str

    Examples
    --------
    >>> synonyms()[0]
    ('big', 'large', 'huge')
    """
    return [words for words, _ in _SYNONYMS]


class _Grammar:
    """Draws sentences; all kinds of relations are equally frequent."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def sentence(self) -> str:
        return self._pick((self._place, self._noun, self._verb, self._synonym))()

    def _pick(self, choices: Sequence[_T]) -> _T:
        # Python guarantees the same numbers in every version for random() alone.
        return choices[int(self._random.random() * len(choices))]

    def _place(self) -> str:
        country, capital, language, river, dish = self._pick(_PLACES)
        template = self._pick(_COUNTRY_TEMPLATES + _CAPITAL_TEMPLATES)
        return template.format(
            country=country, capital=capital, language=language, river=river, dish=dish
        )

    def _noun(self) -> str:
        singular, plural, *company = self._pick(_NOUNS)
        noun, templates = self._pick(((singular, _SINGULAR_TEMPLATES), (plural, _PLURAL_TEMPLATES)))
        return self._pick(templates).format(
            noun=noun, adjective=self._pick(company[:2]), place=self._pick(company[2:])
        )

    def _verb(self) -> str:
        present, past, *things = self._pick(_VERBS)
        verb, templates = self._pick(((present, _PRESENT_TEMPLATES), (past, _PAST_TEMPLATES)))
        return self._pick(templates).format(
            person=self._pick(_PEOPLE), verb=verb, thing=self._pick(things)
        )

    def _synonym(self) -> str:
        meanings, things = self._pick(_SYNONYMS)
        return self._pick(_SYNONYM_TEMPLATES).format(
            person=self._pick(_PEOPLE), meaning=self._pick(meanings), thing=self._pick(things)
        )
