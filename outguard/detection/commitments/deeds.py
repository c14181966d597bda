"""Cut words that tell several deeds into the words of each: "I've refunded $45 and cancelled the order".

Every deed needs its own cover, so each is read and judged by itself. Linear time: every repeat is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.extract import Commitment, Reading, commitment_of
from outguard.detection.commitments.scorer import DEED_ACTS
from outguard.detection.commitments.tokens import words

_GIVEN = r"(?:add|appl[yi]|put|given?|g[ia]ve|sen[dt]|issue|include|arrange|pop)(?:e?d|ped)?\b"
_CHANGED = r"(?:change|update|upgrade|downgrade|switch|move|reset|remove|extend|unlock)(?:e?d)?\b"
_WHAT = r"(?: (?!and\b)[\w$£€%.'\u2019-]{1,20}){0,5}?"
_NEW = (
    r"(?:brand )?new (?!(?:\w+ )?(?:e-?mail|link|label|confirmation|invoice|receipt|message|code|quote|form|statement"
    r"|document|letter|note|version|copy|pdf|password|request|ticket|case|offer|date|time|price)\b)[a-z]{2,16}"
)
"""A thing to have anew, and not words about it."""
_VERBS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("REFUND",), r"(?:refund|reimburse?)(?:ed)?\b|(?:paid|pay|sen[dt]|put)(?: \S{1,20}){1,3} back\b"),
    (("CANCELLATION",), r"cancel(?:l?ed)?\b|terminated?\b"),
    (
        ("FEE_WAIVER",),
        rf"waived?\b|(?:removed?|dropp?(?:ed)?|lifted|wiped|cleared)\b{_WHAT} (?:fees?|charges?|penalty)\b",
    ),
    (("DISCOUNT_OR_PRICE",), rf"{_GIVEN}{_WHAT} (?:discount|\d{{1,2}} ?% off|per ?cent off|coupon|promo)"),
    (("CREDIT_OR_COMPENSATION",), rf"{_GIVEN}{_WHAT} (?:credits?|vouchers?|gift cards?|points|certificate)\b"),
    (("CREDIT_OR_COMPENSATION", "REFUND"), r"credit(?:ed)?\b"),
    (
        ("REPLACEMENT",),
        (
            r"replaced?\b|re-?(?:send|sent|shipp?(?:ed)?)\b|(?:sen[dt]|order(?:ed)?|dispatch(?:ed)?|arranged?)\b"
            rf"{_WHAT} (?:replacement|{_NEW}|another|second one|spare)\b"
        ),
    ),
    (
        ("ACCOUNT_CHANGE", "OTHER"),
        (
            rf"{_CHANGED} (?:your|the)(?: [\w-]{{1,14}}){{0,2}}? "
            r"(?:address|e-?mail|phone|number|plan|password|name|subscription|booking|reservation|seats?|card|dates?)\b"
        ),
    ),
)
_LED = (
    r"(?:(?:the |your |all )?(?:[£$€] ?\d[\d.,]{0,12}|\d[\d.,]{0,12} [a-z]{3,7}) "
    r"(?:(?:of|in|for) (?:[\w-]{1,16} ){1,3}?)?)?"
    r"(?:(?:also|then|now|just|already|i|we|it|have|has|been|is|are|will|shall|went ahead and)"
    r"(?:['\u2019](?:ve|ll|s))? ){0,4}"
)
_ANY = "(?:" + "|".join(f"({verb})" for _, verb in _VERBS) + ")"
_JOIN = re.compile(r"(?i)(?:,? (?:and|plus|then|&)|;|,) " + _LED + _ANY)
_TOLD = re.compile(r"(?i)\b" + _ANY)
_JOINED = re.compile(r"(?i)\A(?:,? (?:and|plus|then|&)|;|,) ")
_THEIRS = re.compile(
    r"(?i)\b(?:because|since|when|after|if|once|that|as|which|who|what|whatever)"
    r"(?: (?:you|they|he|she))?(?:['\u2019]ve)? "
    r"|\b(?:to|not|n['\u2019]t|you|you['\u2019]ve|was|were|whether)\s(?:\w{1,12} )?\Z|\?"
)
"""Before the second verb: its deed is not ours, or no deed."""
_DEED = re.compile(
    r"\b[a-z]\w{0,19}(?:ed|nt|ut|de|id|ne)\b"
    r"|(?i:\A\w{1,20}(?:ed|nt|ut) (?:the|your|both|all|it|that|this|[$\u00a3\u20ac\d]))"
    r"|(?i:['\u2019](?:ve|ll)\b|\b(?:will|shall|going to)\b)"
)
"""A verb of a deed; a name like "Astrid" is none."""
_GREETING = re.compile(
    r"(?i)\s*(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening))(?: [\w.'\u2019-]{1,20}){0,2}\s*"
)
_VAGUE = re.compile(
    r"(?i)\b(?:sorted|fixed|done|handled|settled|resolved|dealt|seen|looked|checked|took care|taken care|acted"
    r"|gone ahead|corrected|put (?:it|this|that|things) right)\b"
)
"""Says that something was done, not what: the deed told behind it."""
_PAST = re.compile(r"(?i)(?:ed|nt|ut|en|ve|id)\Z")
_AHEAD = re.compile(r"(?i)['\u2019]ll\b|\b(?:will|shall|going to)\b")
_LEAST_CHARS, _NEAR_CHARS = 8, 120
_MAX_DEEDS = 12
"""More told in one breath are not told apart: together they are one claim."""


def each_deed(clause: Clause, reading: Reading, now: datetime | None = None) -> Iterator[Commitment]:
    """The deeds that `clause` tells when read so, one after another; the whole clause where it tells one."""
    whole = commitment_of(clause, reading, now)
    cuts = list(islice(_cuts(clause.text), _MAX_DEEDS)) if reading.binding and reading.act in DEED_ACTS else []
    if not cuts:
        yield whole
        return
    first = clause.text[: cuts[0][0]]
    told = _told(first) or _another(first, reading, cuts)
    yield commitment_of(_part(clause, 0, len(first)), _of_part(reading, first, told), now)
    ends = [start for start, _ in cuts[1:]] + [len(clause.text)]
    for (start, types), end in zip(cuts, ends, strict=True):
        begin = start + _skipped(clause.text[start:end])
        part = commitment_of(_part(clause, begin, end), _of_part(reading, clause.text[begin:end], types), now)
        yield replace(part, targets=part.targets or whole.targets, beside=True)


def _cuts(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where a further deed begins, and what it may be."""
    for match in _JOIN.finditer(text):
        before = text[max(0, match.start() - _NEAR_CHARS) : match.start()]
        if len(before) < _LEAST_CHARS or _THEIRS.search(before) or not _DEED.search(before):
            continue
        if _GREETING.fullmatch(before) or (_VAGUE.search(before) and not _TOLD.search(before)):
            continue
        verb = next(at for at, found in enumerate(match.groups()) if found)
        first = match.group(verb + 1).split()[0]
        if not _PAST.search(first) and not _AHEAD.search(before + match.group()):
            continue
        yield match.start(), _VERBS[verb][0]


def _told(text: str) -> tuple[str, ...]:
    """What the first verb of a deed tells, nothing where there is none."""
    match = _TOLD.search(text)
    return () if match is None else _VERBS[next(at for at, found in enumerate(match.groups()) if found)][0]


def _another(first: str, reading: Reading, cuts: Sequence[tuple[int, tuple[str, ...]]]) -> tuple[str, ...]:
    """What a first deed that no verb here names may be: none of those told behind it, unless it names a sum."""
    behind = {kind for _, types in cuts for kind in types}
    rest = tuple(kind for kind in reading.types if kind not in behind)
    if rest or find_amounts(first):
        return rest
    return "OTHER", "ACCOUNT_CHANGE"


def _part(clause: Clause, start: int, end: int) -> Clause:
    return Clause(clause.start + start, clause.start + end, clause.text[start:end], clause.prev)


def _skipped(text: str) -> int:
    match = _JOINED.match(text)
    return match.end() if match else 0


def _of_part(reading: Reading, text: str, types: tuple[str, ...]) -> Reading:
    return replace(reading, types=types or reading.types, words=frozenset(words(text)))
