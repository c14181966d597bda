"""Checks that a pattern cannot express: checksums, lengths, ranges. The closed table that packs may name.

Each takes the matched words as written (separators included) and answers whether they can be the real thing. None
raises on any text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Validator = Callable[[str], bool]


def digits_of(value: str) -> str:
    """The ASCII digits of `value`."""
    return "".join(character for character in value if character in "0123456789")


def is_luhn(value: str) -> bool:
    """The mod-10 check of ISO/IEC 7812."""
    digits = digits_of(value)
    total = 0
    for index, digit in enumerate(reversed(digits)):
        number = ord(digit) - 48
        total += number if index % 2 == 0 else (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[number]
    return len(digits) > 1 and total % 10 == 0


PII_VALIDATORS: Mapping[str, Validator] = {"luhn": is_luhn}
