"""Rows of a table or list: one that reads like a claim beside it is one too, and together they are paid but once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from outguard.detection.commitments.amounts import Amount, find_amounts
from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.extract import Commitment, Reading, commitment_of
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.commitments.targets import find_targets
from outguard.detection.commitments.tokens import words

_MAX_TOKENS = 12
_PAIR = 2
_DENYING = frozenset({"not", "n't", "no", "none"})
_ROW = re.compile(r"\s{0,4}(?:\||[-*\u2022] |\d{1,2}[.)] )")
_LESS = re.compile(r"(?i)(?:[-\u2013\u2212]\s?[A-Z]{0,3}\s?|\b(?:less|minus|excess|deduct\w{0,5})\b[^\d]{0,30})\Z")
"""Before a sum: it is taken off."""
_ROWS = ("|", "\n-", "\n*", "\n\u2022", "\n1", "\n(")


def has_rows(text: str) -> bool:
    """Whether a text may hold a table or a list."""
    return "\n" in text and any(mark in text for mark in _ROWS)


def alike(sentences: Sequence[ScoredSentence], read: Sequence[Commitment]) -> Iterator[Commitment]:
    """The rows that say of another sum what a claim among `read` says, though nothing else in them binds."""
    claims = {_pattern(c.text): c for c in read if c.binding and c.amounts}
    claims.pop((), None)
    if not claims:
        return
    taken = {c.start for c in read}
    for sentence in sentences:
        claim = claims.get(_pattern(sentence.clause.text))
        if claim is not None and sentence.clause.start not in taken:
            yield _read_like(sentence.clause, claim)


def paid_in_rows(text: str, claims: Sequence[Commitment]) -> list[Commitment]:
    """Of the claims of a list those that stand in rows of their own and tell different sums; none for one alone.

    A sum that the others make up is what they make together, not another payment.
    """
    by_row = {text.rfind("\n", 0, c.start): c for c in claims if len(c.amounts) == 1 and _DENYING.isdisjoint(c.words)}
    values = [c.amounts[0].value for c in by_row.values()]
    if len(values) < _PAIR or len(set(values)) < len(values):
        return []
    whole = max(values)
    return [c for c in by_row.values() if not (c.amounts[0].value == whole and 2 * whole == sum(values))]


def reckoned_rows(text: str) -> dict[int, Amount]:
    """The rows whose sums make up the sum of the row behind them, by where they begin, and what they make up."""
    found: dict[int, Amount] = {}
    above: list[tuple[int, Decimal]] = []
    start = 0
    for line in text.split("\n"):
        sums = find_amounts(line) if _ROW.match(line) else []
        if len(sums) == 1:
            if len(above) >= _PAIR and sum(value for _, value in above) == sums[0].value:
                found |= dict.fromkeys([begin for begin, _ in above], sums[0])
                above = []
            else:
                is_less = _LESS.search(line[: sums[0].start]) is not None
                above.append((start, -sums[0].value if is_less else sums[0].value))
        else:
            above = []
        start += len(line) + 1
    return found


def of_row(text: str, c: Commitment, reckoned: Mapping[int, Amount]) -> Commitment:
    """The claim with the things that its table row names, where its own cell names none.

    A sum that makes up another with those of rows beside it is told as a part of that one, and stands with it.
    """
    start = text.rfind("\n", 0, c.start) + 1
    whole = reckoned.get(start)
    if whole is not None and len(c.amounts) == 1:
        c = replace(c, amounts=(replace(c.amounts[0], value=whole.value),))
    if c.targets or not text.startswith("|", start):
        return c
    end = text.find("\n", c.end)
    named = find_targets(text[start : end if end >= 0 else len(text)])
    return replace(c, targets=named) if named else c


def _pattern(text: str) -> tuple[str, ...]:
    tokens = tuple([word for word in words(text) if word.isalnum() or word == "$"])
    return tokens if len(tokens) <= _MAX_TOKENS else ()


def _read_like(clause: Clause, claim: Commitment) -> Commitment:
    reading = Reading(
        claim.act,
        claim.types,
        binding=True,
        score=claim.score,
        tense=claim.tense,
        words=claim.words,
        cued=claim.cued,
    )
    return replace(commitment_of(clause, reading), deadlines=())
