"""Run pattern packs over a text in linear time.

A `Prefilter` names the patterns that can match; only those are run for spans.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import re2

from outguard.detection.examples import expand
from outguard.detection.needs import Needs, needs_of
from outguard.detection.normalize import normalize
from outguard.detection.pack import SURE_SCORE, Pack, RuleSpec, compiled, prepared, rule_problem
from outguard.detection.prefilter import Prefilter
from outguard.domain.policy import Problem

MIN_SCORE = 0.4
"""What scores less is not a finding."""

WEAK_SCORE = 0.1
"""What scores less than `MIN_SCORE` but this much is reported where it stands alone in a plain text."""

Validator = Callable[[str], bool]

_UNANCHORED = re2._Anchor.UNANCHORED  # noqa: SLF001 - finditer() makes a match object for each span, at twice the cost
_STARTS = bytes(0 if 0x80 <= byte <= 0xBF else 1 for byte in range(256))


class Match(NamedTuple):
    """A rule's span in the scanned text (code points), and the words there."""

    rule: RuleSpec
    start: int
    end: int
    score: float
    value: str


class PatternScanner:
    """The compiled rules of some packs."""

    def __init__(self, packs: Sequence[Pack], validators: Mapping[str, Validator]) -> None:
        self._rules = [
            _Rule(
                spec,
                validators[spec.validator] if spec.validator else None,
                validators[spec.checksum] if spec.checksum else None,
            )
            for pack in packs
            for spec in pack.rules
        ]
        patterns = [(rule, pattern) for rule in self._rules for pattern in rule.spec.patterns]
        sources = [prepared(pattern, ignore_case=rule.spec.ignore_case) for rule, pattern in patterns]
        self._runs: list[tuple[_Rule, Any]] = [
            (rule, compiled(source)._regexp.Match)  # noqa: SLF001
            for (rule, _), source in zip(patterns, sources, strict=True)
        ]

        def needs(number: int) -> Needs:
            rule, pattern = patterns[number]
            return needs_of(pattern, group=rule.spec.group)

        self._prefilter = Prefilter(sources, needs, lambda number: patterns[number][0].spec.scope == "plain")
        self._kept = frozenset(range(len(sources)))

    def without(self, scope: str) -> PatternScanner:
        """The scanner of all rules but those of a scope; what is compiled is shared."""
        other = copy(self)
        other._rules = [rule for rule in self._rules if rule.spec.scope != scope]  # noqa: SLF001 - our own
        kept = frozenset(number for number in self._kept if self._runs[number][0].spec.scope != scope)
        other._kept, other._prefilter = kept, self._prefilter.keeping(kept)  # noqa: SLF001
        return other

    @property
    def rules(self) -> tuple[RuleSpec, ...]:
        """The rules, in the order of their packs."""
        return tuple(rule.spec for rule in self._rules)

    def scan(self, text: str, floor: float = MIN_SCORE) -> list[Match]:
        """Every rule's matches in `text` that score `floor` or more; spans of different rules may overlap."""
        data = text.encode("utf-8", "surrogatepass")
        matches: list[Match] = []
        length, lowered = len(data), None
        kept, runs = self._kept, self._runs
        for number in self._prefilter.candidates(data):
            if number not in kept:
                continue
            rule, match = runs[number]
            if rule.keywords:
                lowered = lowered if lowered is not None else data.lower()
                for word in rule.keywords:
                    if word in lowered:
                        break
                else:
                    continue
            spans = match(_UNANCHORED, data, 0, length)
            if spans[0][0] != -1:
                rule.collect(match, spans, data, matches, floor)
        return matches if len(text) == length else _in_code_points(matches, data)


def _in_code_points(matches: Sequence[Match], data: bytes) -> list[Match]:
    """The matches with offsets in code points instead of bytes of UTF-8."""
    if not matches:
        return []
    counts = list(accumulate(data.translate(_STARTS), initial=0))
    return [Match(rule, counts[start], counts[end], score, value) for rule, start, end, score, value in matches]


