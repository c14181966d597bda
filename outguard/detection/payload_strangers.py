"""Another customer's record in a payload: an object with an identifier of the recipient's kind and another's name.

The smallest such object is told as a whole. An object that also holds something of the recipient's is looked into, not
told: it may be the list that both records stand in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from outguard.detection.payload_rules import words_of
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding
from outguard.domain.payload_path import ROOT, item_path, member_path

_PREFIX = re.compile(r"([a-z]{2,6})-[a-z0-9-]{1,40}", re.IGNORECASE)
_CODE = re.compile(r"(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-Z0-9]{5,12}")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_OF_A_PERSON = frozenset(
    (
        *("name", "holder", "customer", "member", "buyer", "patient", "recipient", "tenant", "insured", "claimant"),
        *("policyholder", "guest", "passenger", "traveller", "student", "subscriber", "player", "resident"),
    )
)
_MAX_DEPTH = 100
"""Deeper than any payload that is judged: the settings allow 90."""
_MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class _Marks:
    """What is the recipient's: identifiers, their prefixes and shapes, names, mail addresses and public domains."""

    ids: frozenset[str]
    prefixes: frozenset[str]
    shapes: frozenset[str]
    names: frozenset[str]
    mails: frozenset[str]
    public: str


@dataclass(slots=True)
class _Seen:
    """What an object and all below it hold."""

    foreign: bool = False
    own: bool = False
    person: bool = False

    def add(self, other: _Seen) -> None:
        """Hold what `other` holds too."""
        self.foreign |= other.foreign
        self.own |= other.own
        self.person |= other.person


def stranger_findings(payload: Mapping[str, Any], context: ReplyContext) -> list[Finding]:
    """A finding for each object of `payload` that is another customer's; none where the recipient is not known."""
    marks = _marks(context)
    if marks is None or not (marks.prefixes or marks.shapes):
        return []
    found: list[Finding] = []
    _look(payload, ROOT, "", marks, found, 0)
    return found


def _look(value: Any, path: str, key: str, marks: _Marks, found: list[Finding], depth: int) -> _Seen:  # noqa: PLR0917
    seen = _Seen()
    if depth > _MAX_DEPTH:
        return seen
    if isinstance(value, Mapping):
        told = len(found)
        for name, item in value.items():
            seen.add(_look(item, member_path(path, name), str(name), marks, found, depth + 1))
        if seen.foreign and seen.person and not seen.own and len(found) == told and path != ROOT:
            found.append(_finding(path))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            seen.add(_look(item, item_path(path, index), key, marks, found, depth + 1))
    elif isinstance(value, str) and len(value) <= _MAX_VALUE:
        _weigh(value.strip(), key, marks, seen)
    return seen


def _weigh(value: str, key: str, marks: _Marks, seen: _Seen) -> None:
    folded = value.casefold()
    if folded in marks.ids or folded in marks.mails:
        seen.own = True
    elif _is_foreign(value, marks):
        seen.foreign = True
    elif _MAIL.fullmatch(value):
        seen.person |= folded.rpartition("@")[2] not in marks.public
    elif words_of(key).rpartition(" ")[2] in _OF_A_PERSON and value[:1].isupper():
        words = {word.casefold() for word in _WORD.findall(value)}
        seen.own |= bool(words & marks.names)
        seen.person |= bool(words) and not words & marks.names and folded not in marks.public


def _is_foreign(value: str, marks: _Marks) -> bool:
    prefix = _PREFIX.fullmatch(value)
    if prefix is not None:
        return prefix.group(1).casefold() in marks.prefixes
    return _CODE.fullmatch(value) is not None and _shape(value) in marks.shapes


def _marks(context: ReplyContext) -> _Marks | None:
    customer = context.customer
    if customer is None:
        return None
    values = [*customer.known_values, *(entry.target for entry in context.ledger if entry.target)]
    names = (customer.name, context.recipient.display_name, *customer.known_values)
    return _Marks(
        ids=frozenset(value.casefold() for value in values),
        prefixes=frozenset(match.group(1).casefold() for value in values if (match := _PREFIX.fullmatch(value))),
        shapes=frozenset(_shape(value) for value in values if _CODE.fullmatch(value)),
        names=frozenset(word.casefold() for name in names if name for word in _WORD.findall(name)),
        mails=frozenset(mail.casefold() for mail in (*customer.emails, context.recipient.address)),
        public=" ".join((context.profile.company, *context.profile.public_values)).casefold(),
    )


def _shape(code: str) -> str:
    return "".join("9" if character.isdigit() else "A" for character in code)


def _finding(path: str) -> Finding:
    return Finding(
        category=Category.INTERNAL,
        type="OTHER_CUSTOMER",
        status=None,
        start=-1,
        end=-1,
        score=0.9,
        rule="payload.other_customer",
        field=path,
        reason="another customer's record",
    )
