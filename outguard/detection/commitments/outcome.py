"""Words that tell truly what the ledger has: that a deed came to nothing, or that a thing is as it was.

Only where no deed on the very thing or sum that they name stands; beside one that does they deny it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from outguard.detection.commitments.extract import Commitment
from outguard.detection.commitments.phrases import CAME_TO_NOTHING, GRANTED
from outguard.detection.commitments.targets import same_target
from outguard.domain.action import LedgerEntry, LedgerState

NOTHING_CAME = frozenset({LedgerState.DENIED, LedgerState.FAILED, LedgerState.ROLLED_BACK})
"""States of an action that was tried or asked for and is not done."""
_DONE = frozenset({LedgerState.EXECUTED, LedgerState.APPROVED})
_LEAD = r"\A\W{0,4}(?:[\w\u2019' -]{2,30}: )?(?:(?:so|sorry|unfortunately|alas|regrettably|i['\u2019]m afraid),? )?"
_OWING = (
    r"(?! (?:\w{1,12} ){0,2}?(?:problem|worr(?:y|ies)|doubt|need|longer|more|further|fees?|charg(?:es?|ed|ing)|costs?"
    r"|payments?|pa(?:y|ys|ying|id)|penalt(?:y|ies)|excess|deposit|interest|bill(?:s|ed|ing)?|invoices?|wait|trouble|matter"
    r"|questions?|ifs|catch|due|ow(?:ed?|es|ing))\b)"
)
_NONE = re.compile(
    rf"(?i){_LEAD}(?:(?:there (?:is|was|were|are) )?no(?: one|body)?\b|none of\b|nothing (?:has|was|came|went)\b)"
    rf"{_OWING}"
)
"""Nobody did it, or there is none of it; "no charge" is a thing given."""
_AS_BEFORE = re.compile(
    r"(?i)\b(?:is|are|was|were) (?:now )?(?:back|again) (?:on|to|at|in|with) (?:the|its|your) "
    r"(?:old|original|former|previous|earlier|first)\b"
)
_STANDS = re.compile(r"(?i)\b(?:still )?(?:stands?|remains? (?:due|payable|as (?:it|billed)))\b")
_OFFERED = re.compile(r"(?i)\b(?:offers?|quotes?|promises?|word|deals?|prices?|rates?)\b")
_UNTOUCHED = re.compile(
    r"(?i)\b(?:is|are|was|were|been|left) (?:still )?(?:untouched|unchanged|unaltered|as (?:it|they) (?:was|were))\b"
    r"|\b(?:has|have|was|were)(?: not|n['\u2019]t) (?:been )?(?:touched|changed|altered)\b"
)
_AHEAD = re.compile(
    r"(?i)\b(?:next|until|till|through|years?|months?|renewal|despite|forever|always|by|rise|increase)\b"
)
"""What is to stay so is a promise."""
_ELSE = re.compile(r"(?i)\b(?:but|instead|anyway|nevertheless|will|shall|going to)\b|['\u2019]ll\b")


def tells_outcome(
    c: Commitment, deeds: Sequence[LedgerEntry], *, ending: Collection[str], fees: Collection[str]
) -> bool:
    """Whether the words say no more of what they name than that nothing came of it.

    `ending` are the topics of actions that end a thing, `fees` those that let off what is owed.
    """
    named = _named(c, deeds)
    if _ELSE.search(c.text) or any(one.state in _DONE for one in named):
        return False
    if c.targets and not c.amounts and _UNTOUCHED.search(c.text) and not _AHEAD.search(c.text):
        return True
    if not named or any(one.state not in NOTHING_CAME for one in named):
        return False
    topics = {one.topic for one in named}
    return bool(
        CAME_TO_NOTHING.search(c.text)
        or _AS_BEFORE.search(c.text)
        or (topics <= set(fees) and _STANDS.search(c.text) and not _OFFERED.search(c.text))
        or (topics.isdisjoint(ending) and _NONE.match(c.text) and not GRANTED.search(c.text.partition(",")[2]))
    )


def _named(c: Commitment, deeds: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The deeds on the things that the words name, else on the sums, else all."""
    if c.targets:
        return [one for one in deeds if one.target and any(same_target(named, one.target) for named in c.targets)]
    if not c.amounts:
        return list(deeds)
    return [one for one in deeds if one.amount is not None and any(a.value == one.amount.amount for a in c.amounts)]
