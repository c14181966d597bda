"""What is shaped like a credential: random where words, code, dates and counted-out letters are not."""

from __future__ import annotations

import base64
import binascii
import re
from itertools import pairwise

from outguard.detection.pattern import shannon_entropy
from outguard.detection.recognizers.secret_examples import (
    LEAST_COUNT,
    MAX_VALUE,
    is_counted_out,
    is_placeholder,
    longest_count,
)

_CODE = re.compile(
    r"^[A-Za-z_][\w]*(?:(?:\.|->|::)[A-Za-z_]\w*)+(?:\(.*|\[.*)?$|^[A-Za-z_]\w*\(|^\(|^&|^@[A-Za-z_{]|^\$|^%|^/[\w./-]*$|^~/"
    r"|^\.{1,2}/|\[['\"\d]|::|\+\+|=>|->|\\\(|\(\)|^[a-z][a-z0-9+.-]*://[^@\s]*$|^function\b|^!\w"
    r"|^arn:|^projects/"
)
_COMMON_PAIRS = (
    "aaabacadagaialamanaparasataubabebiblbobrcacechcickclcocrctdadedidodrdseaecedeeefeielemeneperesetevex"
    "fefffifofrgageghgigrguhahehihoiaicidieigiliminioirisitivkekilaldlelilllolslulymamemimompnancndnengni"
    "nnnonsntocodofolomonoooporosotouovowpapepiplpoprptqurardrerirmrnrorrrsrtrurysascseshsisospssstsutatc"
    "tethtitotrtstttutyueulumunurusutvaveviwa"
)
"""The letter pairs that most words and names in code are made of, two letters each."""
_PAIRS = frozenset(_COMMON_PAIRS[index : index + 2] for index in range(0, len(_COMMON_PAIRS), 2))
_JUMBLED_SHARE, _LEAST_JUMBLED = 0.42, 10
"""Letters are no words where no more than this much of their pairs are common ones: nine in ten random strings."""
_IDENTIFIER = re.compile(r"^[A-Za-z]+(?:[_.-][A-Za-z]+)*$")
_CAMEL = re.compile(r"^[a-z]+(?:[A-Z][a-z]+)+\d{0,2}$|^(?:[A-Z][a-z]+){2,}\d{0,2}$")
_WORD = re.compile(r"^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)\d?$")
_UUID = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
_HEX = re.compile(r"^[0-9a-f]+$", re.IGNORECASE)
_DATE = re.compile(r"^\d{1,4}[-/.:]\d{1,2}[-/.:]\d{1,4}")
_BASE64 = re.compile(r"^[A-Za-z0-9][A-Za-z0-9+/]{38,}={0,2}$")
_DECODED_WORDS = re.compile(rb"[A-Za-z]+(?:[ \n][A-Za-z]+)+\n?")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d(?:[T ]\d|$)")
_LEAST_TOKEN = 16


def looks_random(value: str) -> bool:
    """Whether a field's value has the make of a token: long, no spaces, letters and digits mixed."""
    value = value.strip()
    if value[:7].lower() in {"bearer ", "basic: "}:
        value = value[7:]
    if not 16 <= len(value) <= MAX_VALUE or any(char.isspace() for char in value) or is_placeholder(value):
        return False
    if _DATE.match(value) or ("://" in value and "@" not in value):
        return False
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    return has_letter and has_digit and shannon_entropy(value) >= 2.9 and not _is_words(value)


def is_assigned_secret(value: str) -> bool:
    """Whether the right-hand side of `api_key = ...` is a literal credential: no code, no words, no placeholder."""
    value = value.strip().rstrip(",;")
    if not 8 <= len(value) <= MAX_VALUE or is_placeholder(value) or _DATE.match(value):
        return False
    if _CODE.search(value) and not _BASE64.match(value):
        return False
    if _IDENTIFIER.match(value) and (value.islower() or value.isupper() or _CAMEL.match(value) or "_" in value):
        return _is_jumbled(value) and len(value) >= _LEAST_TOKEN
    if is_counted_out(value):
        return False
    if value.isdigit() or value.endswith("-") or _is_encoded_words(value):
        return False
    return shannon_entropy(value) >= _least_entropy(value) and not _is_words(value)


