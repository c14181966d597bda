"""Digits told one by one, in figures or in words: `7 1 9 4`, `4-0-6-0`, "five five oh nine".

Nobody writes an order number, a price or a year like that: four to eight such digits are a code that is read to
somebody, unless the words before them name another number. Read from the original text, for the normalised one joins
them.
"""

from __future__ import annotations

import re

import re2

from outguard.detection.document import Document
from outguard.detection.normalize import normalize
from outguard.detection.ownership import OwnershipJudge
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding

_WORD = "(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine)"
_TOLD = re.compile(
    rf"(?<![\w.,/:+-])(?<!\d )\d(?P<gap> ?[-\u2013] ?| )\d(?:(?P=gap)\d){{2,6}}(?![\w]|[.,:/-]\d|[ -]\d| ?%)"
    rf"|(?<![\w-])(?<!\d )(?:(?:double|triple)[ -])?{_WORD}(?:(?:, ?| - | |-)(?:(?:double|triple)[ -])?{_WORD}){{2,7}}"
    r"(?![\w-]|,? (?:point|double|triple|hundred|thousand|percent)\b)",
    re.IGNORECASE,
)
_MAY_TELL = re2.compile(
    rf"(?i)[0-9][^0-9A-Za-z]{{1,3}}[0-9][^0-9A-Za-z]{{1,3}}[0-9][^0-9A-Za-z]{{1,3}}[0-9]"
    rf"|{_WORD}[, -]{{1,3}}(?:double |triple )?{_WORD}".encode()
)
"""What any of them has: most texts have nothing of it, and are spared the longer search."""
_OTHER_NUMBER = re.compile(
    r"\b(?:phone|telephone|mobile|cell|tel|call|ring|dial|fax|whats-?app|text us|order|booking|reservation|reference"
    r"|ref|tracking|parcel|meter|reading|readings|reads?\s+the|account|card|visa|mastercard|amex|iban|sort code"
    r"|routing|serial|ticket|case|claim|policy|invoice|member(?:ship)?|customer|post ?code|zip|version|options?"
    r"|menu|steps?|score[ds]?|results?|sizes?|plate|registration|flight|train|bus|room|flat|lottery|draw|ratings?"
    r"|ages?|imei|vin|model|part|article|voucher|promo|coupon|discount|gift|error|amount|total|price|extension|ext"
    r"|route|rows?|seats?|count|security code|cvv|cvc|back of|national|passport|licen[cs]e|insurance|tax|ssn"
    r"|social)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(rf"(?i)(?:\d|\b{_WORD})[,/\s\u2013-]{{1,3}}\Z")
"""More digits right before, in another rhythm: the end of a number told in groups."""
_BEFORE = 44
_STOP = re.compile(r"[.;?!\n]\s")
_LEAST, _LONGEST = 4, 8
"""Digits of a code; more are a phone number read out."""
_SCORE = 0.72
_MOST = 50
"""Of one text; more is a table, and no reply tells so many codes."""


class SaidDigitsDetector:
    """Reports such digits as a code, where the recipient is known."""

    def __init__(self, ownership: OwnershipJudge) -> None:
        self._ownership = ownership

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for each run whose words before it name no other number, and which is no known value."""
        text = document.text
        if context.customer is None or _MAY_TELL.search(text.encode("utf-8", "surrogatepass")) is None:
            return []
        found: list[Finding] = []
        for match in _TOLD.finditer(text):
            start, end = match.span()
            before = _STOP.split(text[max(0, start - _BEFORE) : start])[-1]
            digits = re.sub(r"\D", "", normalize(match.group()).text)
            if (
                not _LEAST <= len(digits) <= _LONGEST
                or _is_counted(digits)
                or _OTHER_NUMBER.search(before)
                or _GOES_ON.search(before)
            ):
                continue
            if self._ownership.is_known(digits, context) or _is_own(digits, context):
                continue
            found.append(
                Finding(
                    category=Category.PII,
                    type="PASSWORD_OR_PIN",
                    status=self._ownership.status("PASSWORD_OR_PIN", match.group(), context),
                    start=start,
                    end=end,
                    score=_SCORE,
                    rule="pii.code.said_apart",
                    field=document.field,
                )
            )
            if len(found) >= _MOST:
                break
        return found


def _is_own(digits: str, context: ReplyContext) -> bool:
    """Whether they are the recipient's own number, or a part of it, read back to them."""
    customer = context.customer
    own = (*customer.phones, *customer.known_values) if customer is not None else ()
    return any(digits in re.sub(r"\D", "", value) for value in own)


def _is_counted(digits: str) -> bool:
    """Whether the digits count up: a list, no code."""
    return digits in "123456789"
