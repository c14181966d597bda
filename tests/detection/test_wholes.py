"""What rules find in parts is told in one piece where it is one thing, and never across two people's values."""

from __future__ import annotations

import pytest

from outguard.detection.wholes import whole_addresses, whole_conditions
from outguard.domain.finding import Category, Finding, Status


def _finding(text: str, words: str, kind: str, status: Status | None = None) -> Finding:
    start = text.index(words)
    return Finding(
        category=Category.PII,
        type=kind,
        status=status,
        start=start,
        end=start + len(words),
        score=0.7,
        rule="r",
    )


def _told(text: str, *parts: str) -> list[str]:
    findings = whole_addresses([_finding(text, part, "STREET_ADDRESS") for part in parts], text)
    return [text[one.start : one.end] for one in findings]


@pytest.mark.parametrize(
    ("text", "parts", "told"),
    [
        ("at 12 Elm Lane\n- Suite 4, ok", ("12 Elm Lane", "Suite 4"), ["12 Elm Lane\n- Suite 4"]),
        ("at 12 Elm Lane\r\n- Suite 4, ok", ("12 Elm Lane", "Suite 4"), ["12 Elm Lane\r\n- Suite 4"]),
        ("the corner of Elm Lane 3 and Oak", ("the corner of Elm Lane 3 and Oak", "Elm Lane 3"),
         ["the corner of Elm Lane 3 and Oak"]),
        ("12 Elm Lane, Austin, TX 78712.", ("12 Elm Lane, Austin, ",), ["12 Elm Lane, Austin, TX 78712"]),
        ("12 Elm Lane\nAustin\n, TX\n Brazil 95828", ("12 Elm Lane\nAustin",),
         ["12 Elm Lane\nAustin\n, TX\n Brazil 95828"]),
        ("7 Elm Lane, Leeds LS1 4DY, now", ("7 Elm Lane, Leeds LS",), ["7 Elm Lane, Leeds LS1 4DY"]),
        ("7 Elm Lane, Leeds LS1 4DY, now", ("7 Elm Lane, Leeds",), ["7 Elm Lane, Leeds LS1 4DY"]),
        ("9 King St W, Toronto, ON M5X 1A9", ("9 King St W, Toronto, ON M",), ["9 King St W, Toronto, ON M5X 1A9"]),
        ("45 Elm Street, Perth WA 6000", ("45 Elm Street, Perth WA ",), ["45 Elm Street, Perth WA 6000"]),
        ("12 Elm Lane, 9 Oak Road", ("12 Elm Lane", "9 Oak Road"), ["12 Elm Lane", "9 Oak Road"]),
        ("12 Elm Lane\nMobile: 0688 843 79", ("12 Elm Lane\n",), ["12 Elm Lane"]),
        ("12 Elm Lane costs 2500 dollars", ("12 Elm Lane",), ["12 Elm Lane"]),
    ],
)  # fmt: skip
def test_an_address_is_told_whole(text: str, parts: tuple[str, ...], told: list[str]) -> None:
    assert _told(text, *parts) == told


def test_parts_of_two_people_stay_apart() -> None:
    text = "12 Elm Lane, Suite 4"
    findings = [
        _finding(text, "12 Elm Lane", "STREET_ADDRESS", Status.OWN),
        _finding(text, "Suite 4", "STREET_ADDRESS", Status.OTHER),
    ]
    assert whole_addresses(findings, text) == findings


def test_a_postcode_in_an_address_is_a_part_of_it() -> None:
    text = "12 Elm Lane, Austin, TX 78712"
    findings = [_finding(text, "12 Elm Lane, Austin", "STREET_ADDRESS"), _finding(text, "78712", "ZIP_CODE")]
    assert [one.type for one in whole_addresses(findings, text)] == ["STREET_ADDRESS"]


def test_conditions_of_one_sentence_are_one_detail() -> None:
    text = "the insulin and the oxygen for her. Also lithium"
    findings = [_finding(text, words, "HEALTH", Status.OTHER) for words in ("the insulin", "the oxygen", "lithium")]
    told = [text[one.start : one.end] for one in whole_conditions(findings, text)]
    assert told == ["the insulin and the oxygen", "lithium"]
