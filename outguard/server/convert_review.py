"""Items of the queue: domain to proto."""

from __future__ import annotations

from outguard.domain.review import Claim, ReviewItem
from outguard.flows.autonomy import Evidence
from outguard.flows.review_item import ItemView
from outguard.server.convert import write_content, write_customer, write_recipient, write_ruling, write_time
from outguard.server.convert_gate import (
    write_action,
    write_action_record,
    write_approval,
    write_roll_back,
    write_standing,
)
from outguard.server.convert_reply import write_answer
from outguard.server.enums import ITEM_KIND, ITEM_STATE, TIER
from outguard.v1 import review_pb2


def write_claim(claim: Claim | None) -> review_pb2.Claim | None:
    """A lease."""
    if claim is None:
        return None
    return review_pb2.Claim(reviewer_id=claim.reviewer_id, token=claim.token, expire_time=write_time(claim.expires_at))


def write_item(item: ReviewItem) -> review_pb2.ReviewItem:
    """An item as its reader may see it."""
    return review_pb2.ReviewItem(
        item_id=item.item_id,
        kind=ITEM_KIND.write(item.kind),  # type: ignore[arg-type]
        state=ITEM_STATE.write(item.state),  # type: ignore[arg-type]
        subject_id=item.subject_id,
        conversation_id=item.conversation_id,
        queue=item.queue,
        tier=TIER.write(item.tier),  # type: ignore[arg-type]
        rule_id=item.rule_id,
        reason=item.reason,
        maker_id=item.maker_id,
        required_rulings=item.required_rulings,
        create_time=write_time(item.created_at),
        due_time=write_time(item.due_at),
        priority=item.priority,
        senior_only=item.senior_only,
        claim=write_claim(item.claim),
        rulings=[write_ruling(ruling) for ruling in item.rulings],
        close_time=write_time(item.closed_at),
    )


def write_evidence(evidence: Evidence) -> review_pb2.AutonomyEvidence:
    """What a proposal rests on."""
    return review_pb2.AutonomyEvidence(
        standing=write_standing(evidence.standing),
        ended=evidence.track.ended,
        errors=evidence.track.errors,
        since_time=write_time(evidence.since),
    )


def write_view(view: ItemView) -> review_pb2.GetItemResponse:
    """An item with its clear text."""
    return review_pb2.GetItemResponse(
        item=write_item(view.item),
        reply=None if view.reply is None else write_answer(view.reply, None),
        recipient=None if view.request is None else write_recipient(view.request.recipient),
        original=write_content(view.original),
        proposed=write_content(view.proposed),
        customer=None if view.customer is None else write_customer(view.customer),
        last_user=view.last_user,
        action=None if view.action is None else write_action(view.action),
        record=None if view.action_record is None else write_action_record(view.action_record),
        approval=None if view.approval is None else write_approval(view.approval),
        roll_back=None if view.roll_back is None else write_roll_back(view.roll_back),
        evidence=None if view.evidence is None else write_evidence(view.evidence),
        reversibility=view.reversibility,
    )
