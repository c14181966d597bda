"""Whose personal data it is: the recipient's own, another person's, or public.

Values are compared after folding: digits of phones, case of e-mails, order numbers without their separators, addresses
without punctuation. Some kinds must never go out in clear, not even to the person they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from outguard.detection.names import fold
from outguard.detection.normalize import normalize
from outguard.detection.recognizers.own import is_handle
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Status

NEVER_IN_CLEAR = frozenset(
    {
        "BANK_ACCOUNT",
        "CREDIT_CARD",
        "CVV",
        "DATE_OF_BIRTH",
        "DRIVER_LICENSE",
        "HEALTH",
        "IBAN",
        "NATIONAL_ID",
        "PASSPORT",
        "PASSWORD_OR_PIN",
        "US_SSN",
    }
)
"""Kinds that are `own_sensitive` even where the recipient is known to own them."""

_LAST_DIGITS = frozenset({"CREDIT_CARD", "BANK_ACCOUNT"})
_OWN_UNLESS_KNOWN_OTHERWISE = frozenset({"ACCOUNT_ID", "DEVICE_ID", "IP_ADDRESS", "GEO_COORDINATES", "CRYPTO_WALLET"})
_KNOWN_IN_PART = frozenset({"STREET_ADDRESS", "ACCOUNT_ID", "VEHICLE_ID", "GEO_COORDINATES", "DEVICE_ID"})
_PHONE_TAIL = 9
_LEAST_SAID = 7
_UNFOLDED = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_NO_DIGITS = re.compile(r"\D+")
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "madam"])


_Public = tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]
"""Of the company's values: folded, ends of phone numbers, domains, words of names."""


def folded(value: str) -> str:
    """Letters and digits of `value`, without case."""
    return _UNFOLDED.sub("", value.casefold())


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownValues:
    """What the context knows of the recipient, folded for comparing."""

    own: frozenset[str]
    own_tails: frozenset[str]


class _Told(NamedTuple):
    """What one context tells, folded once for all that is found in it."""

    names: frozenset[str]
    public: _Public


class OwnershipJudge:
    """Compares found values with what the context knows of recipient and company."""

    def __init__(self) -> None:
        self._last: tuple[ReplyContext, _Told] | None = None

    def status(self, kind: str, value: str, context: ReplyContext) -> Status | None:
        """The status of a value; None where the recipient is unknown."""
        if context.customer is None:
            return None
        names, (values, tails, domains, words) = self._told(context)
        if kind == "PERSON":
            status = _person_status(value, names, words)
            return Status.OWN if status is Status.OTHER and self._is_told_name(value, context) else status
        text = folded(value)
        if _is_known(kind, text, value, values, tails) or _has_public_domain(kind, value, domains):
            return Status.PUBLIC
        if kind in NEVER_IN_CLEAR:
            is_partial = kind in _LAST_DIGITS and len(text) <= 4
            return Status.OWN if is_partial else Status.OWN_SENSITIVE
        if kind in _OWN_UNLESS_KNOWN_OTHERWISE:
            return Status.OWN
        known = self.known(context)
        is_own = (
            _is_known(kind, text, value, known.own, known.own_tails)
            or _was_said(text, context.last_user)
            or (kind == "STREET_ADDRESS" and _was_said_in_parts(value, context.last_user))
        )
        return Status.OWN if is_own else Status.OTHER

    def knows_name(self, context: ReplyContext) -> bool:
        """Whether the context names the recipient at all."""
        return bool(self._told(context).names)

    def _told(self, context: ReplyContext) -> _Told:
        """What the context tells; the last one's is kept, for a reply's findings come one after the other."""
        last = self._last
        if last is None or last[0] is not context:
            last = context, _Told(_names_of(context), _public_values(_public_of(context)))
            self._last = last
        return last[1]

    def _is_told_name(self, value: str, context: ReplyContext) -> bool:
        """Whether a name is told by the recipient's own ids and addresses (`ana_lima_77`), or by their last message."""
        tokens = set(_name_tokens((value,)))
        known = _named_in(self._own_values(context))
        if tokens and all(token in known for token in tokens):
            return True
        return len(tokens) > 1 and _was_said(folded(value), context.last_user)

    def is_known(self, value: str, context: ReplyContext) -> bool:
        """Whether the recipient is known to own exactly this value."""
        return folded(value) in self.known(context).own

    def known(self, context: ReplyContext) -> KnownValues:
        """The folded values that the recipient owns."""
        return _known_values(self._own_values(context))

    def _own_values(self, context: ReplyContext) -> tuple[str, ...]:
        customer = context.customer
        own: tuple[str, ...] = (context.recipient.address, context.recipient.customer_id)
        if customer is not None:
            own = (*own, *customer.emails, *customer.phones, *customer.known_values, customer.id)
        return own


