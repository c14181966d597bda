"""The whole content: text, subject, payload, attachments."""

from __future__ import annotations

import pytest
from redaction_finders import Plain, found, spanning

from outguard.domain.finding import FindingAction
from outguard.domain.reply import Attachment, Content
from outguard.errors import InvalidInputError
from outguard.redaction.redact import redact

EMAIL = "maria@example.com"
CONTENT = Content(
    subject=f"About {EMAIL}",
    text=f"Hi {EMAIL}",
    payload={"to": EMAIL},
    attachments=(
        Attachment(filename="a.csv", media_type="text/csv", data=f"n,m\n1,{EMAIL}\n".encode()),
        Attachment(filename="b.pdf", media_type="application/pdf", data=b"%PDF"),
    ),
)


def test_every_part_is_cut_by_its_field() -> None:
    findings = [
        found(CONTENT.text or "", EMAIL),
        found(CONTENT.subject or "", EMAIL, field="subject"),
        found(EMAIL, EMAIL, field="payload.to"),
        spanning(6, 6 + len(EMAIL), field="attachments[0]"),
    ]
    redacted = redact(CONTENT, findings, Plain())
    assert redacted.content.text == "Hi [EMAIL_ADDRESS]"
    assert redacted.content.subject == "About [EMAIL_ADDRESS]"
    assert redacted.content.payload == {"to": "[EMAIL_ADDRESS]"}
    assert redacted.content.attachments[0].data == b"n,m\n1,[EMAIL_ADDRESS]\n"
    assert [detail.field for detail in redacted.details] == ["text", "subject", "payload.to", "attachments[0]"]


def test_what_cannot_be_cut_in_place_is_removed_whole() -> None:
    left = redact(CONTENT, [spanning(0, 3, field="attachments[1]")], Plain()).content
    assert [one.filename for one in left.attachments] == ["a.csv"]
    left = redact(CONTENT, [spanning(0, 3, field="attachments[0]#1")], Plain()).content
    assert [one.filename for one in left.attachments] == ["b.pdf"]


def test_a_file_name_is_cut_alone() -> None:
    left = redact(CONTENT, [spanning(0, 1, "PERSON", field="attachments[1].filename")], Plain()).content
    assert [one.filename for one in left.attachments] == ["a.csv", "[PERSON].pdf"]
    assert left.attachments[1].data == b"%PDF"


def test_nothing_to_cut_gives_the_same_content_back() -> None:
    held = found(CONTENT.text or "", EMAIL, action=FindingAction.QUARANTINE)
    assert redact(CONTENT, [held], Plain()).content is CONTENT


@pytest.mark.parametrize("field", ["payload.x", "subject", "attachments[0]", "else", None])
def test_a_finding_in_a_part_that_is_not_there_is_refused(field: str | None) -> None:
    with pytest.raises(InvalidInputError):
        redact(Content(), [spanning(0, 3, field=field)], Plain())