class _Rule:
    """One rule with its context words compiled."""

    __slots__ = (
        "_after",
        "_before",
        "_checksum",
        "_context",
        "_deny",
        "_entropy",
        "_group",
        "_lifted",
        "_negative",
        "_score",
        "_shorten",
        "_validator",
        "keywords",
        "spec",
    )

    def __init__(self, spec: RuleSpec, validator: Validator | None, checksum: Validator | None) -> None:
        self.spec = spec
        self.keywords = tuple(word.lower().encode() for word in spec.keywords)
        self._group = spec.group
        self._before, self._after = spec.context_window
        self._context = _words(spec.context)
        self._negative = _words(spec.negative_context)
        self._deny = tuple(
            compiled(prepared(pattern, ignore_case=spec.ignore_case))._regexp.Match  # noqa: SLF001
            for pattern in spec.deny
        )
        self._entropy = spec.entropy_min
        self._shorten = spec.shorten
        self._score = spec.score
        self._lifted = spec.score_with_context if spec.score_with_context is not None else min(1.0, spec.score + 0.35)
        self._validator = validator
        self._checksum = checksum

    def collect(self, match: Any, spans: Any, data: bytes, matches: list[Match], floor: float) -> None:
        """Append the matches of one of the rule's patterns, of which the first has these spans, in bytes.

        The search goes on from the end of each span, so that a shared boundary character is seen twice.
        """
        length, group = len(data), self._group
        while spans[0][0] != -1:
            start, end = spans[group]
            if start == -1 or end <= start:
                position = spans[0][1] + (spans[0][1] == spans[0][0])
            else:
                position = end
                found = self._match(data, start, end, floor)
                if found is not None:
                    matches.append(found)
            if position > length:
                return
            spans = match(_UNANCHORED, data, position, length)

    def _match(self, data: bytes, start: int, end: int, floor: float) -> Match | None:
        """The match of these bytes, without its last words where the rule may leave them; None where it is none."""
        value = data[start:end].decode("utf-8", "surrogatepass")
        score = self._judge(value, data, start, end, floor)
        while not score and self._shorten and (cut := max(value.rfind(" "), value.rfind("-"))) > 0:
            value = value[:cut]
            end = start + len(value.encode("utf-8", "surrogatepass"))
            score = self._judge(value, data, start, end, floor)
        is_match = score >= floor and score
        return Match(self.spec, start, end, score, value) if is_match else None

    def _judge(self, value: str, data: bytes, start: int, end: int, floor: float) -> float:
        if self._entropy and shannon_entropy(value) < self._entropy:
            return 0.0
        if self._deny:
            words = data[start:end]
            for match in self._deny:
                if match(_UNANCHORED, words, 0, len(words))[0][0] != -1:
                    return 0.0
        if self._negative is not None and self._near(self._negative, data, start, end):
            return 0.0
        score = self._score
        if self._context is not None and self._near(self._context, data, start, end):
            score = self._lifted
        if score < floor or (self._validator is not None and not self._validator(value)):
            return 0.0
        return SURE_SCORE if self._checksum is not None and self._checksum(value) else score

    def _near(self, words: Any, data: bytes, start: int, end: int) -> bool:
        before = data[max(0, start - self._before) : start]
        if words.Match(_UNANCHORED, before, 0, len(before))[0][0] != -1:
            return True
        after = data[end : end + self._after]
        return bool(after) and words.Match(_UNANCHORED, after, 0, len(after))[0][0] != -1


def _words(words: Sequence[str]) -> Any:
    if not words:
        return None
    return _compiled_words(tuple(words))


@lru_cache(maxsize=1024)
def _compiled_words(words: tuple[str, ...]) -> Any:
    branches = []
    for word in words:
        is_open = word.endswith("*")
        literal = re2.escape(word.strip("*")).replace(r"\ ", r"[\s_-]*")
        head = r"(?:^|[^\pL\pN])" if word[:1].isalnum() else ""
        tail = "" if is_open or not word[-1:].isalnum() else r"(?:[^\pL\pN]|$)"
        branches.append(head + literal + tail)
    return compiled(prepared("|".join(branches), ignore_case=True))._regexp  # noqa: SLF001


def shannon_entropy(value: str) -> float:
    """Bits per character."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values()) if size else 0.0


def check_examples(pack: Pack, validators: Mapping[str, Validator]) -> list[Problem]:
    """What a pack's own examples disprove: a `catch` text that its rule misses, a `leave` text that it catches."""
    problems: list[Problem] = []
    scanner = PatternScanner((pack,), validators)
    for index, rule in enumerate(pack.rules):
        floor = _floor_of(rule)
        for key, is_wanted in (("catch", True), ("leave", False)):
            for number, text in enumerate(getattr(rule, key)):
                found = scanner.scan(normalize(expand(text)).text, floor)
                if any(match.rule is rule for match in found) is not is_wanted:
                    message = "the rule misses this text" if is_wanted else "the rule catches this text"
                    problems.append(rule_problem(pack, index, f"{key}.{number}", message))
    return problems


def _floor_of(rule: RuleSpec) -> float:
    """What the rule's examples must score: a finding's score where the rule can reach it."""
    return MIN_SCORE if max(rule.score, rule.score_with_context or 0.0, 0.0) >= MIN_SCORE else WEAK_SCORE
