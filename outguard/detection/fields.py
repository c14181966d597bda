"""The readable fields of a reply's content, as documents to scan.

The walk over a payload is a loop, never recursion, and bounded in depth and nodes: hostile nesting ends in an error
before it costs anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from outguard.detection.attachments.read import read_attachment
from outguard.detection.document import Document
from outguard.domain.attachment_text import source_text
from outguard.domain.payload_path import key_path, member_path
from outguard.domain.reply import Attachment, Content
from outguard.errors import TooLargeError

_TELLING_KEY = re.compile(r"\d{4}|@|\S\s+\S")


class FieldLimits(Protocol):
    """The bounds of content that is read at all."""

    @property
    def max_text_chars(self) -> int: ...  # noqa: D102
    @property
    def max_payload_depth(self) -> int: ...  # noqa: D102
    @property
    def max_payload_nodes(self) -> int: ...  # noqa: D102
    @property
    def max_attachments(self) -> int: ...  # noqa: D102
    @property
    def max_attachment_bytes(self) -> int: ...  # noqa: D102


def documents_of(content: Content, limits: FieldLimits) -> list[Document]:
    """Every text of `content`: text, subject, string and number leaves of the payload, text attachments.

    A key of a payload object that could hold data (a digit, an @, words) is a document of its own.

    Raises:
        TooLargeError: if a bound is passed.
        InvalidInputError: if an attachment cannot be read as text.
    """
    documents: list[Document] = []
    if content.text is not None:
        documents.append(Document(text=_bounded(content.text, limits, "text")))
    if content.subject is not None:
        documents.append(Document(text=_bounded(content.subject, limits, "subject"), field="subject"))
    if content.payload is not None:
        documents.extend(_leaves(content.payload, limits))
    if len(content.attachments) > limits.max_attachments:
        raise TooLargeError(f"more than {limits.max_attachments} attachments", field="attachments")
    for number, attachment in enumerate(content.attachments):
        documents.extend(_attachment_documents(attachment, f"attachments[{number}]", limits))
    return documents


def _bounded(text: str, limits: FieldLimits, field: str) -> str:
    if len(text) > limits.max_text_chars:
        raise TooLargeError(f"longer than {limits.max_text_chars} characters", field=field)
    return text


def _leaves(payload: Mapping[str, Any], limits: FieldLimits) -> list[Document]:
    documents: list[Document] = []
    stack: list[tuple[str, Any, int]] = [("payload", payload, 0)]
    nodes = chars = 0
    while stack:
        path, value, depth = stack.pop()
        nodes += 1
        if nodes > limits.max_payload_nodes:
            raise TooLargeError(f"more than {limits.max_payload_nodes} values", field="payload")
        if depth > limits.max_payload_depth:
            raise TooLargeError(f"nested deeper than {limits.max_payload_depth}", field="payload")
        if isinstance(value, Mapping):
            stack.extend((f"{path}.{key}", item, depth + 1) for key, item in reversed(list(value.items())))
            texts = [str(key) for key in value]
            documents.extend(
                Document(text=key, field=key_path(member_path(path, key))) for key in texts if _TELLING_KEY.search(key)
            )
        elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            items = list(enumerate(value))
            stack.extend((f"{path}[{index}]", item, depth + 1) for index, item in reversed(items))
            continue
        else:
            texts = [_leaf_text(value)]
        for text in texts:
            chars += len(text)
            if chars > limits.max_text_chars:
                raise TooLargeError(f"longer than {limits.max_text_chars} characters", field="payload")
        if not isinstance(value, Mapping) and texts[0]:
            documents.append(Document(text=texts[0], field=path))
    return documents


def _leaf_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def _attachment_documents(attachment: Attachment, field: str, limits: FieldLimits) -> list[Document]:
    """The file's own characters under its field, what else a reader would see under `<field>#<n>`, and its name."""
    texts = read_attachment(attachment, limits)
    first = 1 if source_text(attachment) is None else 0
    return [
        Document(text=_bounded(attachment.filename, limits, field), field=f"{field}.filename"),
        *(
            Document(text=_bounded(text, limits, field), field=f"{field}#{number}" if number else field)
            for number, text in enumerate(texts, start=first)
        ),
    ]
