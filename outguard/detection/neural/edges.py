"""Where what the language model heard ends: at the number, link or address of a known form that a rule found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from outguard.domain.finding import Finding

HEARD = "neural."
"""How the rules of the model's findings begin."""
_FIRM = frozenset({"PHONE_NUMBER", "EMAIL_ADDRESS", "URL", "CREDIT_CARD", "IBAN", "US_SSN", "IP_ADDRESS"})
_TOLD = frozenset(
    {"BANK_ACCOUNT", "CVV", "DATE_OF_BIRTH", "DEVICE_ID", "DRIVER_LICENSE", "NATIONAL_ID", "PASSPORT"}
    | {"PASSWORD_OR_PIN", "VEHICLE_ID"}
)
"""Values that rules know by the words before them, which no address has."""
_VALUES = frozenset({"neural.password_or_pin", "neural.health", "neural.credential"})
"""What a rule knows better wherever it has another name for it."""
_FIRM_FROM = 0.6
_MOST = 200


def beside_numbers(findings: list[Finding], text: str) -> list[Finding]:
    """The findings of one text, those of the model cut where they run into a value that a rule is sure of."""
    if not any(one.rule.startswith(HEARD) for one in findings):
        return findings
    ruled = [one for one in findings if not one.rule.startswith(HEARD) and one.start >= 0]
    firm = [one for one in ruled if one.type in _FIRM | _TOLD and one.score >= _FIRM_FROM][:_MOST]
    told = [one for one in firm if one.type in _TOLD]
    addresses = [one for one in ruled if one.type == "STREET_ADDRESS"][:_MOST] if told else []
    parted: list[Finding] = []
    for one in findings:
        if one.rule in _VALUES and _meets(one, [rule for rule in ruled[:_MOST] if rule.type != one.type]):
            continue
        now = _cut(one, firm, text) if one.rule.startswith(HEARD) else one
        is_no_address = one is not now and one.type == "STREET_ADDRESS" and _meets(one, told)
        if now is not None and not (is_no_address and (_meets(now, addresses) or not _has_digit(now, text))):
            parted.append(now)
    return parted


def _meets(one: Finding, others: Sequence[Finding]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def _has_digit(one: Finding, text: str) -> bool:
    return any(character.isdigit() for character in text[one.start : one.end])


def _cut(heard: Finding, firm: Sequence[Finding], text: str) -> Finding | None:
    start, end = heard.start, heard.end
    for one in firm:
        if one.start < end and start < one.end:
            start, end = (start, one.start) if one.start > start else (one.end, end)
    words = text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
    if start >= end:
        return None
    return heard if (start, end) == (heard.start, heard.end) else replace(heard, start=start, end=end)
