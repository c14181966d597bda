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


def test_an_address_that_ran_into_a_told_value_yields_to_the_one_that_a_rule_found() -> None:
    heard = finding("STREET_ADDRESS", "neural.street_address", "5 Elm Rd, Leeds\n0113")
    plate = finding("VEHICLE_ID", "pii.plate", "0113 555 0100")
    assert parts(heard, finding("STREET_ADDRESS", "pii.address", "5 Elm Rd"), plate) == ["5 Elm Rd", "0113 555 0100"]


def test_an_address_that_loses_its_number_to_a_told_value_is_none() -> None:
    heard = finding("STREET_ADDRESS", "neural.street_address", "Leeds\n0113 555 0100")
    assert parts(heard, finding("VEHICLE_ID", "pii.plate", "0113 555 0100")) == ["0113 555 0100"]


def test_what_was_heard_cuts_nothing_that_was_heard() -> None:
    assert parts(finding("DATE_OF_BIRTH", "neural.date_of_birth", "0113")) == ["0113"]
