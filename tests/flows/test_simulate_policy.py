"""Another policy over the record (R40): what it would have said to the same decisions, with nothing taking effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import FakeClock
from flow_values import CUSTOMER, ask, new_id, refund, reply_of
from policy_files import policy_files, shipped_files

from outguard.bootstrap import rules_of
from outguard.domain.audit import EntryKind
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal, Role
from outguard.domain.simulation import Compared, plain_of, summed_up
from outguard.errors import ForbiddenError, PolicyError
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.load_policy import start_policy
from outguard.flows.services import Services
from outguard.flows.simulate_policy import simulate_policy
from outguard.policy.compile import compile_policy

AUDITOR = Principal(id="audra", role=Role.AUDITOR, tenant="default")


class Folder:
    """The shipped rules, whose detectors are always the test's own."""

    def __init__(self, judge: ReplyJudge) -> None:
        self.loaded: Mapping[str, str] = shipped_files()
        self.judge = judge
        self.built = 0

    def read(self) -> Mapping[str, str]:
        return self.loaded

    def stamp(self) -> object:
        return None

    def compile(self, files: Mapping[str, str], *, profile: str | None = None) -> Policy:
        return compile_policy(files, profile=profile or "default")

    def build_judge(self, files: Mapping[str, str]) -> ReplyJudge:
        del files
        self.built += 1
        return self.judge


@pytest.fixture
async def past(services: Services, agent: Principal) -> tuple[Services, Folder]:
    """A record with three actions and two replies under the shipped policy."""
    folder = Folder(services.judge)
    mine = replace(services, rules=folder)
    await start_policy(mine)
    await ask(mine, agent, refund("10.00"))
    await ask(mine, agent, refund("600.00", target="ORD-2"))
    await ask(mine, replace(agent, topics=("mail.*",)), refund("11.00", target="ORD-3"))
    for text in ("Hello there.", "It is on PROMISE."):
        await evaluate_reply(mine, agent, request_id=new_id(), reply=reply_of(text), customer=CUSTOMER)
    return mine, folder


def with_rule(rule: str) -> dict[str, str]:
    return {**rules_of(None), "gate/more.yaml": f"rules:\n  - {rule}\n"}


async def test_the_same_policy_changes_nothing(past: tuple[Services, Folder]) -> None:
    mine, folder = past
    found = await simulate_policy(mine, AUDITOR, files=shipped_files())
    assert (found.stricter, found.looser, found.unchanged) == (0, 0, 5)
    assert found.old_items == found.new_items > 0
    assert folder.built == 0, "equal detectors and profiles: nothing is judged again"


async def test_a_further_denial_is_counted_by_rule_with_examples(past: tuple[Services, Folder]) -> None:
    mine, _ = past
    size = (await mine.store.head("default")).size
    rule = "{id: more.stop, match: {topics: [support.refund]}, decision: DENY, reason: stopped}"
    found = await simulate_policy(mine, AUDITOR, files=with_rule(rule))
    assert (found.stricter, found.looser) == (2, 0), "the third was out of the credential's scope under both"
    (row,) = [row for row in found.rows if row.stricter]
    assert row.rule == "more.stop"
    assert len(row.examples) == 2
    assert found.new_items < found.old_items
    (entry,) = await mine.store.list_entries("default", start=size)
    assert entry.kind is EntryKind.POLICY_SIMULATED, "nothing else is written"


async def test_replies_are_weighed_again(past: tuple[Services, Folder]) -> None:
    mine, folder = past
    files = dict(rules_of(None))
    policy = files["policy.yaml"]
    rule = "{category: commitment, type: REFUND, status: unbacked, action: record}"
    looser = policy.replace("  rules:\n", f"  rules:\n    - {rule}\n")
    assert looser != policy
    found = await simulate_policy(mine, AUDITOR, files={**files, "policy.yaml": looser})
    assert found.looser == 1
    assert found.rows[0].moves == {"QUARANTINE -> ALLOW": 1}
    assert folder.built == 0


async def test_other_detectors_judge_the_content_again(past: tuple[Services, Folder]) -> None:
    mine, folder = past
    files = dict(rules_of(None))
    name = next(path for path in files if path.startswith("authority/"))
    files[name] = files[name].replace("company: ", "company: New ", 1)
    found = await simulate_policy(mine, AUDITOR, files=files)
    assert folder.built == 1
    assert (found.stricter, found.looser, found.unchanged) == (0, 0, 5)


async def test_only_the_window_is_looked_at(past: tuple[Services, Folder], clock: FakeClock) -> None:
    mine, _ = past
    clock.advance(7200)
    assert (await simulate_policy(mine, AUDITOR, files=shipped_files(), window=timedelta(hours=1))).unchanged == 0


async def test_who_may_and_with_what(past: tuple[Services, Folder], agent: Principal) -> None:
    mine, _ = past
    with pytest.raises(ForbiddenError):
        await simulate_policy(mine, agent, files=shipped_files())
    with pytest.raises(PolicyError):
        await simulate_policy(mine, AUDITOR, files=policy_files("rules: nonsense\n"))
    other = replace(AUDITOR, tenant="other")
    assert (await simulate_policy(mine, other, files=shipped_files())).unchanged == 0, "tenants see their own record"


def test_the_forecast_is_items_by_time_and_people() -> None:
    one = Compared(
        subject_id="a", rule="r", old="ALLOW", new="DENY", old_rank=0, new_rank=3, old_item=True, new_item=False
    )
    found = summed_up([one] * 8, hours=2.0)
    assert found.items_per_reviewer_hour(2) == (2.0, 0.0)
    assert found.items_per_reviewer_hour(0) is None
    assert summed_up([one]).items_per_reviewer_hour(2) is None
    assert plain_of(found, reviewers=2)["items_per_reviewer_hour"] == {"reviewers": 2, "old": 2.0, "new": 0.0}
