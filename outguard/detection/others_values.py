"""Values that the record knows to be another customer's: identifiers, e-mail addresses, phone numbers.

What may be such a value is told by its form alone, so that replies and customers' data are read alike. Dates, amounts,
short numbers, names and postal addresses are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from outguard.detection.document import Document
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status

MAX_CANDIDATES = 500
"""Of one text; a longer list is no reply, and every one costs a look-up."""
_DIGITS = re.compile(r"\d+")
_LEAD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/-#+("
"""What a number may begin with, before its first digit."""
_MAX_LEAD, _MAX_TRIES = 64, 200
_MAIL = r"(?P<mail>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63})+)"
_NUMBER = (
    r"(?<![\w@.,/$\u20ac\u00a3#-])#?(?P<id>(?=[A-Za-z0-9_/-]*\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-_/](?=[A-Za-z0-9])){4,63})(?![\w@])"
    r"|(?<![\w@.,/$\u20ac\u00a3-])(?P<phone>\+?\(?\d[\d ().\u00a0-]{6,22}\d)(?![\w@%])"
)
_CANDIDATE = re.compile(f"{_MAIL}|{_NUMBER}")
_WITHOUT_MAIL = re.compile(rf"(?P<mail>(?!))|{_NUMBER}")
"""The same for a text without an @: nothing is tried as an address at the begin of every word."""
_PHONE = re.compile(r"\+?[\d ().\u00a0-]+\Z")
_DATE = re.compile(r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:T.*)?\Z|\d{4}[-/]\d{2,4}\Z")
_PRODUCT = re.compile(r"(?i)(?:sku|isbn|ean|upc|gtin|asin|model|version|v)[-_/]?\d")
_LEAST, _LEAST_DIGITS = 5, 6
_TAIL = 9
_CONTACTS = {"e": "EMAIL_ADDRESS", "p": "PHONE_NUMBER"}


def keys_of_value(value: str) -> tuple[str, ...]:
    """The keys that a customer's value is filed under; none if it is no identifier, e-mail address or phone number."""
    text = value.strip()
    match = _CANDIDATE.fullmatch(text)
    return tuple(_keys(match)) if match is not None else ()


def keys_of_phone(value: str) -> tuple[str, ...]:
    """The key of a phone number, however it is written."""
    digits = _digits(value)
    return (f"p:{digits[-_TAIL:]}",) if len(digits) >= 7 else ()


def keys_in(text: str) -> Iterator[tuple[str, int, int]]:
    """The keys of everything in `text` that may be somebody's value, with their places."""
    for number, match in enumerate(_CANDIDATE.finditer(text) if "@" in text else _numbers(text)):
        if number >= MAX_CANDIDATES:
            return
        for key in _keys(match):
            yield key, match.start(), match.end()


def _numbers(text: str) -> Iterator[re.Match[str]]:
    """What `_WITHOUT_MAIL` finds in `text`, tried only where a digit and what leads to it stand."""
    position = 0
    for _ in range(_MAX_TRIES):
        digits = _DIGITS.search(text, position)
        if digits is None:
            return
        first = digits.start()
        low = max(position, first - _MAX_LEAD)
        begin = low + len(text[low:first].rstrip(_LEAD))
        if begin == low > position:
            break
        tried = (_WITHOUT_MAIL.match(text, at) for at in range(begin, first + 1))  # none begins behind a digit
        match = next((one for one in tried if one is not None), None)
        if match is not None:
            yield match
        position = digits.end() if match is None else match.end()
    yield from _WITHOUT_MAIL.finditer(text, position)


def keys_of_documents(documents: Iterable[Document]) -> frozenset[str]:
    """All keys of a reply's readable fields."""
    return frozenset(
        key
        for document in documents
        for view in (document.normalized, *document.normalized.views)
        for key, _, _ in keys_in(view.text)
    )


class OthersValueDetector:
    """Reports what `ReplyContext.others_values` says is another customer's."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """An identifier is another customer's case; a contact is another person's."""
        others = context.others_values
        if not others:
            return []
        found: list[Finding] = []
        normalized = document.normalized
        for view in (normalized, *normalized.views):
            for key, begin, finish in keys_in(view.text):
                if key in others:
                    start, end = view.original_span(begin, finish)
                    found.append(_finding(key, start, end, document.field))
        return found


def _finding(key: str, start: int, end: int, field: str | None) -> Finding:
    contact = _CONTACTS.get(key[0])
    return Finding(
        category=Category.INTERNAL if contact is None else Category.PII,
        type=contact or "OTHER_CUSTOMER",
        status=None if contact is None else Status.OTHER,
        start=start,
        end=end,
        score=0.9,
        rule="internal.other_customer.seen" if contact is None else f"pii.{contact.lower()}.seen",
        field=field,
        reason="on record as another customer's",
    )


def _keys(match: re.Match[str]) -> Iterator[str]:
    if match["mail"]:
        yield f"e:{match['mail'].casefold()}"
        return
    text = match["id"] or match["phone"]
    if _DATE.match(text) or _PRODUCT.match(text):
        return
    if _PHONE.match(text):
        digits = _digits(text)
        if len(digits) >= _LEAST_DIGITS:
            yield f"n:{digits[-16:]}"
        if len(digits) >= 7:
            yield f"p:{digits[-_TAIL:]}"
        return
    folded = "".join(character for character in text.casefold() if character.isalnum())
    if len(folded) >= _LEAST:
        yield f"n:{folded}" if folded.isdigit() else f"i:{folded}"


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
