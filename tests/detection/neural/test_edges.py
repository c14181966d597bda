"""An address that the model heard ends where a phone number begins."""

from __future__ import annotations

from outguard.detection.neural.edges import beside_numbers
from outguard.domain.finding import Category, Finding

TEXT = "5 Elm Rd, Leeds\n0113 555 0100 office"


def finding(kind: str, rule: str, words: str) -> Finding:
    start = TEXT.index(words)
    return Finding(
        category=Category.PII, type=kind, status=None, start=start, end=start + len(words), score=0.9, rule=rule
    )


def parts(*findings: Finding) -> list[str]:
    return [TEXT[one.start : one.end] for one in beside_numbers(list(findings), TEXT)]


PHONE = finding("PHONE_NUMBER", "pii.phone", "0113 555 0100")


def test_what_was_heard_ends_at_a_number_and_leaves_no_gap_behind() -> None:
    heard = finding("STREET_ADDRESS", "neural.street_address", "5 Elm Rd, Leeds\n0113")
    assert parts(heard, PHONE) == ["5 Elm Rd, Leeds", "0113 555 0100"]


def test_what_was_heard_inside_a_number_is_dropped() -> None:
    assert parts(finding("PERSON", "neural.person", "555"), PHONE) == ["0113 555 0100"]


def test_rules_keep_their_places() -> None:
    assert parts(finding("STREET_ADDRESS", "pii.address", "Leeds\n0113"), PHONE) == ["Leeds\n0113", "0113 555 0100"]
