"""Read what is encoded: entities, URL escapes, and runs of base64 or hex that are text underneath."""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Iterator

_DIGITS = r"(?:(?:[MNO][DTjz]|Kz)[A-Za-z0-9+/][A-Za-z0-9+/](?:[MNO][CDTSjiz][A-Za-z0-9+/][A-Za-z0-9+/]){2})"
"""Base64 of a number: three digits, or a plus and two, make four letters of which these begin with few."""
ENCODED = rf"[A-Za-z0-9+/_-]{{20}}|[A-Za-z0-9+/]{{10,19}}=|{_DIGITS}"
"""What a text with something encoded holds (a pattern for RE2)."""
_RUN = re.compile(
    rf"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/_-]{{20,}}={{0,2}}|[A-Za-z0-9+/]{{10,19}}={{1,2}}|{_DIGITS}[A-Za-z0-9+/]{{0,7}})"
    r"(?![A-Za-z0-9+/_=-])"
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+\Z")
_PRINTABLE = frozenset(range(0x20, 0x7F)) | {9, 10, 13}


def unescape_entity(entity: str) -> str | None:
    """The character of `&#64;` or `&commat;`; None where it is none."""
    character = html.unescape(entity)
    return None if character == entity else character


def unescape_url(escapes: str) -> str | None:
    """The text of `%40`; None where the bytes are no UTF-8."""
    try:
        return bytes.fromhex(escapes.replace("%", "")).decode("utf-8")
    except ValueError:
        return None


def decoded_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of base64 or hex with the text they decode to."""
    for match in _RUN.finditer(text):
        decoded = _decode(match.group())
        if decoded is not None:
            yield match.start(), match.end(), decoded


def _decode(run: str) -> str | None:
    try:
        if _HEX.match(run):
            data = bytes.fromhex(run)
        else:
            plain = run.rstrip("=").replace("-", "+").replace("_", "/")
            if len(plain) % 4 == 1:
                return None
            data = binascii.a2b_base64(plain + "=" * (-len(plain) % 4))
        decoded = data.decode("utf-8")
    except (ValueError, binascii.Error):
        return None
    is_text = sum(byte in _PRINTABLE or byte >= 0x80 for byte in data) >= 0.97 * len(data)
    return decoded if is_text and any(character.isalnum() for character in decoded) else None
