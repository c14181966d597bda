"""PDF attachments: every word that a viewer could show is read, and what could hide words is refused."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import zlib
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outguard.detection.attachments.interrupt import OutOfTimeError, time_limit
from outguard.detection.attachments.read import read_attachment
from outguard.domain.reply import Attachment
from outguard.errors import InvalidInputError, OutguardError, TooLargeError


@dataclass(frozen=True)
class Bounds:
    max_text_chars: int = 10_000
    max_payload_nodes: int = 1_000
    max_attachment_bytes: int = 100_000


def read(data: bytes, media_type: str = "application/pdf") -> list[str]:
    return read_attachment(Attachment(filename="f", media_type=media_type, data=data), Bounds())


def pdf_of(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A well-formed PDF of these objects; number 1 is the catalog."""
    data = b"%PDF-1.7\n"
    offsets = []
    for number in range(1, len(objects) + 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, trailer, len(data))
    )


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), extra, content)


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def page_of(
    content: bytes = b"BT /F1 12 Tf 10 100 Td (plain words) Tj ET",
    *,
    catalog: bytes = b"",
    page: bytes = b"",
    font: bytes = FONT,
    more: tuple[bytes, ...] = (),
    extra: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """A PDF of one page; `more` are objects 6 and on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> /XObject << /X1 6 0 R >> >> %s >>" % page
        if more
        else b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> %s >>" % page,
        stream(content, extra),
        font,
        *more,
    ]
    return pdf_of(dict(enumerate(objects, start=1)), trailer)


def test_the_text_layer_is_read() -> None:
    assert "plain words" in read(page_of())[0]


def test_packed_and_split_text_is_read() -> None:
    content = zlib.compress(b"BT /F1 12 Tf 10 100 Td [(mar) -10 (ia@x.exa) 5 (mple)] TJ ET")
    assert "maria@x.example" in read(page_of(content, extra=b"/Filter /FlateDecode"))[0]


FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 90 90] /Resources << /Font << /F1 5 0 R >> >>"


@pytest.mark.parametrize(
    "data",
    [
        page_of(trailer=b"/Info << /Author (hidden words) >>"),
        page_of(trailer=b"/Info << /Title <FEFF00680069006400640065006E00200077006F007200640073> >>"),
        page_of(page=b"/Annots [<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (hidden words) >>]"),
        page_of(page=b"/Annots [<< /Type /Annot /Subtype /Link /A << /S /URI /URI (http://hidden words) >> >>]"),
        page_of(catalog=b"/AcroForm << /Fields [<< /FT /Tx /T (name) /V (hidden words) >>] >>"),
        page_of(catalog=b"/Outlines << /First << /Title (hidden words) >> >>"),
        page_of(catalog=b"/OpenAction << /S /JavaScript /JS (hidden words) >>"),
        page_of(catalog=b"/Metadata 6 0 R", more=(stream(b"<x>hidden words</x>", b"/Type /Metadata /Subtype /XML"),)),
        page_of(
            page=b"/Annots [<< /Type /Annot /Subtype /FreeText /Rect [0 0 9 9] /AP << /N 6 0 R >> >>]",
            more=(stream(b"BT /F1 9 Tf 1 1 Td (hidden words) Tj ET", FORM),),
        ),
        page_of(
            b"BT /F1 12 Tf 10 100 Td (plain words) Tj ET /X1 Do",
            more=(stream(b"BT /F1 9 Tf 1 1 Td (hidden words) Tj ET", FORM),),
        ),
        page_of(b"BT 3 Tr /F1 12 Tf 10 100 Td (hidden words) Tj ET"),
    ],
    ids=["author", "utf-16", "note", "link", "field", "bookmark", "script", "xmp", "appearance", "form", "invisible"],
)
def test_words_beside_the_text_are_read(data: bytes) -> None:
    assert "hidden words" in "\n".join(read(data))


def changed(data: bytes, number: int, body: bytes) -> bytes:
    """`data` with a newer version of one object appended."""
    at = len(data)
    table = at + len(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    before = data[data.rindex(b"startxref") :].split()[1]
    return data + (
        b"%d 0 obj\n%s\nendobj\nxref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n"
        b"trailer\n<< /Size 6 /Root 1 0 R /Prev %s >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (number, body, number, at, before, table)
    )


def test_words_of_an_older_version_are_read() -> None:
    data = changed(page_of(), 4, stream(b"BT /F1 12 Tf 10 100 Td (newer words) Tj ET"))
    text = "\n".join(read(data))
    assert "newer words" in text
    assert "plain words" in text


def test_too_many_versions_are_refused() -> None:
    data = page_of()
    for _ in range(4):
        data = changed(data, 4, stream(b"BT /F1 12 Tf 10 100 Td (newer words) Tj ET"))
    with pytest.raises(InvalidInputError):
        read(data)


def test_pypdf_is_not_loaded_before_a_pdf_comes() -> None:
    code = "import sys, outguard.detection.attachments.read; sys.exit('pypdf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


IMAGE = stream(b"\0", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8")


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7",
        b"%PDF-1.7\nrubbish\n%%EOF",
        page_of()[:-40],
        page_of() + b"x" * 2_000,
        b"GIF89a" + page_of(),
        page_of(trailer=b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (x) /U (x) /P -4 >> /ID [(a) (a)]"),
        page_of(b"/X1 Do", more=(IMAGE,)),
        page_of(b"0 0 m 10 10 l S"),
        page_of(b""),
        page_of(catalog=b"/Names << /EmbeddedFiles << /Names [] >> >>"),
        page_of(catalog=b"/AF [<< /Type /Filespec /F (a.txt) /EF << >> >>]"),
        page_of(catalog=b"/AcroForm << /XFA [] >>"),
        page_of(font=b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [] >>"),
        page_of(b"BT /F1 12 Tf", extra=b"/Filter /Unheard"),
    ],
    ids=[
        "head",
        "rubbish",
        "cut",
        "tail",
        "front",
        "encrypted",
        "scan",
        "drawing",
        "empty",
        "files",
        "attached",
        "xfa",
        "glyphs",
        "filter",
    ],
)
def test_what_could_hide_words_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(data)


def test_a_bomb_is_refused() -> None:
    bomb = zlib.compress(b" " * 40_000_000)
    with pytest.raises(TooLargeError):
        read(page_of(bomb, extra=b"/Filter /FlateDecode"))


def test_pages_are_bounded() -> None:
    kids = b" ".join(b"3 0 R" for _ in range(201))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count 201 >>" % kids,
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    }
    with pytest.raises(OutguardError):
        read(pdf_of(objects))


@pytest.mark.parametrize("media_type", ["text/plain", "text/html", "", "application/octet-stream"])
def test_a_wrong_media_type_does_not_hide_a_pdf(media_type: str) -> None:
    packed = page_of(zlib.compress(b"BT /F1 12 Tf 1 1 Td (hidden words) Tj ET"), extra=b"/Filter /FlateDecode")
    assert "hidden words" in "\n".join(read(packed, media_type))


def test_a_pdf_that_is_text_keeps_its_characters_first() -> None:
    data = page_of()
    assert read(data, "text/plain")[0] == data.decode()


def test_nothing_of_a_file_reaches_a_log() -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        with pytest.raises(InvalidInputError):
            read(page_of(b"BT /F1 12 Tf 10 100 Td (plain words) Tj ET /X1 Do", more=(b"(card 4111)",)))
    finally:
        logging.getLogger().removeHandler(handler)
    assert not log.getvalue()


def _spin_for(seconds: float) -> None:
    with time_limit(seconds):
        while True:
            pass


def test_an_endless_loop_is_stopped() -> None:
    with pytest.raises(OutOfTimeError):
        _spin_for(0.05)


def test_a_block_in_time_is_left_alone() -> None:
    with time_limit(30):
        words = "done"
    assert words == "done"


WHOLE = page_of(
    zlib.compress(b"BT /F1 12 Tf 10 100 Td (plain words) Tj ET"),
    extra=b"/Filter /FlateDecode",
    page=b"/Annots [<< /Type /Annot /Subtype /Text /Contents (a note) >>]",
)


@settings(deadline=5_000, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    at=st.integers(0, len(WHOLE) - 1),
    width=st.integers(0, 40),
    patch=st.binary(max_size=20)
    | st.sampled_from([b"4 0 R", b"1 0 R", b"<<", b"[[[[", b"999999999", b"/Prev 9", b"("]),
)
def test_a_damaged_pdf_ends_in_text_or_our_error(at: int, width: int, patch: bytes) -> None:
    try:
        texts = read(WHOLE[:at] + patch + WHOLE[at + width :])
    except OutguardError:
        return
    assert texts


@settings(deadline=5_000)
@given(st.binary(max_size=300), st.sampled_from(["application/pdf", "text/plain", ""]))
def test_any_bytes_end_in_text_or_our_error(data: bytes, media_type: str) -> None:
    try:
        read(b"%PDF-1.7\n" + data + b"\n%%EOF", media_type)
    except OutguardError:
        return
