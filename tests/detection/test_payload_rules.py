"""What payload fields are by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outguard.detection.payload_rules import PayloadRules, payload_findings, words_of
from outguard.domain.finding import Status
from outguard.errors import PolicyError

RULES = PayloadRules.parse(
    (Path(__file__).parents[2] / "rules" / "detectors" / "payload_fields.yaml").read_text(encoding="utf-8")
)
TOKEN = "s%3A" + "Zx81kQ" * 6 + "." + "hq72Lw" * 6
CARD = "4111" * 4


def found(payload: dict[str, Any]) -> dict[str, str]:
    """Type by path of what is found."""
    return {finding.field or "": finding.type for finding in payload_findings(payload, RULES)}


@pytest.mark.parametrize(
    "key", ["internalNotes", "internal_notes", "Internal-Notes", "INTERNAL_NOTES", "internal notes"]
)
def test_key_styles_are_one(key: str) -> None:
    assert words_of(key) == "internal notes"
    assert found({"x": [{key: "prefers pickup"}]}) == {f"payload.x[0].{key}": "INTERNAL_NOTE"}


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"risk": {"fraud_score": 0.7}}, "INTERNAL_NOTE"),
        ({"agentComment": "calls a lot"}, "INTERNAL_NOTE"),
        ({"unit_margin_pct": 61.4}, "INTERNAL_NOTE"),
        ({"assistant": {"scratchpad": "she hesitates"}}, "REASONING"),
        ({"_runtime": {"system_prompt": "You are Lumi."}}, "SYSTEM_PROMPT"),
        ({"debug_trace": ["a=1"]}, "DEBUG_TRACE"),
        ({"error": {"details": {"trace": "at x.js:1"}}}, "DEBUG_TRACE"),
        ({"session": {"token": TOKEN}}, "SESSION_ID"),
        ({"shop_token": "Zx81kQ" + "hq72Lw" + "Pm45Ty" + "0dR9"}, "ACCESS_TOKEN"),
        ({"env": {"DATABASE_URL": "postgres://u:" + "pw81" + "@db/x"}}, "DB_URL"),
        ({"payment": {"raw": {"pan": CARD}}}, "CREDIT_CARD"),
        ({"payment": {"raw": {"pan": int(CARD)}}}, "CREDIT_CARD"),
        ({"cvv": "219"}, "CVV"),
        ({"ssn": "987-65-4323"}, "US_SSN"),
        ({"dob": "1979-11-02"}, "DATE_OF_BIRTH"),
    ],
)
def test_a_field_is_what_its_name_says(payload: dict[str, Any], kind: str) -> None:
    assert list(found(payload).values()) == [kind]


@pytest.mark.parametrize(
    "payload",
    [
        {"notes_for_you": "Keep this receipt."},
        {"delivery_note": "left with a neighbour"},
        {"card": "Visa •••• 1881"},
        {"payment": {"masked": "**** 4444"}},
        {"card": {"heading": "Your order", "theme": "light"}},
        {"password": "changed"},
        {"token": "3 tokens left"},
        {"key": "standard-shipping-2"},
        {"api_key": "[API_KEY]", "ssn": "[US_SSN]", "pan": "************1111", "internal_notes": "[INTERNAL_NOTE]"},
        {"internal_notes": None, "debug": {}, "fraud": []},
        {"map": {"provider": "google", "center": [45.5, -122.6]}},
        {"session": "Your next session is on Monday"},
    ],
)
def test_harmless_or_redacted_fields_are_left(payload: dict[str, Any]) -> None:
    assert found(payload) == {}


def test_a_type_spreads_over_an_object_until_a_name_says_more() -> None:
    payload = {"internal": {"hint": "no freebies", "ssn": "987-65-4323", "log": {"a": 1}}}
    assert found(payload) == {
        "payload.internal.hint": "INTERNAL_NOTE",
        "payload.internal.ssn": "US_SSN",
        "payload.internal.log.a": "INTERNAL_NOTE",
    }


@pytest.mark.parametrize(
    ("payload", "places"),
    [
        (
            {
                "agent": {
                    "tool_calls": [{"name": "lookup", "args": {"id": 7}, "raw": {"n": 3}}, {"name": "x", "out": 1}]
                }
            },
            {"payload.agent.tool_calls[0]", "payload.agent.tool_calls[1]"},
        ),
        ({"debug_trace": ["conf=0.9", "kb/x.md#2"]}, {"payload.debug_trace"}),
        (
            {"internal_notes": ["says it broke", "no freebies"]},
            {"payload.internal_notes[0]", "payload.internal_notes[1]"},
        ),
        ({"risk": {"fraud_score": 0.7, "churn_score": 0.2}}, {"payload.risk.fraud_score", "payload.risk.churn_score"}),
        ({"adjuster_view": {"reserve_usd": 9, "hint": "settle"}}, {"payload.adjuster_view"}),
        (
            {"internal": {"hint": "no", "more": "x", "jira": "OPS-12"}},
            {"payload.internal." + k for k in ("hint", "more", "jira")},
        ),
    ],
)
def test_an_object_inside_as_a_whole_and_a_log_are_one_finding(payload: dict[str, Any], places: set[str]) -> None:
    assert set(found(payload)) == places


def test_an_example_credential_is_a_placeholder() -> None:
    finding = payload_findings({"api_key": "YOUR_API_KEY"}, RULES)[0]
    assert finding.status is Status.PLACEHOLDER


def test_depth_and_long_keys_cost_no_recursion() -> None:
    deep: dict[str, Any] = {"internal_notes": "x"}
    for _ in range(3000):
        deep = {"k" * 200: deep}
    assert len(payload_findings(deep, RULES)) == 1


@pytest.mark.parametrize("text", ["a: [", "rules: []\nextra: 1", "rules: [{id: x}]"])
def test_a_rule_file_with_a_mistake_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        PayloadRules.parse(text)
