"""Times named in a sentence, as a range in seconds or business days; "soon" words count as at once.

A deadline's `least` is the earliest the words allow, which is what a minimum is held against.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

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
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_DAY_LEADS = "by|on|until|till|before|this|from|come|for"
_MEALS = "noon|midday|midnight|lunch|lunchtime|teatime|dinner|supper|bedtime|breakfast"
_TODAY, _HALF_DAY = 8 * HOUR, 4 * HOUR
"""How far off the end of a day of work is, and an hour of the same day that is named: said in the midst of it."""
_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_THEN = (
    r"\s?(?:[.,;:!?)\u2013\u2014]|$|today\b|tonight\b|tomorrow\b|on the dot\b|sharp\b|this \w|in the \w|at the latest\b"
    r"|then\b|(?:and|so) (?:i|we|you|it)\b)"
)
"""What follows an hour in words: not what it counts."""
_NAMED = (
    (re.compile(r"\b(?:the )?day after tomorrow\b|\btwo sleeps\b"), 2 * DAY),
    (re.compile(r"\b(?:tomorrow|tmrw|tmr|tomoz|overnight|next day|morning post|in the morning|mañana|demain)\b"), DAY),
    (
        re.compile(
            r"\b(?:today|tonight|this (?:morning|afternoon|evening)|end of (?:the |business )?day|"
            r"close of business|eod|cob|hoy|esta (?:misma )?tarde|aujourd'hui|ce soir|heute|oggi|hoje)\b"
        ),
        _TODAY,
    ),
    (re.compile(rf"\b(?:{_MEALS})\b"), _HALF_DAY),
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
    (
        re.compile(
            r"\b(?:next|coming|inside an|under an|less than an) (?:half[- ])?hour\b|\bwithin the half[- ]hour\b"
            r"|\b(?:in|within|inside) (?:five|ten|fifteen|twenty|thirty|10|15|20|30)\b"
            r"(?=\s?(?:[.,;!?)]|$|or so\b|max\b|flat\b|x\b))"
        ),
        HOUR / 2,
    ),
    (
        re.compile(
            r"\b(?:by|before|until|till|this side of|at|come) (?:half |quarter )?(?:past |to )?"
            rf"(?:{_HOURS})\b(?: ?o'clock)?(?={_THEN})"
        ),
        _HALF_DAY,
    ),
    (re.compile(r"\bfirst thing\b(?! (?:tomorrow|in the morning|on |next |mon|tue|wed|thu|fri|sat|sun))"), _HALF_DAY),
    (re.compile(r"\bend of (?:the |this )?(?:working )?week\b|\bweek's end\b|\b(?:by|before) the weekend\b"), 3 * DAY),
    (re.compile(r"\bnext week\b"), 5 * DAY),
    (re.compile(r"\bthis week(?:end)?\b|\bbefore the week is out\b"), 2 * DAY),
    (
        re.compile(
            r"\b(?:by|before|at|between|around) \d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?| ?o'clock)?\b"
            rf"(?! (?:business|working|days?|weeks?|%|{_MONTH}))"
        ),
        _HALF_DAY,
    ),
)


_WEEKEND = 5
_DATE = re.compile(
    rf"\b(?:by|on|before|until|till) (?:(?:{_WEEKDAY}),? )?(?:the )?"
    rf"(?:(\d{{1,2}})(?:st|nd|rd|th)(?:(?: of)? ({_MONTH})\b|(?=\s?(?:[.,;:!?)]|$|at \d|and (?:i|we|you|it)\b)))"
    rf"|(\d{{1,2}}) ({_MONTH})\b|({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b)"
)
_LEAP_YEAR, _LAST_DAY = 2028, 31
_DAYS_TO_SEARCH = 9 * 366
"""Within so many days every date of the calendar comes, the leap day too."""
_HOUR_OF_A_DAY = frozenset(
    number
    for number, (pattern, _) in enumerate(_NAMED)
    if pattern.pattern.endswith(("breakfast)\\b", _THEN + ")", _MONTH + "))"))
)
"""The patterns that name an hour: of another day where one is named beside it."""
_NEAR_CHARS = 24
_WEEKDAYS = next(number for number, (pattern, _) in enumerate(_NAMED) if _WEEKDAY in pattern.pattern)


def _before_look_ahead(pattern: str) -> str:
    """What RE2 can read of a pattern: no more than is left of what must or must not follow."""
    return re.split(r"\(\?[!=]", pattern, maxsplit=1)[0]


_LOOSE_GAP = r"[^\pL\pN]"
_LOOSE_RANGE = (
    rf"(?:\p{{Nd}}|{'|'.join(_WORD_VALUES)}){_LOOSE_GAP}{{0,3}}(?:(?:business|working|bank){_LOOSE_GAP}{{0,3}})?"
    rf"(?:{'|'.join(_UNIT_SECONDS)})"
)
_HINTS = Hints(
    [
        *(_before_look_ahead(pattern.pattern).replace(r"\b", "").replace(r"\d", r"\p{Nd}") for pattern, _ in _NAMED),
        _LOOSE_RANGE,
        r"(?:by|on|before|until|till) [^\n]{0,16}\p{Nd}",
    ]
)
"""The same without word bounds, for RE2: what it does not find is not there."""
_ASCII_RANGE = (
    _range("", "").replace(r"\u2013|\u2014|", "").replace(r"[\s-]", r"[\x00-\x20-]").replace(r"\s", r"[\x00-\x20]")
)
_ASCII_HINTS = Hints(
    [
        *(_before_look_ahead(pattern.pattern) for pattern, _ in _NAMED),
        _ASCII_RANGE,
        r"\b(?:by|on|before|until|till) [^\n]{0,16}\d",
    ]
)
"""For a text in ASCII, where RE2 and `re` know the same bounds of words."""
_RANGE_HINT, _DATE_HINT = len(_NAMED), len(_NAMED) + 1
_TIME_WORDS = (
    "afternoon afternoons any asap aujourd away b bedtime before bit breakfast close cob day demain dinner enough "
    "eod evening heute hour hoje hoy immediately instant instantly jiffy kettle lunch lunchtime mañana midday midnight "
    "minute minutes moment momentarily morning noon oggi once overnight right sec second shortly sleeps soir speak "
    "spot straight straightaway supper tarde teatime thing time tmr tmrw today tomorrow tomoz tonight week weekend "
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty"
)
_DAY_WORDS = "mon tue tues wed thu thur thurs fri sat monday tuesday wednesday thursday friday saturday sunday"
_BUSINESS = ("business", "working", "bank")
_UNIT_LEADS = ("", *_BUSINESS, *{word.split()[-1].split("-")[-1] for word in _WORD_VALUES})
_ENDS = ("", *(unit + end for unit in _UNIT_SECONDS for end in ("", "s")))
UNIT_WORDS = frozenset().union(*(forms(lead + end) for lead in _UNIT_LEADS for end in _ENDS[1:]))
"""No time is named as a range, from a least to a greater most, without one of these folded words."""
TIME_WORDS = UNIT_WORDS.union(
    *map(forms, _TIME_WORDS.split()),
    *(forms(lead + day) for lead in ("", *_DAY_LEADS.split("|")) for day in _DAY_WORDS.split()),
)
"""No time is named without one of these folded words, or one of `HOUR_LEADS` with a number."""
BUSINESS_WORDS = frozenset().union(*(forms(word + unit) for word in _BUSINESS for unit in _ENDS))
"""No business days are named without one of these."""
HOUR_LEADS = frozenset().union(
    *map(forms, ("by", "before", "at", "between", "around", "in", "within", "inside", "on", "until", "till"))
)


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
    if not hints:
        return []
    found = list(_ranges(lowered)) if _RANGE_HINT in hints else []
    if _DATE_HINT in hints:
        found += _dates(lowered, now)
    hours: list[Deadline] = []
    for number, (pattern, seconds) in enumerate(_NAMED):
        for match in pattern.finditer(lowered) if number in hints else ():
            if any(one.start < match.end() and match.start() < one.end for one in found):
                continue
            if now is not None and number == _WEEKDAYS:
                found.append(_weekday(match, lowered, now))
            else:
                one = Deadline(match.start(), match.end(), seconds, seconds, vague=True)
                (hours if number in _HOUR_OF_A_DAY else found).append(one)
    found += [one for one in hours if not any(_is_on_another_day(one, day) for day in found)]
    return sorted(found, key=lambda one: one.start)


def _ranges(text: str) -> Iterator[Deadline]:
    for match in _RANGE.finditer(text):
        low = _value(match.group(1))
        high = _value(match.group(2)) if match.group(2) else low
        unit = _UNIT_SECONDS[match.group(4)]
        if match.group(3) and unit == DAY:
            yield Deadline(match.start(), match.end(), low, high, business=True)
        else:
            yield Deadline(match.start(), match.end(), low * unit, high * unit)


def _is_on_another_day(hour: Deadline, day: Deadline) -> bool:
    """Whether `hour` is one of `day`, which is told beside it: "by ten tomorrow", "on Friday before lunch"."""
    if not day.vague or day.least < DAY:
        return False
    return hour.start - day.end <= _NEAR_CHARS and day.start - hour.end <= _NEAR_CHARS


def _value(word: str) -> float:
    return _WORD_VALUES[word] if word in _WORD_VALUES else float(word)


def _dates(text: str, now: datetime | None) -> list[Deadline]:
    """The dates in `text`, counted from `now`; one that is in no calendar is no time that can be kept: at once."""
    found: list[Deadline] = []
    for match in _DATE.finditer(text):
        first, month, second, beside, before, third = match.groups()
        day, name = int(first or second or third), month or beside or before
        number = _MONTHS.index(name[:3]) + 1 if name else None
        if number is not None and not 1 <= day <= monthrange(_LEAP_YEAR, number)[1]:
            found.append(Deadline(match.start(), match.end(), 0, 0, vague=True))
        elif now is not None and 1 <= day <= _LAST_DAY:
            found.append(_until(match, day, number, now))
    return found


def _until(match: re.Match[str], day: int, month: int | None, now: datetime) -> Deadline:
    """The next `day` (of `month`) from `now` on."""
    days = next(
        days
        for days in range(_DAYS_TO_SEARCH)
        for date in (now.date() + timedelta(days=days),)
        if date.day == day and month in {None, date.month}
    )
    return _in_days(match.start(), match.end(), days, now)


def _weekday(match: re.Match[str], text: str, now: datetime) -> Deadline:
    """The weekday named, counted from `now`; "Friday" on a Friday is today, "Monday week" a week after Monday."""
    start, end = match.span()
    named = next((at for at, day in enumerate(_DAYS) if re.search(rf"\b{day}", match.group())), now.weekday())
    days = (named - now.weekday()) % 7
    if text.startswith(" week", end):
        days, end = days + 7, end + 5
    return _in_days(start, end, days, now)


def _in_days(start: int, end: int, days: int, now: datetime) -> Deadline:
    working = sum((now.weekday() + step) % 7 < _WEEKEND for step in range(1, days + 1))
    wait = days * DAY if days else _TODAY
    return Deadline(start, end, wait, wait, vague=True, working_days=working)
