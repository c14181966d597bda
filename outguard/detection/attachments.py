"""The readable words of an attachment, whatever it is wrapped in.

The first text is the attachment's own characters where it is text: findings in it can be cut in place. Further texts
are what a reader would see that does not stand there literally (HTML entities and split words, JSON escapes, decoded
mail parts). What cannot be read raises, and so do size and nesting beyond the limits: the reply is then held.
"""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
from collections import deque
from email.message import Message
from typing import Any, Protocol

from outguard.domain.attachment_text import media_type, source_text
from outguard.domain.reply import Attachment
from outguard.errors import InvalidInputError, TooLargeError

MAX_MAIL_DEPTH = 4
MAX_MAIL_PARTS = 100

_MARKUP = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml", "image/svg+xml"})
_TAG = re.compile(r"<[^<>]*>")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|code|em|font|i|label|mark|s|small|span|strong|sub|sup|tt|u|wbr)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_VALUE = re.compile(r"=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>=]+))")


class AttachmentLimits(Protocol):
    """The bounds of an attachment that is read at all."""

    @property
    def max_text_chars(self) -> int: ...  # noqa: D102
    @property
    def max_payload_nodes(self) -> int: ...  # noqa: D102
    @property
    def max_attachment_bytes(self) -> int: ...  # noqa: D102


def read_attachment(attachment: Attachment, limits: AttachmentLimits) -> list[str]:
    """The texts of `attachment`: its own characters first, then what they spell.

    Raises:
        TooLargeError: if it is larger, longer or deeper than the limits.
        InvalidInputError: if it cannot be read.
    """
    texts = _read(attachment, limits)
    if sum(map(len, texts)) > 2 * limits.max_text_chars:
        raise TooLargeError(f"longer than {limits.max_text_chars} characters", field="attachments")
    return texts


def _read(attachment: Attachment, limits: AttachmentLimits) -> list[str]:
    if len(attachment.data) > limits.max_attachment_bytes:
        raise TooLargeError(f"larger than {limits.max_attachment_bytes} bytes", field="attachments")
    kind = media_type(attachment)
    if kind == "message/rfc822":
        return _mail_texts(attachment.data, limits)
    source = source_text(attachment)
    if source is None:
        raise InvalidInputError(
            "an attachment cannot be read: its media type is not text, or its bytes are not", field="attachments"
        )
    text = source.text
    if len(text) > limits.max_text_chars:
        raise TooLargeError(f"longer than {limits.max_text_chars} characters", field="attachments")
    if kind in _MARKUP:
        return [text, *_markup_texts(text)]
    if kind == "application/json" or kind.endswith("+json"):
        return [text, *_json_texts(text, limits)]
    return [text]


def _markup_texts(text: str) -> list[str]:
    """What a page shows and does not spell literally: entities, words split by tags, attribute values."""
    shown = html.unescape(_TAG.sub("\n", _INLINE.sub("", text)))
    lines = [line.strip() for line in shown.splitlines()]
    for tag in _TAG.findall(text):
        lines += (html.unescape("".join(groups)) for groups in _VALUE.findall(tag) if "&" in "".join(groups))
    hidden = "\n".join(line for line in dict.fromkeys(lines) if line and line not in text)
    return [hidden] if hidden else []


def _json_texts(text: str, limits: AttachmentLimits) -> list[str]:
    """The strings of a JSON document that are written with escapes."""
    if "\\" not in text:
        return []
    try:
        waiting: deque[Any] = deque([json.loads(text)])
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("a JSON attachment is not valid, or too deep", field="attachments") from error
    found: list[str] = []
    nodes = 0
    while waiting:
        value = waiting.popleft()
        nodes += 1
        if nodes > limits.max_payload_nodes:
            raise TooLargeError(f"more than {limits.max_payload_nodes} values", field="attachments")
        if isinstance(value, dict):
            waiting.extend(value.keys())
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and json.dumps(value, ensure_ascii=False) not in text:
            found.append(value)
    hidden = "\n".join(found)
    return [hidden] if hidden else []


def _mail_texts(data: bytes, limits: AttachmentLimits) -> list[str]:
    try:
        return _message_texts(email.message_from_bytes(data, policy=email.policy.default), limits)
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise InvalidInputError("a mail attachment cannot be read", field="attachments") from error


def _message_texts(message: Message, limits: AttachmentLimits) -> list[str]:
    """Headers and bodies of every part, outermost first; a mail inside a mail is one level deeper."""
    texts: list[str] = []
    waiting: deque[tuple[Message, int]] = deque([(message, 1)])
    parts = 0
    while waiting:
        part, depth = waiting.popleft()
        parts += 1
        if parts > MAX_MAIL_PARTS or depth > MAX_MAIL_DEPTH:
            raise TooLargeError(
                f"mail of more than {MAX_MAIL_PARTS} parts or {MAX_MAIL_DEPTH} levels", field="attachments"
            )
        texts.append("\n".join(f"{name}: {value}" for name, value in part.items()))
        if part.is_multipart():
            inner = depth + (part.get_content_type() == "message/rfc822")
            waiting.extend((child, inner) for child in part.get_payload() if isinstance(child, Message))
        else:
            texts += _body_texts(part, limits)
    return [text for text in texts if text]


def _body_texts(part: Message, limits: AttachmentLimits) -> list[str]:
    body = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    attachment = Attachment(
        filename=part.get_filename() or "",
        media_type=f"{part.get_content_type()}; charset={charset}",
        data=body if isinstance(body, bytes) else b"",
    )
    return [attachment.filename, *_read(attachment, limits)]
