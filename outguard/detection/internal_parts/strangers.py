"""Another customer's case by its marks: an identifier of the recipient's kind but not theirs, and a full name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outguard.domain.context import ReplyContext

_ID = re.compile(r"\b[A-Z]{2,6}-(?:[A-Z]{2,4}-)?[A-Z0-9]*\d[A-Z0-9-]*\b")
_FULL_NAME = re.compile(r"\b[A-Z][a-zà-ÿ'\u2019]+(?:-[A-Z][a-zà-ÿ]+)? (?:[A-Z]\. )?[A-Z][a-zà-ÿ'\u2019-]+\b")


@dataclass(frozen=True, slots=True)
class Strangers:
    """What is known to be the recipient's: identifiers, their prefixes, and names."""

    ids: frozenset[str]
    prefixes: frozenset[str]
    names: str

    @classmethod
    def of(cls, context: ReplyContext) -> Strangers:
        """The recipient's marks; empty where the recipient is not known."""
        if context.customer is None:
            return cls(frozenset(), frozenset(), "")
        values = [*context.customer.known_values, *(entry.target for entry in context.ledger if entry.target)]
        ids = frozenset(found for value in values for found in _ID.findall(value.upper()))
        public = (context.customer.name, context.recipient.display_name, context.profile.company)
        names = " ".join([*public, *context.profile.public_values, *context.customer.known_values]).lower()
        return cls(ids, frozenset(one.split("-")[0] for one in ids), names)

    def told_in(self, sentence: str) -> bool:
        """Whether `sentence` holds an identifier of this kind that is not the recipient's, and somebody's full name."""
        if not self.prefixes or "-" not in sentence:
            return False
        foreign = any(one.split("-")[0] in self.prefixes and one not in self.ids for one in _ID.findall(sentence))
        return foreign and any(self._is_stranger(name) for name in _FULL_NAME.findall(sentence))

    def named_in(self, sentence: str) -> bool:
        """Whether `sentence` holds somebody's full name that is not among the names known here."""
        return bool(self.names) and any(self._is_stranger(name) for name in _FULL_NAME.findall(sentence))

    def _is_stranger(self, name: str) -> bool:
        return not any(part.rstrip("'\u2019s") and part.lower() in self.names for part in name.split())
