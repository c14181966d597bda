"""Where what the language model heard ends: at the number, link or address of a known form that a rule found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from outguard.domain.finding import Finding

HEARD = "neural."
"""How the rules of the model's findings begin."""
_FIRM = frozenset({"PHONE_NUMBER", "EMAIL_ADDRESS", "URL", "CREDIT_CARD", "IBAN", "US_SSN", "IP_ADDRESS"})
_FIRM_FROM = 0.6
_MOST = 200


def beside_numbers(findings: list[Finding], text: str) -> list[Finding]:
    """The findings of one text, those of the model cut where they run into a value that a rule is sure of."""
    if not any(one.rule.startswith(HEARD) for one in findings):
        return findings
    firm = [one for one in findings if one.type in _FIRM and one.score >= _FIRM_FROM and one.start >= 0][:_MOST]
    parted = (_cut(one, firm, text) if one.rule.startswith(HEARD) else one for one in findings)
    return [one for one in parted if one is not None]


def _cut(heard: Finding, firm: Sequence[Finding], text: str) -> Finding | None:
    start, end = heard.start, heard.end
    for one in firm:
        if one.start < end and start < one.end:
            start, end = (start, one.start) if one.start > start else (one.end, end)
    words = text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
    return replace(heard, start=start, end=end) if start < end else None
