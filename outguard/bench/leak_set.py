"""Whether words of internal documents are found in replies: whole, one sentence of them, lightly edited. Pure.

A set is documents that are marked internal or public. The internal ones are registered as such, the public ones as
public; a sentence of an internal document that stands in a public one too counts as public. Every document and every
sentence of eight words or more is pasted between a greeting and a farewell, as it is and after each edit, and it counts
as found where any word of it is. Public ones should not be.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.errors import InvalidInputError

LEAST_WORDS = 8
_SEED = 20
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019")

Edit = Callable[[str, random.Random, Sequence[str]], str]
IsLeak = Callable[[str], bool]
"""Whether a registered text is found in a reply."""


@dataclass(frozen=True, slots=True)
class LeakDocument:
    """One document of the set."""

    text: str
    is_internal: bool


def parse_document(value: Any) -> LeakDocument:
    """A document of a parsed line `{"title", "content", "internal"}`.

    Raises:
        InvalidInputError: if it is none.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("internal"), bool):
        raise InvalidInputError("a document needs internal: true or false")
    text = value.get("content", value.get("text"))
    if not isinstance(text, str):
        raise InvalidInputError("a document needs its content")
    return LeakDocument(text, value["internal"])


def _changed(sentence: str, chance: random.Random, vocabulary: Sequence[str]) -> str:
    words = sentence.split()
    words[chance.randrange(len(words))] = chance.choice(vocabulary)
    return " ".join(words)


def _dropped(sentence: str, chance: random.Random, _vocabulary: Sequence[str]) -> str:
    words = sentence.split()
    del words[chance.randrange(len(words))]
    return " ".join(words)


def _mistyped(sentence: str, chance: random.Random, _vocabulary: Sequence[str]) -> str:
    words = sentence.split()
    long = [place for place, word in enumerate(words) if len(word) > 3]
    if not long:
        return sentence
    place = chance.choice(long)
    word, at = words[place], chance.randrange(len(words[place]) - 1)
    words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _renumbered(sentence: str, chance: random.Random, _vocabulary: Sequence[str]) -> str:
    return re.sub(r"\d+", lambda _: str(chance.randrange(2, 9999)), sentence)


def _repunctuated(sentence: str, chance: random.Random, _vocabulary: Sequence[str]) -> str:
    cased = sentence.upper() if chance.random() < 0.5 else sentence.lower()
    return re.sub(r"[,;:*'\"()]", "", cased).replace(" ", "  ")


EDITS: Mapping[str, tuple[Edit, ...]] = {
    "as it is": (),
    "case, punctuation, spaces": (_repunctuated,),
    "numbers changed": (_renumbered,),
    "a word changed": (_changed,),
    "a word dropped": (_dropped,),
    "a typo": (_mistyped,),
    "a word changed, a typo": (_changed, _mistyped),
}
"""Light edits: each is done once in every sentence."""


@dataclass(slots=True)
class LeakScorer:
    """Counts pastes and those found, by what was pasted."""

    counts: defaultdict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, group: str, name: str, *, is_found: bool) -> None:
        """Count one paste; `group` is `internal` or `public`."""
        row = self.counts[group, name]
        row[0] += 1
        row[1] += is_found

    def summary(self) -> dict[str, Any]:
        """By group and paste: how many, how many found, and the share; `all` sums a group up."""
        result: dict[str, Any] = {}
        for group in ("internal", "public"):
            rows = {name: tuple(row) for (of, name), row in self.counts.items() if of == group}
            rows["all"] = (sum(row[0] for row in rows.values()), sum(row[1] for row in rows.values()))
            result[group] = {
                name: {"pasted": pasted, "found": found, "share": round(found / pasted, 4) if pasted else None}
                for name, (pasted, found) in rows.items()
            }
        return result


def score_leaks(documents: Sequence[LeakDocument], is_leak: IsLeak) -> dict[str, Any]:
    """Paste everything every way."""
    chance = random.Random(_SEED)  # noqa: S311 - the same edits every time
    public_words = "\n".join(f" {_folded(one.text)} " for one in documents if not one.is_internal)
    vocabulary = sorted({word for one in documents for word in one.text.split() if word.isalpha()})
    scorer = LeakScorer()
    for document in documents:
        for name, paste, is_internal in _pastes(document, public_words, chance, vocabulary):
            scorer.add("internal" if is_internal else "public", name, is_found=is_leak(_reply(paste)))
    return scorer.summary()


def _pastes(
    document: LeakDocument, public_words: str, chance: random.Random, vocabulary: Sequence[str]
) -> Iterator[tuple[str, str, bool]]:
    sentences = [one for one in _SENTENCE.split(document.text) if one.strip()]
    parts = [(one, document.is_internal and f" {_folded(one)} " not in public_words) for one in sentences]
    whole = document.is_internal and any(is_internal for _, is_internal in parts)
    for name, edits in EDITS.items():
        yield f"whole, {name}", "\n".join(_edited(sentences, edits, chance, vocabulary)), whole
        for sentence, is_internal in parts:
            if len(_folded(sentence).split()) >= LEAST_WORDS:
                yield f"sentence, {name}", "".join(_edited([sentence], edits, chance, vocabulary)), is_internal


def _edited(
    sentences: Iterable[str], edits: Iterable[Edit], chance: random.Random, vocabulary: Sequence[str]
) -> Iterator[str]:
    for sentence in sentences:
        edited = sentence
        for edit in edits:
            edited = edit(edited, chance, vocabulary) if len(edited.split()) > 1 else edited
        yield edited


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.translate(_APOSTROPHES).casefold()))


def _reply(paste: str) -> str:
    return f"Hello, and thank you for your patience.\n{paste}\nBest wishes"
