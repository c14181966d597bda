"""What a file is, by its first bytes and its name, whatever its media type claims.

A file is read as everything that some mail program could open it as, so that a wrong media type never hides words.
"""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePosixPath

from outguard.domain.attachment_text import media_type
from outguard.domain.reply import Attachment


class Kind(Enum):
    """A way to read a file."""

    TEXT = "text"
    MARKUP = "markup"
    JSON = "json"
    CSV = "csv"
    MAIL = "mail"
    CARD = "card"
    PDF = "pdf"
    DOCX = "docx"
    UNKNOWN = "unknown"


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BY_TYPE = {
    "application/pdf": Kind.PDF,
    "application/x-pdf": Kind.PDF,
    _WORD: Kind.DOCX,
    "message/rfc822": Kind.MAIL,
    "text/html": Kind.MARKUP,
    "text/xml": Kind.MARKUP,
    "application/xml": Kind.MARKUP,
    "application/xhtml+xml": Kind.MARKUP,
    "application/json": Kind.JSON,
    "text/json": Kind.JSON,
    "text/csv": Kind.CSV,
    "application/csv": Kind.CSV,
    "text/tab-separated-values": Kind.CSV,
    "text/calendar": Kind.CARD,
    "text/vcard": Kind.CARD,
    "text/x-vcard": Kind.CARD,
    "text/directory": Kind.CARD,
}
_BY_NAME = {
    ".pdf": Kind.PDF,
    ".docx": Kind.DOCX,
    ".eml": Kind.MAIL,
    ".htm": Kind.MARKUP,
    ".html": Kind.MARKUP,
    ".xhtml": Kind.MARKUP,
    ".svg": Kind.MARKUP,
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
    ".ics": Kind.CARD,
    ".vcf": Kind.CARD,
}
_UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_PDF = re.compile(rb"%PDF-\d\.\d")
_PDF_HEAD = 1024
_OPAQUE = (
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
    b"(\xb5/\xfd",
    b"{\\rtf",
    b"%!PS",
    b"\x7fELF",
    b"MZ\x90",
)
_PAGE = re.compile(rb"\s*(?:<!--|<!doctype|<\?xml|<html|<head|<body|<svg|<script)", re.IGNORECASE)
_MAIL_HEAD = 8 * 1024
_HEADER = re.compile(rb"[!-9;-~]+:")
_MIME = re.compile(rb"^(?:mime-version|content-transfer-encoding)\s*:", re.IGNORECASE | re.MULTILINE)


def is_zip(data: bytes) -> bool:
    """Whether `data` starts as a zip archive does."""
    return data.startswith(b"PK\x03\x04")


def kinds_of(attachment: Attachment) -> frozenset[Kind]:
    """Every kind that `attachment` must be read as; with UNKNOWN among them it cannot be read."""
    declared = media_type(attachment)
    suffix = PurePosixPath(attachment.filename.strip().lower()).suffix
    kinds = {_declared(declared)} | _sniffed(attachment.data)
    named = _BY_NAME.get(suffix)
    if named is not None:
        kinds.add(named)
    if declared in _UNTYPED and kinds & {Kind.PDF, Kind.DOCX, Kind.MAIL}:
        kinds.discard(Kind.UNKNOWN)
    return frozenset(kinds)


def _declared(kind: str) -> Kind:
    known = _BY_TYPE.get(kind)
    if known is not None:
        return known
    if kind.endswith("+json"):
        return Kind.JSON
    if kind.endswith("+xml"):
        return Kind.MARKUP
    return Kind.TEXT if kind.startswith("text/") or kind in _PLAIN else Kind.UNKNOWN


_PLAIN = frozenset({"application/x-ndjson", "application/yaml", "application/x-yaml"})


def _sniffed(data: bytes) -> set[Kind]:
    if _PDF.search(data, 0, _PDF_HEAD):
        return {Kind.PDF}
    if is_zip(data):
        return {Kind.DOCX}
    if data.startswith(_OPAQUE):
        return {Kind.UNKNOWN}
    head = data[:_MAIL_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    if _HEADER.match(head) and _MIME.search(head):
        return {Kind.MAIL}
    return {Kind.MARKUP} if _PAGE.match(data, 0, _PDF_HEAD) else set()
