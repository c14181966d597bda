"""How many deeds words tell at once: "both refunds", "two refunds of $45 each", "refunded $45 twice", "on both orders".

Linear time: every repeat is bounded.
"""

from __future__ import annotations

import re

from outguard.detection.commitments.amounts import Amount

COUNTS = {"both": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_NUMBER = "(" + "|".join(COUNTS) + ")"
MANY = re.compile(rf"(?i)\b{_NUMBER}\b")
_ALL = re.compile(
    r"(?i)\b(both)\b|\b(?:all|the|every one of the) (two|three|four|five|six)\b|\b(two|three|four|five) of\b"
)
_DEEDS = re.compile(
    rf"(?i)\b{_NUMBER}(?: of)?(?: the| your| these| those| my| our)?(?: [^\s,;:]{{1,15}}){{0,2}}? "
    r"(?:refunds|credits|reimbursements|repayments|payouts|waivers|cancellations|replacements|vouchers|discounts)\b"
)
_ON_EACH = re.compile(
    rf"(?i)\b(?:for|on|from|to|of) (?:all )?{_NUMBER}(?: of)?(?: the| your| these| those)? "
    r"(?:orders|bookings|reservations|invoices|bills|subscriptions|policies|accounts|contracts|tickets|claims)\b"
)
_TIMES = re.compile(
    rf"(?i)\b{_NUMBER}(?: of)?(?: the| your| these| those| my| our)?(?: (?!for\b)[a-z]{{2,15}}){{0,2}}?"
    r"(?: (?:of|at|worth))? \Z"
)
_EACH = re.compile(r"(?i)\A\W{0,2}(?:each|apiece|per \w{2,12}|a head)\b")
_TWICE = re.compile(r"(?i)\A[^.;\n]{0,40}?\b(?:twice|two times|a second time)\b")
_FOLD = re.compile(r"(?i)\b(double|twice|triple|three times|four times)(?: the| that| your)? \Z")
_FOLDS = {"double": 2, "twice": 2, "triple": 3, "three times": 3, "four times": 4}
_TAKEN = re.compile(r"(?i)\b(?:charg|bill|paid|pay\b|took|taken|debit|asked|deduct|appear|ordered|bought)")
_TOGETHER = re.compile(r"(?i)\b(?:totall?ing|in total|altogether|together|in all|worth)\b")


def told_number(text: str) -> int:
    """How many deeds the words tell: 2 for "both", 3 for "all three"; 1 where they do not say."""
    match = _ALL.search(text)
    return 1 if match is None else COUNTS[next(one for one in match.groups() if one).lower()]


def told_deeds(text: str) -> int:
    """How many deeds the words name as such, as in "both refunds", or each on another thing; 1 where they do not."""
    found = (pattern.search(text) for pattern in (_DEEDS, _ON_EACH))
    return max((COUNTS[match.group(1).lower()] for match in found if match), default=1)


def times(text: str, amount: Amount, number: int) -> int:
    """How often `amount` is told to be paid: `number` where each of the things gets it and the words do not say."""
    before, behind = text[max(0, amount.start - 60) : amount.start], text[amount.end : amount.end + 60]
    if _EACH.match(behind):
        match = MANY.search(text)
        return COUNTS[match.group(1).lower()] if match else number
    if _TWICE.match(behind) and not _TAKEN.search(text):
        return COUNTS["two"]
    match = _FOLD.search(before)
    if match:
        return _FOLDS[match.group(1).lower()]
    match = _TIMES.search(before)
    return COUNTS[match.group(1).lower()] if match and not _TOGETHER.search(text) else 1
