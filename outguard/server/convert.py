"""Proto to domain and back, for what several services share. Nobody else knows both sides.

Reading validates what a proto's types cannot: UUIDs, sizes, finite and non-negative numbers. Errors name fields, never
values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from outguard.canonical import plain
from outguard.domain.finding import Finding
from outguard.domain.money import Money
from outguard.domain.reply import Attachment, Content, Customer, Recipient
from outguard.domain.review import Ruling
from outguard.errors import InvalidInputError, OutguardError, TooLargeError
from outguard.server.enums import CATEGORY, DEFECT, FINDING_ACTION, ROLE, RULING_KIND, STATUS
from outguard.v1 import types_pb2

MAX_ID = 200
MAX_WORDS = 2_000
MAX_LIST = 100
MAX_STRUCT_LEVELS = 90
"""Messages hold 100 levels, and answers nest a payload deeper than requests do. An object takes 3, a list 2."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)
_MAX_EXACT = 2**53


def read_request_id(value: str) -> str:
    """A UUID in its usual form, lower case."""
    if not _UUID.match(value):
        raise InvalidInputError("request_id must be a UUID", field="request_id")
    return value.lower()


def read_id(value: str, field: str) -> str:
    """A required identifier or name."""
    if not value:
        raise InvalidInputError(f"{field} is required", field=field)
    return read_text(value, field)


def read_text(value: str, field: str, limit: int = MAX_ID) -> str:
    """A string of at most `limit` characters; a short one, which may be stored as it is, without NUL."""
    if len(value) > limit:
        raise TooLargeError(f"{field} is longer than {limit} characters", field=field)
    if limit <= MAX_WORDS and "\0" in value:
        raise InvalidInputError(f"{field} holds a NUL character", field=field)
    return value


def read_texts(values: Iterable[str], field: str, *, limit: int = MAX_ID, count: int = MAX_LIST) -> tuple[str, ...]:
    """At most `count` strings of at most `limit` characters."""
    texts = tuple(values)
    if len(texts) > count:
        raise TooLargeError(f"{field} has more than {count} values", field=field)
    for text in texts:
        read_text(text, field, limit)
    return texts


def read_count(value: int, field: str) -> int:
    """A number that is not negative."""
    if value < 0:
        raise InvalidInputError(f"{field} must not be negative", field=field)
    return value


def read_number(value: float, field: str, *, most: float = math.inf) -> float:
    """A finite number from 0 to `most`."""
    if not math.isfinite(value) or not 0 <= value <= most:
        raise InvalidInputError(f"{field} must be a finite number from 0 to {most:g}", field=field)
    return value


def read_money(money: types_pb2.Money, field: str) -> Money:
    """An amount; errors name the field of the request."""
    try:
        return Money.parse(read_text(money.amount, field, 40), money.currency)
    except OutguardError as error:
        raise InvalidInputError(error.message, field=f"{field}.{error.field}") from None


def write_money(money: Money | None) -> types_pb2.Money | None:
    """An amount, as a plain decimal."""
    return None if money is None else types_pb2.Money(amount=format(money.amount, "f"), currency=money.currency)


def read_struct(struct: Struct, field: str, *, levels: int = MAX_STRUCT_LEVELS) -> dict[str, Any]:
    """A JSON object; whole doubles become integers, as in JSON.

    Raises:
        TooLargeError: if it is nested so deep that an answer which holds it could not be read.
    """
    if levels < 0:
        raise TooLargeError(f"{field} is nested too deep", field=field)
    return {key: _read_value(value, field, levels) for key, value in struct.fields.items()}


def _read_value(value: Value, field: str, levels: int) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        if not math.isfinite(number):
            raise InvalidInputError(f"{field} holds a number that is not finite", field=field)
        return int(number) if number.is_integer() and abs(number) < _MAX_EXACT else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return read_struct(value.struct_value, field, levels=levels - 3)
    if kind == "list_value":
        if levels < 2:
            raise TooLargeError(f"{field} is nested too deep", field=field)
        return [_read_value(item, field, levels - 2) for item in value.list_value.values]
    if kind == "null_value":
        return None
    raise InvalidInputError(f"{field} holds a value of no kind", field=field)


def write_struct(value: Mapping[str, Any]) -> Struct:
    """A JSON object; decimals and times travel as strings, as in the canonical form."""
    struct = Struct()
    struct.update(plain(value))
    return struct


