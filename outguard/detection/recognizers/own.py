"""Find the recipient's own names and known values by looking for them, whatever their shape.

Plain string search with word boundaries: the values change with every reply, so nothing is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from outguard.detection.document import Document
from outguard.detection.normalize import Normalized
from outguard.detection.recognizers.validators import is_ip
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.reply import Customer

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_ADDRESS = re.compile(r"\d+[A-Za-z]? [^\W\d_]{2,}.*[^\W\d_]{3}|[^\W\d_]{3,} \d+", re.DOTALL)
_COORDINATES = re.compile(r"-?\d{1,3}\.\d+,\s?-?\d{1,3}\.\d+\Z")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_WALLET = re.compile(r"0x[0-9A-Fa-f]{40}|bc1[a-z0-9]{20,80}|[13][1-9A-HJ-NP-Za-km-z]{25,34}")
_PLATE = re.compile(r"[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]{1,3}[ -][A-Z]{1,2} ?\d{1,4}")
_MOBILE = re.compile(r"\+\d[\d ().-]{6,}|0\d{2,4} \d{3,4} ?\d{3,4}|\(?[2-9]\d\d\)?[ .-]\d{3}[ .-]\d{4}")
_FORMS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("GEO_COORDINATES", _COORDINATES.match),
    ("IP_ADDRESS", is_ip),
    ("DEVICE_ID", _MAC.fullmatch),
    ("CRYPTO_WALLET", _WALLET.fullmatch),
    ("VEHICLE_ID", _PLATE.fullmatch),
    ("PHONE_NUMBER", _MOBILE.fullmatch),
)
_SLUG = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:[-_.][a-z0-9]+)+")
_HANDLE = re.compile(r"(?!Ma?c|De|Di|Du|La|Le|Van|Von|O['\u2019])[A-Za-z]*[a-z][A-Z][A-Za-z]*|\w*[A-Za-z]_\w+")
_NAME_WORDS = (2, 3)
_PARTICLES = frozenset(
    ["de", "da", "do", "dos", "das", "di", "van", "von", "der", "den", "la", "le", "el", "al", "bin", "ibn", "y", "e"]
)
_SCORE = 0.95


@dataclass(frozen=True, slots=True)
class OwnDetector:
    """Reports the recipient's own name and known values with status `own`."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """Findings for what the context says about the recipient."""
        customer = context.customer
        if customer is None:
            return []
        normalized = document.normalized
        text = normalized.text
        found = [
            _finding("PERSON", "pii.own.person", span, normalized, document.field)
            for span in _names(text, context.recipient.display_name, customer)
        ]
        for value in customer.known_values:
            kind = kind_of_known(value) if value in text else None
            if kind is not None:
                rule = f"pii.own.{kind.lower()}"
                spans = _occurrences(text, value)
                found.extend(_finding(kind, rule, span, normalized, document.field) for span in spans)
        return found


def _finding(kind: str, rule: str, span: tuple[int, int], normalized: Normalized, field: str | None) -> Finding:
    start, end = normalized.original_span(*span)
    return Finding(
        category=Category.PII,
        type=kind,
        status=Status.OWN,
        start=start,
        end=end,
        score=_SCORE,
        rule=rule,
        field=field,
    )


def is_handle(value: str) -> bool:
    """Whether a known value is a name on a screen or of an account: `org-lima`, `night_owl`, `NightPelican`."""
    if len(value) <= 4 or (value == value.upper() and "_" not in value):
        return False  # the forms below have a small letter or an underscore
    return _SLUG.fullmatch(value) is not None or _HANDLE.fullmatch(value) is not None


def kind_of_known(value: str) -> str | None:
    """The type of a known value; None for what is never own or is no value of its own (a name, four digits)."""
    if "@" in value and _EMAIL.match(value):
        return "EMAIL_ADDRESS"
    if is_handle(value):
        return "ACCOUNT_ID"
    if len(value) < 5 or not _has_digit(value):
        return None
    for kind, is_kind in _FORMS:
        if is_kind(value):
            return kind
    if _ADDRESS.match(value):
        return "STREET_ADDRESS"
    return "ACCOUNT_ID"


def _names(text: str, display_name: str, customer: Customer) -> Iterator[tuple[int, int]]:
    forms = _forms(display_name, customer.name, tuple(filter(_is_name, customer.known_values)))
    spans = [span for form in forms if form in text for span in _occurrences(text, form)]
    spans.sort()
    previous: tuple[int, int] | None = None
    for start, end in spans:
        if previous and start < previous[1]:
            previous = (previous[0], max(end, previous[1]))
        elif previous and _is_gap(text[previous[1] : start]):
            previous = (previous[0], end)
        else:
            if previous:
                yield previous
            previous = (start, end)
    if previous:
        yield previous


@lru_cache(maxsize=256)
def _forms(display_name: str, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """What to look for: the words of the recipient's names and of known values that are names."""
    tokens = {token.strip(".,") for one in (display_name, name, *known) for token in one.split()}
    tokens |= {part for token in tokens for part in token.split("-") if len(part) > 2}
    kept = [token for token in tokens if len(token) > 1 and token.lower() not in _PARTICLES and token[0].isupper()]
    return tuple({form for token in kept for form in (token, token.upper())})


def _is_name(value: str) -> bool:
    if value.isascii() and _has_digit(value):
        return False
    words = value.split()
    if not all(word.replace("-", "").isalpha() for word in words) or is_handle(value):
        return False
    return len(words) == 1 or (len(words) in _NAME_WORDS and all(word[0].isupper() for word in words))


def _has_digit(value: str) -> bool:
    return any(map(str.isdigit, value))


def _is_gap(gap: str) -> bool:
    return (len(gap) <= 8 and not gap.strip(" -")) or gap.strip().lower() in _PARTICLES


def _occurrences(text: str, value: str) -> Iterator[tuple[int, int]]:
    position = text.find(value)
    while position >= 0:
        end = position + len(value)
        before = text[position - 1 : position]
        if not before.isalnum() and not text[end : end + 1].isalnum():
            yield position, end
        position = text.find(value, end)
