"""Mails as attachments: every part is decoded and read, and none is passed over."""

from __future__ import annotations

import base64
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


def read(data: bytes) -> str:
    return "\n".join(read_attachment(Attachment(filename="f.eml", media_type="message/rfc822", data=data), Bounds()))


def mail_of(body: bytes, *headers: str) -> bytes:
    return "\n".join(("Subject: s", *headers, "", "")).encode() + body


@pytest.mark.parametrize(
    "mail",
    [
        mail_of(base64.b64encode(b"maria@x.example"), "Content-Transfer-Encoding: base64"),
        mail_of(b"maria=40x.exa=\nmple", "Content-Transfer-Encoding: quoted-printable"),
        mail_of("maria@x.example".encode("utf-16"), "Content-Type: text/plain; charset=utf-16"),
        mail_of(b"<p>maria&#64;x.example", "Content-Type: text/html"),
        mail_of(b"b", "X-Note: =?utf-8?b?bWFyaWFAeC5leGFtcGxl?="),
        mail_of(b"maria@x.example\n--b\n\na\n--b--\n", "Content-Type: multipart/mixed; boundary=b"),
        mail_of(b"--b\n\na\n--b--\nmaria@x.example", "Content-Type: multipart/mixed; boundary=b"),
    ],
    ids=["base64", "quoted", "utf-16", "page", "header", "preamble", "epilogue"],
)
def test_words_are_decoded(mail: bytes) -> None:
    assert "maria@x.example" in read(mail)


def test_a_raw_name_in_a_header_is_read_as_utf8() -> None:
    assert "José" in read(b"Subject: Jos\xc3\xa9\n\nbody")


@pytest.mark.parametrize(
    "mail",
    [
        mail_of(b"!!!!", "Content-Transfer-Encoding: base64"),
        mail_of(b"words", "Content-Transfer-Encoding: x-own"),
        mail_of(b"words", "Content-Type: multipart/mixed; boundary=b"),
        mail_of(b"words", "Content-Type: multipart/mixed"),
        mail_of(b"Subject: x\n\nwords", "Content-Type: message/partial; id=1; number=1; total=2"),
        mail_of(b"Content-ID: x\n\n", "Content-Type: message/external-body; access-type=url"),
        mail_of(
            base64.b64encode(b"Subject: x\n\nwords"),
            "Content-Type: message/rfc822",
            "Content-Transfer-Encoding: base64",
        ),
        mail_of(b"PK\x03\x04", 'Content-Type: application/zip; name="a.zip"'),
        mail_of(b"words", "Content-Type: text/plain; charset=unheard-of"),
    ],
    ids=["base64", "encoding", "boundary", "no boundary", "partial", "elsewhere", "wrapped", "zip", "charset"],
)
def test_a_part_that_cannot_be_read_refuses_all(mail: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(mail)


def test_mails_in_text_files_count_as_nesting() -> None:
    data = mail_of(b"core")
    for _ in range(6):
        outer = EmailMessage()
        outer.set_content("see file")
        outer.add_attachment(data, maintype="text", subtype="plain", filename="a.eml")
        data = outer.as_bytes()
    with pytest.raises(TooLargeError):
        read(data)


def test_parts_are_bounded() -> None:
    mail = EmailMessage()
    mail.set_content("body")
    for number in range(101):
        mail.add_attachment(f"text {number}", filename="a.txt")
    with pytest.raises(TooLargeError):
        read(mail.as_bytes())


_LINES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Type: message/rfc822",
            b"Content-Type: text/html; charset=utf-16",
            b"Content-Transfer-Encoding: base64",
            b"Content-Disposition: attachment; filename*=utf-8''%e2%82%ac.eml",
            b"--b",
            b"--b--",
            b"",
            b"=?utf-8?q?=00?=",
            b"Subject: =?x?b?!!?=",
            b"From: \xff <",
        ]
    )
    | st.binary(max_size=30),
    max_size=20,
)


@given(_LINES)
def test_any_lines_end_in_text_or_our_error(lines: list[bytes]) -> None:
    try:
        read(b"\n".join(lines))
    except OutguardError:
        return
