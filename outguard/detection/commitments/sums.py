"""What a claim tells in parts: sums or things one after another, a sum for each of several, what all makes together.

A claim of several deeds is backed only where the ledger covers every one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from outguard.detection.commitments.amounts import Amount, find_amounts
from outguard.detection.commitments.extract import Commitment
from outguard.detection.commitments.targets import placed_targets

_MAX_GAP = 100
_PAIR = 2
_JOINED = re.compile(
    r"(?i)(?:,|;|\+|&|/|\band|\bplus|\bas well as|\bthen)\s{0,2}"
    r"(?:also |another |a further |further |(?:and )?the (?:other|second|remaining) )?\Z"
)
_NOT_PAID = re.compile(
    r"(?i)\b(?:of|off|from|instead|rather|not|less|minus|out|worth|costs?|was|were|is|are|stays?|remains?|order|total|limit"
    r"|over|under|above|below|than|if|but|because|pay|paid|owed?|owes|charged?|due)\b"
)
"""Between two sums: the second is no payment of the same kind."""
_THINGS_JOINED = re.compile(
    r"(?i)\s{0,2}(?:,|,? and|&|\+|,? plus|,? as well as)\s{1,2}(?:also |both |the |your ){0,2}"
    r"(?:[a-z]{3,14} ){0,2}(?:no\.? |number )?\Z"
)
_EACH = re.compile(r"(?i)\A\W{0,2}(?:each|apiece|per \w{2,12}|a head)\b")
_COUNTS = {"both": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_MANY = re.compile(r"(?i)\b(both|two|three|four|five|six)\b")
_ALL = re.compile(
    r"(?i)\b(both)\b|\b(?:all|the|every one of the) (two|three|four|five|six)\b|\b(two|three|four|five) of\b"
)
_TOTAL_BEHIND = re.compile(
    r"(?i)\A(?:(?![£$€¥₹,;:\n]| and ).){0,60}?\b(?:altogether|in all|in total|all told|in sum)\b"
    r"|\A(?: ?(?:back|refunded|returned|credited|gone))?[\s,(-]{0,3}(?:altogether|in all|in total|all told|all in all"
    r"|(?:all )?together|total|in sum)\b"
)
_TOTAL_BEFORE = re.compile(
    r"(?i)\b(?:altogether|in all|in total|all told|together|adds? up to|adding up to|comes? to|makes?|making"
    r"|total(?:s|l?ing)?(?: of)?"
    r"|sum of)\b(?: (?:that's|that is|it's|it is))?[\s,:=]{0,3}\Z"
)
_OTHER_TOTAL = re.compile(
    r"(?i)\b(?:pay|paid|cost|costs|charged?|due|owe[sd]?|price|order(?:ed)?|bill(?:ed)?|spent|balance|worth|if|would|could|not|"
    r"n['\u2019]t|pending|waiting|last|earlier|before)\b|n['\u2019]t\b"
)
_NOT_OURS = re.compile(
    r"(?i)\b(?:you(?:['\u2019]ve| have)? (?:paid|spent|owed?)|costs?|charged|orders?|price|worth|due|bill\w{0,3})\b"
    r"[^.;,]{0,20}\Z"
)
"""Before a sum: it is what the customer paid or has to."""
_LIKEWISE = re.compile(
    r"(?i)\A[\s,;-]{0,3}(?:and |\u2013 |\u2014 )?"
    r"(?:so (?:is|are|was|were|has|have|did|does)|as (?:is|are|was|were|has|have)|likewise"
    r"|(?:the )?same (?:for|goes for)) "
)


@dataclass(frozen=True, slots=True)
class Part:
    """One of several deeds told in one claim: a sum, the things it is for, or either alone."""

    amount: Amount | None
    targets: tuple[str, ...]

    def __str__(self) -> str:
        """As a reviewer reads it."""
        what = "" if self.amount is None else str(self.amount)
        which = ", ".join(target.upper() for target in self.targets)
        return f"{what} for {which}" if what and which else what or which


def parts_of(c: Commitment) -> list[Part]:
    """The deeds that a claim tells one after another, none where it tells one."""
    sums = [a for a in c.amounts if a.value > 0 and not is_total(c.text, a)]
    if len(sums) > 1:
        return list(_paid_in_turn(c.text, sums))
    if len(sums) == 1:
        return _for_each(c, sums[0])
    return _done_in_turn(c.text) if len(c.targets) > 1 else []


def totals_in(text: str) -> list[Amount]:
    """The sums in `text` that are told as what several payments make together."""
    if _OTHER_TOTAL.search(text):
        return []
    return [amount for amount in find_amounts(text) if amount.value > 0 and is_total(text, amount)]


def is_total(text: str, amount: Amount) -> bool:
    """Whether `amount` is told as what several make together."""
    behind, before = text[amount.end : amount.end + 80], text[max(0, amount.start - 30) : amount.start]
    if _NOT_OURS.search(before):
        return False
    return _TOTAL_BEHIND.match(behind) is not None or _TOTAL_BEFORE.search(before) is not None


def likewise(text: str) -> list[Part]:
    """The things that the words after a claim say it of too: "and so is ORD-2"."""
    if not _LIKEWISE.match(text):
        return []
    return [Part(None, (target,)) for target, _, _ in placed_targets(text)]


def told_number(text: str) -> int:
    """How many deeds the words tell: 2 for "both", 3 for "all three"; 1 where they do not say."""
    match = _ALL.search(text)
    return 1 if match is None else _COUNTS[next(one for one in match.groups() if one).lower()]


def _paid_in_turn(text: str, sums: list[Amount]) -> Iterator[Part]:
    """The parts of the first chain of sums; one that the others make up is no part of its own."""
    chain = [sums[0]]
    for first, second in pairwise(sums):
        gap = text[first.end : second.start]
        if len(gap) > _MAX_GAP or not _JOINED.search(gap) or _NOT_PAID.search(gap):
            if len(chain) > 1:
                break
            chain = []
        chain.append(second)
    if len(chain) > _PAIR and chain[0].value == sum(one.value for one in chain[1:]):
        chain = chain[1:]
    if len(chain) < _PAIR:
        return
    ends = [one.start for one in chain[1:]] + [len(text)]
    named = placed_targets(text)
    for amount, end in zip(chain, ends, strict=True):
        yield Part(amount, tuple(target for target, start, _ in named if amount.end <= start < end))


def _for_each(c: Commitment, amount: Amount) -> list[Part]:
    if not _EACH.match(c.text[amount.end :]):
        return []
    match = _MANY.search(c.text)
    number = _COUNTS[match.group(1).lower()] if match else len(c.targets)
    return [Part(replace(amount, value=amount.value * number), ())] if number > 1 else []


def _done_in_turn(text: str) -> list[Part]:
    named = placed_targets(text)
    chain: list[str] = []
    for (first, _, end), (second, start, _) in pairwise(named):
        if _THINGS_JOINED.match(text[end:start]):
            chain = [*(chain or [first]), second]
        elif chain:
            break
    return [Part(None, (target,)) for target in chain]
