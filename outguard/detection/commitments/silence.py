"""An action that came to nothing, and a reply that does not say so.

Where the ledger holds a pending, denied, failed or rolled-back action on what the reply speaks of, honest words deny,
wait or hedge. If none do, the sentence that comes nearest to a claim is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.outcome import NOTHING_CAME
from outguard.detection.commitments.phrases import ADMITS, CAME_TO_NOTHING, GRANTED, WAITS
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.commitments.targets import find_targets, same_target
from outguard.detection.commitments.terms import deeds_of
from outguard.detection.commitments.tokens import words
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import AuthorityProfile

_OPEN = frozenset({LedgerState.PENDING, LedgerState.DENIED, LedgerState.FAILED, LedgerState.ROLLED_BACK})
_TO_DO = re.compile(r"(?i)(?:and |then )?(?:you (?:can|may)|please|let (?:me|us) know|feel free|if you|to)\b")
"""What the customer is to do is no claim of ours."""
_NO_HEDGE = re.compile(
    r"(?i)\bif (?:you|u)(?:['\u2019]d| would| do| should)? "
    r"(?:need|want|like|fancy|prefer|wish|feel|care|have|get|come|bring|are|can)\b|\b(?:at once|once (?:more|again))\b"
)
"""What the customer may do, and words that only look like a hedge. A reply that does not name the thing may be about
something else, and there they are hedge enough."""
_WILL_NOT = re.compile(
    r"(?i)\b(?:wo(?:n['\u2019]t)|will not|isn['\u2019]t going to|no longer|not (?=\w{2,20}ing\b)|nothing|never"
    r"|not any ?more)\b"
)
_HONEST = 0.3
_LEAST_BINDING = 0.22


@dataclass(frozen=True, slots=True)
class Silence:
    """The sentence taken for a claim, and the entry that it is held against."""

    sentence: ScoredSentence
    entry: LedgerEntry


def find_silence(
    sentences: Sequence[ScoredSentence],
    bindings: Sequence[float],
    ledger: Sequence[LedgerEntry],
    *,
    ending: Collection[str] = (),
) -> Silence | None:
    """The claim by silence in a text; `bindings` are the sentences' likelihoods of binding.

    `ending` are the topics of actions that end or stop a thing: that it will not be is then what they claim.
    """
    entry = next((e for e in ledger if e.state in _OPEN and not _made_good(e, ledger)), None)
    if entry is None:
        return None
    is_named = any(_names(sentence.clause.text, entry) for sentence in sentences)
    best: tuple[float, ScoredSentence] | None = None
    for sentence, binding in zip(sentences, bindings, strict=True):
        text = _NO_HEDGE.sub("", sentence.clause.text) if is_named else sentence.clause.text
        if WAITS.search(text) and not GRANTED.search(text):
            return None
        if ADMITS.search(_WILL_NOT.sub("", text) if entry.topic in ending and _names(text, entry) else text):
            if sentence.acts.honest >= _HONEST or _tells_plainly(sentence.clause.text, entry):
                return None
            continue
        if sentence.clause.text.endswith("?") or _TO_DO.match(sentence.clause.text):
            continue
        weight = binding + (0.2 if _names(sentence.clause.text, entry) else 0.0)
        if best is None or weight > best[0]:
            best = (weight, sentence)
    if best is None or best[0] < _LEAST_BINDING:
        return None
    return Silence(best[1], entry)


def since_last_deed(ledger: Sequence[LedgerEntry], profile: AuthorityProfile) -> Sequence[LedgerEntry]:
    """The entries after the last deed that was executed: a reply that tells a deed which stands tells the last one."""
    deeds = {entry.action_id for entry in deeds_of(ledger, profile) if entry.state is LedgerState.EXECUTED}
    last = max((at for at, entry in enumerate(ledger, start=1) if entry.action_id in deeds), default=0)
    return ledger[last:]


def _made_good(entry: LedgerEntry, ledger: Sequence[LedgerEntry]) -> bool:
    """Whether the same was done after all: on the same thing, as far as the ledger tells."""
    return any(
        other.topic == entry.topic
        and other.state is LedgerState.EXECUTED
        and (not other.target or not entry.target or other.target == entry.target)
        for other in ledger
    )


def _tells_plainly(text: str, entry: LedgerEntry) -> bool:
    """Whether the words say of the very deed that nothing came of it, whatever the scorer hears in them."""
    if entry.state not in NOTHING_CAME or not CAME_TO_NOTHING.search(text):
        return False
    kind = entry.topic.rpartition(".")[2].split("_")
    return _names(text, entry) or any(word.startswith(part) for part in kind for word in words(text))


def _names(text: str, entry: LedgerEntry) -> bool:
    if entry.target and any(same_target(named, entry.target) for named in find_targets(text)):
        return True
    money = entry.amount
    return money is not None and any(a.value == money.amount for a in find_amounts(text))
