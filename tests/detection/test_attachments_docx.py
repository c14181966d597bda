"""DOCX attachments: every XML part is read, and what could hide words is refused."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outguard.detection.attachments.read import read_attachment
from outguard.domain.reply import Attachment
from outguard.errors import InvalidInputError, OutguardError, TooLargeError

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@dataclass(frozen=True)
class Bounds:
    max_text_chars: int = 10_000
    max_payload_nodes: int = 1_000
    max_attachment_bytes: int = 100_000


def read(data: bytes, media_type: str = DOCX) -> list[str]:
    return read_attachment(Attachment(filename="f", media_type=media_type, data=data), Bounds())


def word(body: str, root: str = "document") -> str:
    return f'<?xml version="1.0"?><w:{root} {NAMESPACE}><w:body>{body}</w:body></w:{root}>'


PLAIN = word("<w:p><w:r><w:t>plain words</w:t></w:r></w:p>")


def docx_of(document: str = PLAIN, parts: dict[str, bytes | str] | None = None, comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
        archive.comment = comment
    return buffer.getvalue()


def test_runs_are_put_together_and_paragraphs_kept_apart() -> None:
    body = "<w:p><w:r><w:t>mar</w:t></w:r>\n <w:r><w:t>ia@x.exa</w:t></w:r><w:r><w:t>mple</w:t></w:r></w:p>"
    body += "<w:p><w:r><w:t>next</w:t><w:tab/><w:t>cell</w:t></w:r></w:p>"
    assert read(docx_of(word(body)))[0] == "maria@x.example\nnext\tcell"


def test_deleted_words_do_not_stand_in_the_text() -> None:
    body = "<w:p><w:r><w:t>maria</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
    shown, aside = read(docx_of(word(body + "<w:r><w:t>@x.example</w:t></w:r></w:p>")))
    assert shown == "maria@x.example"
    assert "gone" in aside


LINK = '<Relationships><Relationship Id="r1" Target="mailto:hidden@x.example" TargetMode="External"/></Relationships>'


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("word/header1.xml", word("<w:p><w:r><w:t>hidden@x.example</w:t></w:r></w:p>", "hdr")),
        ("word/footer2.xml", word("<w:p><w:r><w:t>hidden@x.example</w:t></w:r></w:p>", "ftr")),
        ("word/comments.xml", word("<w:comment w:author='hidden@x.example'/>", "comments")),
        ("word/footnotes.xml", word("<w:p><w:r><w:t>hidden@x.example</w:t></w:r></w:p>", "footnotes")),
        ("word/_rels/document.xml.rels", LINK),
        ("docProps/core.xml", "<c><creator>hidden@x.example</creator><n>1</n></c>"),
        ("customXml/item1.xml", "<a>hidden@x.example</a>"),
        ("word/a.xml", word("<w:p><w:fldSimple w:instr='mail hidden@x.example'/></w:p>")),
        ("word/b.xml", word("<w:p><w:r><w:instrText>mail hidden@x.example</w:instrText></w:r></w:p>")),
        ("word/c.xml", word("<w:p><wp:docPr xmlns:wp='u' descr='of hidden@x.example'/></w:p>")),
        ("word/d.xml", "<a><!-- hidden@x.example --></a>"),
        ("word/e.xml", word("<w:p><w:r><w:t>hidden&#64;x.example</w:t></w:r></w:p>").encode("utf-16")),
    ],
)
def test_every_part_is_read(name: str, part: str | bytes) -> None:
    assert "hidden@x.example" in "\n".join(read(docx_of(parts={name: part})))


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><a>&a;</a>'


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        docx_of()[:-30],
        docx_of()[:100] + b"\0" * 60 + docx_of()[160:],
        docx_of(parts={"word/vbaProject.bin": b"x"}),
        docx_of(parts={"word/embeddings/book.xlsx": docx_of()}),
        docx_of(parts={"word/media/a.png": docx_of()}),
        docx_of(parts={"word/afchunk.html": "<p>words</p>"}),
        docx_of(parts={"word/x.xml": BOMB}),
        docx_of(parts={"word/x.xml": OUTSIDE}),
        docx_of(parts={"word/x.xml": "<a>&undefined;</a>"}),
        docx_of(parts={"word/x.xml": "<a>"}),
        docx_of(parts={"word/x.xml": "<a>" * 400 + "</a>" * 400}),
        docx_of(parts={"word/media/a.png": b"\x89PNG"}, document=word("<w:p/>")),
        docx_of(comment=b"words"),
        b"front" + docx_of(),
        b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    ],
    ids=[
        "head",
        "cut",
        "broken",
        "macro",
        "embedded",
        "disguised",
        "chunk",
        "entities",
        "outside",
        "undefined",
        "open",
        "deep",
        "picture",
        "comment",
        "front",
        "ole",
    ],
)
def test_what_could_hide_words_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(data)


def test_a_part_claimed_twice_is_refused() -> None:
    buffer = io.BytesIO(docx_of())
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", PLAIN)
    with pytest.raises(InvalidInputError):
        read(buffer.getvalue())


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(docx_of())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidInputError):
        read(bytes(data))


def test_a_bomb_is_refused_by_what_it_unpacks_to() -> None:
    data = docx_of(word("<w:p/>" * 2_000_000))
    assert len(data) < Bounds().max_attachment_bytes
    with pytest.raises(TooLargeError):
        read(data)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(docx_of(word("<w:p/>" * 2_000_000)))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(InvalidInputError):
        read(bytes(data))


def test_parts_and_words_are_bounded() -> None:
    with pytest.raises(TooLargeError):
        read(docx_of(parts={f"word/x{number}.xml": "<a/>" for number in range(1_000)}))
    with pytest.raises(TooLargeError):
        read(docx_of(word(f"<w:p><w:r><w:t>{'a ' * 20_000}</w:t></w:r></w:p>")))


@pytest.mark.parametrize("media_type", ["", "application/octet-stream", "text/plain"])
def test_a_wrong_media_type_does_not_hide_a_docx(media_type: str) -> None:
    assert "plain words" in "\n".join(read(docx_of(), media_type))


def test_another_archive_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "words")
    for media_type in ("application/zip", DOCX, "application/octet-stream", "text/plain"):
        with pytest.raises(InvalidInputError):
            read(buffer.getvalue(), media_type)


WHOLE = docx_of(parts={"word/_rels/document.xml.rels": LINK})


@settings(deadline=5_000, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(at=st.integers(0, len(WHOLE) - 1), width=st.integers(0, 30), patch=st.binary(max_size=30))
def test_a_damaged_docx_ends_in_text_or_our_error(at: int, width: int, patch: bytes) -> None:
    try:
        texts = read(WHOLE[:at] + patch + WHOLE[at + width :])
    except OutguardError:
        return
    assert texts


@settings(deadline=5_000)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: word(text).encode("utf-8", "replace")))
def test_any_part_ends_in_text_or_our_error(part: bytes) -> None:
    try:
        read(docx_of(parts={"word/footer1.xml": part}))
    except OutguardError:
        return
