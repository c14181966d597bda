"""Numbers as people say or hide them: in words, letter by letter, digit by digit.

Only runs are joined: a lone "two" or "one" stays a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_DIGITS = {
    "0": "zero oh o nought null cero zéro nul",
    "1": "one eins un une uno um één een",
    "2": "two zwei zwo deux dos dois due twee",
    "3": "three drei trois tres três tre drie",
    "4": "four vier quatre cuatro quatro quattro",
    "5": "five fünf cinq cinco cinque vijf",
    "6": "six sechs seis sei zes",
    "7": "seven sieben sept siete sete sette zeven",
    "8": "eight acht huit ocho oito otto",
    "9": "nine neun neuf nueve nove negen",
}
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ROMANCE_TENS = ("vingt veinte venti vinte", "trente treinta trenta trinta", "quarante cuarenta quaranta quarenta")
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_VALUE = {word: digit for digit, words in _DIGITS.items() for word in words.split()}
_PAIR = {word: str(index + 10) for index, word in enumerate(_TEENS)}
_TEN = {word: str(index + 2) for index, word in enumerate(_TENS)} | {
    word: str(index + 2) for index, words in enumerate(_ROMANCE_TENS) for word in words.split()
}
DIGIT_WORD = (
    "(?:"
    + "|".join(sorted({*_VALUE, *_PAIR, *_TEN} - {"o", "un", "um", "due", "sei", "tre"}, key=len, reverse=True))
    + ")"
)
"""A digit said as a word (a pattern both for RE2 and for `re`)."""

_ALL = "|".join(sorted({*_VALUE, *_PAIR, *_TEN}, key=len, reverse=True))
_TOKEN = rf"(?:(?:double|triple)[ -]?(?:{_ALL}|[0-9])|{_ALL}|[0-9]{{1,6}})"
_RUN = re.compile(
    rf"(?<![^\W_])(?:{_TOKEN}(?:[ -]| ?[,./] ?| - )){{2,}}{_TOKEN}(?![^\W_])"
    rf"|(?<![^\W_])(?:double|triple)[ -](?:{_ALL})(?:[ -]{_TOKEN})+(?![^\W_])",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"(?:(?P<times>double|triple)[ -]?)?(?:(?P<word>{_ALL})|(?P<digits>[0-9]{{1,6}}))(?![^\W_])", re.IGNORECASE
)
PUNCTUATION = r"[.,/_*:|~]"
"""Signs put between single digits (a pattern both for RE2 and for `re`)."""
_PUNCTUATED = re.compile(
    rf"(?<![^\W_])[A-Za-z0-9](?P<sign>{PUNCTUATION})[A-Za-z0-9](?:(?P=sign)[A-Za-z0-9]){{5,}}(?![^\W_])"
)
_LEAST_PUNCTUATED = 7
_APART = re.compile(r"(?<![^\W_])[A-Za-z0-9](?:(?: - |[ -])[A-Za-z0-9](?![^\W_])){2,}")
_AS_IN = r"[ ,]? (?:as in|for|like|wie|comme|como) "
_SPELLED = re.compile(
    rf"(?<![^\W_])([A-Za-z])({_AS_IN})([^\W\d_]{{2,20}})(?:(?:, ?| )(?=[A-Za-z]{_AS_IN}[^\W\d_]))?", re.IGNORECASE
)


def join_spoken(text: str) -> Iterator[tuple[int, int, str]]:
    """Edits that write digits said in words as digits and join them; groups parted otherwise stay apart."""
    for run in _RUN.finditer(text):
        parts = list(_PART.finditer(text, run.start(), run.end()))
        words = sum(part.group("word") is not None for part in parts)
        singles = all(part.group("word") or len(part.group("digits")) == 1 for part in parts)
        if not words or (words < 2 and not singles):
            continue
        for index, part in enumerate(parts):
            following = parts[index + 1] if index + 1 < len(parts) else None
            end = part.end()
            if following and part.group("word") and following.group("word") and len(text[end : following.start()]) == 1:
                gap = text[end : following.start()]
                end = following.start() if gap in " -" else end
            digits = _digits(part, following)
            if part.group("word") or part.group("times"):
                yield part.start(), end, digits


def _digits(part: re.Match[str], following: re.Match[str] | None) -> str:
    times = {"double": 2, "triple": 3}.get((part.group("times") or "").lower(), 1)
    word = (part.group("word") or "").lower()
    if word in _TEN:
        has_unit = following is not None and (following.group("word") or "").lower() in _VALUE
        return (_TEN[word] + ("" if has_unit else "0")) * times
    return (_VALUE.get(word) or _PAIR.get(word) or part.group("digits") or "") * times


def join_apart(text: str) -> Iterator[tuple[int, int, str]]:
    """Edits that join characters written apart (`4 1 1 1`, `D E 8 9 - 3 7 0 4`) where most are digits."""
    for run in _APART.finditer(text):
        characters = run.group().replace(" ", "").replace("-", "")
        digits = sum(character.isdigit() for character in characters)
        if digits < 3 or digits * 2 < len(characters):
            continue
        position = run.start()
        for index, character in enumerate(characters):
            position = text.index(character, position)
            following = text.index(characters[index + 1], position + 1) if index + 1 < len(characters) else run.end()
            gap = text[position + 1 : following]
            if gap:
                yield position, following, character + ("-" if gap == " - " else "")
            position += 1


def join_punctuated(text: str) -> Iterator[tuple[int, int, str]]:
    """Edits that join digits with the same sign between all of them (`4.1.5.5.5.5.0`), letters among them or not."""
    for run in _PUNCTUATED.finditer(text):
        characters = run.group()[::2]
        digits = sum(character.isdigit() for character in characters)
        if digits < _LEAST_PUNCTUATED or digits * 2 < len(characters):
            continue
        for index, character in enumerate(characters[:-1]):
            start = run.start() + 2 * index
            yield start, start + 2, character


def join_spoken_letters(text: str) -> Iterator[tuple[int, int, str]]:
    """Edits that write `E as in Echo` as E."""
    for match in _SPELLED.finditer(text):
        letter, link, word = match.groups()
        is_spelled = "as in" in link.lower() or (word[0].isupper() and letter.isupper())
        if is_spelled and word[0].lower() == letter.lower():
            yield match.start(), match.end(), letter.upper()
