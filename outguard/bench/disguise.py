"""Ways to write a value so that a person still reads it and a naive pattern does not. Pure and repeatable.

A disguise is applied only where it makes sense: digits in words need a number, `(at)` an address, an encoding a value
that says by itself what it is. The same value is always disguised in the same way.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

_NUMBERS = frozenset({"CREDIT_CARD", "PHONE_NUMBER", "US_SSN", "NATIONAL_ID", "BANK_ACCOUNT"})
_SPEAKING = frozenset({"EMAIL_ADDRESS", "CREDIT_CARD", "IBAN", "CRYPTO_WALLET", "US_SSN", "PHONE_NUMBER"})
_ESCAPABLE = _SPEAKING | {"IP_ADDRESS", "NATIONAL_ID", "URL", "BANK_ACCOUNT", "PASSPORT", "DRIVER_LICENSE"}
_DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
_SPACES = "\u00a0\u2009\u2007\u202f\u2003\u3000"
_ALIKE = str.maketrans(
    "aceopxyijsABCEHIKMOPTXS",
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425\u0405",
)
_MIN_NUMBER = 7
_MIN_ENCODED = 8
SECRET = "SECRET"  # noqa: S105 - a kind of value, not a credential
"""Stands for any credential type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disguise:
    """A named way to rewrite a value; `fits` says where it makes sense (our type, the value)."""

    name: str
    fits: Callable[[str, str], bool]
    rewrite: Callable[[str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Disguised:
    """A text with one value rewritten, and where that value now is."""

    disguise: str
    text: str
    start: int
    end: int


def disguises_of(kind: str, text: str, start: int, end: int) -> list[Disguised]:
    """Every disguise of `text[start:end]`, a value of type `kind`, that makes sense and changes it."""
    value = text[start:end]
    made = []
    for disguise in DISGUISES:
        if not disguise.fits(kind, value):
            continue
        rewritten = disguise.rewrite(value)
        if rewritten != value:
            changed = text[:start] + rewritten + text[end:]
            made.append(Disguised(disguise=disguise.name, text=changed, start=start, end=start + len(rewritten)))
    return made


def _fits_any(_kind: str, _value: str) -> bool:
    return True


def _fits_number(kind: str, value: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    return kind in _NUMBERS and digits >= _MIN_NUMBER and re.fullmatch(r"\+?[\d\s()./-]+", value) is not None


def _fits_at_dot(kind: str, value: str) -> bool:
    return kind == "EMAIL_ADDRESS" and value.count("@") == 1


def _fits_separators(_kind: str, value: str) -> bool:
    return "-" in value or " " in value


def _fits_escapes(kind: str, value: str) -> bool:
    return (kind in _ESCAPABLE or kind == SECRET) and len(value) >= _MIN_ENCODED


def _fits_encoding(kind: str, value: str) -> bool:
    if kind == "PHONE_NUMBER" and not value.startswith("+"):
        return False
    if kind == "US_SSN" and "-" not in value:
        return False
    return (kind in _SPEAKING or kind == SECRET) and len(value) >= _MIN_ENCODED


def _full_width(value: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)


def _zero_width(value: str) -> str:
    """An invisible character after every third one."""
    marks = cycle(_ZERO_WIDTH)
    return "".join(c + next(marks) if i % 3 == 2 and i + 1 < len(value) else c for i, c in enumerate(value))


def _bidi(value: str) -> str:
    """An isolate around the value and an embedding in it: it is shown as it was."""
    middle = len(value) // 2
    return f"\u2066{value[:middle]}\u200e\u202a{value[middle:]}\u202c\u2069"


def _look_alike(value: str) -> str:
    """Every other letter that has a Cyrillic twin."""
    out, is_turn = [], True
    for character in value:
        twin = character.translate(_ALIKE)
        out.append(twin if is_turn else character)
        if twin != character:
            is_turn = not is_turn
    return "".join(out)


def _separators(value: str) -> str:
    dashes, spaces = cycle(_DASHES), cycle(_SPACES)
    return "".join(next(dashes) if c == "-" else next(spaces) if c == " " else c for c in value)


def _html(value: str) -> str:
    """Every other character as an entity, decimal and hexadecimal in turn; punctuation always."""
    return "".join(
        c if c.isspace() or (c.isalnum() and i % 2) else f"&#{ord(c)};" if i % 4 else f"&#x{ord(c):x};"
        for i, c in enumerate(value)
    )


def _at_dot(opening: str, closing: str, gap: str) -> Callable[[str], str]:
    def rewrite(value: str) -> str:
        at, dot = (f"{gap}{opening}{word}{closing}{gap}" for word in ("at", "dot"))
        local, domain = value.split("@")
        return f"{local}{at}{domain.replace('.', dot)}"

    return rewrite


def _digits(value: str) -> list[str]:
    return [character for character in value if character.isdigit()]


def _plus(value: str) -> str:
    return "+" if value.startswith("+") else ""


def _url(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode())


DISGUISES: Sequence[Disguise] = (
    Disguise(name="full-width", fits=_fits_any, rewrite=_full_width),
    Disguise(name="zero-width", fits=_fits_any, rewrite=_zero_width),
    Disguise(name="bidi controls", fits=_fits_any, rewrite=_bidi),
    Disguise(name="look-alikes", fits=_fits_any, rewrite=_look_alike),
    Disguise(name="odd dashes and spaces", fits=_fits_separators, rewrite=_separators),
    Disguise(name="HTML entities", fits=_fits_any, rewrite=_html),
    Disguise(name="(at) and (dot)", fits=_fits_at_dot, rewrite=_at_dot("(", ")", " ")),
    Disguise(name="[at] and [dot]", fits=_fits_at_dot, rewrite=_at_dot("[", "]", "")),
    Disguise(name="spaced digits", fits=_fits_number, rewrite=lambda v: _plus(v) + " ".join(_digits(v))),
    Disguise(name="dotted digits", fits=_fits_number, rewrite=lambda v: _plus(v) + ".".join(_digits(v))),
    Disguise(name="dashed digits", fits=_fits_number, rewrite=lambda v: _plus(v) + "-".join(_digits(v))),
    Disguise(
        name="digits in words",
        fits=_fits_number,
        rewrite=lambda v: " ".join(_DIGIT_WORDS[int(digit)] for digit in _digits(v)),
    ),
    Disguise(name="URL-encoding", fits=_fits_escapes, rewrite=_url),
    Disguise(name="base64", fits=_fits_encoding, rewrite=lambda v: base64.b64encode(v.encode()).decode()),
    Disguise(name="hex", fits=_fits_encoding, rewrite=lambda v: v.encode().hex()),
)
ENCODINGS = frozenset({"base64", "hex"})
"""Disguises that hide a value's surroundings from it: a credential is encoded with its whole text."""
