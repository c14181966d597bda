"""The text of an attachment that is text: the same characters for whoever scans it and whoever cuts it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from outguard.domain.reply import Attachment

_TEXTUAL = frozenset(
    {
        "application/json",
        "application/csv",
        "application/x-ndjson",
        "application/xhtml+xml",
        "application/xml",
        "application/yaml",
        "application/x-yaml",
    }
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class SourceText:
    """An attachment's characters and how they were stored."""

    text: str
    encoding: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """`text` stored the same way."""
        return self.mark + text.encode(self.encoding, "replace")


def media_type(attachment: Attachment) -> str:
    """The bare media type, in lower case."""
    return attachment.media_type.partition(";")[0].strip().lower()


def source_text(attachment: Attachment) -> SourceText | None:
    """The characters of a textual attachment; None for another media type, or bytes that are no text.

    UTF-8 unless a byte order mark or the `charset` parameter says otherwise; a one-byte character set is not believed
    of bytes that are valid UTF-8. NUL bytes mean: no text, and so does a claim of UTF-16 that leaves a doubt (no byte
    order, or bytes that are plain ASCII).
    """
    kind = media_type(attachment)
    if not (kind.startswith("text/") or kind in _TEXTUAL or kind.endswith(("+json", "+xml"))):
        return None
    data = attachment.data
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, mark)
    charset = _charset(attachment.media_type)
    if charset == "utf-16" or (charset in _UTF_16 and data.isascii() and b"\0" not in data):
        return None
    return (_decoded(data, "utf-8", b"") if charset in _ONE_BYTE else None) or _decoded(data, charset, b"")


def _decoded(data: bytes, encoding: str, mark: bytes) -> SourceText | None:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if "\0" in text else SourceText(text, encoding, mark)


def _charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            value = value.strip().strip("\"'").lower()
            return value if value in _CHARSETS else "unknown"
    return "utf-8"


_UTF_16 = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-16le", "utf-16be"})
_ONE_BYTE = frozenset(
    {f"iso-8859-{part}" for part in range(1, 17) if part != 12} | {f"windows-125{part}" for part in range(9)}
)
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"}) | _UTF_16 | _ONE_BYTE
