"""The verdict is a maximum: order and repetition do not matter, and one more finding never loosens it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.finding import Category, Finding, FindingAction
from outguard.domain.verdict import Verdict, combine


def finding(action: FindingAction) -> Finding:
    return Finding(category=Category.PII, type="X", status=None, start=0, end=1, score=1.0, rule="r", action=action)


FINDINGS = st.lists(st.sampled_from(FindingAction).map(finding), max_size=6)


@given(FINDINGS, st.randoms())
def test_order_does_not_matter(findings: list[Finding], random: object) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert combine(shuffled) is combine(findings)


@given(FINDINGS, st.sampled_from(FindingAction))
def test_one_more_finding_never_loosens(findings: list[Finding], action: FindingAction) -> None:
    assert combine([*findings, finding(action)]).strictness >= combine(findings).strictness


@given(FINDINGS)
def test_the_strictest_wins(findings: list[Finding]) -> None:
    actions = {f.action for f in findings}
    if FindingAction.QUARANTINE in actions:
        assert combine(findings) is Verdict.QUARANTINE
    elif any(action.is_cut for action in actions):
        assert combine(findings) is Verdict.REDACT
    else:
        assert combine(findings) is Verdict.ALLOW
