"""What each sentence of a reply commits the company to: act, type, sums, times and targets, with offsets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outguard.detection.commitments.amounts import Amount, find_amounts
from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.deadlines import Deadline, find_deadlines
from outguard.detection.commitments.targets import find_targets, targets_of_sum


class Tense(StrEnum):
    """How far along the words say the deed is."""

    DONE = "done"
    ON_ITS_WAY = "on its way"
    PROMISED = "promised"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Commitment:
    """Words at [start, end) of the text that bind the company (`binding`) or state terms without binding it.

    `cued`: a cue word of the likeliest type is among the words. `text` is the words as written. `beside`: it is told in
    one breath with the one before, as another deed. `about`: where the words name no target, the last that the sentence
    named before them; a deed done to another of that shape does not back them.
    """

    start: int
    end: int
    act: str
    types: tuple[str, ...]
    binding: bool
    score: float
    tense: Tense
    amounts: tuple[Amount, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    targets: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    cued: bool = True
    text: str = ""
    beside: bool = False
    about: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The likeliest type."""
        return self.types[0]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scorer and the lexicon make of one clause."""

    act: str
    types: tuple[str, ...]
    binding: bool
    score: float
    tense: Tense
    words: frozenset[str] = frozenset()
    cued: bool = True


def commitment_of(clause: Clause, reading: Reading, now: datetime | None = None) -> Commitment:
    """The commitment that `clause` makes when read so, sent at `now` where that is known."""
    amounts = tuple(find_amounts(clause.text))
    return Commitment(
        start=clause.start,
        end=clause.end,
        act=reading.act,
        types=reading.types,
        binding=reading.binding,
        score=reading.score,
        tense=reading.tense,
        amounts=amounts,
        deadlines=tuple(find_deadlines(clause.text, now)),
        targets=targets_of_sum(clause.text, amounts[0].end) if len(amounts) == 1 else find_targets(clause.text),
        words=reading.words,
        cued=reading.cued,
        text=clause.text,
    )
