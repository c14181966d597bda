"""Times named in a sentence, as a range in seconds or business days; "soon" words count as at once.

A deadline's `least` is the earliest the words allow, which is what a minimum is held against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from outguard.detection.commitments.tokens import forms
from outguard.detection.hints import Hints

MINUTE, HOUR, DAY = 60, 3600, 86400
_UNIT_SECONDS = {
    "second": 1, "sec": 1, "minute": MINUTE, "min": MINUTE, "hour": HOUR, "hr": HOUR, "day": DAY, "night": DAY,
    "sleep": DAY, "week": 7 * DAY, "fortnight": 14 * DAY, "month": 30 * DAY, "year": 365 * DAY,
}  # fmt: skip
_NUMBER_WORDS = (
    r"an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|"
    r"twenty|thirty|forty|forty[- ]five|sixty|half an|a couple of|a few|couple of"
)
_UNITS = "second|sec|minute|min|hour|hr|day|night|sleep|week|fortnight|month|year"


def _range(after_word: str, after_joint: str) -> str:
    """A range of times; the arguments are what must follow a number in words, and a joint of two numbers."""
    number = rf"(?:\d{{1,4}}(?:\.\d{{1,2}})?|(?:{_NUMBER_WORDS}){after_word})"
    joint = rf"\s{{0,2}}(?:-|\u2013|\u2014|(?:to|or|and){after_joint})\s{{0,2}}"
    business = r"(?:business|working|bank)[\s-]{0,3}"
    return rf"\b({number})(?:{joint}({number}))?[\s-]{{0,3}}({business})?({_UNITS})s?\b"


_RANGE = re.compile(_range(rf"(?:(?![^\W\d_])|(?=(?:{_UNITS})s?\b))", r"(?![^\W\d_])"))
_WORD_VALUES = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
    "eight": 8.0, "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "fourteen": 14.0, "fifteen": 15.0,
    "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "forty-five": 45.0, "forty five": 45.0, "sixty": 60.0,
    "half an": 0.5,
    "a couple of": 2.0,
    "couple of": 2.0, "a few": 3.0,
}  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|tues|wed|thu|thur|thurs|fri|sat"
_DAY_LEADS = "by|on|until|till|before|this|from|come|for"
_NAMED = (
    (re.compile(r"\b(?:the )?day after tomorrow\b|\btwo sleeps\b"), 2 * DAY),
    (re.compile(r"\b(?:tomorrow|tmrw|tmr|tomoz|overnight|next day|morning post|in the morning|mañana|demain)\b"), DAY),
    (
        re.compile(
            r"\b(?:today|tonight|this (?:morning|afternoon|evening)|end of (?:the |business )?day|"
            r"close of business|eod|cob|"
            r"noon|midnight|lunch|lunchtime|teatime|dinner|supper|bedtime|breakfast|hoy|esta (?:misma )?tarde|"
            r"aujourd'hui|ce soir|heute|oggi|hoje)\b"
        ),
        12 * HOUR,
    ),
    (
        re.compile(
            r"\b(?:at once|immediately|instantly|right away|straight ?away|right now|any (?:minute|moment|second) now|"
            r"in a (?:moment|minute|sec|jiffy|bit)|shortly|momentarily|this (?:minute|instant)|asap|as we speak|"
            r"on the spot|"
            r"in no time|before you know it|straight after|(?:within|inside) the hour|within minutes|within the day)\b"
        ),
        0,
    ),
    (
        re.compile(
            r"\bby the time\b|\bbefore (?:you|your|it|the|u|ur|doors|i|we|she|he)\b|\blong enough (?:to|for)\b|\bb4\b|"
            r"\bin (?:the )?time (?:it|you)\b|\bput the kettle on\b"
        ),
        10 * MINUTE,
    ),
    (
        re.compile(rf"\b(?:{_DAY_LEADS})? ?(?:{_WEEKDAY})\b(?! (?:to|through|and|-))"),
        3 * DAY,
    ),
    (re.compile(r"\bnext week\b"), 5 * DAY),
    (re.compile(r"\bthis week(?:end)?\b|\bbefore the week is out\b"), 2 * DAY),
    (
        re.compile(
            r"\b(?:by|before|at|between|around) \d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?| ?o'clock)?\b"
            r"(?! (?:business|working|days?|weeks?|%))"
        ),
        12 * HOUR,
    ),
)


_WEEKEND = 5
_WEEKDAYS = next(number for number, (pattern, _) in enumerate(_NAMED) if _WEEKDAY in pattern.pattern)

_LOOSE_GAP = r"[^\pL\pN]"
_LOOSE_RANGE = (
    rf"(?:\p{{Nd}}|{'|'.join(_WORD_VALUES)}){_LOOSE_GAP}{{0,3}}(?:(?:business|working|bank){_LOOSE_GAP}{{0,3}})?"
    rf"(?:{'|'.join(_UNIT_SECONDS)})"
)
_HINTS = Hints(
    [
        *(pattern.pattern.partition("(?!")[0].replace(r"\b", "").replace(r"\d", r"\p{Nd}") for pattern, _ in _NAMED),
        _LOOSE_RANGE,
    ]
)
"""The same without word bounds, for RE2: what it does not find is not there."""
_ASCII_RANGE = (
    _range("", "").replace(r"\u2013|\u2014|", "").replace(r"[\s-]", r"[\x00-\x20-]").replace(r"\s", r"[\x00-\x20]")
)
_ASCII_HINTS = Hints([*(pattern.pattern.partition("(?!")[0] for pattern, _ in _NAMED), _ASCII_RANGE])
"""For a text in ASCII, where RE2 and `re` know the same bounds of words."""
_RANGE_HINT = len(_NAMED)
_TIME_WORDS = (
    "afternoon afternoons any asap aujourd away b bedtime before bit breakfast close cob day demain dinner enough eod "
    "evening heute hour hoje hoy immediately instant instantly jiffy kettle lunch lunchtime mañana midnight minute "
    "minutes moment momentarily morning noon oggi once overnight right sec second shortly sleeps soir speak spot "
    "straight straightaway supper tarde teatime time tmr tmrw today tomorrow tomoz tonight week weekend"
)
_DAY_WORDS = "mon tue tues wed thu thur thurs fri sat monday tuesday wednesday thursday friday saturday sunday"
_BUSINESS = ("business", "working", "bank")
_UNIT_LEADS = ("", *_BUSINESS, *{word.split()[-1].split("-")[-1] for word in _WORD_VALUES})
_ENDS = ("", *(unit + end for unit in _UNIT_SECONDS for end in ("", "s")))
TIME_WORDS = frozenset().union(
    *map(forms, _TIME_WORDS.split()),
    *(forms(lead + day) for lead in ("", *_DAY_LEADS.split("|")) for day in _DAY_WORDS.split()),
    *(forms(lead + end) for lead in _UNIT_LEADS for end in _ENDS[1:]),
)
"""No time is named without one of these folded words, or one of `HOUR_LEADS` with a number."""
BUSINESS_WORDS = frozenset().union(*(forms(word + unit) for word in _BUSINESS for unit in _ENDS))
"""No business days are named without one of these."""
HOUR_LEADS = frozenset().union(*map(forms, ("by", "before", "at", "between", "around")))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A named time at [start, end): `least` to `most`, in business days where `business`, else in seconds."""

    start: int
    end: int
    least: float
    most: float
    business: bool = False
    vague: bool = False
    working_days: int | None = None
    """Business days until then, where the day is known."""

    def sooner_than(self, *, seconds: int | None, business_days: int | None) -> bool:
        """Whether it is sooner than the shortest time that may be promised; equal is not."""
        if self.business:
            if business_days is not None:
                return self.most < business_days or self.least < business_days
            return seconds is not None and self.least * DAY < seconds
        if business_days is not None:
            return (
                self.working_days < business_days if self.working_days is not None else self.least < business_days * DAY
            )
        return seconds is not None and self.least < seconds

    def __str__(self) -> str:
        if self.vague:
            return "a near time"
        unit, size = ("business days", 1.0) if self.business else _readable(self.least)
        least, most = self.least / size, self.most / size
        return f"{least:g} {unit}" if least == most else f"{least:g} to {most:g} {unit}"


