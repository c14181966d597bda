"""What a code, a password or a made-up token looks like: shapes that tell them from dates, times and plain words.

These checks bear out words that stand around a value; none of them would do alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from outguard.detection.recognizers.secret_examples import is_placeholder

_DATE = re.compile(r"(?:19|20)\d\d[ .-]\d{1,2}[ .-]\d{1,2}|\d{1,2}[ .-]\d{1,2}[ .-](?:19|20)\d\d")
_LEAST_DIGITS = 3
_LONGEST_ALL_DIGITS = 8
"""Longer numbers that people type in are accounts, phones and cards, which have rules of their own."""
_SIGNS = frozenset("!#$%&*+=?@^_~")
_WORDY = re.compile(r"[^\W\d_]+(?:['\u2019&+/-][^\W\d_]+)*")
_LINK = re.compile(r"://|\b[\w-]+\.[a-z]{2,}(?:/|$)|^[\w.+-]+@[\w.-]+$")


def is_door_code(value: str) -> bool:
    """Whether a value is a code that somebody types: three digits at least, no date, no long number."""
    digits = sum(character.isdigit() for character in value)
    if digits < _LEAST_DIGITS - any(character.isalpha() for character in value) or _DATE.fullmatch(value):
        return False
    return digits <= _LONGEST_ALL_DIGITS or any(character.isalpha() for character in value)


def is_strong_word(value: str) -> bool:
    """Whether a value is a made-up password: no plain or joined words, no link, no address, no placeholder."""
    if "[" in value or _LINK.search(value) or is_placeholder(value) or not any(map(str.isalpha, value)):
        return False
    if _WORDY.fullmatch(value):
        return False
    return any(map(str.isdigit, value)) or not _SIGNS.isdisjoint(value[1:-1])


_LEAST_BODY, _LEAST_OF_KIND = 10, 3
"""A made-up token's random part is as long, and has as many letters and as many digits."""
_PLAIN_IDS = frozenset(
    ["acct", "ch", "cus", "evt", "in", "inv", "order", "ord", "pi", "prod", "req", "rfc", "sub", "tr", "txn", "uuid"]
)
"""Prefixes under which systems hand out numbers that open nothing."""


def is_house_token(value: str) -> bool:
    """Whether a value has a random part that no word, date, number or plain identifier has."""
    parts = [part for part in re.split(r"[_.=%/+-]", value) if part]
    if len(value) < _LEAST_BODY + 2 or is_placeholder(value) or not parts or parts[0].lower() in _PLAIN_IDS:
        return False
    if any(_DATE.fullmatch(part) for part in parts) or value.isupper():
        return False
    mixed = "".join(part for part in parts if any(map(str.isdigit, part)))
    letters = sum(map(str.isalpha, mixed))
    digits = sum(map(str.isdigit, mixed))
    return len(mixed) >= _LEAST_BODY and letters >= _LEAST_OF_KIND and digits >= _LEAST_OF_KIND


def is_secret_link(value: str) -> bool:
    """Whether a link's last part is random: whoever has the link can use it."""
    last = value.rstrip("/").rpartition("/")[2]
    if is_placeholder(value.partition("://")[2].partition("/")[2]) or not last.isascii():
        return False
    digits = sum(map(str.isdigit, last))
    return digits >= 2 and sum(map(str.isalpha, last)) >= _LEAST_OF_KIND


CODE_VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    "door_code": is_door_code,
    "strong_word": is_strong_word,
}
"""The checks by the names that packs call them by."""
