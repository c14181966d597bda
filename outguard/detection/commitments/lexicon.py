"""The word lists of `detectors/commitments.yaml`, compiled for lookups over folded tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from outguard.detection.commitments.tokens import words
from outguard.errors import InvalidInputError

LEXICON_FILE = "detectors/commitments.yaml"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of folded words; a last word ending in * matches by prefix."""

    exact: frozenset[str]
    prefixes: tuple[str, ...]

    @classmethod
    def of(cls, phrases: Sequence[str]) -> Phrases:
        """Compile `phrases`."""
        exact = frozenset(" " + " ".join(words(one)) + " " for one in phrases if not one.endswith("*"))
        prefixes = tuple(" " + " ".join(words(one[:-1])) for one in phrases if one.endswith("*"))
        return cls(exact, prefixes)

    def hits(self, joined: str) -> int:
        """How many phrases occur in `joined`, folded words with a space at each side."""
        return sum(one in joined for one in self.exact) + sum(one in joined for one in self.prefixes)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Cue words by commitment type, words that say approved, idioms that bind or release, and thresholds."""

    types: Mapping[str, Phrases]
    approved: Phrases
    binds: Phrases
    releases: Phrases
    deeds: frozenset[str]
    thresholds: Mapping[str, float]


def load_lexicon(files: Mapping[str, str]) -> Lexicon:
    """Read the lexicon.

    Raises:
        InvalidInputError: if the file is missing or not as documented.
    """
    try:
        tree: dict[str, Any] = yaml.safe_load(files[LEXICON_FILE])["commitments"]
        return Lexicon(
            types={name: Phrases.of(phrases) for name, phrases in tree["types"].items()},
            approved=Phrases.of(tree["approved"]),
            binds=Phrases.of(tree["binds"]),
            releases=Phrases.of(tree["releases"]),
            deeds=frozenset(str(one) for one in tree["deeds"]),
            thresholds={name: float(value) for name, value in tree["thresholds"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{LEXICON_FILE} is missing or malformed") from error
