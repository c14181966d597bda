"""Scenario lines (the label guide's format, or plain `{"id", "text"}`) to domain values.

Strict: a wrong type, an unknown word or a part of the reply that nobody would judge is an error that names
its place, never its content. Unknown keys outside `reply` are ignored; `expected` is not read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.money import Money
from outguard.domain.reply import Customer, Recipient, Reply
from outguard.errors import InvalidInputError

_REPLY_KEYS = frozenset({"conversation_id", "channel", "recipient", "subject", "text", "payload"})
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One reply with everything it is judged against. `customer` is None for a plain text line."""

    id: str | int
    reply: Reply
    customer: Customer | None
    profile: str
    ledger: tuple[LedgerEntry, ...]
    last_user: str = ""
    confidence: float | None = None
    sources: tuple[str, ...] = ()


def scenario_id(value: Any) -> str | int | None:
    """The id of a line, if it has a usable one; for answers to bad lines too."""
    found = value.get("id") if isinstance(value, Mapping) else None
    return found if isinstance(found, str) or type(found) is int else None


def parse_scenario(value: Any) -> Scenario:
    """Read a parsed JSON line.

    Raises:
        InvalidInputError: naming the first place that is not as it must be.
    """
    line = _typed(value, dict, "the line", "a JSON object")
    identity = scenario_id(line)
    if identity is None:
        raise InvalidInputError("id must be a string or a whole number")
    if "reply" in line:
        return _full(line, identity)
    text = _typed(line.get("text"), str, "text", "a string (a line has a reply or a text)")
    reply = Reply(conversation_id="", channel="", recipient=Recipient(), text=text)
    return Scenario(id=identity, reply=reply, customer=None, profile=_text(line, "profile", ""), ledger=())


def _full(line: Mapping[str, Any], identity: str | int) -> Scenario:
    customer = line.get("customer")
    return Scenario(
        id=identity,
        reply=_reply(_typed(line["reply"], dict, "reply", "an object")),
        customer=None if customer is None else _customer(_typed(customer, dict, "customer", "an object")),
        profile=_text(line, "profile", ""),
        ledger=tuple(
            _ledger_entry(_typed(entry, dict, f"ledger[{index}]", "an object"), f"ledger[{index}].")
            for index, entry in enumerate(_typed(line.get("ledger") or [], list, "ledger", "a list"))
        ),
        last_user=_text(line, "last_user", "") or _text(line, "customer_message", ""),
        confidence=_share(line, "confidence"),
        sources=_texts(line, "sources", ""),
    )


def _reply(value: Mapping[str, Any]) -> Reply:
    unknown = sum(key not in _REPLY_KEYS for key in value)
    if unknown:
        raise InvalidInputError(f"reply has {unknown} key(s) that no rule judges; known: {sorted(_REPLY_KEYS)}")
    text, payload = value.get("text"), value.get("payload")
    if text is None and payload is None:
        raise InvalidInputError("reply needs a text or a payload")
    recipient = _typed(value.get("recipient") or {}, dict, "reply.recipient", "an object")
    return Reply(
        conversation_id=_text(value, "conversation_id", "reply."),
        channel=_text(value, "channel", "reply."),
        recipient=Recipient(
            customer_id=_text(recipient, "customer_id", "reply.recipient."),
            display_name=_text(recipient, "display_name", "reply.recipient."),
            address=_text(recipient, "address", "reply.recipient."),
        ),
        subject=_optional(value, "subject", "reply."),
        text=None if text is None else _typed(text, str, "reply.text", "a string"),
        payload=None if payload is None else _typed(payload, dict, "reply.payload", "an object"),
    )


def _customer(value: Mapping[str, Any]) -> Customer:
    return Customer(
        id=_text(value, "id", "customer."),
        name=_text(value, "name", "customer."),
        emails=_texts(value, "emails", "customer."),
        phones=_texts(value, "phones", "customer."),
        known_values=_texts(value, "known_values", "customer."),
    )


def _ledger_entry(value: Mapping[str, Any], where: str) -> LedgerEntry:
    status = _text(value, "status", where)
    if status not in LedgerState.__members__:
        raise InvalidInputError(f"{where}status must be one of {', '.join(LedgerState)}")
    return LedgerEntry(
        action_id=_text(value, "action_id", where),
        topic=_typed(value.get("topic"), str, f"{where}topic", "a string"),
        state=LedgerState(status),
        amount=_money(value, where),
        target=_optional(value, "target", where),
        at=_time(value, where),
    )


def _money(value: Mapping[str, Any], where: str) -> Money | None:
    amount = _optional(value, "amount", where)
    currency = _optional(value, "currency", where)
    if amount is None:
        return None
    if currency is None:
        raise InvalidInputError(f"{where}currency must be given with an amount")
    try:
        return Money.parse(amount, currency)
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}{error.message}") from None


def _time(value: Mapping[str, Any], where: str) -> datetime | None:
    at = _optional(value, "at", where)
    if at is None:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise InvalidInputError(f"{where}at must be an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise InvalidInputError(f"{where}at must carry a time zone")
    return moment


def _share(line: Mapping[str, Any], key: str) -> float | None:
    found = line.get(key)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= 1:
        raise InvalidInputError(f"{key} must be a number from 0 to 1")
    return float(found)


def _text(value: Mapping[str, Any], key: str, where: str) -> str:
    return _optional(value, key, where) or ""


def _optional(value: Mapping[str, Any], key: str, where: str) -> str | None:
    found = value.get(key)
    return None if found is None else _typed(found, str, where + key, "a string")


def _texts(value: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    items = _typed(value.get(key) or [], list, where + key, "a list of strings")
    return tuple(_typed(item, str, f"{where}{key}[{index}]", "a string") for index, item in enumerate(items))


def _typed(value: Any, kind: type[_T], where: str, what: str) -> _T:
    if not isinstance(value, kind):
        raise InvalidInputError(f"{where} must be {what}")
    return value
