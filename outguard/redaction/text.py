"""Apply findings to one text.

No character of a cut span stays (but the last four of a masked number), everything outside the cuts stays, save white
space around a removed block; the result does not depend on the order of the findings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from outguard.domain.finding import Finding, FindingAction
from outguard.redaction.cuts import Cut, cuts_of
from outguard.redaction.operators import Words, replacement
from outguard.redaction.structure import Edit, applied, fit, mend_json

_BLANKS = " \t"
_CLOSING = frozenset(".,;:!?)")
_MARK = r"(?:\*{1,3}|_{1,3}|~~|`)"
_OPENS = re.compile(_MARK + r"\Z")
_CLOSES = re.compile(_MARK)
_LONGEST_MARK = 3


def redact_text(text: str, findings: Sequence[Finding], policy: Words) -> tuple[str, list[Cut]]:
    """`text` with every finding to cut made, and the cuts.

    Raises:
        InvalidInputError: if a finding lies outside the text.
    """
    cuts = cuts_of(text, findings)
    if not cuts:
        return text, []
    edits = [
        Edit(
            cut.start,
            cut.end,
            fit(text, cut.start, cut.end, replacement(text[cut.start : cut.end], cut.finding, cut.action, policy)),
        )
        for cut in cuts
    ]
    mend_json(text, edits)
    _tidy(text, cuts, edits)
    return applied(text, edits), cuts


def _tidy(text: str, cuts: Sequence[Cut], edits: Sequence[Edit]) -> None:
    """Widen removals over the white space they would leave doubled, and over emphasis with nothing in it."""
    floor, first = 0, 0
    while first < len(edits):
        last = first
        if _is_gone(cuts[first], edits[first]):
            while last + 1 < len(edits) and _is_next(text, edits[last], cuts[last + 1], edits[last + 1]):
                last += 1
            ceiling = edits[last + 1].start if last + 1 < len(edits) else len(text)
            start, end = _unwrapped(text, edits[first].start, edits[last].end, floor, ceiling)
            start, end = _widened(text, start, end, floor, ceiling)
            edits[first].start, edits[last].end = start, end
            for before, after in pairwise(edits[first : last + 1]):
                before.end = after.start
        floor = edits[last].end
        first = last + 1


def _is_gone(cut: Cut, edit: Edit) -> bool:
    return cut.action is FindingAction.REMOVE and not edit.replacement


def _is_next(text: str, edit: Edit, cut: Cut, following: Edit) -> bool:
    """Whether `following` is removed too, and nothing but blanks parts it from `edit`."""
    return _is_gone(cut, following) and not text[edit.end : following.start].strip(_BLANKS)


def _unwrapped(text: str, start: int, end: int, floor: int, ceiling: int) -> tuple[int, int]:
    """The removal with the emphasis that had nothing else in it."""
    while (
        (opened := _OPENS.search(text, max(floor, start - _LONGEST_MARK), start)) is not None
        and (closed := _CLOSES.match(text, end, ceiling)) is not None
        and opened.group() == closed.group()
    ):
        start, end = opened.start(), closed.end()
    return start, end


def _widened(text: str, start: int, end: int, floor: int, ceiling: int) -> tuple[int, int]:
    left, right = start, end
    while left > floor and text[left - 1] in _BLANKS:
        left -= 1
    while right < ceiling and text[right] in _BLANKS:
        right += 1
    opens_line = left == 0 or text[left - 1] == "\n"
    ends_line = right == len(text) or text[right] in "\r\n"
    if opens_line and ends_line:
        return _block(text, left, right, floor, ceiling)
    if ends_line or (left < start and text[right : right + 1] in _CLOSING):
        return left, right
    if left < start and right > end:
        return left, end
    return (start, right) if opens_line else (start, end)


_BREAK = re.compile(r"\r?\n")
_BREAKS_BEFORE = 4


def _block(text: str, left: int, right: int, floor: int, ceiling: int) -> tuple[int, int]:
    """A removal of whole lines: take their line break, and one of two blank lines that would meet."""
    begin = left
    while begin > floor and text[begin - 1] in "\r\n":
        begin -= 1
    finish = right
    while finish < ceiling and text[finish] in "\r\n":
        finish += 1
    if finish == len(text):
        return begin, finish
    if begin == 0:
        return 0, finish
    before = text.count("\n", begin, left)
    after = text.count("\n", right, finish)
    if after >= before:
        return begin if before else left, right if before else finish
    return left, finish
