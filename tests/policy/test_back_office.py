"""R3: interactive and back-office queues have targets of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flow_values import ask, gate_services
from policy_files import REVIEW, an_action, an_agent, policy_files, shipped_policy, small_policy

from outguard.errors import PolicyError
from outguard.policy.compile import compile_policy

RULES = "rules:\n  - {id: pay, match: {topics: [pay.*, mail.*]}, tier: T3, reason: r}\n"
BACK = "  back_office: {queues: [money], median_s: 900, p95_s: 1800}\n"


@pytest.mark.parametrize(("topic", "seconds"), [("pay.out", 900), ("mail.send", 0)])
async def test_an_item_is_due_by_the_target_of_its_queue(topic: str, seconds: int) -> None:
    services = gate_services(small_policy(RULES, review=REVIEW + BACK))
    held = await ask(services, an_agent(), an_action(topic))
    approval = await services.store.get_approval("default", held.approval_id or "")
    item = await services.store.get_item("default", approval.item_id)
    assert item.due_at - item.created_at == timedelta(seconds=seconds)


def test_the_shipped_targets_are_those_asked_for() -> None:
    review = shipped_policy().review
    assert review.back_office is not None
    assert (review.back_office.median_s, review.back_office.p95_s) == (900, 1800)
    assert review.target_s("back-office", 60) == 900
    assert review.target_s("ops-approvers", 60) == 60


def test_a_p95_below_the_median_is_a_problem() -> None:
    text = BACK.replace("1800", "600")
    with pytest.raises(PolicyError, match=r"review\.back_office\.p95_s: below median_s"):
        compile_policy(policy_files(RULES, review=REVIEW + text))
