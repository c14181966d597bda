"""The word lists of `detectors/commitments.yaml`, compiled for lookups over folded tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from outguard.detection.commitments.tokens import words
from outguard.detection.yaml_text import load_yaml
from outguard.errors import InvalidInputError

LEXICON_FILE = "detectors/commitments.yaml"
APPROVED, BINDS, RELEASES, ABSOLUTES = "approved", "binds", "releases", "absolutes"


_STEM = 3
_COMMON = frozenset(
    (
        *("a", "about", "account", "an", "and", "anything", "are", "at", "back", "be", "been", "can", "come", "for"),
        *(
            "good",
            "has",
            "have",
            "i",
            "in",
            "is",
            "it",
            "its",
            "me",
            "my",
            "next",
            "no",
            "not",
            "now",
            "of",
            "on",
            "order",
        ),
        *("our", "send", "should", "so", "some", "that", "the", "their", "them", "there", "they", "this", "to", "up"),
        *("us", "was", "way", "we", "were", "will", "with", "would", "you", "your", "'ll", "'re", "'s", "'ve", "n't"),
    )
)
"""Words of most replies: a phrase is not looked for because of one of these where it has another."""


class Phrases:
    """Groups of phrases of folded words; a last word ending in * matches by prefix.

    A phrase is looked for where its rarest word stands, an open word alone where a word begins like it.
    """

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        """Sort the phrases by what they are looked for.

        Raises:
            ValueError: if a phrase has no word, or an open word alone is shorter than three letters.
        """
        by_word: dict[str, list[tuple[str, str]]] = {}
        by_stem: dict[str, list[tuple[str, str]]] = {}
        for name, phrases in groups.items():
            for phrase in map(str, phrases):
                is_open = phrase.endswith("*")
                whole = words(phrase.rstrip("*"))
                closed = whole[:-1] if is_open else whole
                text = " " + " ".join(whole) + ("" if is_open else " ")
                if closed:
                    by_word.setdefault(max(closed, key=_rareness), []).append((text, name))
                elif whole and len(whole[0]) >= _STEM:
                    by_stem.setdefault(whole[0][:_STEM], []).append((text, name))
                else:
                    raise ValueError("a phrase is too short")
        self._by_word, self._by_stem = by_word, by_stem
        self._words, self._stems = frozenset(by_word), frozenset(by_stem)
        self._nothing = dict.fromkeys(groups, 0)

    def hits(self, tokens: Sequence[str], joined: str) -> Mapping[str, int]:
        """How many phrases of each group occur in folded words; none left out.

        `joined` has a space between and at each side of the `tokens`.
        """
        found = self._nothing
        looked_for = [self._by_word[word] for word in self._words.intersection(tokens)]
        if self._stems:
            looked_for += [
                self._by_stem[stem] for stem in self._stems.intersection([token[:_STEM] for token in tokens])
            ]
        for phrases in looked_for:
            for text, name in phrases:
                if text in joined:
                    found = self._nothing.copy() if found is self._nothing else found
                    found[name] += 1
        return found


def _rareness(word: str) -> tuple[bool, int]:
    return word not in _COMMON, len(word)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Cue words by commitment type (`types`), words that say `approved`, idioms that `binds` or `releases`, deeds."""

    types: Phrases
    marks: Phrases
    deeds: frozenset[str]
    harmless: frozenset[str]
    thresholds: Mapping[str, float]


def load_lexicon(files: Mapping[str, str]) -> Lexicon:
    """Read the lexicon.

    Raises:
        InvalidInputError: if the file is missing or not as documented.
    """
    try:
        tree: dict[str, Any] = load_yaml(files[LEXICON_FILE])["commitments"]
        return Lexicon(
            types=Phrases(tree["types"]),
            marks=Phrases({name: tree[name] for name in (APPROVED, BINDS, RELEASES, ABSOLUTES)}),
            deeds=frozenset(str(one) for one in tree["deeds"]),
            harmless=frozenset(str(one) for one in tree["harmless"]),
            thresholds={name: float(value) for name, value in tree["thresholds"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{LEXICON_FILE} is missing or malformed") from error
