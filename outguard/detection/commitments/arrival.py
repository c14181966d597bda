"""When money that was paid back will be there: told so in passing that the words by themselves promise nothing.

Linear time. Only the few words after a payment that the ledger backs are read so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.extract import Commitment, Reading, Tense, commitment_of
from outguard.detection.commitments.terms import KINDS, Judgement
from outguard.detection.commitments.times import too_soon
from outguard.detection.commitments.tokens import words
from outguard.domain.context import ReplyContext

MAX_SENTENCES = 3
"""So many sentences from the payment on are about it."""
_PLACE = r"(?:account|bank|card|visa|mastercard|amex|paypal|statement|balance|banking app)"
_THERE = re.compile(
    r"(?i)\b(?:it|that|this|they|money|refund|amount|payment|funds|sum|both|everything)(?:['\u2019](?:ll|s))?\b[^.;\n]{0,30}"
    rf"\b(?:(?:in|into|on|onto|with|reach(?:es)?|hits?) (?:your|the|ur) [^.;\n]{{0,20}}{_PLACE}"
    r"|(?:back )?with you|lands?|arrives?|gets there|shows? up|(?:is|be|'s) (?:back |there|in)\b)"
    rf"|\b(?:look at|check|refresh|open) (?:your|the|ur) [^.;\n]{{0,20}}{_PLACE}"
    r"|\byou(?:['\u2019]ll)? (?:will |can |should )?(?:see|find|have|spend|use) (?:it|the money|that)\b"
)
_BACK = re.compile(
    r"(?i)\byou(?:['\u2019]ll| will| are going to)(?: also| then)? (?:get|have|see|receive) (?:all )?(?:your|the|all)"
    r"(?: full)? (?:money|refund|payment|fare|deposit|price)\b"
)
_DEPENDS = re.compile(r"(?i)\b(?:once|when|after|as soon|provided|should|would|can)\b")
_HEDGED = re.compile(
    r"(?i)\b(?:usually|normally|often|mostly|some banks|banks?(?: \w+)? (?:may|can|might)|may|might|could|if|unless|not"
    r"|until|depends|as a rule|wait|allow|at the (?:earliest|latest)|no later|longer|yet|was|were|had|did|call|phone"
    r"|ring)\b|n['\u2019]t\b|\?"
)


def arrives_too_soon(text: str, kind: str, context: ReplyContext) -> Judgement | None:
    """The judgement on words beside a payment of type `kind` that say it is there sooner than the profile allows."""
    if not _THERE.search(text) or _HEDGED.search(text):
        return None
    profile = context.profile
    return too_soon(_promise(text, kind, context), profile.commitments.get(KINDS[kind]), profile.published_policy)


def money_back(clause: Clause, context: ReplyContext) -> Commitment | None:
    """The promise of money back that a clause makes in plain words, None where it makes none."""
    if not _BACK.search(clause.text) or _HEDGED.search(clause.text) or _DEPENDS.search(clause.text):
        return None
    return replace(_promise(clause.text, "REFUND", context), start=clause.start, end=clause.end)


def _promise(text: str, kind: str, context: ReplyContext) -> Commitment:
    told = frozenset(words(text))
    reading = Reading("promise", (kind,), binding=True, score=1.0, tense=Tense.PROMISED, words=told)
    return commitment_of(Clause(0, len(text), text), reading, context.now if context.is_sent_now else None)
