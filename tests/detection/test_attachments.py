"""What is read of an attachment, and what is refused."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.attachments.read import read_attachment
from outguard.domain.attachment_text import source_text
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


def hidden(media_type: str, data: bytes | str, filename: str = "f") -> str:
    """Everything read but the file's own characters."""
    raw = data.encode() if isinstance(data, str) else data
    return "\n".join(read_attachment(Attachment(filename=filename, media_type=media_type, data=raw), Bounds())[1:])


@pytest.mark.parametrize(
    "page",
    [
        "<p>maria<!-- > x -->@x.example</p>",
        "<p>mar<bdi>ia</bdi>@x<wbr>.example</p>",
        "<p>mar<x-y z=1>ia@x.exa</x-y>mple</p>",
        "<i title='maria&#x40;x.example'>a</i>",
        "<script>var a = 'maria\\x40x.example'</script>",
        "<script>var a = 'maria\\u{40}x.example'</script>",
        "<p><![CDATA[maria@x]]>.example</p>",
        "maria&commat;x.example",
    ],
)
def test_a_page_hides_no_words(page: str) -> None:
    assert "maria@x.example" in hidden("text/html", page)


@pytest.mark.parametrize("text", ["<!-- maria@x.example -->", "<script>'maria@x.example'</script>"])
def test_comments_and_scripts_are_read(text: str) -> None:
    assert read("text/html", text)[0] == text


@pytest.mark.parametrize(
    "cell",
    [
        '="maria@"&"x.example"',
        '"=""maria@""&""x.example"""',
        '=CONCATENATE("maria","@x.example")',
        '="maria"&CHAR(64)&"x.example"',
        '=HYPERLINK("mailto:maria@" & "x.example";"click")',
    ],
)
def test_formula_cells_are_put_together(cell: str) -> None:
    assert "maria@x.example" in hidden("text/csv", f"name,note\na,{cell}\n")


def test_a_plain_table_is_read_once() -> None:
    assert read("text/csv", 'a,"b ""c""",-5\n1,2,3\n') == ['a,"b ""c""",-5\n1,2,3\n']


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/yaml", "text/plain"])
def test_escapes_are_undone_in_other_texts(kind: str) -> None:
    assert "maria@x.example" in hidden(kind, 'a: "maria\\u0040x.example"\n')


def test_folded_lines_of_a_card_are_made_whole() -> None:
    assert "maria@x.example" in hidden("text/vcard", "BEGIN:VCARD\r\nEMAIL:maria@\r\n x.example\r\n")


def test_an_escaped_pair_is_one_character_and_a_lone_half_none() -> None:
    assert hidden("application/json", '["\\ud83d\\ude00", "\\ud800"]') == "\U0001f600\n\ufffd"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("text/plain; charset=utf-16le", b"maria@x.example!"),
        ("text/plain; charset=utf-16", "maria@x.example".encode("utf-16-le")),
        ("text/plain; charset=utf-7", b"maria+AEA-x.example"),
        ("text/plain", "Jos\u00e9".encode("latin-1")),
        ("text/plain", "maria".encode("utf-16-be")),
        ("text/plain", "maria".encode("utf-32")),
        ("text/plain", b"\xed\xa0\x80"),
        ("text/rtf", rb"{\rtf1 maria\'40x.example}"),
        ("text/plain", rb"{\rtf1 maria\'40x.example}"),
        ("text/plain", b"\x1f\x8b\x08"),
    ],
)
def test_bytes_that_are_not_what_they_claim_are_refused(kind: str, data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(kind, data)


def test_utf8_is_read_as_such_whatever_one_byte_set_is_claimed() -> None:
    assert read("text/plain; charset=iso-8859-1", "\uff14\uff11 Jos\u00e9") == ["\uff14\uff11 Jos\u00e9"]


def test_a_page_or_mail_in_plain_clothes_is_read_as_one() -> None:
    assert "maria@x.example" in hidden("text/plain", "<!doctype html><p>maria&#64;x.example")
    mail = b"Subject: s\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(b"maria@x.example")
    assert "maria@x.example" in hidden("text/plain", mail, "note.EML")


@given(
    kind=st.sampled_from(["text/html", "text/csv", "text/plain; charset=iso-8859-1", "application/yaml", "text/vcard"]),
    data=st.binary(max_size=60) | st.text(alphabet="<!->=&;\"'\\u0041 a\n,%PDF1.7", max_size=120).map(str.encode),
    name=st.sampled_from(["f", "f.eml", "f.html", "f.csv"]),
)
def test_a_text_comes_first_as_it_is_cut(kind: str, data: bytes, name: str) -> None:
    attachment = Attachment(filename=name, media_type=kind, data=data)
    source = source_text(attachment)
    try:
        texts = read_attachment(attachment, Bounds())
    except OutguardError:
        return
    assert source is None or texts[0] == source.text


@pytest.mark.parametrize("piece", ["<!--", "<", "<a=", "&#", "<p>x", '="', "\\u00", "a&amp;<b>", '"&"', "\n "])
@pytest.mark.parametrize("kind", ["text/html", "text/csv", "text/plain", "text/vcard"])
def test_hostile_repetition_is_read_in_time(kind: str, piece: str) -> None:
    bounds = Bounds(max_text_chars=262_144, max_attachment_bytes=1_048_576)
    start = time.process_time()
    read(kind, piece * (200_000 // len(piece)), bounds)
    assert time.process_time() - start < 2


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
