"""The commitment detector: sentences, their acts and types, the judgement of each, findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.arrival import MAX_SENTENCES, arrives_too_soon, money_back
from outguard.detection.commitments.clauses import Clause, clauses
from outguard.detection.commitments.course import Course
from outguard.detection.commitments.deeds import each_deed
from outguard.detection.commitments.denial import find_denial
from outguard.detection.commitments.extract import Commitment, Reading, Tense
from outguard.detection.commitments.hearing import Hearing, Place
from outguard.detection.commitments.judge import Judge
from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.narrow import has_verb, narrow
from outguard.detection.commitments.phrases import (
    ANSWERED,
    FORGIVEN,
    INSIDE_FIELD,
    PROPOSAL,
    REST,
    ROW_BEHIND,
    SAME_AGAIN,
    TOLD_AS_DONE,
)
from outguard.detection.commitments.plain import may_name_deed, says_plainly
from outguard.detection.commitments.quotes import is_quoted, quoted_spans
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.rows import alike, has_rows, of_row, paid_in_rows, reckoned_rows
from outguard.detection.commitments.sentences import ScoredSentence, SentenceReader, sentence_reader
from outguard.detection.commitments.silence import find_silence, since_last_deed
from outguard.detection.commitments.targets import named_before
from outguard.detection.commitments.terms import MONEY, Judgement, type_of_topic
from outguard.detection.commitments.weigh import (
    Surroundings,
    load_weighers,
    may_matter,
)
from outguard.detection.document import Document
from outguard.domain.action import LedgerState
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status

_LEAST_SCORE = 0.5
_CERTAIN = 0.9
_SUBJECT_SCORE = 0.65
"""A subject line is short and often a title: only what surely binds there is told."""
_MAX_LIKELY, _MAX_CLAUSES = 500, 1000
"""More sentences or clauses that may bind are not read one by one: from there on the text is one unbacked claim."""
_ONLY_NAMED = re.compile(r"[\W_]{0,9}[A-Z0-9]{1,12}(?:-[A-Z0-9]{1,12}){1,4}[\W_]{0,9}")
"""No more than an identifier, as in a cell of a table."""
_TITLE = re.compile(
    r"(?i)\W{0,3}(?:(?:your|our|the) )?[a-z-]{3,20} (?:of|for|on|in|under|regarding|about) "
    r"(?:(?:your|our|the) )?(?:[a-z]{3,14} )?[A-Z]{1,6}-(?=[\w-]{0,19}\d)[\w-]{1,20}\W{0,3}"
)
"""A subject that names a matter and the thing it is about, and tells nothing of either."""
_HEADING = re.compile(r"(?i)\W{0,3}(?:what|which) [^:.\n]{1,40}:")
"""Words over a list, such as "What was collected:"."""
_MAX_SENTENCES = 2000
"""So many sentences are searched for a claim by silence or a denial."""
_UNREAD = "unread"
_TOO_MANY = Judgement(Status.UNBACKED, "OTHER", "more promises and claims than a reply makes; the rest was not read")
_BAD = frozenset({Status.UNBACKED, Status.BEYOND_AUTHORITY})
_NARROWED = frozenset({Status.BACKED, Status.UNBACKED})
_DONE = frozenset({LedgerState.EXECUTED, LedgerState.APPROVED})


def _is_ahead(commitment: Commitment, text: str) -> bool:
    """Whether the words speak of what comes, or name a deed without telling that it was done."""
    if commitment.act not in {"promise", "claim"} or commitment.words & {"'ve", "been"}:
        return False
    if commitment.act == "promise" or commitment.words & {"will", "'ll", "shall", "would"}:
        return True
    return TOLD_AS_DONE.search(text, commitment.start, commitment.end) is None


def _says_nothing(text: str, judgement: Judgement) -> bool:
    """Whether what may go anyhow is no claim at all: a thing named without a verb or sum, a fee that is only named."""
    if judgement.status is Status.BACKED:
        told = _HEADING.sub("", text)
        return not has_verb(told) and not find_amounts(told)
    is_fee = judgement.status is Status.WITHIN_AUTHORITY and judgement.type == "FEE_WAIVER"
    return is_fee and not FORGIVEN.search(text)


def _behind(text: str, end: int) -> Iterator[tuple[int, int]]:
    """What stands behind a claim that ends at `end` and may say more of the same."""
    rest = REST.match(text, end) or SAME_AGAIN.match(text, end)
    if rest is not None:
        yield rest.span()
    row = ROW_BEHIND.match(text, end)
    if row is not None:
        yield row.span(1)


def _is_paid(judgement: Judgement) -> bool:
    return judgement.status is Status.BACKED and judgement.type in MONEY


class CommitmentDetector:
    """Finds promises and claimed deeds and holds each against ledger and profile (R18)."""

    def __init__(self, detector_files: Mapping[str, str], reader: SentenceReader | None = None) -> None:
        """Compile the lexicon and, where no `reader` is given, the linear model.

        Raises:
            InvalidInputError: if a file is missing or malformed.
        """
        self._lexicon = load_lexicon(detector_files)
        self._reader = Reader(self._lexicon)
        limits = self._lexicon.thresholds
        self._least = limits["sentence"]
        self._hearing = Hearing(self._reader, load_weighers(detector_files), limits)
        self._sentences = reader or sentence_reader(detector_files)

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """A finding for every commitment, backed ones included."""
        normalized = document.normalized
        is_subject = document.field == "subject"
        if is_subject and (ANSWERED.match(normalized.text) or _TITLE.fullmatch(normalized.text)):
            return []
        if document.field is not None and not is_subject and INSIDE_FIELD.search(document.field):
            return []
        spans = list(self._judged(normalized.text, context))
        if is_subject:
            spans = [span for span in spans if span[2] >= _SUBJECT_SCORE]
        elif not any(judgement.status in _BAD for *_, judgement in spans):
            tells_a_deed = any(judgement.status is Status.BACKED for *_, judgement in spans)
            spans.extend(self._silent(normalized.text, context, tells_a_deed=tells_a_deed))
            spans.extend(self._denied(normalized.text, context))
            paid = [(last, judgement.type) for _, last, _, judgement in spans if _is_paid(judgement)]
            spans.extend(self._arriving(normalized.text, *paid[0], context) if paid else ())
            told = min((last for _, last, _, one in spans if one.status is Status.BACKED), default=None)
            spans.extend(self._promised(normalized.text, told, context) if told is not None else ())
        found: list[Finding] = []
        for first, last, score, judgement in spans:
            if _says_nothing(normalized.text[first:last], judgement):
                continue
            low, high = narrow(normalized.text[first:last]) if judgement.status in _NARROWED else (0, last - first)
            start, end = normalized.original_span(first + low, first + high)
            found.append(
                Finding(
                    category=Category.COMMITMENT,
                    type=judgement.type,
                    status=judgement.status,
                    start=start,
                    end=end,
                    score=round(max(score, _LEAST_SCORE), 3),
                    rule=f"commitment.{judgement.type.lower()}.{judgement.status.value}",
                    field=document.field,
                    reason=judgement.reason,
                )
            )
        return found

    def _judged(self, text: str, context: ReplyContext) -> Iterator[tuple[int, int, float, Judgement]]:
        judge = Judge(context.ledger, context.profile)
        around = Surroundings.of(context.ledger, context.profile, context.now if context.is_sent_now else None)
        backed: list[Commitment] = []
        for c in self.extract(text, around):
            judgement = _TOO_MANY if c.act == _UNREAD else judge.judge(c)
            yield c.start, c.end, c.score, judgement
            if judgement.status is Status.BACKED:
                backed.append(replace(c, types=(judgement.type,)))
                for start, end in _behind(text, c.end):
                    more = judge.together(backed[-1], text[start:end])
                    if more is not None:
                        yield start, end, c.score, more
        for c, judgement in judge.in_rows(paid_in_rows(text, backed) if has_rows(text) else ()):
            yield c.start, c.end, c.score, judgement

    def _silent(
        self, text: str, context: ReplyContext, *, tells_a_deed: bool
    ) -> Iterator[tuple[int, int, float, Judgement]]:
        ledger = since_last_deed(context.ledger, context.profile) if tells_a_deed else context.ledger
        if all(entry.state in _DONE for entry in ledger):
            return
        sentences = self._sentences.read(text)[:_MAX_SENTENCES]
        bindings = [self._reader.binding(one.acts, Folded(one.clause.text)) for one in sentences]
        ends = context.profile.commitments.get("cancellation")
        ending = {ends.requires_action} if ends is not None and ends.requires_action else ()
        silence = find_silence(sentences, bindings, ledger, ending=ending)
        if silence is not None:
            clause, entry = silence.sentence.clause, silence.entry
            if PROPOSAL.search(text) and TOLD_AS_DONE.search(clause.text) is None:
                return
            reason = f"speaks as if done; the ledger has {entry.topic} {entry.state.value.lower()} ({entry.action_id})"
            judgement = Judgement(Status.UNBACKED, type_of_topic(entry.topic, context.profile), reason)
            yield clause.start, clause.end, 0.6, judgement

    def _denied(self, text: str, context: ReplyContext) -> Iterator[tuple[int, int, float, Judgement]]:
        if not context.ledger:
            return
        quotes = quoted_spans(text)
        for sentence in self._sentences.read(text)[:_MAX_SENTENCES]:
            clause = sentence.clause
            denial = find_denial(clause.text, context.ledger, context.profile)
            if denial is not None and not is_quoted(clause.start, clause.end, quotes):
                yield clause.start, clause.end, 0.7, denial

    def _arriving(
        self, text: str, start: int, kind: str, context: ReplyContext
    ) -> Iterator[tuple[int, int, float, Judgement]]:
        """What is said after a payment of type `kind` that ends at `start` of when it will be there."""
        after = (one.clause for one in self._sentences.read(text) if one.clause.end > start)
        for clause in islice(after, MAX_SENTENCES):
            rest = text[max(clause.start, start) : clause.end]
            late = arrives_too_soon(rest, kind, context)
            if late is not None:
                yield clause.end - len(rest), clause.end, 0.7, late

    def _promised(self, text: str, start: int, context: ReplyContext) -> Iterator[tuple[int, int, float, Judgement]]:
        """Money that is promised back as if it came with a deed told up to `start`."""
        after = (one.clause for one in self._sentences.read(text) if one.clause.start >= start)
        for clause in islice(after, MAX_SENTENCES):
            promise = money_back(clause, context)
            judgement = Judge(context.ledger, context.profile).judge(promise) if promise is not None else None
            if judgement is not None and judgement.status is Status.UNBACKED:
                yield clause.start, clause.end, 0.7, judgement

    def extract(self, text: str, around: Surroundings) -> Iterator[Commitment]:
        """The commitments of a text, before any judgement."""
        proposed: bool | None = None
        read: Iterable[Commitment] = self._read(text, around)
        if has_rows(text):
            read = list(read)
            read = sorted([*read, *alike(self._sentences.read(text), read)], key=lambda one: one.start)
            reckoned = reckoned_rows(text)
            read = [of_row(text, one, reckoned) for one in read]
        for commitment in read:
            if _ONLY_NAMED.fullmatch(commitment.text):
                continue
            if commitment.binding and _is_ahead(commitment, text):
                proposed = PROPOSAL.search(text) is not None if proposed is None else proposed
                if proposed:
                    yield replace(commitment, act="conditional", binding=False, tense=Tense.OPEN)
                    continue
            yield commitment

    def _read(self, text: str, around: Surroundings) -> Iterator[Commitment]:
        quotes = quoted_spans(text)
        last = len(text.rstrip())
        likely: list[_Likely] = []
        parted: list[Clause] = []
        rest: Clause | None = None
        sentences = self._sentences.read(text)
        course = Course(sentences, around)
        for number, sentence in enumerate(sentences):
            clause, acts = sentence
            if is_quoted(clause.start, clause.end, quotes):
                continue
            heard, place = None, Place(course, number, is_part=False)
            if may_matter(acts, around) or self._is_plainly_done(sentence, around):
                heard = self._hearing.hear(sentence, around, is_part=False, is_last=clause.end >= last)
            is_parted = heard is not None or says_plainly(clause.text, self._lexicon.deeds)
            if heard is not None and self._hearing.comes_to_nothing(heard, around):
                heard, is_parted = None, may_name_deed(clause.text)
            pieces = clauses(clause) if is_parted else [clause]
            is_only = len(pieces) == 1
            whole, bound = (None, 0.0) if heard is None else self._hearing.read(heard, around, place, is_only=is_only)
            if whole is None and bound < self._least and not self._tells_beside(pieces):
                continue
            if len(likely) == _MAX_LIKELY or len(parted) + len(pieces) > _MAX_CLAUSES:
                rest = clause
                break
            part = Place(course, number, is_part=True)
            likely.append(_Likely(clause, whole, bound >= self._least, len(pieces) if len(pieces) > 1 else 0, part))
            if len(pieces) > 1:
                parted.extend(pieces)
        scored = iter(self._sentences.score(parted)) if parted else iter(())
        for one in likely:
            yield from self._of_sentence(one, list(islice(scored, one.pieces)), quotes, around, last)
        if rest is not None:
            yield Commitment(rest.start, len(text), _UNREAD, ("OTHER",), binding=True, score=1.0, tense=Tense.DONE)

    def _is_plainly_done(self, scored: ScoredSentence, around: Surroundings) -> bool:
        """Whether words that the scorer takes for harmless say plainly that a deed is done."""
        text = scored.clause.text
        if not says_plainly(text, self._lexicon.deeds):
            return False
        return self._reader.plainly_done(scored.acts, Folded(text).tokens, around.requests)

    def _tells_beside(self, pieces: Sequence[Clause]) -> bool:
        """Whether one of several clauses tells a deed in the plainest words, however the whole sentence sounds."""
        return len(pieces) > 1 and any(
            may_name_deed(piece.text)
            and says_plainly(piece.text, self._lexicon.deeds)
            and self._reader.tells_deed(Folded(piece.text).tokens)
            for piece in pieces
        )

    def _of_sentence(
        self,
        one: _Likely,
        pieces: Sequence[ScoredSentence],
        quotes: Sequence[tuple[int, int]],
        around: Surroundings,
        last: int,
    ) -> Iterator[Commitment]:
        whole, least = one.whole, self._lexicon.thresholds["clause"]
        read: list[tuple[Clause, Reading]] = []
        for piece in pieces:
            clause = piece.clause
            if is_quoted(clause.start, clause.end, quotes):
                continue
            heard = self._hearing.hear(piece, around, is_part=True, is_last=clause.end >= last)
            if heard is None or self._hearing.comes_to_nothing(heard, around):
                continue
            reading = self._hearing.read(heard, around, one.place, is_only=False)[0]
            if reading is None or (reading.binding and reading.score < least):
                continue
            if reading.binding and not one.may_bind and not self._is_plainly_done(piece, around):
                continue
            read.append((clause, reading))
        if whole is not None and (not pieces or (whole.binding and not any(reading.binding for _, reading in read))):
            yield from each_deed(one.clause, whole, around.now)
            return
        for part, reading in read:
            before = named_before(one.clause.text, part.start - one.clause.start)
            for deed in each_deed(part, reading, around.now):
                yield replace(deed, about=before) if before and not deed.targets else deed


class _Likely(NamedTuple):
    """A sentence that may hold a commitment, its reading as a whole, and the number of its clauses."""

    clause: Clause
    whole: Reading | None
    may_bind: bool
    pieces: int
    place: Place
