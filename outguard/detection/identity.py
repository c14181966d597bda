"""Wrong name: the greeting or a vocative addresses the recipient by another person's name.

Nicknames, initials, titles, a surname alone, missing accents and one of a double name are the recipient's own. Group
greetings ("Hi team", "Dear customer") address nobody by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

import re2
import yaml

from outguard.detection.called import called_names
from outguard.detection.document import Document
from outguard.detection.hints import Hints
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.errors import InvalidInputError

IDENTITY_FILE = "detectors/identity.yaml"
_NAME = r"[^\W\d_][^\W\d_'\u2019.-]*(?:[-'\u2019][^\W\d_]+)*\.?"
_CALLS = "sure|thanks|sorry|okay|ok|perfect|great"
_CAPITAL = r"(?:[A-Z]|[^\x00-\x7f])"
_GREETS, _CALLS_ON, _CALLS_GIVEN = range(3)
_LEAST_LIKENESS = 0.75
_INTERJECTION_WORDS = 2
_ABBREVIATED = 3
_MAX_NAME = 40
_WINDOW = 400
_MAX_NAMES = 500
_NO_WORD = re.compile(r"[^\w]")
_PLAIN_NAME = re.compile(r"[^\W\d_]+(?:[ '\u2019-][^\W\d_]+)*")
_APART = re.compile(r"[\s\-]+")
_CONTRACTED = re.compile(r"['\u2019](?:ve|m|ll|re|d|s)$")
_TO_YOU = re.compile(
    r"(?i)\b(?:you|your|you're|you've|you'll|thanks|thank|sorry|got it|sure|hope|enjoy|have a|let me|please|welcome)\b"
)
_TOLD_OF = re.compile(r", (?:who|whose|whom|our|the|a|an|from|of|or|in|at|will|has|his|her|their)\b|, [\dA-Z]")


@dataclass(frozen=True, slots=True)
class Names:
    """The lists of `detectors/identity.yaml`: greetings, titles, words that name nobody, and sets of nicknames."""

    first_greeting: re.Pattern[str]
    later_greeting: re.Pattern[str]
    vocative: re.Pattern[str]
    role: re.Pattern[str]
    titles: frozenset[str]
    nobody: frozenset[str]
    nicknames: Mapping[str, frozenset[int]]
    hints: Hints

    def greetings(self, text: str) -> Iterator[re.Match[str]]:
        """The greetings at the text's begin and after each sentence and line; group 1 is the name."""
        first = self.first_greeting.match(text)
        if first is not None:
            yield first
        yield from self.later_greeting.finditer(text, first.end() if first is not None else 0)

    def akin(self, first: str, second: str) -> bool:
        """Whether both are forms of one given name."""
        return bool(self.nicknames.get(first, frozenset()) & self.nicknames.get(second, frozenset()))


def load_names(files: Mapping[str, str]) -> Names:
    """Read the lists.

    Raises:
        InvalidInputError: if the file is missing or not as documented.
    """
    try:
        tree: dict[str, Any] = yaml.safe_load(files[IDENTITY_FILE])["identity"]
        greetings = sorted((str(one) for one in tree["greetings"]), key=len, reverse=True)
        titles = frozenset(fold(str(one)) for one in tree["titles"])
        nicknames: dict[str, set[int]] = {}
        for number, line in enumerate(tree["nicknames"]):
            for name in str(line).split():
                nicknames.setdefault(fold(name), set()).add(number)
        nobody = frozenset(fold(str(one)) for one in tree["nobody"])
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise InvalidInputError(f"{IDENTITY_FILE} is missing or malformed") from error
    lead = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in greetings)
    first = re.escape("".join(sorted({one[:1] for one in greetings})))
    who = rf"({_NAME}(?:[ \t]{{1,2}}{_NAME}){{0,3}})"
    greeting = (
        rf"[\"'*_\s]{{0,6}}(?i:(?=[{first}])(?:{lead}))[, \t]+(?:again[, \t]+)?{who}\s{{0,2}}(?=[,!.:;?\n\u2013—-]|$)"
    )
    return Names(
        first_greeting=re.compile(greeting),
        later_greeting=re.compile(r"[\n>.!?]" + greeting),
        vocative=re.compile(rf"(?:(?<=[a-zà-ÿ0-9']),|(?i:\b(?:{_CALLS}))) {who}(?=[,!.?])"),
        role=re.compile(rf"(?i)\b(?:{'|'.join(re.escape(str(one)) for one in tree['roles'])})s?$"),
        titles=titles,
        nobody=nobody,
        nicknames={name: frozenset(numbers) for name, numbers in nicknames.items()},
        hints=Hints(
            [
                rf"(?:^|[\n>.!?])[^\pL]{{0,6}}(?i:{_loosely(greetings)})[, \t]+(?:again[, \t]+)?{_CAPITAL}",
                rf"(?:,|(?i:{_CALLS})) {_CAPITAL}[^\s,!?]*(?:[ \t]{{1,2}}{_CAPITAL}[^\s,!?]*){{0,3}}[,!.?]",
                rf"(?:^|[\s,])(?:{'|'.join(re2.escape(name.title()) for name in nicknames)})[^\pL]",
            ]
        ),
    )


