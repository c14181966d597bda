"""A file whose words may not go is taken off the reply whole; one that cannot be read holds the reply."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from outguard.bootstrap import offline_judge
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.policy import Policy
from outguard.domain.reply import Attachment, Content, Customer, Recipient, RedactionDetail
from outguard.domain.verdict import Verdict
from outguard.flows.judge_reply import Judgement, ReplyJudge

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CARD = "4111 1111 1111 " + "1111"
TEXT = "Hello, please find attached the form that you asked us for this morning."
CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=Customer(id="c1", name="Jo Miller"),
    profile=AuthorityProfile(name="default", company="Acme"),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def judged() -> tuple[ReplyJudge, Policy]:
    return offline_judge()


def judge(judged: tuple[ReplyJudge, Policy], *attachments: Attachment) -> Judgement:
    judging, policy = judged
    return judging.judge(Content(text=TEXT, attachments=attachments), CONTEXT, policy)


def pdf_of(words: str) -> bytes:
    content = zlib.compress(f"BT /F1 12 Tf 10 100 Td ({words}) Tj ET".encode())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data = b"%PDF-1.7\n"
    table = b"0000000000 65535 f \n"
    for number, body in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    tail = b"xref\n0 6\n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return data + tail % (table, len(data))


def docx_of(words: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f"<w:document xmlns:w='u'><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:document>"
        )
    return buffer.getvalue()


def mail_of(words: str) -> bytes:
    mail = EmailMessage()
    mail.set_content("see file")
    mail.add_attachment(pdf_of(words), maintype="application", subtype="pdf", filename="a.pdf")
    return mail.as_bytes()


FILES = {"application/pdf": pdf_of, WORD: docx_of, "message/rfc822": mail_of}


@pytest.mark.parametrize("media_type", FILES)
def test_a_harmless_file_goes_as_it_is(judged: tuple[ReplyJudge, Policy], media_type: str) -> None:
    file = Attachment(filename="a", media_type=media_type, data=FILES[media_type]("Thank you for your patience"))
    judgement = judge(judged, file)
    assert judgement.verdict is Verdict.ALLOW
    assert judgement.content is not None
    assert judgement.content.attachments == (file,)


@pytest.mark.parametrize("claimed", [*FILES, "text/plain", "application/octet-stream"])
@pytest.mark.parametrize("media_type", FILES)
def test_a_file_with_words_that_may_not_go_is_taken_off(
    judged: tuple[ReplyJudge, Policy], media_type: str, claimed: str
) -> None:
    file = Attachment(filename="a", media_type=claimed, data=FILES[media_type](f"Card {CARD} of John"))
    note = Attachment(filename="note.txt", media_type="text/plain", data=b"Thank you for your patience")
    judgement = judge(judged, file, note)
    if claimed != media_type and judgement.verdict is Verdict.QUARANTINE:
        assert judgement.content is None  # it is not what it claims
        return
    assert judgement.verdict is Verdict.REDACT
    assert judgement.content is not None
    assert judgement.content.attachments == (note,)
    assert RedactionDetail(field="attachments[0]", reason="CREDIT_CARD", action="remove") in judgement.redactions


@pytest.mark.parametrize("data", [b"%PDF-1.7\n%%EOF", b"PK\x03\x04", docx_of("words")[:-40], b"\x89PNG"])
@pytest.mark.parametrize("claimed", [*FILES, "text/plain", "application/octet-stream", "image/png"])
def test_a_file_that_cannot_be_read_holds_the_reply(
    judged: tuple[ReplyJudge, Policy], data: bytes, claimed: str
) -> None:
    judgement = judge(judged, Attachment(filename="a", media_type=claimed, data=data))
    assert judgement.verdict is Verdict.QUARANTINE
    assert judgement.content is None
