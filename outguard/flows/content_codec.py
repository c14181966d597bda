"""Replies, customers and actions as plain JSON values, for sealing and back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from outguard.canonical import encode_json
from outguard.domain.action import Action
from outguard.domain.money import Money
from outguard.domain.reply import Attachment, Content, Customer, Recipient, Reply
from outguard.errors import IntegrityError

Plain = dict[str, Any]


def encode(value: Mapping[str, Any]) -> bytes:
    """The bytes that are sealed."""
    return encode_json(value)


def decode(data: bytes) -> Plain:
    """The value that was sealed."""
    value = json.loads(data)
    if not isinstance(value, dict):
        raise IntegrityError("sealed content is not an object")
    return value


def content_to_plain(content: Content) -> Plain:
    """Content as JSON; attachments in base64."""
    return {
        "subject": content.subject,
        "text": content.text,
        "payload": content.payload,
        "attachments": [
            {
                "filename": item.filename,
                "media_type": item.media_type,
                "data": base64.b64encode(item.data).decode(),
            }
            for item in content.attachments
        ],
    }


def content_from_plain(value: Plain) -> Content:
    """The inverse of `content_to_plain`."""
    return Content(
        subject=value["subject"],
        text=value["text"],
        payload=value["payload"],
        attachments=tuple(
            Attachment(filename=item["filename"], media_type=item["media_type"], data=base64.b64decode(item["data"]))
            for item in value["attachments"]
        ),
    )


def customer_to_plain(customer: Customer) -> Plain:
    """A customer as JSON."""
    return {
        "id": customer.id,
        "name": customer.name,
        "emails": list(customer.emails),
        "phones": list(customer.phones),
        "known_values": list(customer.known_values),
    }


def customer_from_plain(value: Plain) -> Customer:
    """The inverse of `customer_to_plain`."""
    return Customer(
        id=value["id"],
        name=value["name"],
        emails=tuple(value["emails"]),
        phones=tuple(value["phones"]),
        known_values=tuple(value["known_values"]),
    )


def reply_to_plain(reply: Reply) -> Plain:
    """A reply as JSON."""
    return {
        "conversation_id": reply.conversation_id,
        "channel": reply.channel,
        "recipient": {
            "customer_id": reply.recipient.customer_id,
            "display_name": reply.recipient.display_name,
            "address": reply.recipient.address,
        },
        "content": content_to_plain(Content.of(reply)),
    }


def reply_from_plain(value: Plain) -> Reply:
    """The inverse of `reply_to_plain`."""
    content = content_from_plain(value["content"])
    return Reply(
        conversation_id=value["conversation_id"],
        channel=value["channel"],
        recipient=Recipient(**value["recipient"]),
        subject=content.subject,
        text=content.text,
        payload=content.payload,
        attachments=content.attachments,
    )


def action_to_plain(action: Action) -> Plain:
    """An action as JSON."""
    return {
        "conversation_id": action.conversation_id,
        "topic": action.topic,
        "risk_tags": list(action.risk_tags),
        "arguments": action.arguments,
        "amount": None if action.amount is None else format(action.amount.amount, "f"),
        "currency": None if action.amount is None else action.amount.currency,
        "target": action.target,
        "customer_id": action.customer_id,
        "recipient": action.recipient,
        "text": action.text,
        "confidence": action.confidence,
        "anomaly_score": action.anomaly_score,
        "retry_count": action.retry_count,
        "affected_users": action.affected_users,
        "first_time_action": action.first_time_action,
        "reasoning": action.reasoning,
        "agent_build": action.agent_build,
        "agent_chain": list(action.agent_chain),
        "resume_state": base64.b64encode(action.resume_state).decode(),
        "customer_words": action.customer_words,
        "customer_name": action.customer_name,
        "device": action.device,
    }


def action_from_plain(value: Plain) -> Action:
    """The inverse of `action_to_plain`."""
    fields = dict(value)
    amount, currency = fields.pop("amount"), fields.pop("currency")
    return Action(
        **{
            **fields,
            "risk_tags": tuple(fields["risk_tags"]),
            "agent_chain": tuple(fields["agent_chain"]),
            "resume_state": base64.b64decode(fields["resume_state"]),
            "amount": None if amount is None else Money.parse(amount, currency),
        }
    )
