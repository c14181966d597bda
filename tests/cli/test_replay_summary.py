"""What a replay adds up to."""

from __future__ import annotations

from typing import Any

import pytest

from outguard.cli.replay_summary import ReplaySummary, reference


def action(decision: str, *, wanted: bool | None = None, exact: bool | None = None, **more: Any) -> dict[str, Any]:
    return {
        "dialogue": "d1",
        "event": "action",
        "kind": "write",
        "wanted": wanted,
        "exact": exact,
        "decision": decision,
        "tier": "T2",
        "rule": "r1",
        "findings": [],
        "elapsed_ms": 2.0,
        **more,
    }


def reply(verdict: str, *findings: tuple[str, str]) -> dict[str, Any]:
    rows = [{"category": "pii", "type": kind, "action": act} for kind, act in findings]
    return {"dialogue": "d2", "event": "reply", "verdict": verdict, "findings": rows, "elapsed_ms": 1.0}


@pytest.mark.parametrize(
    ("wanted", "exact", "word"),
    [
        (None, None, "no_reference"),
        (False, False, "unwanted"),
        (True, True, "wanted_exact"),
        (True, False, "wanted_with_other_arguments"),
    ],
)
def test_the_reference_has_four_words(wanted: bool | None, exact: bool | None, word: str) -> None:  # noqa: FBT001 - a case
    assert reference({"wanted": wanted, "exact": exact}) == word


def test_actions_are_counted_by_decision_and_reference() -> None:
    summary = ReplaySummary()
    summary.add(action("ALLOW", wanted=True, exact=True))
    summary.add(action("ALLOW", wanted=False, exact=False))
    summary.add(action("DENY", wanted=True, exact=True))
    result = summary.summary()
    assert result["dialogues"] == 1
    assert result["actions"]["by_decision"] == {"ALLOW": 2, "DENY": 1}
    assert result["actions"]["by_reference"] == {
        "unwanted": {"ALLOW": 1},
        "wanted_exact": {"ALLOW": 1, "DENY": 1},
    }
    assert result["actions"]["by_rule"] == {"r1": {"ALLOW": 2, "DENY": 1}}


def test_a_finding_type_counts_once_a_reply() -> None:
    summary = ReplaySummary()
    summary.add(reply("REDACT", ("EMAIL_ADDRESS", "replace"), ("EMAIL_ADDRESS", "keep"), ("PERSON", "keep")))
    summary.add(reply("ALLOW", ("PERSON", "keep")))
    replies = summary.summary()["replies"]
    assert replies["by_finding_type"] == {"pii/PERSON": 2, "pii/EMAIL_ADDRESS": 1}
    assert replies["acted_on_by_verdict"] == {"REDACT": {"pii/EMAIL_ADDRESS": 1}}


def test_errors_are_counted_and_make_it_fail() -> None:
    assert not ReplaySummary().failed
    summary = ReplaySummary()
    summary.add({"dialogue": "d1", "event": "reply", "error": "UNAVAILABLE"})
    summary.add_bad_line("line 3: not valid JSON at column 1")
    assert summary.failed
    result = summary.summary()
    assert result["errors"] == {"UNAVAILABLE": 1, "line 3: not valid JSON at column 1": 1}
    assert result["events"] == 1


def test_latency_is_told_apart_by_event() -> None:
    summary = ReplaySummary()
    summary.add(action("ALLOW"))
    summary.add(reply("ALLOW"))
    summary.add_approval("APPROVED", 5.0)
    latency = summary.summary()["latency_ms"]
    assert {name: values["p50"] for name, values in latency.items()} == {"action": 2.0, "reply": 1.0, "approval": 5.0}


def test_writes_that_meet_a_person_are_told_by_domain_and_rule() -> None:
    summary = ReplaySummary()
    for domain, decision, exact in (
        ("airline", "ALLOW", True),
        ("airline", "REQUIRE_APPROVAL", True),
        ("airline", "DENY", False),
        ("retail", "ALLOW_WITH_CONSTRAINTS", False),
    ):
        summary.add(action(decision, wanted=True, exact=exact, rule=f"{domain}.rule"), domain=domain)
    summary.add(action("DENY"), domain="airline")  # no reference: counts for neither
    summary.add(action("ALLOW", wanted=False, exact=False, kind="read"), domain="airline")
    writes = summary.summary()["actions"]["writes"]
    assert writes["by_domain"]["airline"] == {
        "exact": 2,
        "exact_stopped": 1,
        "exact_share": 0.5,
        "others": 1,
        "others_stopped": 1,
        "others_share": 1.0,
    }
    assert writes["by_domain"]["all"]["others_stopped"] == 1
    assert writes["by_rule"]["retail.rule"] == {
        "exact": 0,
        "exact_stopped": 0,
        "exact_share": None,
        "others": 1,
        "others_stopped": 0,
        "others_share": 0.0,
    }
