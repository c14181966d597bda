"""What several rules found in parts, in one piece: an address on several lines, conditions that a sentence lists."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

from outguard.domain.finding import Finding

_GAP = re.compile(r"[ \t]*[,.;]?[ \t]*(?:\r?\n)?[ \t>?\u2022*-]*")
_PARTS = frozenset({"STREET_ADDRESS", "ZIP_CODE"})
_LONGEST_GAP = 8
_TAIL = re.compile(
    r"(?:\s{0,3},?\s{0,3}[A-Z]{2}\b)?(?:\s{0,3},?\s{1,6}[^\W\d_a-z][^\W\d_]+(?: [^\W\d_]+){0,3})?"
    r"(?:[,\s>?]{0,8}(?<=[\s,>?])\d{5}|(?:\n[\s>?]{0,6}|(?<=\w),?[ \n>?]{1,6})\d{4,6})(?:-\d{3,4})?\b"
    r"(?! ?[%\u20ac$\u00a3/:]|[ -]?\d)"
)
"""What may end an address: a state, a country on its own line or after a comma, a postcode."""
_CODE_TAIL = re.compile(r",?[ \n>?]{0,3}(?:(?<![^\W\d_])[A-Z]{1,2})?\d(?:[A-Z\d]? ?\d[A-Z]{2}|[A-Z] ?\d[A-Z]\d)\b")
"""A British or Canadian postcode; of one that was taken for the end of a town's name, what is left of it."""
_LONGEST_TAIL = 60
_LONGEST_LINK = 32
_SENTENCE_END = re.compile(r"[.!?;\n]")
_UNIT = re.compile(r"(?:apartment|apt|suite|ste|unit|flat|floor|room|p\.? ?o\.? ?box|#)\b", re.IGNORECASE)


def whole_addresses(findings: list[Finding], text: str) -> list[Finding]:
    """The findings with overlapping addresses, and units and postcodes beside one, told as one; `text` is the field's.

    Parts of different status stay apart: they may be of two people.
    """
    addresses = sorted((one for one in findings if one.type == "STREET_ADDRESS"), key=lambda one: (one.start, -one.end))
    if not addresses:
        return findings
    wholes: list[Finding] = []
    for one in addresses:
        last = wholes[-1] if wholes else None
        if last is not None and last.status is one.status and _belong(last, one, text):
            wholes[-1] = replace(_better(last, one), start=last.start, end=max(last.end, one.end))
        else:
            wholes.append(one)
    codes = {one.start: one.end for one in findings if one.type == "ZIP_CODE"}
    wholes = [_with_code(_with_tail(one, text), codes, text) for one in wholes]
    starts = [one.start for one in wholes]
    return [one for one in findings if one.type not in _PARTS or not _lies_in(one, wholes, starts)] + wholes


def whole_conditions(findings: list[Finding], text: str) -> list[Finding]:
    """The findings with the health details that one sentence lists told as one: what links them tells as much."""
    details = sorted((one for one in findings if one.type == "HEALTH"), key=lambda one: (one.start, one.end))
    if len(details) < 2:
        return findings
    joined = [details[0]]
    for one in details[1:]:
        last = joined[-1]
        gap = text[last.end : one.start]
        if last.status is one.status and len(gap) <= _LONGEST_LINK and _SENTENCE_END.search(gap) is None:
            joined[-1] = replace(last, end=max(last.end, one.end))
        else:
            joined.append(one)
    return [one for one in findings if one.type != "HEALTH"] + joined


def _with_tail(address: Finding, text: str) -> Finding:
    """The address up to its postcode, without the spaces and commas after it."""
    end = _bare_end(address, address.end, text)
    tail = _CODE_TAIL.match(text, end, end + _LONGEST_TAIL) or _TAIL.match(text, end, end + _LONGEST_TAIL)
    end = _bare_end(address, tail.end(), text) if tail is not None else end
    return address if end == address.end else replace(address, end=end)


def _bare_end(address: Finding, end: int, text: str) -> int:
    while end - 1 > address.start and text[end - 1] in " ,;\n\t":
        end -= 1
    return end


def _with_code(address: Finding, codes: Mapping[int, int], text: str) -> Finding:
    for start in range(address.end, address.end + _LONGEST_GAP + 1):
        if start in codes and _is_gap(text[address.end : start]):
            return replace(address, end=codes[start])
    return address


def _lies_in(one: Finding, wholes: Sequence[Finding], starts: Sequence[int]) -> bool:
    """Whether a postcode is told by the address before it; the parts of addresses always are."""
    index = bisect_right(starts, one.start) - 1
    return one.type == "STREET_ADDRESS" or (index >= 0 and one.end <= wholes[index].end)


def _belong(first: Finding, second: Finding, text: str) -> bool:
    if second.start < first.end:
        return True
    if not _is_gap(text[first.end : second.start]):
        return False
    words = text[first.start : first.end], text[second.start : second.end]
    return _UNIT.match(words[1]) is not None or _UNIT.match(words[0]) is not None


def _is_gap(gap: str) -> bool:
    return len(gap) <= _LONGEST_GAP and _GAP.fullmatch(gap) is not None


def _better(first: Finding, second: Finding) -> Finding:
    return first if first.score >= second.score else second
