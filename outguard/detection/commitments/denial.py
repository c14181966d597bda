"""The reverse of a false claim: a reply that denies a deed which the ledger shows as executed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.targets import find_targets, same_target
from outguard.detection.commitments.terms import KINDS, Judgement
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import AuthorityProfile
from outguard.domain.finding import Status

_DENIAL = re.compile(
    r"(?i)\bno (refund|credit|cancellation|replacement|waiver)s? (?:has|have|was|were)\b"
    r"|\b(?:has|have|was|were|is|did)(?: not|n['\u2019]t)(?: yet)?(?: been)? "
    r"(refund|credit|cancel|replace|waive)(?:l?ed|d)?\b"
    r"|\b(?:nothing|not a (?:penny|cent)|none of (?:it|that|this|the money|your money)|no money) "
    r"(?:has|have|was|were|is)(?: (?:yet|so far|ever|actually|as yet)){0,2}(?: been)? "
    r"(refund|credit|cancel|replace|waive)(?:l?ed|d)\b"
)
_DENIED = ("refund", "credit", "cancel", "replace", "waive")
"""A text in ASCII denies nothing without one of these."""
_ELSE = re.compile(
    r"(?i)\b(?:second|another|other|again|twice|more|rest|remaining|twin|if|unless|until|both|whole|full)\b"
)
_AHEAD = re.compile(r"(?i)\b(?:will|shall|promise|guarantee|instead|but)\b|['\u2019]ll\b")
_TYPES = {
    "refund": "REFUND",
    "credit": "CREDIT_OR_COMPENSATION",
    "cancel": "CANCELLATION",
    "cancellation": "CANCELLATION",
    "replace": "REPLACEMENT",
    "replacement": "REPLACEMENT",
    "waive": "FEE_WAIVER",
    "waiver": "FEE_WAIVER",
}


def denies(text: str) -> bool:
    """Whether the words deny a deed, with nothing beside it that might bind."""
    if text.isascii():
        lowered = text.lower()
        if not any(deed in lowered for deed in _DENIED):
            return False
    return _DENIAL.search(text) is not None and _ELSE.search(text) is None and not _AHEAD.search(text)


def find_denial(text: str, ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> Judgement | None:
    """The judgement on a sentence that denies an executed deed, None where it does not."""
    match = _DENIAL.search(text)
    if match is None or text.endswith("?") or _ELSE.search(text):
        return None
    kind = _TYPES[next(one for one in match.groups() if one).lower()]
    authority = profile.commitments.get(KINDS[kind])
    if authority is None or authority.requires_action is None:
        return None
    entries = [entry for entry in ledger if entry.topic == authority.requires_action]
    if not entries or any(entry.state is not LedgerState.EXECUTED for entry in entries):
        return None
    entry = next((one for one in entries if _may_be_meant(text, one)), None)
    if entry is None:
        return None
    what = f"{entry.amount} executed" if entry.amount else f"{entry.topic} executed"
    return Judgement(
        Status.UNBACKED,
        kind,
        f"denies {kind.lower().replace('_', ' ')}; the ledger has {what} ({entry.action_id})",
    )


def _may_be_meant(text: str, entry: LedgerEntry) -> bool:
    named, sums = find_targets(text), find_amounts(text)
    if named and entry.target and not any(same_target(one, entry.target) for one in named):
        return False
    return not sums or (entry.amount is not None and any(one.value == entry.amount.amount for one in sums))