def _was_said(text: str, last_user: str) -> bool:
    """Whether the recipient wrote this value in their last message: told back to them, it tells them nothing."""
    return len(text) >= _LEAST_SAID and bool(last_user) and text in _folded_message(last_user)


def _was_said_in_parts(value: str, last_user: str) -> bool:
    """Whether every word and number of an address is in the recipient's last message, in whatever order."""
    words = set(_WORDS.findall(value.casefold()))
    return len(words) > 2 and bool(last_user) and words <= set(_WORDS.findall(last_user.casefold()))


@lru_cache(maxsize=256)
def _named_in(values: tuple[str, ...]) -> frozenset[str]:
    """The words that ids and the local parts of e-mail addresses are made of."""
    parts = (value.partition("@")[0] for value in values if " " not in value)
    return frozenset(word for part in parts for word in _LETTERS.findall(part.casefold()) if len(word) > 2)


@lru_cache(maxsize=64)
def _folded_message(message: str) -> str:
    return folded(message)


def _public_of(context: ReplyContext) -> tuple[str, ...]:
    return (context.profile.company, *context.profile.public_values)


def _names_of(context: ReplyContext) -> frozenset[str]:
    customer = context.customer
    names: tuple[str, ...] = (context.recipient.display_name,)
    if customer is not None:
        names = (
            *names,
            customer.name,
            *(value for value in customer.known_values if not _has_digit(value) and not is_handle(value)),
        )
    return _name_set(names)


@lru_cache(maxsize=1024)
def _name_set(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_name_tokens(names))


@lru_cache(maxsize=256)
def _known_values(own: tuple[str, ...]) -> KnownValues:
    own = tuple(normalize(value).text if value[:1].isalnum() else value for value in own)
    return KnownValues(own=frozenset(_folded_all(own)), own_tails=frozenset(_tails(own)))


@lru_cache(maxsize=256)
def _public_values(public: tuple[str, ...]) -> _Public:
    domains = (value.casefold().rpartition("@")[2] for value in public if "." in value and " " not in value)
    return (
        frozenset(_folded_all(public)),
        frozenset(_tails(public)),
        frozenset(domains),
        frozenset(_name_tokens(public)),
    )


def _folded_all(values: Iterable[str]) -> Iterable[str]:
    return (text for value in values if (text := folded(value)))


def _tails(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        digits = _NO_DIGITS.sub("", value)
        if 7 <= len(digits) <= 15 and "@" not in value:
            yield digits[-_PHONE_TAIL:]


def _name_tokens(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        for token in name.replace("-", " ").replace("\u2019", "'").casefold().split():
            if (token := token.strip(".,")) and len(token) > 1 and token not in _TITLES:
                yield token if token.isascii() else fold(token) or token


def _has_digit(value: str) -> bool:
    return any(map(str.isdigit, value))


def _is_known(kind: str, text: str, value: str, known: frozenset[str], tails: frozenset[str]) -> bool:
    if text in known:
        return True
    if kind == "PHONE_NUMBER":
        digits = _NO_DIGITS.sub("", value)
        return len(digits) >= 7 and digits[-_PHONE_TAIL:] in tails
    if kind in _KNOWN_IN_PART and len(text) >= 6:
        for other in known:
            if text in other or (len(other) >= 6 and other in text):
                return True
    return False


def _has_public_domain(kind: str, value: str, domains: frozenset[str]) -> bool:
    return kind in {"EMAIL_ADDRESS", "URL"} and any(value.casefold().rstrip("/").endswith(domain) for domain in domains)


def _person_status(value: str, own: frozenset[str], public: frozenset[str]) -> Status:
    tokens = _name_set((value,))
    if not tokens.isdisjoint(own) and all(token in own or len(token) <= 3 for token in tokens):
        return Status.OWN
    return Status.PUBLIC if tokens and tokens <= public else Status.OTHER


StatusOf = Callable[[str, str, ReplyContext], Status | None]
