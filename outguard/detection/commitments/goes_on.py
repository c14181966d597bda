"""Words that go on about money just told: where it comes off or shows, or what is left to pay. They give no more."""

from __future__ import annotations

import re

from outguard.detection.commitments.extract import Commitment
from outguard.detection.commitments.terms import MONEY, Judgement
from outguard.domain.finding import Status

_MAX_GAP = 3
_IT = (
    r"\A\W{0,4}(?:(?:and|so|where|which means) )?"
    r"(?:it|that|this|they|which|(?:the|this|that) (?:money|credit|amount|sum|discount|reduction))"
)
_WHERE = r"(?:off|on|onto|in|into|to|towards?|against|at|from|out of|automatically|by itself|when|until)"
_USED = re.compile(
    rf"(?i){_IT}(?:['\u2019]s|['\u2019]ll be| is| are| will be| gets?)? ?(?:\w{{2,14}} )?"
    r"(?:comes?|come|goes|go|taken|deducted|knocked|counted|counts?|applied|applies|used|set|credited|lands?|shows?"
    rf"|appears?|sits?|waits?|waiting|valid|spent|redeemable)(?: up| straight| right| automatically)? {_WHERE}\b"
)
"""Where what "it" names is used up, shown or kept."""
_MORE = re.compile(
    r"(?i)\b(?:each|every|all|both|again|another|twice|double[ds]?|triple[ds]?|same|extra|more|second|always|for good"
    r"|forever|per|months|years|life|from now on|monthly|weekly|yearly|any|too|also|as well|plus|free|waived?|waiving"
    r"|refund\w{0,3}|cancel\w{0,5}|gift|on us|on the house)\b|[%\d]"
)
"""It is given more than once, or more than was told."""
_BALANCE = re.compile(
    r"(?i)\A\W{0,4}(?:(?:and|so|which means|leaving|that leaves|which leaves|bringing) )?"
    r"(?:(?:the|your|its|this|that) )?(?:\w{2,14} ){0,2}"
    r"(?:folio|balance|bill|invoice|total|account|statement|amount(?: due| to pay)?|instal?lment)\b"
    r"[^.;\n$\u00a3\u20ac\d]{0,30}\b(?:reads?|shows?|stands?|comes?|is|drops?|falls?|sits?|of|to)\b"
    r"[^.;\n$\u00a3\u20ac\d]{0,12}[A-Z]{0,3}[$\u00a3\u20ac\u20b9]? ?\d[\d.,]{0,12}\W{0,4}\Z"
)
"""What is left to pay, told as one sum and nothing beside it."""


def goes_on(before: Commitment, judged: Judgement, c: Commitment) -> bool:
    """Whether `c`, right behind `before` that may go, says no more of the same money."""
    if not 0 <= c.start - before.end <= _MAX_GAP or not before.binding or c.targets:
        return False
    if judged.type not in MONEY or judged.status not in {Status.BACKED, Status.WITHIN_AUTHORITY}:
        return False
    if c.amounts:
        is_left = all(amount.value > 0 for amount in c.amounts) and _BALANCE.match(c.text) is not None
        return is_left and judged.status is Status.BACKED
    return bool(before.amounts) and _USED.match(c.text) is not None and _MORE.search(c.text) is None
