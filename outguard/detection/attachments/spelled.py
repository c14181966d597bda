"""What a text spells with escapes: JSON, scripts and YAML, CSV formulas, folded lines of calendars and cards."""

from __future__ import annotations

import json
import re

from outguard.detection.attachments.reading import Reading, too_large, unreadable

_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8}))")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_FORMULA = re.compile(r"(?:^|[,;\t\"\n])[ ]?[=+@-]")
_CHAR = re.compile(r"\b(?:UNI)?CHAR\(\s*(\d{1,7})\s*\)", re.IGNORECASE)
_JOINED = re.compile(r"\"\s?&\s?\"")
_LISTED = re.compile(r"\"\s?[&,;]\s?\"")
_FOLD = re.compile(r"\r?\n[ \t]")
_MAX_CODE = 0x10FFFF


def json_texts(text: str, reading: Reading) -> list[str]:
    """The strings of a JSON document that are written with escapes."""
    if "\\" not in text:
        return []
    try:
        json.loads(text)
        found: list[str] = []
        for number, token in enumerate(_STRING.finditer(text)):
            if number >= reading.limits.max_payload_nodes:
                too_large(f"more than {reading.limits.max_payload_nodes} values")
            if "\\" in token[0]:
                found.append(json.loads(token[0], strict=False))
    except (ValueError, RecursionError):
        unreadable("a JSON file is not valid, or too deep")
    return ["\n".join(found)] if found else []


def escaped_texts(text: str) -> list[str]:
    r"""The lines of a text with `\x40` and `\u0040` undone, where it has any."""
    if "\\" not in text:
        return []
    lines = [_ESCAPE.sub(_character, line) for line in text.splitlines() if _ESCAPE.search(line)]
    return ["\n".join(lines)] if lines else []


def _character(match: re.Match[str]) -> str:
    code = int(next(group for group in match.groups() if group), 16)
    return chr(code) if code <= _MAX_CODE else "\ufffd"


def formula_texts(text: str) -> list[str]:
    """The lines of a table with formula cells, their strings put together as the program that opens it does."""
    lines = []
    for line in text.splitlines():
        if not _FORMULA.search(line):
            continue
        plain = line.replace('""', '"')
        joined = (_LISTED if "CONCAT" in line.upper() else _JOINED).sub("", _CHAR.sub(_code, plain))
        if joined != plain:
            lines.append(joined)
    return ["\n".join(lines)] if lines else []


def _code(match: re.Match[str]) -> str:
    code = int(match[1])
    return f'"{chr(code)}"' if code <= _MAX_CODE else match[0]


def card_texts(text: str) -> list[str]:
    """A calendar or card with its folded lines made whole."""
    unfolded = _FOLD.sub("", text)
    return [unfolded] if unfolded != text else []