def is_strong_secret(value: str) -> bool:
    """As `is_assigned_secret`, of ten characters, with a digit or jumbled: for names that often hold something else."""
    has_sign = any(char.isdigit() for char in value) or (len(value) >= _LEAST_TOKEN and _is_jumbled(value))
    return len(value) >= 10 and has_sign and is_assigned_secret(value)


def is_token_value(value: str) -> bool:
    """As `is_strong_secret`, but no UUID: what is called a token and is one, is most often an identifier."""
    return not _UUID.match(value) and is_strong_secret(value)


def is_password(value: str) -> bool:
    """Whether the right-hand side of `password = ...` is a literal: mixed characters, no code, no placeholder."""
    value = value.strip().rstrip(",;")
    if not 6 <= len(value) <= 256 or is_placeholder(value) or _CODE.search(value) or _MOMENT.match(value):
        return False
    if _IDENTIFIER.match(value):
        return _is_jumbled(value)
    kinds = (
        any(map(str.islower, value)),
        any(map(str.isupper, value)),
        any(map(str.isdigit, value)),
        not value.isalnum(),
    )
    return sum(kinds) >= 2 and len(set(value)) >= 5


def is_strong_password(value: str) -> bool:
    """As `is_password`, with a digit and three kinds of characters, and no date, amount or reference number."""
    value = value.strip().rstrip(",;.")
    kinds = (
        any(map(str.islower, value)),
        any(map(str.isupper, value)),
        any(map(str.isdigit, value)),
        not value.isalnum(),
    )
    return len(value) >= 8 and any(map(str.isdigit, value)) and sum(kinds) >= 3 and is_password(value)


def is_mixed(value: str) -> bool:
    """Whether a token has both letters and digits, no long run, no plain words: guards prefixes that words share."""
    if is_placeholder(value):
        return False
    body = re.split(r"[_:-]", value, maxsplit=1)[-1]
    return any(map(str.isdigit, body)) and any(map(str.isalpha, body)) and shannon_entropy(body) >= 2.5


def is_varied(value: str) -> bool:
    """Whether a value has digits and letters and few repeats, and is no plain example."""
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return has_both and shannon_entropy(value) >= 3.0 and not is_placeholder(value)


def is_uncounted(value: str) -> bool:
    """As `is_varied`, without eight letters or digits in a row: for shapes that no mark of a vendor bears out."""
    return is_varied(value) and longest_count(value) < LEAST_COUNT + 2


def is_numbered(value: str) -> bool:
    """Whether a short value has a digit after its prefix, or is a plain example: else it is a word."""
    return is_placeholder(value) or any(map(str.isdigit, value[3:]))


def _is_words(value: str) -> bool:
    """Whether the value reads as words: an identifier, a slug, a file name."""
    parts = [part for part in re.split(r"[-_.:/ ]", value) if part]
    wordy = sum(len(part) for part in parts if _WORD.match(part))
    return len(parts) > 1 and wordy * 3 >= len(value) * 2 and sum(c.isdigit() for c in value) <= 4


def _is_encoded_words(value: str) -> bool:
    """Whether the value is base64 of nothing but words: a text, and no key."""
    if len(value) % 4 or not value.isascii():
        return False
    try:
        decoded = base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return False
    return _DECODED_WORDS.fullmatch(decoded) is not None


def _is_jumbled(value: str) -> bool:
    """Whether letters alone make no words: not in any language that is written in them, nor in code."""
    letters = value.lower()
    if len(letters) < _LEAST_JUMBLED or not letters.isascii() or not letters.isalpha():
        return False
    common = sum(one + other in _PAIRS for one, other in pairwise(letters))
    return common <= _JUMBLED_SHARE * (len(letters) - 1) and not is_counted_out(value)


def _least_entropy(value: str) -> float:
    size = len(value)
    if _UUID.match(value):
        return 2.0
    if size < 12:
        return 2.5
    if _HEX.match(value):
        return 2.7
    return 3.0 if size < 20 else 3.2
