"""Numbers that policies are made of: times, amounts, percentages, measures, hours of the day, counted things.

A quantity has a kind that says what it can be compared with, and the smallest and largest value it names: "2-3 days" is
2 to 3 of kind `day`, "48 hours" 2 of kind `day`, "5 business days" 5 of kind `business day`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from outguard.detection.grounding.words import is_empty, stem

_WORDS = {
    "half": 0.5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "twenty-one": 21,
    "twenty-four": 24, "twenty-eight": 28, "thirty": 30, "forty": 40, "forty-five": 45, "forty-eight": 48, "fifty": 50,
    "sixty": 60, "seventy-two": 72, "ninety": 90,
}  # fmt: skip
_NUMBER = (
    r"(?:(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,9})(?:\.\d{1,4})?|\b(?:"
    + "|".join(sorted(_WORDS, key=len, reverse=True))
    + r")\b)"
)


def _range(joint: str) -> str:
    return rf"(?P<low>{_NUMBER})(?:{joint}(?P<high>{_NUMBER}))?(?: ?\(\d{{1,4}}\))?"


_RANGE = _range(r"(?: ?- ?| to | or | and |/)")
_SIGN = r"us\$|[$\u20ac\u00a3\u00a5]"
_DURATION = re.compile(
    rf"(?<![\w.$]){_RANGE}[ -](?P<work>business |working |work |week)?(?:calendar |consecutive |full )?"
    r"(?P<unit>minute|min|hour|hr|day|night|week|month|year)s?\b"
)
_A_UNIT = re.compile(r"\b(?:within|in|for|after|under) (?:a|an|one full) (?P<unit>hour|day|week|month|year)\b")
_MONEY = re.compile(rf"(?P<sign>{_SIGN}|\b(?:usd|eur|gbp) ?) ?" + _range(rf"(?: ?- ?| to )(?:(?:{_SIGN}) ?)?"))
_MONEY_AFTER = re.compile(
    rf"(?<![\w.$\u20ac\u00a3]){_RANGE} ?"
    r"(?P<sign>dollars?\b|bucks\b|euros?\b|pounds?\b|usd\b|eur\b|gbp\b|[\u20ac\u00a3])"
)
_PERCENT = re.compile(rf"(?<![\w.,$\u20ac\u00a3]){_range(' ?%?(?: ?- ?| to )')} ?(?:%|percent\b|per cent\b)")
_MEASURE = re.compile(
    rf"(?<![\w.$]){_RANGE}[ -]?"
    r"(?P<unit>kg|kilograms?|kilos?|lbs?|cm|centimet(?:er|re)s?|inch(?:es)?|miles?|km|gb|mb|oz|ounces?|lit(?:er|re)s?|ml)\b"
)
_CLOCK = re.compile(r"(?<![\w.:])(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))? ?(?P<half>[ap])\.?m\b")
_COUNT = re.compile(
    rf"(?<![\w.$#-])(?P<low>\d{{1,4}}|\b(?:{'|'.join(_WORDS)})\b)(?: ?- ?\d{{1,4}})?((?: [a-z-]+){{1,3}})"
)

_DAYS = {"hour": 1 / 24, "hr": 1 / 24, "day": 1.0, "night": 1.0, "week": 7.0, "month": 30.0, "year": 360.0}
_SIGNS = {"$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD",
          "\u20ac": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "\u00a3": "GBP", "gbp": "GBP", "pound": "GBP",
          "pounds": "GBP", "\u00a5": "JPY"}  # fmt: skip
_MEASURES = {"kilogram": "kg", "kilo": "kg", "lb": "lb", "centimeter": "cm", "centimetre": "cm", "inche": "inch"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """`start` and `end` are offsets into the text it was found in."""

    kind: str
    low: float
    high: float
    start: int
    end: int

    def is_within(self, other: Quantity) -> bool:
        """Whether all it names is what `other` names; days are compared to one in fifty (a year has 12 months)."""
        slack = 0.02 if self.kind == "day" else 0.0
        return other.low * (1 - slack) - 1e-9 <= self.low and self.high <= other.high * (1 + slack) + 1e-9

    def __str__(self) -> str:
        number = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        if self.kind == "day" and self.high < 1:
            return (
                f"{self.low * 24:g} hours"
                if self.low == self.high
                else f"{self.low * 24:g} to {self.high * 24:g} hours"
            )
        return f"{number}{'%' if self.kind == 'percent' else ' ' + self.kind.removeprefix('count:')}"


def quantities_in(text: str) -> list[Quantity]:
    """All of them in `text` (lower case), in order, none inside another; counted things only where nothing else is."""
    found: list[Quantity] = []
    for quantity in (*_durations(text), *_amounts(text), *_others(text), *_counts(text)):
        if not any(one.start < quantity.end and quantity.start < one.end for one in found):
            found.append(quantity)
    return sorted(found, key=lambda one: one.start)


def _durations(text: str) -> Iterator[Quantity]:
    for match in _DURATION.finditer(text):
        unit = match["unit"]
        low, high = _bounds(match)
        if match["work"] and unit == "day":
            yield Quantity("business day", low, high, *match.span())
        elif unit in {"minute", "min"}:
            yield Quantity("minute", low, high, *match.span())
        else:
            scale = _DAYS[unit]
            yield Quantity("day", low * scale, high * scale, *match.span())
    for match in _A_UNIT.finditer(text):
        scale = _DAYS[match["unit"]]
        yield Quantity("day", scale, scale, *match.span())


def _amounts(text: str) -> Iterator[Quantity]:
    for pattern in (_MONEY, _MONEY_AFTER):
        for match in pattern.finditer(text):
            yield Quantity(_SIGNS[match["sign"].strip()], *_bounds(match), *match.span())


def _others(text: str) -> Iterator[Quantity]:
    for match in _PERCENT.finditer(text):
        yield Quantity("percent", *_bounds(match), *match.span())
    for match in _MEASURE.finditer(text):
        unit = match["unit"].rstrip("s")
        yield Quantity(_MEASURES.get(unit, unit), *_bounds(match), *match.span())
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"]) % 12 + (12 if match["half"] == "p" else 0) + int(match["minute"] or 0) / 60
        yield Quantity("o'clock", hour, hour, *match.span())


def _counts(text: str) -> Iterator[Quantity]:
    """Counted things: the last of the telling words after a number says what is counted."""
    for match in _COUNT.finditer(text):
        number = _value(match["low"])
        words = list(takewhile(lambda word: not is_empty(word), match[2].split()))
        if words:
            end = match.start(2) + sum(len(word) + 1 for word in words)
            noun = words[-1]
            yield Quantity(f"count:{stem(noun)}", number, number, match.start(), end)


def _bounds(match: re.Match[str]) -> tuple[float, float]:
    low = _value(match["low"])
    high = low if match["high"] is None else _value(match["high"])
    return min(low, high), max(low, high)


def _value(text: str) -> float:
    return _WORDS[text] if text in _WORDS else float(text.replace(",", ""))
