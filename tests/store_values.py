"""Records and changes for tests of stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from outguard.audit.merkle import root_of
from outguard.domain.action import ActionRecord, GateDecision, LedgerState, Tier
from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.autonomy import Incident, IncidentKind, Level, Standing
from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.money import Money
from outguard.domain.override import Override, OverrideKind
from outguard.domain.pause import Pause, PauseBoard, PauseScope
from outguard.domain.policy_change import PolicyState, PolicyVersion
from outguard.domain.principal import Principal, Role, Token
from outguard.domain.pseudonym import Pseudonym
from outguard.domain.reply import RedactionDetail, ReplyRecord, ReplyState
from outguard.domain.review import (
    Approval,
    ApprovalState,
    Claim,
    Defect,
    GivenRuling,
    ItemKind,
    ItemState,
    OnTimeout,
    ReviewItem,
    Ruling,
    RulingKind,
)
from outguard.domain.roll_back import RollBack, RollBackState
from outguard.domain.seen_value import SeenValue
from outguard.domain.source import SourceKind, SourceRecord
from outguard.domain.verdict import Verdict
from outguard.ports import Call, Change, Store

NOW = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
TENANT = "default"


def a_seen_value(value: int, owner: int = 1, at: datetime = NOW) -> SeenValue:
    """A hash of a customer's value."""
    return SeenValue(value=value.to_bytes(16), owner=owner.to_bytes(16), seen_at=at)


def a_policy_version(snapshot: str = "v1:0123456789abcdef", **values: Any) -> PolicyVersion:
    """A policy that waits for a sign-off."""
    record = PolicyVersion(
        tenant=TENANT,
        snapshot=snapshot,
        label="1",
        profile="default",
        state=PolicyState.PROPOSED,
        proposed_by="adam",
        created_at=NOW,
        files={"policy.yaml": "version: ü\n"},
        rules=("a", "b"),
        profiles=("default",),
        default_profile="default",
    )
    return replace(record, **values)


