"""Sentences made by a small grammar with planted relations: text that needs no file.

Every place, noun and verb has company of its own (a river, a dish; an adjective, a site; an
object) that both of its forms keep, and every form has company that all words in this form
share ("many ...", "yesterday ..."). So vectors trained on these sentences should have the
planted relations as directions, and synonyms, which the grammar takes for one another, as
neighbours: :func:`analogies` and :func:`synonyms` give them.
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

# singular, plural, two adjectives and two places that go with it
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

# present, past, two objects that go with it
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

# words of one meaning, three nouns that go with it
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
        How many. Some 10,000 are enough for the relations to show in a few epochs.
    seed
        The same seed gives the same sentences, on every machine.

    Raises
    ------
    ParameterError
        `count` is negative.
    """
    if count < 0:
        raise ParameterError(f"count={count}: the number of sentences cannot be negative")
    grammar = _Grammar(seed)
    return [grammar.sentence().split() for _ in range(count)]


def analogies() -> dict[str, list[Analogy]]:
    """All analogy questions that the planted relations answer, by relation.

    Returns
    -------
    dict
        "capital-country", "singular-plural" and "present-past", each with every ordered
        pair of its word pairs.
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
    """Groups of words that the grammar uses in one another's place."""
    return [words for words, _ in _SYNONYMS]


class _Grammar:
    """Draws sentences; each kind of relation is as frequent as the others."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def sentence(self) -> str:
        return self._pick((self._place, self._noun, self._verb, self._synonym))()

    def _pick(self, choices: Sequence[_T]) -> _T:
        # Only random() is promised to give the same numbers in every version of Python.
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
