"""Formats that prove themselves: the header of a JWT, the body of a key block, checksums, word lists.

A wrong checksum merely lowers a score, since formats change faster than rules.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib

from outguard.detection.pattern import shannon_entropy
from outguard.detection.recognizers.secret_examples import MAX_VALUE

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SENTENCE_WORD = re.compile(
    r"\b(?:and|are|but|can|for|from|has|have|her|his|its|never|not|our|please|share|store|the|their|them|these|they|those"
    r"|was|were|with|words|would)\b"
)
"""Words that no wallet's word list has and hardly any sentence of twelve words lacks."""


def is_jwt(value: str) -> bool:
    """Whether header and payload are base64 of JSON objects, and the header names an algorithm or type."""
    parts = value.split(".")
    if len(parts) < 2:
        return False
    header = _json_part(parts[0])
    if not ({"alg", "typ", "enc"} & header.keys() if header is not None else _is_broken_header(parts[0])):
        return False
    if len(parts) == 3 and 0 < len(parts[2]) < 20:
        return False
    return len(parts) == 5 or _is_base64_text(parts[1])


def is_private_key(value: str) -> bool:
    """Whether a PEM-like block has a body of base64 lines: at least 40 characters that look random."""
    if "redacted" in value.lower():
        return False
    body = re.sub(
        r"-----[A-Z0-9 ]+-----|(?:Proc-Type|DEK-Info|Version|Comment)[^\n]*|\\r|\\n|[\s\"'+,|>]",
        "",
        value[: MAX_VALUE * 4],
    )
    return len(body) >= 40 and shannon_entropy(body[-256:]) >= 3.5


def has_github_checksum(value: str) -> bool:
    """Whether the last six characters are the base-62 CRC32 of the rest (GitHub, npm and their like)."""
    body = value.rpartition("_")[2]
    return len(body) > 6 and _base62(zlib.crc32(body[:-6].encode())) == body[-6:]


def has_grafana_checksum(value: str) -> bool:
    """Whether the last eight characters are the CRC32 of the rest, least byte first (Grafana service accounts)."""
    body, _, given = value.rpartition("_")
    return zlib.crc32(body.encode()).to_bytes(4, "little").hex() == given.lower()


def has_atlassian_checksum(value: str) -> bool:
    """Whether the eight digits after `=` are the CRC32 of what stands before (Atlassian API tokens since 2023)."""
    body, _, given = value.rpartition("=")
    return bool(body) and f"{zlib.crc32(body.encode()):08x}" == given.lower()


def is_seed_phrase(value: str) -> bool:
    """Whether the words are a wallet's: twelve to twenty-four, and none of those that every sentence has."""
    words = re.split(r"[ ,]+", value.strip())
    return len(words) % 3 == 0 and _SENTENCE_WORD.search(value) is None


def _json_part(part: str) -> dict[str, object] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_broken_header(part: str) -> bool:
    """A header that somebody touched: no JSON any more, but its beginning and a key are there."""
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        return False
    return data.startswith(b'{"') and data.endswith(b"}") and (b'"alg"' in data or b'"typ"' in data)


def _is_base64_text(part: str) -> bool:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))[:1] == b"{"
    except (ValueError, binascii.Error):
        return False


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(6, "0")