def _loosely(greetings: Sequence[str]) -> str:
    """The greetings for RE2, with any gap for a space."""
    return "|".join(re2.escape(one).replace(r"\ ", r"[^\pL\pN]+") for one in greetings)


def fold(name: str) -> str:
    """Lower case without accents and marks, common transliterations undone."""
    if name.isascii():
        return name.lower() if name.isalnum() else _NO_WORD.sub("", name.lower())
    plain = name.lower().translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _NO_WORD.sub("", bare)


_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "\u0131": "i"}
)


class IdentityDetector:
    """Emits `identity/WRONG_NAME` and, on the same words, `pii/PERSON/other` (settled question 6)."""

    def __init__(self, detector_files: Mapping[str, str]) -> None:
        """Compile the lists.

        Raises:
            InvalidInputError: if the file is missing or malformed.
        """
        self._names = load_names(detector_files)

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """Findings for names that are not the recipient's; none where the recipient's name is not known."""
        normalized = document.normalized
        text = normalized.text
        names = self._names
        hints = names.hints.of(text)
        known = _known(context) if hints else []
        if not known:
            return []
        spans: list[tuple[int, int] | None] = []
        if _GREETS in hints:
            spans.extend(self._stranger(text, *m.span(1), known) for m in islice(names.greetings(text), _MAX_NAMES))
        if _CALLS_ON in hints:
            spans.extend(
                self._stranger(text, *m.span(1), known)
                for m in islice(names.vocative.finditer(text), _MAX_NAMES)
                if self._is_vocative(text, m)
            )
        if _CALLS_GIVEN in hints:
            spans.extend(self._stranger(text, *span, known) for span in called_names(text, names.nicknames))
        found: list[Finding] = []
        for span in dict.fromkeys(span for span in spans if span is not None):
            start, end = normalized.original_span(*span)
            found.extend(_findings(start, end, document.field))
        return found

    def _is_vocative(self, text: str, match: re.Match[str]) -> bool:
        """Whether a name between commas is called on, not told of: after no role, no sign-off, in words to "you"."""
        low, high = max(0, match.start() - _WINDOW), min(len(text), match.end() + _WINDOW)
        begin = max(low, *(text.rfind(mark, low, match.start()) + 1 for mark in "\n.!?"))
        end = min(high, *(at for mark in "\n.!?" if (at := text.find(mark, match.end(), high)) >= 0), high)
        before, after = text[begin : match.start() + 1].rstrip(","), text[match.end() : end]
        if self._names.role.search(before) or not text[match.end() + 1 : high].strip():
            return False
        lead = before.split()
        if any(not word[0].isupper() for word in match.group(1).split()):
            return False
        if match.group(1).isupper() and len(match.group(1)) <= _ABBREVIATED:
            return False
        if len(lead) > 1 and lead[-1][0].isupper():
            return False
        if len(lead) > _INTERJECTION_WORDS and after.startswith(",") and _TOLD_OF.match(after):
            return False
        return _TO_YOU.search(text[begin:end]) is not None

    def _stranger(self, text: str, start: int, end: int, known: Sequence[str]) -> tuple[int, int] | None:
        """The span of the name at [start, end) if it is somebody else's."""
        parts = [(m.group(), start + m.start()) for m in re.finditer(r"[^\s]+", text[start:end])]
        kept: list[tuple[str, int]] = []
        for word, at in parts:
            if not word[0].isupper() or fold(word) in self._names.nobody:
                break
            kept.append((word, at))
        bare = [word for word, _ in kept if fold(word) not in self._names.titles and not _CONTRACTED.search(word)]
        if not bare or max(map(len, bare)) > _MAX_NAME or any(self._is_known(word, known) for word in bare):
            return None
        if len(bare) == 1 and any(_likeness(fold(bare[0]), name) >= _LEAST_LIKENESS for name in known):
            return None
        last, at = kept[-1]
        return kept[0][1], at + len(last.rstrip("."))

    def _is_known(self, word: str, known: Sequence[str]) -> bool:
        folded = fold(word)
        if len(folded) <= 2 or folded in known:
            return True
        initials = "".join(name[0] for name in known)
        if folded in initials:
            return True
        return any(
            self._names.akin(folded, name)
            or (len(folded) >= 3 and (name.startswith(folded) or folded.startswith(name)) and len(name) >= 3)
            or folded in "".join(known)
            for name in known
        )


def _likeness(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second).ratio()


def _known(context: ReplyContext) -> list[str]:
    values = [context.recipient.display_name]
    if context.customer is not None:
        values.append(context.customer.name)
        values.extend(v for v in context.customer.known_values if _PLAIN_NAME.fullmatch(v))
    names = [fold(word) for value in values for word in _APART.split(value or "")]
    return list(dict.fromkeys(name for name in names if name))


def _findings(start: int, end: int, field: str | None) -> list[Finding]:
    reason = "addresses the recipient by a name that is not theirs"
    return [
        Finding(category=Category.IDENTITY, type="WRONG_NAME", status=None, start=start, end=end, score=0.9,
                rule="identity.wrong_name", field=field, reason=reason),
        Finding(category=Category.PII, type="PERSON", status=Status.OTHER, start=start, end=end, score=0.9,
                rule="identity.wrong_name.person", field=field, reason=reason),
    ]  # fmt: skip
