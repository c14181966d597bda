"""Money in a sentence: digits or words, any currency sign, and shares such as "half" or "20%".

An amount's currency is None where the words leave it open ("$" is any dollar, "bucks" are dollars). Linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import re2

from outguard.detection.commitments.tokens import forms, words
from outguard.detection.hints import Hints

_SIGNS = {
    "$": None, "us$": "USD", "usd": "USD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "a$": "AUD", "au$": "AUD",
    "aud": "AUD", "nz$": "NZD", "nzd": "NZD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP",
    "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "sterling": "GBP", "¥": "JPY", "jpy": "JPY",
    "yen": "JPY", "₹": "INR", "inr": "INR", "rupees": "INR", "chf": "CHF", "francs": "CHF", "sek": "SEK",
    "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zł": "PLN", "mxn": "MXN", "brl": "BRL", "r$": "BRL", "sgd": "SGD",
    "s$": "SGD", "hkd": "HKD", "zar": "ZAR", "dollar": None, "dollars": None, "bucks": None, "buck": None,
    "dólares": None, "dólar": None, "libras": "GBP", "livres": "GBP", "reais": "BRL", "pesos": "MXN",
}  # fmt: skip
DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
_MINOR = frozenset({"cents", "pence", "p"})

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000}
_PIECE = re.compile(
    r"(?:us|ca|c|au|a|nz|s|r)?\$|[€£¥₹]|\d(?:[\d.,'\u202f\u00a0]*\d)?k?(?![\w])|\d(?:[\d.,]*\d)?(?=[a-z%])|[^\W\d_]+|%|[^\w\s]|\s+"
)


_NUMBERS = frozenset({*_UNITS, *_TENS, *_SCALES})
_HINTS = Hints(["|".join(map(re2.escape, (*_SIGNS, *_SCALES)))])
"""No sum without a sign, a currency's name or a scale."""
SUM_WORDS = frozenset().union(*(forms(words(sign)[-1]) for sign in (*_SIGNS, *_SCALES)))
"""The same as folded words."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum at [start, end) of the text; `currency` None means any dollar where `dollars`, else unknown."""

    start: int
    end: int
    value: Decimal
    currency: str | None
    dollars: bool = False

    def fits(self, currency: str) -> bool:
        """Whether a ledger entry in `currency` can be what is meant."""
        if self.currency is not None:
            return self.currency == currency
        return not self.dollars or currency in DOLLARS

    def __str__(self) -> str:
        if self.currency is None:
            return f"${self.value:.2f}" if self.dollars else f"{self.value:.2f}"
        return f"{self.value:.2f} {self.currency}"


def find_amounts(text: str) -> list[Amount]:
    """All sums of money named in `text`, left to right."""
    lowered = text.lower()
    found: list[Amount] = []
    if not _HINTS.of(lowered):
        return found
    pieces = [(m.group(), m.start(), m.end()) for m in _PIECE.finditer(lowered) if not m.group().isspace()]
    index = 0
    while index < len(pieces):
        word = pieces[index][0]
        if word not in _NUMBERS and not word[0].isdigit():
            index += 1
            continue
        number = _read_number(pieces, index)
        if number is None:
            index += 1
            continue
        value, after = number
        amount, after = _with_currency(pieces, index, after, value)
        if amount is not None:
            found.append(amount)
        index = after
    return found


_Piece = tuple[str, int, int]


def _with_currency(pieces: list[_Piece], first: int, after: int, value: Decimal) -> tuple[Amount | None, int]:
    before = pieces[first - 1] if first else None
    behind = pieces[after] if after < len(pieces) else None
    prefixed = before is not None and _may_lead(before[0]) and before[2] >= pieces[first][1] - 1
    suffixed = behind is not None and behind[0] in _SIGNS and not _leads(pieces, after)
    if prefixed and before is not None:
        word, start, end = before[0], before[1], pieces[after - 1][2]
        if word.endswith("$") and suffixed and behind is not None and _SIGNS[behind[0]]:
            word, end, after = behind[0], behind[2], after + 1
        return _amount(word, value, start, end), after
    if not suffixed or behind is None:
        words_of = {piece[0] for piece in pieces[first:after]}
        if value >= 100 and words_of & set(_SCALES):
            return Amount(pieces[first][1], pieces[after - 1][2], value, None), after
        return None, after
    word, end, after = behind[0], behind[2], after + 1
    if word == "$" and after < len(pieces) and pieces[after][0] in {"ca", "us", "cad", "usd", "au"}:
        word, end, after = (
            {"ca": "cad", "us": "usd", "au": "aud"}.get(pieces[after][0], pieces[after][0]),
            pieces[after][2],
            after + 1,
        )
    if len(word) > 3:
        value, end, after = _add_minor(pieces, after, value, end)
    return _amount(word, value, pieces[first][1], end), after


