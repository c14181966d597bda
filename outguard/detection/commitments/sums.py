"""What a claim tells in parts: sums or things one after another, a sum for each of several, what all makes together.

A claim of several deeds is backed only where the ledger covers every one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from outguard.detection.commitments.amounts import Amount, find_amounts
from outguard.detection.commitments.extract import Commitment
from outguard.detection.commitments.plural import times
from outguard.detection.commitments.targets import find_targets, placed_targets

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
_LESS = re.compile(r"(?i)\b(?:minus|less|after deducting|deducting|without)\b|[-\u2013\u2212](?=[^\w]{0,4}\Z)")
_PLUS = re.compile(r"(?i)\+|\b(?:plus|and|with)\b|,")
_MAKES = re.compile(
    r"(?i)=|\b(?:makes?|making|comes? to|leaves|leaving|gives|giving|in all|so|that is|that['\u2019]s|total)\b"
)
"""Between sums: how the next is reckoned with those before it, and that it is what they make."""
_THINGS_JOINED = re.compile(
    r"(?i)\s{0,2}(?:,|,? and|&|\+|,? plus|,? as well as)\s{1,2}(?:also |both |the |your ){0,2}"
    r"(?:[a-z]{3,14} ){0,2}(?:no\.? |number )?\Z"
)
_RANGE = re.compile(r"(?i)(?<!\bfrom )#\s?(?:to|up to|or|-|\u2013|\u2014)\s?\Z|\bbetween #\s?and\s?\Z")
_NEAR_CHARS = 12
_MORE = re.compile(r"(?i)\b(?:more than|over|upwards? of|above|in excess of|north of)(?: the)? \Z")
_LEAST_MORE = Decimal("0.01")
"""How much more than a sum "more than" it is."""
_TOTAL_BEHIND = re.compile(
    r"(?i)\A(?:(?![£$€¥₹,;:\n]| and ).){0,60}?\b(?:altogether|in all|in total|all told|in sum)\b"
    r"|\A(?: ?(?:back|refunded|returned|credited|gone))?[\s,(-]{0,3}(?:altogether|in all|in total|all told|all in all"
    r"|(?:all )?together|total|in sum)\b"
)
_TOTAL_BEFORE = re.compile(
    r"(?i)\b(?:altogether|in all|in total|all told|together|adds? up to|adding up to|comes? to|makes?|making"
    r"|total(?:s|l?ing)?(?: of)?"
    r"|sum of)\b(?: (?:that's|that is|it's|it is))?[\s,:=]{0,3}\Z|=\s{0,2}\Z"
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
_TOO = re.compile(r"(?i)(?:,| and| &|;) (?:and )?(?P<named>[A-Z\d#-]{4,24}) (?:likewise|too|as well|also)\b")
_LIKEWISE = re.compile(
    r"(?i)\A[\s,;-]{0,3}(?:and |\u2013 |\u2014 )?"
    r"(?:so (?:is|are|was|were|has|have|did|does)|as (?:is|are|was|were|has|have)|likewise"
    r"|(?:the )?same (?:again )?(?:for|goes for|on|with|again)|ditto(?: for| on| with)?) "
)
_ROW_TOO = re.compile(r"(?i)\A\|[^\n]{0,300}\b(?:as well|too|likewise|also|ditto|same)[\s|.]{0,9}\Z")
_FURTHER = re.compile(r"(?i)\b(?:next|future|following|later|other|every|each|all|any|both|rest)\b")
"""Other things of the customer's, not named."""


