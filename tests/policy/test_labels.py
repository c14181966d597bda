"""The reply policy against replies that people labelled: right labels must lead to the right verdict."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from policy_files import shipped_policy

from outguard.domain.finding import Category, Finding, Status
from outguard.domain.verdict import Verdict, combine


def verdict_of(scenario: dict[str, Any]) -> Verdict:
    reply = shipped_policy().reply
    findings = []
    for span in scenario["expected"]["spans"]:
        finding = Finding(
            category=Category(span["category"]),
            type=span["type"],
            status=Status(span["status"]) if span.get("status") else None,
            start=0,
            end=1,
            score=1.0,
            rule="label",
            field=f"payload.{span['field']}" if span.get("field") else None,
        )
        findings.append(replace(finding, action=reply.action_for(finding, channel=scenario["reply"]["channel"])))
    return combine(findings)


@pytest.mark.data
def test_labels_lead_to_the_labelled_verdict() -> None:
    """But for the few replies where so much would be cut that nothing is left: the judge sees those, not the policy."""
    root = os.environ.get("OUTGUARD_TEST_DATA")
    path = Path(root or ".").resolve().parent / "eval" / "replies_dev.jsonl.gz"
    if not root or not path.is_file():
        pytest.skip("set OUTGUARD_TEST_DATA to the folder of outside data sets, with eval/ beside it")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        wrong = [s for s in map(json.loads, lines) if verdict_of(s) != s["expected"]["decision"]]
    assert {(verdict_of(scenario), scenario["expected"]["decision"]) for scenario in wrong} == {
        (Verdict.REDACT, "QUARANTINE")
    }
    assert len(wrong) <= 2
