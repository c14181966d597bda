"""What is read of an attachment, and what is refused."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.attachments.read import read_attachment
from outguard.domain.reply import Attachment
from outguard.errors import InvalidInputError, OutguardError, TooLargeError


@dataclass(frozen=True)
class Bounds:
    max_text_chars: int = 10_000
    max_payload_nodes: int = 1_000
    max_attachment_bytes: int = 100_000


def read(media_type: str, data: bytes | str, bounds: Bounds | None = None) -> list[str]:
    raw = data.encode() if isinstance(data, str) else data
    return read_attachment(Attachment(filename="f", media_type=media_type, data=raw), bounds or Bounds())


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/csv", "TEXT/CSV; charset=utf-8", "text/markdown", "application/yaml"]
)
def test_plain_text_is_its_own_characters(kind: str) -> None:
    assert read(kind, "\ufeffname,mail\nMaría,m@x.example") == ["name,mail\nMaría,m@x.example"]


def test_another_character_set_is_read_as_named() -> None:
    assert read("text/plain; charset=iso-8859-1", "José".encode("latin-1")) == ["José"]
    assert read("text/plain", "José".encode("utf-16")) == ["José"]


def test_a_page_is_read_as_shown_where_that_differs() -> None:
    page = "<p>Mail <b>mar</b>ia&#64;example.com</p><a href='mailto:x&#64;y.example'>plain words</a>"
    source, hidden = read("text/html", page)
    assert source == page
    assert "maria@example.com" in hidden
    assert "mailto:x@y.example" in hidden
    assert "plain words" not in hidden


def test_json_escapes_are_undone() -> None:
    source, hidden = read("application/json", '{"mail": "maria\\u0040example.com", "n": "plain"}')
    assert hidden == "maria@example.com"
    assert source.startswith("{")


def test_a_mail_is_read_part_by_part() -> None:
    inner = EmailMessage()
    inner["Subject"] = "inner subject"
    inner.set_content("inner body")
    mail = EmailMessage()
    mail["Subject"] = "Grüße"
    mail["To"] = "maria@example.com"
    mail.set_content("the body ✓")
    mail.add_alternative("<p>page&#64;x.example</p>", subtype="html")
    mail.add_attachment(b"a,b\n1,cell", maintype="text", subtype="csv", filename="list.csv")
    mail.add_attachment(inner)
    text = "\n".join(read("message/rfc822", mail.as_bytes()))
    for words in (
        "Grüße",
        "maria@example.com",
        "the body ✓",
        "page@x.example",
        "1,cell",
        "list.csv",
        "inner subject",
        "inner body",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/pdf", b"%PDF-1.7"),
        ("image/png", b"\x89PNG"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04"),
        ("application/octet-stream", b"plain words"),
        ("", b"plain words"),
        ("text/plain", b"\xff\xfe\x00\xd8"),
        ("text/plain", b"a\x00b"),
        ("text/plain; charset=unknown-8bit", b"abc"),
        ("application/json", b'{"a": "\\u00'),
    ],
)
def test_what_cannot_be_read_is_refused(kind: str, data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(kind, data)


def test_a_mail_with_an_unreadable_part_is_refused() -> None:
    mail = EmailMessage()
    mail.set_content("see the file")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
    with pytest.raises(InvalidInputError):
        read("message/rfc822", mail.as_bytes())


def test_size_and_nesting_are_bounded() -> None:
    with pytest.raises(TooLargeError):
        read("text/plain", b"a" * 100_001)
    with pytest.raises(TooLargeError):
        read("text/plain", b"a" * 10_001)
    with pytest.raises(TooLargeError):
        read("application/json", json.dumps(["\n"] * 2_000))
    mail = EmailMessage()
    mail.set_content("core")
    for _ in range(6):
        outer = EmailMessage()
        outer.add_attachment(mail)
        mail = outer
    with pytest.raises(TooLargeError):
        read("message/rfc822", mail.as_bytes())
    with pytest.raises(InvalidInputError):
        read("application/json", "[" * 50_000 + '"\\n"', Bounds(max_text_chars=100_000))


@given(
    kind=st.sampled_from(["text/html", "application/json", "message/rfc822", "text/plain; charset=utf-16", "text/xml"]),
    data=st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | st.binary(max_size=90).map(
        lambda raw: (
            b'Content-Type: text/plain; charset="\xff"\nContent-Transfer-Encoding: base64\n\n' + base64.b64encode(raw)
        )
    ),
)
def test_hostile_bytes_end_in_text_or_our_error(kind: str, data: bytes) -> None:
    try:
        texts = read(kind, data)
    except OutguardError:
        return
    assert all(isinstance(text, str) for text in texts)
