"""Items, approvals and their rulings as rows of ITEMS and APPROVALS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from outguard.domain.action import Tier
from outguard.domain.principal import Role
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
from outguard.storage.rows.values import Values, dump, micros, micros_or_none, moment_of, moment_or_none


def approval_row(approval: Approval) -> Values:
    """An approval in the order of APPROVALS."""
    return (
        approval.tenant,
        approval.approval_id,
        approval.version,
        approval.action_id,
        approval.digest,
        approval.policy_snapshot,
        approval.tier.value,
        approval.required_approvals,
        approval.state.value,
        approval.requested_by,
        approval.item_id,
        _rulings_text(approval.rulings),
        micros(approval.created_at),
        micros(approval.expires_at),
        micros_or_none(approval.decided_at),
        approval.on_timeout.value,
        micros_or_none(approval.escalates_at),
        round(approval.extension_s * 1e6),
        approval.is_automatic,
    )


def approval_of(row: Any) -> Approval:
    """The approval of a row of APPROVALS."""
    return Approval(
        approval_id=row.approval_id,
        tenant=row.tenant,
        action_id=row.action_id,
        digest=row.digest,
        policy_snapshot=row.policy_snapshot,
        tier=Tier(row.tier),
        required_approvals=row.required_approvals,
        state=ApprovalState(row.state),
        requested_by=row.requested_by,
        created_at=moment_of(row.created_at),
        expires_at=moment_of(row.expires_at),
        item_id=row.item_id,
        rulings=_rulings_of(row.rulings),
        decided_at=moment_or_none(row.decided_at),
        on_timeout=OnTimeout(row.on_timeout),
        escalates_at=moment_or_none(row.escalates_at),
        extension_s=row.extension_us / 1e6,
        is_automatic=bool(row.is_automatic),
        version=row.version,
    )


def item_row(item: ReviewItem) -> Values:
    """An item in the order of ITEMS."""
    claim = item.claim
    return (
        item.tenant,
        item.item_id,
        item.version,
        item.kind.value,
        item.state.value,
        item.subject_id,
        item.conversation_id,
        item.queue,
        None if item.tier is None else item.tier.value,
        item.rule_id,
        item.reason,
        item.maker_id,
        item.required_rulings,
        item.priority,
        item.senior_only,
        None if claim is None else claim.reviewer_id,
        None if claim is None else claim.token,
        None if claim is None else micros(claim.expires_at),
        item.claims_made,
        _rulings_text(item.rulings),
        micros(item.created_at),
        micros(item.due_at),
        micros_or_none(item.closed_at),
        item.probability,
        item.stratum,
    )


def item_of(row: Any) -> ReviewItem:
    """The item of a row of ITEMS."""
    return ReviewItem(
        item_id=row.item_id,
        tenant=row.tenant,
        kind=ItemKind(row.kind),
        state=ItemState(row.state),
        subject_id=row.subject_id,
        conversation_id=row.conversation_id,
        queue=row.queue,
        tier=None if row.tier is None else Tier(row.tier),
        rule_id=row.rule_id,
        reason=row.reason,
        maker_id=row.maker_id,
        required_rulings=row.required_rulings,
        created_at=moment_of(row.created_at),
        due_at=moment_of(row.due_at),
        priority=row.priority,
        senior_only=bool(row.senior_only),
        claim=_claim_of(row),
        claims_made=row.claims_made,
        rulings=_rulings_of(row.rulings),
        closed_at=moment_or_none(row.closed_at),
        probability=row.probability,
        stratum=row.stratum,
        version=row.version,
    )


def given_row(given: GivenRuling) -> Values:
    """A reviewer's ruling in the order of REVIEWER_RULINGS."""
    return (
        given.tenant,
        given.ruling_id,
        given.version,
        given.reviewer_id,
        given.item_id,
        given.kind.value,
        micros(given.at),
    )


def given_of(row: Any) -> GivenRuling:
    """The ruling of a row of REVIEWER_RULINGS."""
    return GivenRuling(
        ruling_id=row.ruling_id,
        tenant=row.tenant,
        reviewer_id=row.reviewer_id,
        item_id=row.item_id,
        kind=RulingKind(row.kind),
        at=moment_of(row.at),
        version=row.version,
    )


def _claim_of(row: Any) -> Claim | None:
    if row.claimed_by is None:
        return None
    return Claim(reviewer_id=row.claimed_by, token=row.claim_token, expires_at=moment_of(row.claim_expires_at))


def _rulings_text(rulings: Sequence[Ruling]) -> str:
    if not rulings:
        return "[]"
    return dump(
        [
            {
                "ruling_id": ruling.ruling_id,
                "reviewer_id": ruling.reviewer_id,
                "role": ruling.role.value,
                "kind": ruling.kind.value,
                "reason": ruling.reason,
                "at": micros(ruling.at),
                "defect": None if ruling.defect is None else ruling.defect.value,
            }
            for ruling in rulings
        ]
    )


def _rulings_of(text: str) -> tuple[Ruling, ...]:
    return tuple(
        Ruling(
            ruling_id=one["ruling_id"],
            reviewer_id=one["reviewer_id"],
            role=Role(one["role"]),
            kind=RulingKind(one["kind"]),
            reason=one["reason"],
            at=moment_of(one["at"]),
            defect=None if one["defect"] is None else Defect(one["defect"]),
        )
        for one in json.loads(text)
    )
