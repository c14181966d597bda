"""Which spans are cut, once findings overlap.

Overlapping findings become one cut over all of them. A secret names it whatever else is there, then the stricter
action, then the longer span; what is done is the strictest action of all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outguard.domain.finding import Category, Finding, FindingAction
from outguard.errors import InvalidInputError

_RANK = {action: rank for rank, action in enumerate(FindingAction)}
_ESCAPED = frozenset('"\\/bfnrtu')
_HEX = frozenset("0123456789abcdefABCDEF")
_MAX_RUN = 64


@dataclass(frozen=True, slots=True)
class Cut:
    """A span to cut, the finding that names it, what is done, and all findings it answers."""

    start: int
    end: int
    finding: Finding
    action: FindingAction
    findings: tuple[Finding, ...]


def cuts_of(text: str, findings: Sequence[Finding]) -> list[Cut]:
    """The cuts that `findings` ask of `text`, in order, none touching another's characters.

    Raises:
        InvalidInputError: if a finding to cut lies outside the text: cutting elsewhere would leave it in.
    """
    wanted = [(finding, *_span(text, finding)) for finding in findings if finding.action.is_cut]
    spans = sorted(
        ((*_whole_characters(text, start, end), finding) for finding, start, end in wanted if start < end),
        key=lambda span: span[:2],
    )
    cuts: list[Cut] = []
    group: list[Finding] = []
    start = end = -1
    for left, right, finding in spans:
        if group and left < end:
            end = max(end, right)
            group.append(finding)
            continue
        if group:
            cuts.append(_merged(start, end, group))
        start, end, group = left, right, [finding]
    if group:
        cuts.append(_merged(start, end, group))
    return cuts


def strictest(actions: Iterable[FindingAction]) -> FindingAction:
    """The strictest of `actions`."""
    return max(actions, key=_RANK.__getitem__)


def leading(findings: Sequence[Finding]) -> Finding:
    """The finding that names a cut over all of `findings`."""
    return max(findings, key=_weight)


def _weight(finding: Finding) -> tuple[bool, int, int, float, str]:
    is_secret = finding.category is Category.SECRET
    return is_secret, _RANK[finding.action], finding.end - finding.start, finding.score, finding.type


def _merged(start: int, end: int, group: list[Finding]) -> Cut:
    action = strictest(finding.action for finding in group)
    return Cut(start, end, leading(group), action, tuple(group))


def _span(text: str, finding: Finding) -> tuple[int, int]:
    if finding.start == finding.end == -1:
        return 0, len(text)
    if not 0 <= finding.start <= finding.end <= len(text):
        raise InvalidInputError("a finding lies outside its field")
    return finding.start, finding.end


def _whole_characters(text: str, start: int, end: int) -> tuple[int, int]:
    """The span widened over what it would tear: combining marks after it, a backslash escape at its edges."""
    while end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end += 1
    start = _before_escape(text, start)
    return start, _after_escape(text, end)


def _before_escape(text: str, start: int) -> int:
    """`start`, moved back to the backslash of an escape (a line break, a code point) that it would split."""
    for back in range(1, min(5, start) + 1):
        if text[start - back] == "\\":
            return start - back if back < _escape_size(text, start - back) else start
    return start


def _after_escape(text: str, end: int) -> int:
    begin = _before_escape(text, end)
    return end if begin == end else min(len(text), begin + _escape_size(text, begin))


def _escape_size(text: str, place: int) -> int:
    """How many characters the escape at the backslash at `place` has; 1 if none starts there."""
    run = 1
    while run < _MAX_RUN and run <= place and text[place - run] == "\\":
        run += 1
    following = text[place + 1 : place + 6]
    if run % 2 == 0 or following[:1] not in _ESCAPED:
        return 1
    return 6 if following[0] == "u" and len(following) == 5 and _HEX.issuperset(following[1:]) else 2
