"""Replies as rows of REPLIES."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.reply import RedactionDetail, ReplyRecord, ReplyState
from outguard.domain.verdict import Verdict
from outguard.storage.rows.values import Values, dump, micros, moment_of


def reply_row(reply: ReplyRecord) -> Values:
    """A reply in the order of REPLIES."""
    redactions = reply.redactions
    return (
        reply.tenant,
        reply.reply_id,
        reply.version,
        reply.agent_id,
        reply.conversation_id,
        reply.customer_id,
        reply.channel,
        reply.profile,
        reply.verdict.value,
        reply.state.value,
        _findings_text(reply.findings),
        dump([(one.field, one.reason, one.action) for one in redactions]) if redactions else "[]",
        reply.policy_snapshot,
        reply.content_mac,
        reply.delivered_mac,
        reply.item_id,
        reply.holding_message,
        reply.agent_build,
        reply.degraded,
        reply.degraded_reason,
        reply.shadow,
        reply.elapsed_us,
        micros(reply.created_at),
        micros(reply.updated_at),
        reply.sealed,
        reply.sealed_out,
    )


def reply_of(row: Any) -> ReplyRecord:
    """The reply of a row of REPLIES."""
    return ReplyRecord(
        reply_id=row.reply_id,
        tenant=row.tenant,
        agent_id=row.agent_id,
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        channel=row.channel,
        profile=row.profile,
        verdict=Verdict(row.verdict),
        state=ReplyState(row.state),
        findings=tuple(map(_finding_of, json.loads(row.findings))),
        redactions=tuple(
            RedactionDetail(field=field, reason=reason, action=action)
            for field, reason, action in json.loads(row.redactions)
        ),
        policy_snapshot=row.policy_snapshot,
        content_mac=row.content_mac,
        sealed=row.sealed,
        created_at=moment_of(row.created_at),
        updated_at=moment_of(row.updated_at),
        delivered_mac=row.delivered_mac,
        sealed_out=row.sealed_out,
        item_id=row.item_id,
        holding_message=row.holding_message,
        agent_build=row.agent_build,
        degraded=bool(row.degraded),
        degraded_reason=row.degraded_reason,
        shadow=bool(row.shadow),
        elapsed_us=row.elapsed_us,
        version=row.version,
    )


def _findings_text(findings: Sequence[Finding]) -> str:
    if not findings:
        return "[]"
    return dump(
        [
            {
                "category": finding.category.value,
                "type": finding.type,
                "status": None if finding.status is None else finding.status.value,
                "start": finding.start,
                "end": finding.end,
                "score": finding.score,
                "rule": finding.rule,
                "field": finding.field,
                "action": finding.action.value,
                "reason": finding.reason,
            }
            for finding in findings
        ]
    )


def _finding_of(one: dict[str, Any]) -> Finding:
    return Finding(
        category=Category(one["category"]),
        type=one["type"],
        status=None if one["status"] is None else Status(one["status"]),
        start=one["start"],
        end=one["end"],
        score=one["score"],
        rule=one["rule"],
        field=one["field"],
        action=FindingAction(one["action"]),
        reason=one["reason"],
    )