def _readable(seconds: float) -> tuple[str, float]:
    for unit, size in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= size:
            return unit, float(size)
    return "seconds", 1.0


def find_deadlines(text: str, now: datetime | None = None) -> list[Deadline]:
    """All times named in `text`, left to right, the exact ones before the vague ones at the same place.

    Where `now` is when the words are sent, weekdays are counted from then; else they stand for a few days.
    """
    lowered = text.lower()
    hints = (_ASCII_HINTS if lowered.isascii() else _HINTS).of(lowered)
    found: list[Deadline] = []
    if not hints:
        return found
    for match in _RANGE.finditer(lowered) if _RANGE_HINT in hints else ():
        low = _value(match.group(1))
        high = _value(match.group(2)) if match.group(2) else low
        unit = _UNIT_SECONDS[match.group(4)]
        if match.group(3) and unit == DAY:
            found.append(Deadline(match.start(), match.end(), low, high, business=True))
        else:
            found.append(Deadline(match.start(), match.end(), low * unit, high * unit))
    for number, (pattern, seconds) in enumerate(_NAMED):
        if number not in hints:
            continue
        for match in pattern.finditer(lowered):
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                if now is not None and number == _WEEKDAYS:
                    found.append(_weekday(match, lowered, now))
                else:
                    found.append(Deadline(match.start(), match.end(), seconds, seconds, vague=True))
    return sorted(found, key=lambda one: one.start)


def _value(word: str) -> float:
    return _WORD_VALUES[word] if word in _WORD_VALUES else float(word)


def _weekday(match: re.Match[str], text: str, now: datetime) -> Deadline:
    """The weekday named, counted from `now`; "Friday" on a Friday is today, "Monday week" a week after Monday."""
    start, end = match.span()
    named = next((at for at, day in enumerate(_DAYS) if re.search(rf"\b{day}", match.group())), now.weekday())
    days = (named - now.weekday()) % 7
    if text.startswith(" week", end):
        days, end = days + 7, end + 5
    working = sum((now.weekday() + step) % 7 < _WEEKEND for step in range(1, days + 1))
    wait = days * DAY if days else 12 * HOUR
    return Deadline(start, end, wait, wait, vague=True, working_days=working)
