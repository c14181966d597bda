"""Every readable part of a reply becomes a document; what is too large or unreadable is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from outguard.detection.fields import documents_of
from outguard.domain.reply import Attachment, Content
from outguard.errors import TooLargeError


@dataclass(frozen=True)
class _Limits:
    max_text_chars: int = 1000
    max_payload_depth: int = 5
    max_payload_nodes: int = 50
    max_attachments: int = 1
    max_attachment_bytes: int = 100


def _fields(content: Content) -> dict[str | None, str]:
    return {document.field: document.text for document in documents_of(content, _Limits())}


def test_leaves_are_named_by_their_path_and_numbers_are_read() -> None:
    payload: dict[str, Any] = {"a": {"b": ["x", 4242.0]}, "c": 7, "d": None, "e": True}
    assert _fields(Content(text="t", subject="s", payload=payload)) == {
        None: "t",
        "subject": "s",
        "payload.a.b[0]": "x",
        "payload.a.b[1]": "4242",
        "payload.c": "7",
    }


def test_nesting_of_any_depth_ends_in_an_error() -> None:
    payload: dict[str, Any] = {}
    for _ in range(5000):
        payload = {"a": payload}
    with pytest.raises(TooLargeError):
        documents_of(Content(payload=payload), _Limits())


@pytest.mark.parametrize(
    "content",
    [
        Content(text="x" * 1001),
        Content(payload={"a": ["x"] * 60}),
        Content(payload={"a": "x" * 1001}),
        Content(attachments=(Attachment(filename="a", media_type="text/plain", data=b"x" * 101),)),
        Content(attachments=(Attachment(filename="a", media_type="text/plain", data=b""),) * 2),
    ],
)
def test_past_a_bound_nothing_is_read(content: Content) -> None:
    with pytest.raises(TooLargeError):
        documents_of(content, _Limits())
