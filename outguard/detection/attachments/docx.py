"""The words of a DOCX: every XML part, from the text to headers, notes, comments, targets of links and properties.

A part that is neither XML nor a picture nor a font (a macro, an embedded file) makes the document unreadable, and so
does a document without any words: its pictures cannot be judged.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from outguard.detection.attachments.reading import Reading, too_large, unreadable
from outguard.detection.attachments.sniff import is_zip
from outguard.detection.attachments.xml_text import XmlWords, read_xml
from outguard.errors import OutguardError

MAX_MEMBERS = 1_000

_CHUNK = 64 * 1024
_MAIN = "word/document.xml"
_XML = (".xml", ".rels", ".vml", ".svg")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".wdp", ".odttf", ".ttf")
_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def docx_texts(data: bytes, reading: Reading) -> list[str]:
    """The text of the document, then all words beside it.

    Raises:
        TooLargeError: if it holds too many parts, or unpacks to too much.
        InvalidInputError: if it is broken, encrypted, or holds what cannot be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _texts(archive, data, reading)
    except OutguardError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, LookupError, NotImplementedError):
        unreadable("a DOCX is broken")
    except RuntimeError:
        unreadable("a DOCX is encrypted")


def _texts(archive: zipfile.ZipFile, data: bytes, reading: Reading) -> list[str]:
    members = _checked(archive, data, reading)
    words = XmlWords()
    left = _Budget(reading.unpacked_bytes(len(data)))
    for member in sorted(members, key=lambda member: (member.filename != _MAIN, member.filename)):
        if member.filename.lower().endswith(_XML):
            read_xml(left.chunks(archive, member), words)
            words.shown.append("\n")
            reading.check_chars((*words.shown, *words.aside))
        elif is_zip(archive.open(member).read(4)):
            unreadable("a DOCX holds another archive")
    shown = "".join(words.shown).strip()
    if not shown:
        unreadable("a DOCX has no text")
    aside = "\n".join(line for line in map(str.strip, "".join(words.aside).splitlines()) if line)
    return [text for text in (shown, aside) if text]


class _Budget:
    """How many bytes may still be unpacked."""

    def __init__(self, left: int) -> None:
        self._left = left

    def chunks(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """The unpacked bytes of `member`, whatever size it claims to have."""
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    too_large("a DOCX unpacks to too much")
                yield chunk


def _checked(archive: zipfile.ZipFile, data: bytes, reading: Reading) -> list[zipfile.ZipInfo]:
    """The members, once none of them hides anything."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = {member.filename for member in members}
    if len(members) > MAX_MEMBERS:
        too_large(f"a DOCX of more than {MAX_MEMBERS} parts")
    if len(names) != len(members) or _MAIN not in names or "[Content_Types].xml" not in names:
        unreadable("an archive is not a DOCX")
    if archive.comment or not is_zip(data) or min(member.header_offset for member in members) != 0:
        unreadable("a DOCX has something before or after its parts")
    unpacked = 0
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            unreadable("a DOCX is encrypted")
        if member.comment or member.compress_type not in _METHODS:
            unreadable("a DOCX has an unusual part")
        if not member.filename.lower().endswith(_XML + _PICTURES):
            unreadable("a DOCX holds a file that cannot be read")
        if member.filename.lower().endswith(_XML):
            unpacked += member.file_size
    if unpacked > reading.unpacked_bytes(len(data)):
        too_large("a DOCX unpacks to too much")
    return members
