"""Another customer's case by its marks: an identifier of the recipient's kind but not theirs, and a full name.

A neighbour who took the parcel in, a witness or a driver with their number is no other customer: their contact is cut.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from outguard.domain.context import ReplyContext

_ID = re.compile(r"\b[A-Z]{2,6}-(?:[A-Z]{2,4}-)?[A-Z0-9]*\d[A-Z0-9-]*\b")
_CODE = re.compile(r"\b(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-Z0-9]{5,12}\b")
"""Booking codes and the like, without a hyphen."""
_FULL_NAME = re.compile(r"\b[A-Z][a-zà-ÿ'\u2019]+(?:-[A-Z][a-zà-ÿ]+)? (?:[A-Z]\. )?[A-Z][a-zà-ÿ'\u2019-]+\b")
_PART = r"(?:[A-Z]|(?![a-z])[^\W\d_])[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*"
_TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Herr|Frau|Madame|Mme|Monsieur|Señora?|Signora?)\.? ({_PART}(?: {_PART})?)"
    rf"|\bthe ({_PART}) family\b|\b[Tt]he (?!Netherlands|Philippines|Alps|Andes)({_PART}s)"
    r"(?=,? (?:at|in|next|two|three|from|down|over|had|have|are|were|owe)\b)"
)
_FIRST_LAST = re.compile(rf"\b({_PART}) ({_PART})(?![\w&])")
PRIVATE = (  # where this does not match, `tells_of` is never true
    r"(?i)\b(?:owe[sd]?|owing|in arrears|behind (?:on|with)|overdrawn|bankrupt|evicted|in debt|a debt|fainted|collapsed"
    r"|reported (?:him|her|them)"
    r"|was (?:refused|declined|banned|suspended|fined|sacked|dismissed|diagnosed|upgraded|refunded)"
    r"|(?:has|have|had|'ve|'s) been (?:refused|declined|banned|suspended|fined|charged|refunded|talking|seeing"
    r"|messaging|reported)"
    r"|(?:her|his|their) (?:own |last |new |old |travel |eye |blood )?"
    r"(?:jabs?|injections?|vaccination|surgery|operation|order|booking|account|claim|cards?|refund|policy|money"
    r"|plan|bill|debts?|password|case|dispute|rent|salary|wages|grades?|marks?|results?|divorce|illness|pregnancy|therapy"
    r"|treatment|loan|prescriptions?|medication|tablets|dos(?:e|age)|appointment|diagnosis|symptoms|tests?|scan|meter|readings?"
    r"|usage|tariff|permit|fines?|arrears|direct debit|payments?|balance|invoices?|statement|subscription|reservation"
    r"|contract|deposit|file|records?)\b|went to (?:the )?(?:mr|mrs|ms|miss|\w+ family)|belongs to|settled (?:at|for)"
    r"|on (?:antidepressants|insulin|methadone|benefits|sick leave|probation|parole)"
    r"|pays? (?:less|more|[$€£]\s?\d)|got (?:[$€£]\s?\d|a refund)"
    r"|policy lapsed|complained|cancelled (?:her|his|theirs)|failed (?:her|his|the)|whom (?:we|the \w+) )"
    r"|\b(?:notice|agreement|order|booking|claim|policy|file|case|account|invoice|prescription|results|chart|records|lease"
    r"|mortgage|loan|complaint|fine|payment|refund|divorce|debt) of (?:(?-i:Mrs?|Ms|Miss)\.? )?(?-i:[A-Z]\w+ [A-Z])"
)
_PRIVATE = re.compile(PRIVATE)
_TOLD_AS_CONTACT = re.compile(
    r"(?i)\b(?:ring|call|phone|text|reach|ask for|write to|e-?mail|contact)\b|\b(?:is|it's|was|left|handed in|waiting"
    r"|delivered|taken in|signed for)(?: \w+)? (?:with|by|at|to)\b"
)
_REACHED = re.compile(
    r"\d{5,}|\d[\d ()-]{6,}\d|@[\w.-]+\.\w|\b\d{1,4}[a-z]? [A-Z][\w'\u2019]+ (?:[A-Z]\w+|St|Rd)\b"
    r"|\b\d{1,4} [A-Z]\w+['\u2019]s \w+"
)
_ROLES = (
    r"(?:our|your|my|the|a|by|from) (?:[\w-]+ ){0,3}(?:colleague|agent|driver|courier|guard|technician|engineer"
    r"|manager|advis[eo]r|tutor|teacher|doctor|nurse|warden|inspector|landlord|solicitor|trainer|coach|guide|instructor"
    r"|professor|vet|surgeon|chef|author|host|buddy|wife|husband|partner|son|daughter|mother|father|brother|sister|friend"
    r"|executor|co-?\w+|team|assistant|supervisor|representative|nominee|beneficiary|payer|guarantor)s?\b"
)
_OUR_ROLE = re.compile(rf"(?i)\b{_ROLES}")
_OURS = re.compile(rf"(?i)\b{_ROLES}(?: (?:of|on|from|for) \w+)?,? (?:called |named |is )?\Z")
_NO_FIRST_NAME = re.compile(r"hi|hello|hey|dear|thanks|mr|mrs|ms|miss|mx|dr|prof|the|for|and|your|our")
_OF_ONE = re.compile(r"(?i)\b(?:he|she|his|her|him)\b")


@dataclass(frozen=True, slots=True)
class Strangers:
    """What is known to be the recipient's: identifiers, their prefixes, and names."""

    ids: frozenset[str]
    prefixes: frozenset[str]
    shapes: frozenset[str]
    names: str
    said: str
    given: Collection[str]
    surname: str = ""

    @classmethod
    def of(cls, context: ReplyContext, given: Collection[str] = ()) -> Strangers:
        """The recipient's marks; empty where the recipient is not known."""
        if context.customer is None:
            return cls(frozenset(), frozenset(), frozenset(), "", "", given)
        values = [*context.customer.known_values, *(entry.target for entry in context.ledger if entry.target)]
        ids = frozenset(
            found for value in values for kind in (_ID, _CODE) for found in kind.findall(value.upper()) if found
        )
        public = (context.customer.name, context.recipient.display_name, context.profile.company)
        names = " ".join([*public, *context.profile.public_values, *context.customer.known_values]).lower()
        prefixes = frozenset(one.split("-")[0] for one in ids if "-" in one)
        shapes = frozenset(_shape(one) for one in ids if "-" not in one)
        surname = context.customer.name.lower().split()[-1:]
        return cls(ids, prefixes, shapes, names, context.last_user.lower(), given, "".join(surname))

    def told_in(self, sentence: str) -> bool:
        """Whether `sentence` holds an identifier of this kind that is not the recipient's, and somebody's full name."""
        if not self._has_foreign_id(sentence):
            return False
        return any(self._is_stranger(name) for name in _FULL_NAME.findall(sentence))

    def tells_of(self, sentence: str) -> bool:
        """Whether `sentence` names somebody unknown and what is theirs or befell them: a case, money, an illness."""
        if not self.names or _PRIVATE.search(sentence) is None:
            return False
        return any(True for _ in self._people(sentence))

    def knows_who(self, sentence: str) -> bool:
        """Whether `sentence` speaks of people of the recipient's or the company's, or whom the recipient has named."""
        if _OUR_ROLE.search(sentence) is not None:
            return True
        return any(name.lower() in self.said for name in _FULL_NAME.findall(sentence))

    def gives_contact(self, sentence: str) -> bool:
        """Whether `sentence` only tells where somebody is reached: that is stray contact data and can be cut."""
        if _PRIVATE.search(sentence) is not None or self._has_foreign_id(sentence):
            return False
        return _REACHED.search(sentence) is not None and _TOLD_AS_CONTACT.search(sentence) is not None

    def _has_foreign_id(self, sentence: str) -> bool:
        if self.prefixes and "-" in sentence:
            found = _ID.findall(sentence)
            if any(one.split("-")[0] in self.prefixes and one not in self.ids for one in found):
                return True
        if not self.shapes:
            return False
        return any(one not in self.ids and _shape(one) in self.shapes for one in _CODE.findall(sentence))

    def _people(self, sentence: str) -> Iterator[str]:
        """Names of people in `sentence` who are not known, not the company's and not named by the customer."""
        for match in _TITLED.finditer(sentence):
            name = next(group for group in match.groups() if group)
            if self._is_foreign(name, sentence[: match.start()]):
                yield name
        told_of = _OF_ONE.search(sentence) is not None
        for match in _FIRST_LAST.finditer(sentence):
            name, before = match.group(), sentence[: match.start()]
            is_given = match.group(1).lower() in self.given and self._is_foreign(name, before)
            if is_given or (told_of and _FULL_NAME.fullmatch(name) and self._is_namesake(name, before)):
                yield name

    def _is_foreign(self, name: str, before: str) -> bool:
        return self._is_stranger(name) and name.lower() not in self.said and _OURS.search(before) is None

    def _is_namesake(self, name: str, before: str) -> bool:
        """Whether somebody has the recipient's surname, but another first name."""
        first, last = name.lower().split()
        if last != self.surname or first in self.names or first in self.said or _NO_FIRST_NAME.fullmatch(first):
            return False
        return _OURS.search(before) is None

    def named_in(self, sentence: str) -> bool:
        """Whether `sentence` holds somebody's full name that is not among the names known here."""
        return bool(self.names) and any(self._is_stranger(name) for name in _FULL_NAME.findall(sentence))

    def _is_stranger(self, name: str) -> bool:
        return not any(part.rstrip("'\u2019s") and part.lower() in self.names for part in name.split())


def _shape(code: str) -> str:
    """What a code is made of: `LF4QQ1` is of the shape `AA9AA9`."""
    return "".join("9" if character.isdigit() else "A" for character in code)
