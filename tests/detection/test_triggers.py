"""Words of a customer that ask for a person: found however they are put, in the customer's message alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outguard.bootstrap import rules_of
from outguard.detection.document import Document
from outguard.detection.engine import build_scanner, lint_detectors
from outguard.detection.pack import load_packs
from outguard.detection.phrases import trigger_files
from outguard.detection.triggers import FIELD, TriggerDetector
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category
from outguard.domain.reply import Customer, Recipient
from outguard.errors import PolicyError

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "triggers.yaml").read_text("utf-8"))
FILES = {name: text for name, text in rules_of(None).items() if name.startswith("detectors/")}
DETECTOR = TriggerDetector(load_packs(trigger_files(FILES), validators=frozenset()))
CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=Customer(id="c-1"),
    profile=AuthorityProfile(name="p", company="P"),
    ledger=(),
    now=datetime(2026, 1, 5, tzinfo=UTC),
)


def types_in(message: str) -> set[str]:
    return {finding.type for finding in DETECTOR.find(replace(CONTEXT, last_user=message))}


@pytest.mark.parametrize(
    ("kind", "message"), [(kind, message) for kind, messages in CASES["triggers"].items() for message in messages]
)
def test_the_message_gives_its_trigger(kind: str, message: str) -> None:
    assert kind in types_in(message)


@pytest.mark.parametrize("message", [*CASES["none"], "", "   "])
def test_an_ordinary_message_gives_none(message: str) -> None:
    assert types_in(message) == set()


@pytest.mark.parametrize(
    "message",
    [
        "I WILL SUE YOU.",
        "I\u2019ll be s\u200buing your company if this goes on",
        "i wi11 sue you, \uff53\uff55\uff45 you",
    ],
)
def test_disguises_do_not_hide_a_threat(message: str) -> None:
    assert "LEGAL_THREAT" in types_in(message)


def test_a_finding_points_into_the_message_and_never_into_the_reply() -> None:
    message = "Hello there.\nIf this is not fixed I will sue you."
    (finding,) = DETECTOR.find(replace(CONTEXT, last_user=message))
    assert (finding.category, finding.field, finding.status) == (Category.TRIGGER, FIELD, None)
    assert message[finding.start : finding.end].startswith("will sue you")
    assert "sue" not in finding.reason


def test_the_reply_itself_gives_no_trigger() -> None:
    scanner = build_scanner(FILES)
    document = Document(text="You told us that you will sue us and want to make a formal complaint.")
    assert not [one for one in scanner.scan([document], CONTEXT) if one.category is Category.TRIGGER]
    found = scanner.scan([document], replace(CONTEXT, last_user="I will sue you."))
    assert [one.type for one in found if one.category is Category.TRIGGER] == ["LEGAL_THREAT"]


@given(st.text(max_size=200))
def test_any_text_is_read_without_fault(message: str) -> None:
    for finding in DETECTOR.find(replace(CONTEXT, last_user=message)):
        assert 0 <= finding.start < finding.end <= len(message)


RULE = """rules:
  - {{id: t.x, category: {category}, type: X, patterns: [xyz], catch: [{catch}], leave: [{leave}]}}
"""


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("triggers_own.yaml", RULE.format(category="pii", catch="xyz", leave="a"), "must be trigger"),
        ("tone_own.yaml", RULE.format(category="trigger", catch="xyz", leave="a"), "must be tone"),
        ("trigger_own.yaml", RULE.format(category="trigger", catch="abc", leave="a"), "misses this text"),
        ("tone_own.yaml", RULE.format(category="tone", catch="xyz", leave="an xyz"), "catches this text"),
    ],
)
def test_a_phrase_pack_that_is_not_what_it_says_does_not_load(name: str, text: str, wrong: str) -> None:
    with pytest.raises(PolicyError) as caught:
        build_scanner({**FILES, f"detectors/{name}": text})
    (problem,) = caught.value.problems
    assert wrong in str(problem)
    assert str(problem).startswith(f"detectors/{name}:2")


def test_a_companys_own_phrases_count() -> None:
    own = RULE.format(category="trigger", catch="an xyz", leave="a")
    scanner = build_scanner({**FILES, "detectors/trigger_own.yaml": own})
    found = scanner.scan([], replace(CONTEXT, last_user="my xyz is gone"))
    assert [one.rule for one in found] == ["t.x"]


def test_the_shipped_packs_keep_their_examples() -> None:
    phrases = {name: text for name, text in FILES.items() if "trigger" in name or "tone" in name}
    assert len(phrases) == 2
    assert lint_detectors(phrases) == []