def _leads(pieces: list[_Piece], at: int) -> bool:
    """Whether the sign at `at` stands right before a number, and is so that one's: "two $45 refunds"."""
    following = pieces[at + 1] if at + 1 < len(pieces) else None
    sign, _, end = pieces[at]
    return not sign.isalpha() and following is not None and following[0][0].isdigit() and following[1] == end


def _may_lead(word: str) -> bool:
    return word in _SIGNS and (not word.isalpha() or (len(word) == 3 and word != "yen"))


def _add_minor(pieces: list[_Piece], after: int, value: Decimal, end: int) -> tuple[Decimal, int, int]:
    """Read "sixty" of "forty-five pounds sixty", or "50 cents"."""
    start = after + 1 if after < len(pieces) and pieces[after][0] == "and" else after
    minor = _read_number(pieces, start)
    if minor is None or minor[0] >= 100 or minor[0] != minor[0].to_integral_value():
        return value, end, after
    stop = minor[1]
    named = stop < len(pieces) and pieces[stop][0] in _MINOR
    spelt = pieces[start][0] in _UNITS or pieces[start][0] in _TENS
    if not named and (not spelt or start != after):
        return value, end, after
    stop = stop + 1 if named else stop
    return value + minor[0] / 100, pieces[stop - 1][2], stop


def _amount(word: str, value: Decimal, start: int, end: int) -> Amount:
    currency = _SIGNS[word]
    return Amount(start, end, value, currency, dollars=currency is None)


def _read_number(pieces: list[_Piece], index: int) -> tuple[Decimal, int] | None:
    if index >= len(pieces):
        return None
    word = pieces[index][0]
    if word[0].isdigit():
        value = parse_number(word)
        if value is None:
            return None
        if index + 1 < len(pieces) and pieces[index + 1][0] in {"k", "grand"}:
            return value * 1000, index + 2
        return value, index + 1
    return _read_words(pieces, index)


def _read_words(pieces: list[_Piece], index: int) -> tuple[Decimal, int] | None:
    total, current, seen, end = 0, 0, False, index
    while index < len(pieces):
        word = pieces[index][0]
        if word in _UNITS:
            current += _UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word in _SCALES and (seen or (index and pieces[index - 1][0] == "a")):
            current = max(current, 1) * _SCALES[word]
            if _SCALES[word] == 1000:
                total, current = total + current, 0
        elif not (seen and word in {"-", "and"} and _continues(pieces, index)):
            break
        seen, index = True, index + 1
        end = index
    return (Decimal(total + current), end) if seen else None


def _continues(pieces: list[_Piece], index: int) -> bool:
    following = pieces[index + 1][0] if index + 1 < len(pieces) else ""
    if pieces[index][0] == "-":
        return following in _UNITS
    return pieces[index - 1][0] in _SCALES and (following in _UNITS or following in _TENS)


def parse_number(word: str) -> Decimal | None:
    """A number in digits, with either decimal mark and either thousands mark; None where it is neither."""
    thousand = word.endswith("k")
    digits = re.sub(r"['\u202f\u00a0]", "", word.rstrip("k").rstrip(".,"))
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        digits = digits.replace(",", "") if point > comma else digits.replace(".", "").replace(",", ".")
    elif comma >= 0:
        digits = (
            digits.replace(",", "") if len(digits) - comma == 4 or digits.count(",") > 1 else digits.replace(",", ".")
        )
    elif digits.count(".") > 1:
        digits = digits.replace(".", "")
    if digits.count(".") > 1 or len(digits) > 18:
        return None
    return Decimal(digits) * (1000 if thousand else 1)
