"""The word lists of `detectors/commitments.yaml`, compiled for lookups over folded tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2
import yaml

from outguard.detection.commitments.tokens import words
from outguard.errors import InvalidInputError

LEXICON_FILE = "detectors/commitments.yaml"
APPROVED, BINDS, RELEASES, ABSOLUTES = "approved", "binds", "releases", "absolutes"


class Phrases:
    """Groups of phrases of folded words in one RE2 set; a last word ending in * matches by prefix."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        options = re2.Options()
        options.log_errors = False
        options.literal = True
        self._set = re2.Set.SearchSet(options)
        self._group_of: list[str] = []
        for name, phrases in groups.items():
            for phrase in phrases:
                text = str(phrase)
                end = "" if text.endswith("*") else " "
                self._set.Add(" " + " ".join(words(text.rstrip("*"))) + end)
                self._group_of.append(name)
        self._set.Compile()
        self._nothing = dict.fromkeys(groups, 0)

    def hits(self, joined: str) -> Mapping[str, int]:
        """How many phrases of each group occur in `joined`, folded words with a space at each side; none left out."""
        numbers = self._set.Match(joined)
        if not numbers:
            return self._nothing
        found = self._nothing.copy()
        for number in numbers:
            found[self._group_of[number]] += 1
        return found


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
        tree: dict[str, Any] = yaml.safe_load(files[LEXICON_FILE])["commitments"]
        return Lexicon(
            types=Phrases(tree["types"]),
            marks=Phrases({name: tree[name] for name in (APPROVED, BINDS, RELEASES, ABSOLUTES)}),
            deeds=frozenset(str(one) for one in tree["deeds"]),
            harmless=frozenset(str(one) for one in tree["harmless"]),
            thresholds={name: float(value) for name, value in tree["thresholds"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError, re2.error) as error:
        raise InvalidInputError(f"{LEXICON_FILE} is missing or malformed") from error
