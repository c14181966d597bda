"""The shipped day covers what it must, and a broken script is refused."""

from __future__ import annotations

import pytest

from outguard.cli.demo_script import Event, read_day, shipped_day
from outguard.errors import ConfigError

DAY = shipped_day()
EVENTS = [event for talk in DAY.conversations for event in talk.events]


def test_the_day_is_long_enough() -> None:
    assert DAY.count("reply") >= 30
    assert DAY.count("action") >= 15
    assert DAY.count("repeat") >= 1
    assert len(DAY.conversations) >= 4


def test_the_day_shows_every_verdict_and_decision() -> None:
    assert {event.expect["verdict"] for event in EVENTS if event.kind == "reply"} == {
        "ALLOW",
        "REDACT",
        "QUARANTINE",
    }
    assert {event.expect["decision"] for event in EVENTS if event.kind == "action"} == {
        "ALLOW",
        "ALLOW_WITH_CONSTRAINTS",
        "REQUIRE_APPROVAL",
        "DENY",
    }


def test_a_t4_takes_two_people_and_a_reviewer_releases_and_rejects() -> None:
    two = [event for event in EVENTS if event.expect.get("tier") == "T4" and len(set(event.approve)) == 2]
    assert two
    rulings = {event.body["ruling"] for event in EVENTS if event.kind == "review"}
    assert {"release", "reject"} <= rulings


def test_every_redaction_says_what_must_be_gone() -> None:
    for event in EVENTS:
        if event.expect.get("verdict") == "REDACT":
            assert event.expect["gone"] in str(event.body)


def test_reviews_and_repeats_point_at_events_before_them() -> None:
    seen: set[str] = set()
    for event in EVENTS:
        if event.kind == "repeat":
            assert event.body in seen
        if event.kind == "review":
            assert event.body["of"] in seen
        seen.add(event.name)


def test_pieces_are_joined_and_none_is_left() -> None:
    text = str([event.body for event in EVENTS])
    assert "${" not in text
    assert "ghp_" in text


def test_outcomes_default_to_executed() -> None:
    assert Event(kind="action", what="x", body={}, expect={}).outcome == "EXECUTED"


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[]",
        "{}",
        "{profile: a, agent_build: b, conversations: [{id: c}]}",
        "{profile: a, agent_build: b, conversations: [{id: c, channel: d, customer: {}, events: [{what: x}]}]}",
        "{profile: a, agent_build: b, conversations: ['${NONE}']}",
    ],
)
def test_a_broken_script_is_a_config_error(text: str) -> None:
    with pytest.raises(ConfigError):
        read_day(text)