def a_source(name: str = "runbook", **values: Any) -> SourceRecord:
    """A registered text."""
    record = SourceRecord(
        name=name,
        tenant=TENANT,
        kind=SourceKind.INTERNAL,
        type="INTERNAL_NOTE",
        words=12,
        key_id="k1",
        sealed=b"\x00sealed\xff",
        added_by="adam",
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(record, **values)


def later(seconds: float) -> datetime:
    """A time after NOW."""
    return NOW + timedelta(seconds=seconds)


def a_draft(subject_id: str = "reply-1", **values: Any) -> EntryDraft:
    """An audit entry to be."""
    values = {"kind": EntryKind.REPLY_DECIDED, "details": {"verdict": "ALLOW"}, **values}
    return EntryDraft(principal_id="agent-1", at=NOW, subject_id=subject_id, **values)


def a_call(request_id: str = "11111111-2222-4333-8444-555555555555", **values: Any) -> Call:
    """A call on record."""
    values = {"principal_id": "agent-1", "method": "EvaluateReply", "subject_id": "reply-1", **values}
    return Call(request_id=request_id, request_digest="ab" * 32, at=NOW, **values)


def a_change(tenant: str = TENANT, **values: Any) -> Change:
    """A change with one entry."""
    values = {"entries": (a_draft(),), **values}
    return Change(tenant=tenant, **values)


def an_action(action_id: str = "act-1", **values: Any) -> ActionRecord:
    """An action with nothing but what it must have."""
    record = ActionRecord(
        action_id=action_id,
        tenant=TENANT,
        agent_id="agent-1",
        conversation_id="conv-1",
        customer_id=None,
        topic="support.refund",
        digest="sha256:" + "0" * 64,
        decision=GateDecision.ALLOW,
        tier=Tier.T1,
        rule_id="refund-small",
        reason="within limits",
        constraints={},
        policy_snapshot="v1:0123456789abcdef",
        state=LedgerState.PENDING,
        created_at=NOW,
        updated_at=NOW,
        sealed=b"\x00sealed\xff",
    )
    return replace(record, **values)


def a_full_action() -> ActionRecord:
    """An action with every field set."""
    return an_action(
        customer_id="c-9",
        decision=GateDecision.ALLOW_WITH_CONSTRAINTS,
        tier=Tier.T4,
        constraints={"max_amount": "40.00", "nested": {"list": [1, 2.5, None, True]}},
        state=LedgerState.ROLLED_BACK,
        updated_at=later(1),
        amount=Money(amount=Decimal("45.00"), currency="USD"),
        target="order 4711 \N{SNOWMAN}",
        approval_id="apr-1",
        holding_message="one moment",
        agent_build="2026.1",
        degraded=True,
        shadow=True,
    )


def an_approval(approval_id: str = "apr-1", **values: Any) -> Approval:
    """A pending approval."""
    record = Approval(
        approval_id=approval_id,
        tenant=TENANT,
        action_id="act-1",
        digest="sha256:" + "0" * 64,
        policy_snapshot="v1:0123456789abcdef",
        tier=Tier.T3,
        required_approvals=1,
        state=ApprovalState.PENDING,
        requested_by="agent-1",
        created_at=NOW,
        expires_at=later(600),
        item_id="item-1",
    )
    return replace(record, **values)


def a_ruling(ruling_id: str = "rul-1", **values: Any) -> Ruling:
    """A reviewer's word."""
    ruling = Ruling(
        ruling_id=ruling_id,
        reviewer_id="reviewer-1",
        role=Role.SENIOR_REVIEWER,
        kind=RulingKind.REJECT,
        reason="wrong order",
        at=later(2),
        defect=Defect.LEAK,
    )
    return replace(ruling, **values)


def a_full_approval() -> Approval:
    """An approval with every field set."""
    return an_approval(
        tier=Tier.T4,
        required_approvals=2,
        state=ApprovalState.CONSUMED,
        rulings=(a_ruling(), a_ruling("rul-2", defect=None)),
        decided_at=later(3),
        on_timeout=OnTimeout.AUTO_APPROVE,
        escalates_at=later(300),
        extension_s=900.5,
        is_automatic=True,
    )


def a_reply(reply_id: str = "reply-1", **values: Any) -> ReplyRecord:
    """A clean reply."""
    record = ReplyRecord(
        reply_id=reply_id,
        tenant=TENANT,
        agent_id="agent-1",
        conversation_id="conv-1",
        customer_id="c-9",
        channel="email",
        profile="brightloom",
        verdict=Verdict.ALLOW,
        state=ReplyState.SENDABLE,
        findings=(),
        redactions=(),
        policy_snapshot="v1:0123456789abcdef",
        content_mac="ab" * 32,
        sealed=bytes(range(256)),
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(record, **values)


def a_full_reply() -> ReplyRecord:
    """A reply with every field set."""
    finding = Finding(
        category=Category.PII,
        type="EMAIL_ADDRESS",
        status=Status.OTHER,
        start=3,
        end=20,
        score=0.85,
        rule="pii.email",
        field="payload.a.b[0]",
        action=FindingAction.REPLACE,
        reason="not the recipient's",
    )
    bare = Finding(category=Category.SYSTEM, type="TIMEOUT", status=None, start=-1, end=-1, score=1.0, rule="system")
    return a_reply(
        verdict=Verdict.QUARANTINE,
        state=ReplyState.HELD,
        findings=(finding, bare),
        redactions=(RedactionDetail(field="text", reason="pii.email", action="replace"),),
        delivered_mac="cd" * 32,
        sealed_out=b"out",
        item_id="item-1",
        holding_message="one moment",
        agent_build="2026.1",
        degraded=True,
        degraded_reason="time budget",
        shadow=True,
        elapsed_us=2**40,
        updated_at=later(1),
    )


def an_item(item_id: str = "item-1", **values: Any) -> ReviewItem:
    """An open item."""
    record = ReviewItem(
        item_id=item_id,
        tenant=TENANT,
        kind=ItemKind.REPLY,
        state=ItemState.OPEN,
        subject_id="reply-1",
        conversation_id="conv-1",
        queue="default",
        tier=None,
        rule_id="pii.email",
        reason="an address of somebody else",
        maker_id="agent-1",
        required_rulings=1,
        created_at=NOW,
        due_at=later(900),
    )
    return replace(record, **values)


def a_full_item() -> ReviewItem:
    """An item with every field set."""
    return an_item(
        kind=ItemKind.APPROVAL,
        state=ItemState.CLAIMED,
        tier=Tier.T4,
        priority=7,
        senior_only=True,
        claim=Claim(reviewer_id="reviewer-1", token=3, expires_at=later(300)),
        claims_made=3,
        rulings=(a_ruling(),),
        closed_at=later(4),
        probability=0.25,
        stratum="write",
    )


def a_pause(pause_id: str = "pau-1", **values: Any) -> Pause:
    """The whole tenant stopped."""
    pause = Pause(
        pause_id=pause_id,
        scope=PauseScope.TENANT,
        value="",
        reason="something is wrong",
        paused_by="sen-1",
        paused_at=NOW,
    )
    return replace(pause, **values)


def a_pseudonym(word: str = "PERSON_7Q2F7777777777777777", **values: Any) -> Pseudonym:
    """A live pseudonym."""
    record = Pseudonym(
        word=word,
        tenant=TENANT,
        conversation_id="conv-1",
        type="PERSON",
        sealed=b"\x00sealed\xff",
        created_at=NOW,
        expires_at=later(60),
    )
    return replace(record, **values)


def a_board(*pauses: Pause, **values: Any) -> PauseBoard:
    """A board with these pauses."""
    return replace(PauseBoard(tenant=TENANT, pauses=pauses, version=1), **values)


def a_standing(**values: Any) -> Standing:
    """An agent's level after a demotion."""
    record = Standing(
        tenant=TENANT,
        agent_id="agent-1",
        topic="support.refund",
        level=Level.ASSISTED,
        since=NOW,
        changed_by="system",
        cause="error_rate",
        version=1,
    )
    return replace(record, **values)


def an_incident(incident_id: str = "inc-1", **values: Any) -> Incident:
    """An action that failed."""
    record = Incident(
        incident_id=incident_id,
        tenant=TENANT,
        agent_id="agent-1",
        topic="support.refund",
        kind=IncidentKind.FAILED,
        at=NOW,
        reported_by="agent-1",
        action_id="act-1",
    )
    return replace(record, **values)


def a_given(ruling_id: str = "rul-1", **values: Any) -> GivenRuling:
    """That a reviewer approved."""
    record = GivenRuling(
        ruling_id=ruling_id,
        tenant=TENANT,
        reviewer_id="reviewer-1",
        item_id="item-1",
        kind=RulingKind.APPROVE,
        at=NOW,
    )
    return replace(record, **values)


def an_override(override_id: str = "ovr-1", **values: Any) -> Override:
    """A reversal."""
    record = Override(
        override_id=override_id,
        tenant=TENANT,
        item_id="item-1",
        ruling_id="rul-1",
        by="senior-1",
        whom="reviewer-1",
        rule_id="refund.preview",
        new_decision=RulingKind.DENY,
        reason="the order had arrived",
        kind=OverrideKind.WRONGLY_APPROVED,
        at=NOW,
    )
    return replace(record, **values)


def a_roll_back(action_id: str = "act-1", **values: Any) -> RollBack:
    """A roll-back that the agent's runtime is asked for."""
    record = RollBack(
        action_id=action_id,
        tenant=TENANT,
        agent_id="agent-1",
        tier=Tier.T2,
        state=RollBackState.REQUESTED,
        requested_by="rev-1",
        reason="the wrong order",
        requested_at=NOW,
        due_at=later(600),
    )
    return replace(record, **values)


def a_full_roll_back() -> RollBack:
    """A roll-back with every field set."""
    return a_roll_back(
        tier=Tier.T4,
        state=RollBackState.FAILED,
        confirmed_by="rev-2",
        item_id="item-1",
        attempts=2,
        ended_at=later(5),
    )


def a_token(name: str = "tok-1", *, tenant: str = TENANT, **values: Any) -> Token:
    """An agent's credential."""
    principal = Principal(id="agent-1", role=Role.AGENT, tenant=tenant, topics=("support.*",), skills=("refunds",))
    record = Token(token_id=name, principal=principal, secret_hash="ef" * 32, created_at=NOW, expires_at=later(3600))
    return replace(record, **values)


async def check_tree(store: Store, tenant: str = TENANT) -> int:
    """The size of the tenant's tree, after checking that entries, hashes and head agree."""
    head = await store.head(tenant)
    entries = await store.list_entries(tenant, limit=10**6)
    assert [entry.index for entry in entries] == list(range(head.size))
    hashes = [entry.leaf_hash for entry in entries]
    assert await store.leaf_hashes(tenant, 0, head.size) == hashes
    assert root_of(hashes) == head.root
    return head.size
