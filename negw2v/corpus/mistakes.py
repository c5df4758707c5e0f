"""Likely mistakes in a corpus, found in a sample of it: what to say, or None.

Each function looks for one mistake. A limit lies well above what clean corpora show: of the Penn
Treebank and of text from Wikipedia, none is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "Mistake",
    "binary_file",
    "found_in",
    "giant_line",
    "markup",
    "mixed_case",
    "one_token_per_line",
    "punctuation_attached",
    "rare_words_only",
    "unsegmented",
]

Sentences = Sequence[Sequence[Any]]

#: Marks that tokenizers separate from words. An apostrophe is not among them.
PUNCTUATION = '.,;:!?"()[]{}«»“”„…。、，；：！？（）「」'

#: Tags of HTML and of dumps, entities, links and templates of Wikipedia. <unk> is none.
MARKUP = re.compile(
    r"</?(?:p|div|span|a|br|b|i|em|strong|li|ul|ol|table|tr|td|th|h[1-6]|head|body|html|script|"
    r"style|img|ref|doc|page|text|title)(?:\s*/?>|\s+[\w-]+=)"
    r"|&(?:nbsp|amp|lt|gt|quot|#\d+);|\[\[|\{\{",
    re.IGNORECASE,
)

#: Characters that texts do not have: controls, and what stands for a byte that is no UTF-8.
NO_TEXT = re.compile("[\0-\x08\x0e-\x1b\x7f\ufffd]")

#: A line of so many words is a text without ends of sentences; the readers cut it there.
GIANT_LINE = 10_000
#: Longer words are mostly several that nothing separates.
LONG_WORD = 20
#: Words whose spelling is looked at.
MOST_FREQUENT = 100_000


class Mistake(NamedTuple):
    """A likely mistake.

    Attributes
    ----------
    name
        Its name: that of the function that found it.
    message
        What was found, and what to do.
    """

    name: str
    message: str


def found_in(
    sentences: Sentences, counts: Mapping[Any, int], kept: int, kept_words: int, min_count: float
) -> tuple[Mistake, ...]:
    """All mistakes that are found.

    Parameters
    ----------
    sentences
        A sample of the corpus.
    counts
        How often each word occurs in the whole corpus.
    kept, kept_words
        Words in the vocabulary, and how often they occur, all together.
    min_count
        The smallest count in the vocabulary.
    """
    frequent = _most_frequent(counts)
    messages = {
        "binary_file": binary_file(sentences),
        "markup": markup(sentences),
        "one_token_per_line": one_token_per_line(sentences),
        "giant_line": giant_line(sentences),
        "unsegmented": unsegmented(sentences),
        "punctuation_attached": punctuation_attached(frequent),
        "mixed_case": mixed_case(frequent),
        "rare_words_only": rare_words_only(
            len(counts), sum(counts.values()), kept, kept_words, min_count
        ),
    }
    return tuple(Mistake(name, text) for name, text in messages.items() if text is not None)


def one_token_per_line(sentences: Sentences) -> str | None:
    """Sentences of one word each have no context to learn from.

    Examples
    --------
    >>> one_token_per_line([["the"], ["cat"], ["sat"]] * 4)[:40]
    '100 % of the sentences have one word: th'
    """
    single = sum(len(sentence) == 1 for sentence in sentences)
    if len(sentences) < 10 or single < 0.5 * len(sentences):
        return None
    return (
        f"{100 * single / len(sentences):.0f} % of the sentences have one word: the context of a "
        "word are the other words of its sentence; write a sentence, or a paragraph, in each line"
    )


def giant_line(sentences: Sentences) -> str | None:
    """A text in one line has no ends of sentences.

    Examples
    --------
    >>> giant_line([["word"] * 10_000])[:36]
    'there are lines of 10,000 words and '
    """
    if not any(len(sentence) >= GIANT_LINE for sentence in sentences):
        return None
    return (
        f"there are lines of {GIANT_LINE:,} words and more: contexts reach across the ends of "
        "sentences and of documents; write one sentence, or one paragraph, in each line"
    )


def punctuation_attached(counts: Mapping[Any, int]) -> str | None:
    """``word,`` is another word than ``word``.

    Parameters
    ----------
    counts
        Words and how often they occur.

    Examples
    --------
    >>> punctuation_attached({"cat": 90, "cat,": 10})[:45]
    "10.0 % of the words have punctuation stuck to"
    """
    share, example = _other_forms(counts, lambda word: word.strip(PUNCTUATION))
    if share < 0.03:
        return None
    return (
        f"{100 * share:.1f} % of the words have punctuation stuck to them, such as "
        f"{example!r}: each such form is a word of its own; separate punctuation from words, or "
        "remove it (negw2v.utils.simple_preprocess does)"
    )


def mixed_case(counts: Mapping[Any, int]) -> str | None:
    """``The`` is another word than ``the``.

    Parameters
    ----------
    counts
        Words and how often they occur.

    Examples
    --------
    >>> mixed_case({"the": 80, "The": 20})[:41]
    '20.0 % of the words occur in small letter'
    """
    share, example = _other_forms(counts, str.lower)
    if share < 0.02:
        return None
    return (
        f"{100 * share:.1f} % of the words occur in small letters, too: {example!r} and "
        f"{example.lower()!r} are two words; convert the text to lower case, unless case shall "
        "tell words apart"
    )


def rare_words_only(
    types: int, words: int, kept: int, kept_words: int, min_count: float
) -> str | None:
    """A vocabulary that `min_count` has cut to little.

    Parameters
    ----------
    types, words
        Different words of the corpus, and all words.
    kept, kept_words
        The same of the vocabulary.
    min_count
        The smallest count in it.

    Examples
    --------
    >>> rare_words_only(1000, 5000, 10, 4000, 20)[:48]
    'min_count=20 leaves 10 of 1,000 different words '
    """
    if kept > 0.01 * types and kept_words > 0.5 * words:
        return None
    return (
        f"min_count={min_count:g} leaves {kept:,} of {types:,} different words and "
        f"{100 * kept_words / words:.0f} % of the text: the corpus may be too small for it; lower "
        "min_count"
    )


def markup(sentences: Sentences) -> str | None:
    """Tags, entities and templates are words to training.

    Examples
    --------
    >>> markup([["<p>", "some", "text", "</p>"]] * 5)[:28]
    '500 of 1,000 words hold mark'
    """
    words = found = 0
    for sentence in sentences:
        words += len(sentence)
        found += len(MARKUP.findall(" ".join(map(str, sentence))))
    if found < 5 or found < 0.002 * words:
        return None
    return (
        f"{1000 * found / words:.0f} of 1,000 words hold markup (HTML, XML or that of a wiki): "
        "its tags become words; extract the text first"
    )


def binary_file(sentences: Sentences) -> str | None:
    r"""Control characters do not occur in text.

    Examples
    --------
    >>> binary_file([["PK\x03\x04", "\x00\x00\x00"]])[:25]
    '71 % of the characters ar'
    """
    characters = found = 0
    for sentence in sentences:
        for word in sentence:
            if isinstance(word, str):
                characters += len(word)
                found += len(NO_TEXT.findall(word))
    if not characters or found < 0.001 * characters:
        return None
    return (
        f"{100 * found / characters:.2g} % of the characters are control characters, as in a "
        "binary file or a text of another encoding; a corpus is text in UTF-8"
    )


def unsegmented(sentences: Sentences) -> str | None:
    """Chinese, Japanese or Thai without blanks between the words.

    Examples
    --------
    >>> unsegmented([["今天天气很好我们一起去公园散步然后回家吃饭吧"]])[:30]
    '100 % of the text is in words '
    """
    characters = found = 0
    for sentence in sentences:
        for word in sentence:
            if isinstance(word, str):
                characters += len(word)
                found += len(word) if len(word) >= LONG_WORD else 0
    if not characters or found < 0.3 * characters:
        return None
    return (
        f"{100 * found / characters:.0f} % of the text is in words of {LONG_WORD} characters and "
        "more: blanks must separate words; use a tokenizer for the language first"
    )


def _most_frequent(counts: Mapping[Any, int]) -> Mapping[Any, int]:
    """The words that are looked at; of words that are equally frequent, all or none."""
    if len(counts) <= MOST_FREQUENT:
        return counts
    numbers = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    next_one = np.partition(numbers, -MOST_FREQUENT - 1)[-MOST_FREQUENT - 1]
    return {word: count for word, count in counts.items() if count > next_one}


def _other_forms(counts: Mapping[Any, int], plain: Callable[[str], str]) -> tuple[float, str]:
    """The share of words that occur in their plain form, too; the most frequent of them."""
    occurrences, example = 0, ("", 0)
    for word, count in counts.items():
        if isinstance(word, str) and plain(word) != word and plain(word) in counts:
            occurrences += count
            example = max(example, (word, count), key=lambda each: each[1])
    return _share(occurrences, counts), example[0]


def _share(occurrences: int, counts: Mapping[Any, int]) -> float:
    return occurrences / max(1, sum(counts.values()))
