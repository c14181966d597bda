"""Replies and their judgements: proto to domain and back."""

from __future__ import annotations

from outguard.domain.reply import Content, Reply, ReplyRecord
from outguard.errors import InvalidInputError
from outguard.server.convert import (
    read_attachments,
    read_id,
    read_recipient,
    read_struct,
    read_text,
    write_content,
    write_elapsed,
    write_finding,
    write_time,
)
from outguard.server.enums import REPLY_STATE, VERDICT
from outguard.v1 import reply_pb2, types_pb2

MAX_SOURCES = 50
MAX_CONTEXT = 256 * 1024


def read_reply(request: reply_pb2.EvaluateReplyRequest) -> Reply:
    """The reply to judge; its size is the judge's matter.

    Raises:
        InvalidInputError: if there is none, or a value in it is out of range.
    """
    if not request.HasField("reply"):
        raise InvalidInputError("reply is required", field="reply")
    reply = request.reply
    if not reply.HasField("recipient"):
        raise InvalidInputError("reply.recipient is required", field="reply.recipient")
    return Reply(
        conversation_id=read_id(reply.conversation_id, "reply.conversation_id"),
        channel=read_text(reply.channel, "reply.channel", 64),
        recipient=read_recipient(reply.recipient),
        subject=reply.subject if reply.HasField("subject") else None,
        text=reply.text if reply.HasField("text") else None,
        payload=read_struct(reply.payload, "reply.payload") if reply.HasField("payload") else None,
        attachments=read_attachments(reply.attachments, "reply.attachments"),
    )


def write_answer(record: ReplyRecord, content: Content | None) -> reply_pb2.ReplyAnswer:
    """A judged reply with what of it may be sent: nothing, unless the record says so too."""
    details = [
        types_pb2.RedactionDetail(field=one.field, reason=one.reason, action=one.action) for one in record.redactions
    ]
    return reply_pb2.ReplyAnswer(
        reply_id=record.reply_id,
        verdict=VERDICT.write(record.verdict),  # type: ignore[arg-type]
        state=REPLY_STATE.write(record.state),  # type: ignore[arg-type]
        content=write_content(content) if record.state.may_be_sent else None,
        findings=[write_finding(finding) for finding in record.findings],
        redaction_details=details,
        original_fields_redacted=dict.fromkeys(one.field for one in record.redactions),
        policy_snapshot=record.policy_snapshot,
        holding_message=record.holding_message,
        degraded=record.degraded,
        degraded_reason=record.degraded_reason,
        item_id=record.item_id or "",
        shadow=record.shadow,
        agent_id=record.agent_id,
        conversation_id=record.conversation_id,
        channel=record.channel,
        profile=record.profile,
        agent_build=record.agent_build,
        create_time=write_time(record.created_at),
        update_time=write_time(record.updated_at),
        elapsed=write_elapsed(record.elapsed_us),
    )
