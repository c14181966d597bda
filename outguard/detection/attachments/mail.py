"""The words of a mail: headers, bodies and attached files of every part."""

from __future__ import annotations

import email
import email.policy
import re
from collections import deque
from collections.abc import Callable, Iterator
from email.message import Message

from outguard.detection.attachments.reading import Reading, too_large, unreadable
from outguard.domain.reply import Attachment
from outguard.errors import OutguardError

MAX_PARTS = 100

_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})
_ENCODINGS = _PLAIN_ENCODINGS | {"base64", "quoted-printable"}
_STORED = frozenset({"mime-version", "content-type", "content-disposition", "content-transfer-encoding"})
_BOUNDARY = re.compile(r"boundary\*?\s?=\s?(?:\"[^\"]*\"|[^\s;]*)", re.IGNORECASE)
_ELSEWHERE = frozenset({"message/partial", "message/external-body"})


def mail_texts(data: bytes, reading: Reading, read: Callable[[Attachment, Reading], list[str]]) -> list[str]:
    """Headers and bodies of every part, outermost first; `read` reads the files in it.

    Raises:
        TooLargeError: if it has too many parts, or mails in mails.
        InvalidInputError: if it is malformed, or a part cannot be read.
    """
    try:
        return _texts(email.message_from_bytes(data, policy=email.policy.default), reading, read)
    except OutguardError:
        raise
    except Exception:  # noqa: BLE001 - the parser raises many things on broken mail
        unreadable("a mail is malformed")


def _texts(message: Message, reading: Reading, read: Callable[[Attachment, Reading], list[str]]) -> list[str]:
    texts: list[str] = []
    waiting: deque[tuple[Message, Reading]] = deque([(message, reading)])
    parts = 0
    while waiting:
        part, at = waiting.popleft()
        parts += 1
        if parts > MAX_PARTS:
            too_large(f"mail of more than {MAX_PARTS} parts")
        texts.append(_decoded("\n".join(_header_lines(part))))
        if part.is_multipart():
            texts += (_decoded(text) for text in (part.preamble, part.epilogue) if text)
            inner = at.deeper() if part.get_content_type() == "message/rfc822" else at
            waiting.extend((child, inner) for child in part.get_payload() if isinstance(child, Message))
        else:
            texts += _body_texts(part, at, read)
        _check(part)
        at.check_chars(texts)
    return [text for text in texts if text]


def _header_lines(part: Message) -> Iterator[str]:
    """The headers; of those that say how the part is stored only the values, which a log would not hold."""
    for name, value in part.items():
        yield _BOUNDARY.sub("", str(value)) if name.lower() in _STORED else f"{name}: {value}"


def _check(part: Message) -> None:
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding not in (_PLAIN_ENCODINGS if part.is_multipart() else _ENCODINGS):
        unreadable("a mail part has an unknown transfer encoding")
    if part.defects or part.get_content_type() in _ELSEWHERE:
        unreadable("a mail part is malformed or elsewhere")


def _body_texts(part: Message, reading: Reading, read: Callable[[Attachment, Reading], list[str]]) -> list[str]:
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        unreadable("a mail part is malformed")
    charset = part.get_content_charset("utf-8")
    attachment = Attachment(
        filename=part.get_filename() or "",
        media_type=f"{part.get_content_type()}; charset={charset}",
        data=body,
    )
    is_body = not attachment.filename and part.get_content_maintype() == "text"
    return [attachment.filename, *read(attachment, reading if is_body else reading.deeper())]


def _decoded(text: str) -> str:
    """`text` with the raw bytes that the parser keeps as surrogates read as UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
