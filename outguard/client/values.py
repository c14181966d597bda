"""What callers hand in and get back: plain frozen values, no protobuf.

Content never shows in `repr`. Enums that this version does not know read as "UNSPECIFIED".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from outguard.errors import InvalidInputError
from outguard.v1 import types_pb2

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_EXACT = 2**53


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """An amount such as Money(amount="45.00", currency="USD"); floats are refused."""

    amount: str | Decimal
    currency: str

    def to_proto(self) -> types_pb2.Money:
        """The message."""
        if not isinstance(self.amount, str | Decimal):
            raise InvalidInputError("amount must be a decimal string or a Decimal", field="amount")
        amount = format(self.amount, "f") if isinstance(self.amount, Decimal) else self.amount
        return types_pb2.Money(amount=amount, currency=self.currency)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Where a reply goes."""

    customer_id: str = ""
    display_name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)

    def to_proto(self) -> types_pb2.Recipient:
        """The message."""
        return types_pb2.Recipient(customer_id=self.customer_id, display_name=self.display_name, address=self.address)


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """What is known of the authenticated person who will receive the reply: decides what is their own."""

    id: str = ""
    name: str = field(default="", repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    known_values: tuple[str, ...] = field(default=(), repr=False)

    def to_proto(self) -> types_pb2.Customer:
        """The message."""
        return types_pb2.Customer(
            id=self.id, name=self.name, emails=self.emails, phones=self.phones, known_values=self.known_values
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file sent with a reply."""

    filename: str
    media_type: str
    data: bytes = field(repr=False)

    def to_proto(self) -> types_pb2.Attachment:
        """The message."""
        return types_pb2.Attachment(filename=self.filename, media_type=self.media_type, data=self.data)


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """The parts of a reply that a person would read."""

    subject: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    payload: Mapping[str, Any] | None = field(default=None, repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)

    def to_proto(self) -> types_pb2.Content:
        """The message."""
        return types_pb2.Content(
            subject=self.subject,
            text=self.text,
            payload=None if self.payload is None else struct_of(self.payload),
            attachments=[one.to_proto() for one in self.attachments],
        )

    @classmethod
    def of(cls, content: types_pb2.Content) -> Content:
        """Read the message."""
        return cls(
            subject=content.subject if content.HasField("subject") else None,
            text=content.text if content.HasField("text") else None,
            payload=dict_of(content.payload) if content.HasField("payload") else None,
            attachments=tuple(
                Attachment(filename=one.filename, media_type=one.media_type, data=one.data)
                for one in content.attachments
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was found, and where: code-point offsets into the judged field (None: the text); -1 for a whole field."""

    category: str
    type: str
    status: str
    start: int
    end: int
    score: float
    rule: str
    field: str | None
    action: str
    reason: str

    @classmethod
    def of(cls, finding: types_pb2.Finding) -> Finding:
        """Read the message."""
        return cls(
            category=name_of(types_pb2.Category, finding.category, "CATEGORY_"),
            type=finding.type,
            status=name_of(types_pb2.Status, finding.status, "STATUS_"),
            start=finding.start,
            end=finding.end,
            score=finding.score,
            rule=finding.rule,
            field=finding.field if finding.HasField("field") else None,
            action=name_of(types_pb2.FindingAction, finding.action, "FINDING_ACTION_"),
            reason=finding.reason,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RedactionDetail:
    """One cut: which field, why, and what was done."""

    field: str
    reason: str
    action: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What one reviewer decided."""

    ruling_id: str
    reviewer_id: str
    role: str
    kind: str
    reason: str
    at: datetime
    defect: str

    @classmethod
    def of(cls, ruling: types_pb2.Ruling) -> Ruling:
        """Read the message."""
        return cls(
            ruling_id=ruling.ruling_id,
            reviewer_id=ruling.reviewer_id,
            role=name_of(types_pb2.Role, ruling.role, "ROLE_"),
            kind=name_of(types_pb2.RulingKind, ruling.kind, "RULING_KIND_"),
            reason=ruling.reason,
            at=time_of(ruling.at),
            defect=name_of(types_pb2.Defect, ruling.defect, "DEFECT_"),
        )


def name_of(enum: Any, number: int, prefix: str) -> str:
    """A proto enum's name without its prefix; "UNSPECIFIED" for what this version does not know."""
    try:
        name: str = enum.Name(number)
    except ValueError:
        return "UNSPECIFIED"
    return name.removeprefix(prefix)


def number_of(enum: Any, name: str, prefix: str, field_name: str) -> Any:
    """The proto's number of a word such as "release" or "RELEASE".

    Raises:
        InvalidInputError: if there is no such word.
    """
    try:
        return enum.Value(prefix + name.upper())
    except ValueError:
        raise InvalidInputError(f"unknown {field_name}", field=field_name) from None


def time_of(stamp: Timestamp) -> datetime:
    """An aware UTC time."""
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)


def struct_of(value: Mapping[str, Any]) -> Struct:
    """A JSON object as a message.

    Raises:
        InvalidInputError: for what has no exact JSON form: an integer beyond 2**53, NaN, a set, a key that is no text.
    """
    _check_json(value, 0)
    struct = Struct()
    struct.update(value)
    return struct


def _check_json(value: Any, depth: int) -> None:
    if depth > 100:
        raise InvalidInputError("the payload is nested too deep", field="payload")
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int | float):
        if not math.isfinite(value) or (isinstance(value, int) and abs(value) > _MAX_EXACT):
            raise InvalidInputError("a number has no exact form; send it as a string", field="payload")
        return
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise InvalidInputError("a key is no string", field="payload")
        for item in value.values():
            _check_json(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check_json(item, depth + 1)
    else:
        raise InvalidInputError(f"{type(value).__name__} has no JSON form", field="payload")


def dict_of(struct: Struct) -> dict[str, Any]:
    """A message as a JSON object; whole numbers become integers."""
    return {key: _value_of(value) for key, value in struct.fields.items()}


def _value_of(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return dict_of(value.struct_value)
    if kind == "list_value":
        return [_value_of(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < _MAX_EXACT else number
    return None if kind is None or kind == "null_value" else getattr(value, kind)
