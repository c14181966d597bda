"""Grounding (R22): what a reply says of days, money, shares and yes or no, against the sources that were approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.document import Document
from outguard.detection.grounding.detector import MAX_FINDINGS, GroundingDetector
from outguard.detection.grounding.quantities import quantities_in
from outguard.detection.grounding.sources import MAX_CHARS
from outguard.detection.grounding.statements import statements_in
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding
from outguard.domain.reply import Recipient
from outguard.errors import TooLargeError

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "grounding.yaml").read_text("utf-8"))["cases"]
CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=None,
    profile=AuthorityProfile(name="p", company="P"),
    ledger=(),
    now=datetime(2026, 1, 5, tzinfo=UTC),
)
RETURNS = "Items may be returned within 30 days of delivery. Refunds take 5 to 7 business days."


def findings(reply: str, *sources: str) -> list[Finding]:
    return GroundingDetector().detect(Document(text=reply), replace(CONTEXT, sources=sources))


@pytest.mark.parametrize(
    ("sources", "reply", "kind", "why"),
    [
        (case["sources"], reply, kind, why)
        for case in CASES
        for key, kind in (("contradicts", "CONTRADICTS_SOURCE"), ("absent", "NOT_IN_SOURCES"))
        for reply, why in case[key]
    ],
)
def test_what_the_sources_do_not_bear_out_is_told(sources: list[str], reply: str, kind: str, why: str | None) -> None:
    found = findings(reply, *sources)
    assert any(one.type == kind and (why is None or why in one.reason) for one in found), found


@pytest.mark.parametrize(
    ("sources", "reply"), [(case["sources"], reply) for case in CASES for reply in case["supported"]]
)
def test_what_the_sources_say_or_leave_open_is_left(sources: list[str], reply: str) -> None:
    assert findings(reply, *sources) == []


@pytest.mark.parametrize(
    "reply", [reply for case in CASES for reply, _ in case["contradicts"]] + ["You have 60 days to return it."]
)
def test_without_sources_nothing_is_found(reply: str) -> None:
    assert findings(reply) == []


@pytest.mark.parametrize("case", CASES)
def test_a_source_never_contradicts_itself(case: dict[str, list[str]]) -> None:
    for source in case["sources"]:
        assert findings(source, *case["sources"]) == []


def test_a_finding_spans_its_statement_and_names_both_numbers() -> None:
    text = "Hi Maria,\n\nhappy to help: items may be returned within 60 days of delivery. Bye!"
    (finding,) = findings(text, RETURNS)
    assert finding.category is Category.GROUNDING
    assert text[finding.start : finding.end].strip().endswith("returned within 60 days of delivery.")
    assert finding.reason == "says 60 day; the sources say 30 day"
    assert "Maria" not in finding.reason


def test_of_several_numbers_in_a_sentence_the_wrong_one_is_told() -> None:
    text = "Items may be returned within 30 days of delivery and refunds take 2 business days."
    (finding,) = findings(text, RETURNS)
    assert "says 2 business day" in finding.reason


def test_sources_that_disagree_support_either() -> None:
    assert findings("Items may be returned within 14 days.", RETURNS, "Items may be returned within 14 days.") == []


def test_findings_and_sources_are_bounded() -> None:
    text = "Items may be returned within 60 days. " * (MAX_FINDINGS + 10)
    assert len(findings(text, RETURNS)) == MAX_FINDINGS
    with pytest.raises(TooLargeError):
        findings("ok", "x" * MAX_CHARS, "y")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2-3 days", ["2 to 3 day"]),
        ("two to three business days", ["2 to 3 business day"]),
        ("48 hours", ["2 day"]),
        ("90 minutes", ["90 minute"]),
        ("a fee of $1,250.50 or 3%", ["1250.5 USD", "3%"]),
        ("\u20ac45 or 60 euros", ["45 EUR", "60 EUR"]),
        ("thirty (30) days", ["30 day"]),
        ("within a week", ["7 day"]),
        ("from 9 am to 5:30 p.m.", ["9 o'clock", "17.5 o'clock"]),
        ("two checked bags of 23 kg", ["2 bag", "23 kg"]),
        ("version 2.0.1 of order ord-1234", []),
        ("2 of you", []),
    ],
)
def test_numbers_are_read_with_their_units(text: str, said: list[str]) -> None:
    assert [str(quantity) for quantity in quantities_in(text)] == said


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_read_without_fault(reply: str, source: str) -> None:
    for finding in findings(reply, source):
        assert 0 <= finding.start < finding.end <= len(reply)


PIECES = st.sampled_from(
    ["30 days", "$5", "10%", "returns", "refund", "within", "not", ".", ",", "fee", "and", "ship", "2", "-", "to\nbags"]
)


@given(st.lists(PIECES, max_size=40))
def test_a_text_is_borne_out_by_itself(words: list[str]) -> None:
    text = " ".join(words)
    assert [one for one in findings(text, text) if one.type == "NOT_IN_SOURCES"] == []
    assert all(0 <= one.start < one.end <= len(text) for one in statements_in(text))