_PAID_TOO = (
    r"(?:\w{1,14} ){0,2}(?:shipping|postage|delivery|handling|carriage|fees?|charges?|tax(?:es)?|vat|dut(?:y|ies)"
    r"|deposit|interest|surcharge|difference|rest|remainder|costs?|tip|insurance)\b"
)
ON_TOP = re.compile(
    r"(?i)(?:,? (?:plus|as well as|along with|together with|on top of|in addition to)|,? and (?:also|additionally))"
    rf" (?:also )?(?:for )?(?:(?:the|your|all|any|its) )?{_PAID_TOO}(?! (?:of )?[£$€]?\d)"
    rf"|,? and (?:half|part|all|some|most) (?:of )?(?:the|your|its) {_PAID_TOO}"
    rf"|,? and (?:for )?(?:(?:the|your|all|any|its) ){_PAID_TOO} (?:too|as well|also)\b"
)
"""What is paid back beside a sum, without a sum of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of several deeds told in one claim: a sum, the things it is for, or either alone; neither: some other sum."""

    amount: Amount | None
    targets: tuple[str, ...]

    def __str__(self) -> str:
        """As a reviewer reads it."""
        what = "" if self.amount is None else str(self.amount)
        which = ", ".join(target.upper() for target in self.targets)
        return f"{what} for {which}" if what and which else what or which or "what is told beside it"


def parts_of(c: Commitment) -> list[Part]:
    """The deeds that a claim tells one after another, none where it tells one."""
    whole = _reckoned(c.text, [a for a in c.amounts if a.value > 0])
    if whole is not None:
        return [Part(whole, ())]
    sums = [a for a in c.amounts if a.value > 0 and not is_total(c.text, a)]
    if len(sums) > 1:
        return list(_ranges(c.text, sums)) or list(_paid_in_turn(c.text, sums))
    if len(sums) == 1:
        return [*_for_each(c, sums[0]), *_too(c.text)]
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


def likewise(text: str, amounts: Sequence[Amount] = ()) -> list[Part]:
    """What the words after a claim of `amounts` say it of too: "and so is ORD-2", "same on your next order"."""
    if not _LIKEWISE.match(text) and not _ROW_TOO.match(text):
        return []
    named = [Part(None, (target,)) for target, _, _ in placed_targets(text)]
    if named or not amounts or not _FURTHER.search(text):
        return named
    return [*(Part(amount, ()) for amount in amounts), Part(None, ())]


def _reckoned(text: str, sums: list[Amount]) -> Amount | None:
    """The last sum where the words reckon it from those before: "£16 + £4 - £2 = £18"; None where they do not."""
    if len(sums) <= _PAIR:
        return None
    reckoned = sums[0].value
    for first, second in pairwise(sums[:-1]):
        gap = text[first.end : second.start]
        if _LESS.search(gap):
            reckoned -= second.value
        elif _PLUS.search(gap):
            reckoned += second.value
        else:
            return None
    makes = _MAKES.search(text[sums[-2].end : sums[-1].start])
    return sums[-1] if makes and reckoned == sums[-1].value else None


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


def _too(text: str) -> Iterator[Part]:
    """The things that the deed is told of by name alone: ", ORD-2 likewise"."""
    for match in _TOO.finditer(text):
        named = find_targets(match.group("named"))
        if named:
            yield Part(None, named)


def _ranges(text: str, sums: list[Amount]) -> Iterator[Part]:
    """The upper sum of each range: that much is told to be paid, or may be."""
    for first, second in pairwise(sums):
        if _RANGE.search(text[max(0, first.start - _NEAR_CHARS) : first.start] + "#" + text[first.end : second.start]):
            yield Part(max(first, second, key=lambda one: one.value), ())


def _for_each(c: Commitment, amount: Amount) -> list[Part]:
    if _MORE.search(c.text[: amount.start]):
        return [Part(replace(amount, value=amount.value + _LEAST_MORE), ())]
    number = times(c.text, amount, len(c.targets))
    parts = [Part(replace(amount, value=amount.value * number), ())] if number > 1 else []
    return [*(parts or [Part(amount, ())]), Part(None, ())] if ON_TOP.search(c.text, amount.end) else parts


def _done_in_turn(text: str) -> list[Part]:
    named = placed_targets(text)
    chain: list[str] = []
    for (first, _, end), (second, start, _) in pairwise(named):
        if _THINGS_JOINED.match(text[end:start]):
            chain = [*(chain or [first]), second]
        elif chain:
            break
    return [Part(None, (target,)) for target in chain]