def write_time(moment: datetime | None) -> Timestamp | None:
    """An aware time, exact to the microsecond."""
    if moment is None:
        return None
    since = moment - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)


def write_elapsed(microseconds: int) -> Duration:
    """A time span."""
    return Duration(seconds=microseconds // 1_000_000, nanos=microseconds % 1_000_000 * 1000)


def read_wait(duration: Duration | None, field: str) -> float | None:
    """How long the caller wants to wait; None where it does not say."""
    if duration is None:
        return None
    return read_number(duration.seconds + duration.nanos / 1e9, field)


def read_recipient(recipient: types_pb2.Recipient) -> Recipient:
    """Where a reply goes."""
    return Recipient(
        customer_id=read_text(recipient.customer_id, "reply.recipient.customer_id"),
        display_name=read_text(recipient.display_name, "reply.recipient.display_name", MAX_WORDS),
        address=read_text(recipient.address, "reply.recipient.address", MAX_WORDS),
    )


def write_recipient(recipient: Recipient) -> types_pb2.Recipient:
    """Where a reply goes."""
    return types_pb2.Recipient(
        customer_id=recipient.customer_id, display_name=recipient.display_name, address=recipient.address
    )


def read_customer(customer: types_pb2.Customer) -> Customer:
    """Who a reply goes to; an absent message reads as nobody known."""
    return Customer(
        id=read_text(customer.id, "customer.id"),
        name=read_text(customer.name, "customer.name", MAX_WORDS),
        emails=read_texts(customer.emails, "customer.emails", limit=MAX_WORDS),
        phones=read_texts(customer.phones, "customer.phones", limit=MAX_WORDS),
        known_values=read_texts(customer.known_values, "customer.known_values", limit=MAX_WORDS),
    )


def write_customer(customer: Customer) -> types_pb2.Customer:
    """Who a reply goes to."""
    return types_pb2.Customer(
        id=customer.id,
        name=customer.name,
        emails=customer.emails,
        phones=customer.phones,
        known_values=customer.known_values,
    )


def read_attachments(attachments: Iterable[types_pb2.Attachment], field: str) -> tuple[Attachment, ...]:
    """Files; what is in them is the judge's matter."""
    return tuple(
        Attachment(
            filename=read_text(read_id(item.filename, f"{field}.filename"), f"{field}.filename", 255),
            media_type=read_text(item.media_type, f"{field}.media_type"),
            data=item.data,
        )
        for item in attachments
    )


def read_content(content: types_pb2.Content, field: str) -> Content:
    """What a person would read."""
    return Content(
        subject=content.subject if content.HasField("subject") else None,
        text=content.text if content.HasField("text") else None,
        payload=read_struct(content.payload, f"{field}.payload") if content.HasField("payload") else None,
        attachments=read_attachments(content.attachments, f"{field}.attachments"),
    )


def write_content(content: Content | None) -> types_pb2.Content | None:
    """What a person would read; None stays absent."""
    if content is None:
        return None
    return types_pb2.Content(
        subject=content.subject,
        text=content.text,
        payload=None if content.payload is None else write_struct(content.payload),
        attachments=[
            types_pb2.Attachment(filename=item.filename, media_type=item.media_type, data=item.data)
            for item in content.attachments
        ],
    )


def write_finding(finding: Finding) -> types_pb2.Finding:
    """A finding; holds no content on either side."""
    return types_pb2.Finding(
        category=CATEGORY.write(finding.category),  # type: ignore[arg-type]
        type=finding.type,
        status=STATUS.write(finding.status),  # type: ignore[arg-type]
        start=finding.start,
        end=finding.end,
        score=finding.score,
        rule=finding.rule,
        field=finding.field,
        action=FINDING_ACTION.write(finding.action),  # type: ignore[arg-type]
        reason=finding.reason,
    )


def write_ruling(ruling: Ruling) -> types_pb2.Ruling:
    """A ruling."""
    return types_pb2.Ruling(
        ruling_id=ruling.ruling_id,
        reviewer_id=ruling.reviewer_id,
        role=ROLE.write(ruling.role),  # type: ignore[arg-type]
        kind=RULING_KIND.write(ruling.kind),  # type: ignore[arg-type]
        reason=ruling.reason,
        at=write_time(ruling.at),
        defect=DEFECT.write(ruling.defect),  # type: ignore[arg-type]
    )
