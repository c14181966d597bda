"""Which of the profile's kinds a commitment can be about: its own, its siblings in money, those named in its words.

Money back is no credit: what is paid to a card or a bank is another deed than what is put on an account with us. Where
words say which of the two they mean, the other cannot back them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from outguard.detection.commitments.extract import Commitment
from outguard.detection.commitments.targets import same_target
from outguard.detection.commitments.terms import KINDS, MONEY, TYPES
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile

OPEN_TYPES = frozenset({"OTHER", "ACCOUNT_CHANGE"})
"""Types wide enough that any kind of the company's own may be what is meant."""
_REFUNDED = re.compile(r"(?i)\brefund\w{0,3}\b|\breimburs\w{1,6}\b|\bmoney back\b|\b(?:full|purchase) price back\b")
_NEAR = r"(?:[^.;\n]|\.(?=\d)){0,40}"
_TO_THE_BANK = re.compile(
    rf"(?i)\b(?:back|returned|reversed)\b{_NEAR}"
    r"\b(?:card|visa|mastercard|maestro|amex|american express|bank|iban|paypal"
    r"|original (?:form|means|method|payment))\b"
)
_WITH_US = re.compile(
    r"(?i)\b(?:credits?(?! cards?\b| ?note)|vouchers?|gift ?cards?|wallet|balance|points|coins|tokens|certificates?)\b"
)
"""Where a credit lies: a refund put there may be one."""
_GIVEN = re.compile(
    r"(?i)\b(?:vouchers?|gift ?cards?|goodwill|gesture|bonus|certificates?"
    r"|(?:store|shop|account|site|in-app|travel) credits?)\b"
    r"|\b(?:add|appl[yi]|put|g[ia]ve|plac|load|grant|pop)\w{0,4}\b"
    rf"{_NEAR}\bcredits?\b(?! (?:cards?|note)\b)"
)
_PLACE = re.compile(
    r"(?i)\b(?:(?<!gift )cards?|visa|mastercard|maestro|amex|american express|bank|iban|paypal|statement"
    r"|original (?:form|means|method|payment))\b"
)
"""Where money goes that is paid back, however it is called there: a card's statement shows a credit."""
_WAIVED = re.compile(r"(?i)\bwaive(?:d|r)?\b")
_FREE = re.compile(
    r"(?i)\b(?:on us|on the house|(?:is|are|be|comes?) free|for free|free of charge|at no (?:extra )?(?:cost|charge))\b"
)
"""What is not paid for, and so not paid back."""
_OFF = re.compile(
    r"(?i)\boff (?:your|the|a|any|all|every)? ?(?:next|following|coming|future|renewal|price)\b"
    r"|\b(?:cheaper|discount\w{0,2})\b"
    rf"|\bknock\w{{0,2}}\b{_NEAR}\boff\b"
)
"""A price made lower, which pays nothing back."""
_BACK = re.compile(r"(?i)\bback\b")
_A_FEE = re.compile(
    r"(?i)\b(?:fees?|charges?|charged|surcharges?|penalt(?:y|ies)|interest|fines?|tolls?|postage|shipping|delivery"
    r"|waive\w{0,2}|costs?|deposit|excess|overdraft|premium)\b"
)
_A_PRICE = re.compile(r"(?i)\b(?:difference|price|discount\w{0,2}|adjust\w{0,5}|match\w{0,3}|promo\w{0,6}|off|rate)\b")
_ENDING = re.compile(r"(?<=\w{4})(?:ings?|ations?|ions?|ments?|als?|ances?|s)\Z")
_GENERIC = frozenset({"product", "item", "order", "customer", "service", "account", "general", "other"})
"""Parts of a kind's name that words leave out."""


def kinds_of(c: Commitment, profile: AuthorityProfile, ledger: Sequence[LedgerEntry]) -> dict[str, Authority]:
    """The terms that can cover the commitment."""
    wanted = {KINDS[c.type]} if c.type in KINDS else set()
    if c.type in MONEY:
        wanted |= {KINDS[money] for money in MONEY}
    kinds = {kind: a for kind, a in profile.commitments.items() if kind in wanted}
    kinds |= _beyond_the_list(c, profile, wanted)
    if c.targets and not c.cued:
        kinds |= {k: a for k, a in profile.commitments.items() if _is_about(a, c, ledger)}
    if c.type == "CANCELLATION" and "fee_waiver" in profile.commitments:
        waiver = profile.commitments["fee_waiver"]
        if _is_about(waiver, c, [entry for entry in ledger if entry.state is LedgerState.EXECUTED]):
            kinds["fee_waiver"] = waiver
    for kind in other_money(c):
        kinds.pop(kind, None)
    return kinds


def _beyond_the_list(c: Commitment, profile: AuthorityProfile, wanted: set[str]) -> dict[str, Authority]:
    """The company's own kinds: those that the words name; any, where the type is open and none is named."""
    own = {kind: authority for kind, authority in profile.commitments.items() if kind not in TYPES}
    named = {kind: authority for kind, authority in own.items() if is_named(kind, c.words)}
    if c.type in OPEN_TYPES and not named:
        return own
    return named | {kind: authority for kind, authority in own.items() if wanted & set(kind.split("_"))}


def other_money(c: Commitment) -> frozenset[str]:
    """The kinds of money that the words rule out."""
    text = c.text
    if c.type not in MONEY:
        return frozenset()
    is_refund = _REFUNDED.search(text) is not None
    if (is_refund or _TO_THE_BANK.search(text)) and not _WITH_US.search(text):
        ruled_out = {"credit"}
        if not _A_FEE.search(text):
            ruled_out.add("fee_waiver")
        if not _A_PRICE.search(text):
            ruled_out.add("discount")
        return frozenset(ruled_out)
    if _PLACE.search(text) and not _WITH_US.search(text):
        return frozenset({"credit"})
    if is_refund or _BACK.search(text) or _PLACE.search(text):
        return frozenset()
    if _GIVEN.search(text):
        return frozenset({"refund"} if _A_FEE.search(text) else {"refund", "fee_waiver"})
    return frozenset({"refund"}) if any(kind.search(text) for kind in (_OFF, _FREE, _WAIVED)) else frozenset()


def is_named(kind: str, words: frozenset[str]) -> bool:
    """Whether every part of the kind's name is among the words, by its stem."""
    said = " ".join(("", *words))
    return all(" " + _ENDING.sub("", part)[:6] in said for part in kind.split("_"))


def allowed_kind(c: Commitment, kinds: Mapping[str, Authority]) -> Authority | None:
    """A kind beyond the list that needs no action and whose deed the words tell, such as `item_registration`."""
    for kind, authority in kinds.items():
        if kind in TYPES or authority.forbidden or authority.requires_action is not None:
            continue
        *rest, head = kind.split("_")
        if is_named(kind, c.words) or (set(rest) <= _GENERIC and is_named(head, c.words)):
            return authority
    return None


def _is_about(authority: Authority, c: Commitment, ledger: Sequence[LedgerEntry]) -> bool:
    """Whether the ledger holds a deed under these terms on the very thing that the words name."""
    return any(
        entry.topic == authority.requires_action
        and entry.target is not None
        and any(same_target(named, entry.target) for named in c.targets)
        for entry in ledger
    )
