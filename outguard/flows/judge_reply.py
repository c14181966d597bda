"""Judge a reply: scan, let policy act on each finding, redact, scan what is left.

Pure, and the same for the server, `outguard check` and tests. Whatever goes wrong ends in QUARANTINE: a detector that
fails, content that is too large or unreadable, words that are left after redaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, overload

from outguard.detection.document import Document
from outguard.detection.fields import FieldLimits, documents_of
from outguard.detection.others_values import keys_of_documents
from outguard.detection.payload_rules import PayloadRules, payload_findings
from outguard.detection.payload_strangers import stranger_findings
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, FindingAction
from outguard.domain.policy import Policy
from outguard.domain.pseudonym import IssuedPseudonym
from outguard.domain.reply import Content, RedactionDetail
from outguard.domain.verdict import Verdict, combine
from outguard.errors import OutguardError, TooLargeError
from outguard.redaction.keyed import KeyedWords
from outguard.redaction.redact import redact

_WORD = re.compile(r"[^\W\d_]{2,}")
_PLACEHOLDER = re.compile(r"\[[A-Z_]+\]")
MIN_WORDS_LEFT = 4
"""Below this many words of text a redacted reply no longer answers anybody."""
CUT_ROUNDS = 3
"""So often a reviewer's release is cut and scanned again; what then is left to cut cannot be released."""


class DocumentScanner(Protocol):
    """What finds things in documents (`detection.scan.Scanner`)."""

    def scan(self, documents: Sequence[Document], context: ReplyContext) -> list[Finding]:
        """Findings with status, sorted by field and start."""
        ...


class ReadsAhead(Protocol):
    """The language model that some detectors listen to (`detection.neural.shared.SharedReader`)."""

    def read_ahead(self, texts: Sequence[str], is_late: Callable[[], bool]) -> str:
        """Read the texts of one reply; empty, or why they were not read. Never raises."""
        ...

    def forget(self) -> None:
        """Let go of what was read on this thread."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """Content with the cuts that policy asks for, and the pseudonyms in it."""

    content: Content
    redactions: tuple[RedactionDetail, ...] = ()
    pseudonyms: tuple[IssuedPseudonym, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A verdict with its grounds. `content` is what may be sent: None exactly when the verdict is QUARANTINE.

    `values` are keys of what in the reply may be somebody's (`detection.others_values`): to look up, never to keep.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    content: Content | None
    redactions: tuple[RedactionDetail, ...] = ()
    degraded: bool = False
    degraded_reason: str = ""
    pseudonyms: tuple[IssuedPseudonym, ...] = ()
    values: frozenset[str] = field(default=frozenset(), repr=False)


def system_finding(rule: str, reason: str) -> Finding:
    """A fault of the evaluation as a finding: policy cannot make it anything but QUARANTINE."""
    return Finding(
        category=Category.SYSTEM,
        type=rule.rsplit(".", 1)[-1].upper(),
        status=None,
        start=-1,
        end=-1,
        score=1.0,
        rule=rule,
        action=FindingAction.QUARANTINE,
        reason=reason,
    )


def held(rule: str, reason: str, findings: tuple[Finding, ...] = (), *, degraded: bool = True) -> Judgement:
    """A judgement that holds the reply because of a fault."""
    return Judgement(
        verdict=Verdict.QUARANTINE,
        findings=(*findings, system_finding(rule, reason)),
        content=None,
        degraded=degraded,
        degraded_reason=rule if degraded else "",
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """What one judgement is told of its time, what the model left unread (`gaps`), and what `values` were seen."""

    expired: Callable[[], bool]
    is_late: Callable[[], bool]
    gaps: list[str]
    values: set[str]


class _OutOfTimeError(Exception):
    """The time budget ran out between two documents."""


class _Timed(Sequence[Document]):
    """Documents that come only while there is time, so that a thread nobody waits for any more soon ends."""

    def __init__(self, documents: Sequence[Document], expired: Callable[[], bool]) -> None:
        self._documents = documents
        self._expired = expired

    def __len__(self) -> int:
        return len(self._documents)

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Document]: ...
    def __getitem__(self, index: int | slice) -> Document | Sequence[Document]:
        return self._documents[index]

    def __iter__(self) -> Iterator[Document]:
        for document in self._documents:
            if self._expired():
                raise _OutOfTimeError
            yield document


class ReplyJudge:
    """Judges content against a context under a policy."""

    def __init__(
        self,
        scanner: DocumentScanner,
        limits: FieldLimits,
        payload_rules: PayloadRules,
        model: ReadsAhead | None = None,
    ) -> None:
        """With `model` the texts are read by it first; what it does not get to read, the rules judge alone."""
        self._scanner = scanner
        self._model = model
        self._payload_rules = payload_rules
        self._limits = limits

    @property
    def reads_ahead(self) -> bool:
        """Whether a language model reads, which takes a few milliseconds of computing outside the interpreter."""
        return self._model is not None

    def judge(
        self,
        content: Content,
        context: ReplyContext,
        policy: Policy,
        *,
        expired: Callable[[], bool] = lambda: False,
        is_late: Callable[[], bool] = lambda: False,
    ) -> Judgement:
        """The verdict on `content`.

        `expired` is asked between steps whether the time budget is used up, `is_late` whether the model's share of it
        is. Where the model has not read all of the reply the judgement is `degraded`, and policy may hold it for that.
        """
        gaps: list[str] = []
        values: set[str] = set()
        try:
            judgement = self._judged(content, context, policy, _Clock(expired, is_late, gaps, values))
        finally:
            if self._model is not None:
                self._model.forget()
        if values:
            judgement = replace(judgement, values=frozenset(values))
        if not gaps or judgement.degraded:
            return judgement
        if judgement.verdict is not Verdict.QUARANTINE and policy.reply.holds_when_degraded(context.channel):
            return held(f"system.{gaps[0]}", "the language model did not read it", judgement.findings)
        return replace(judgement, degraded=True, degraded_reason=gaps[0])

    def _judged(self, content: Content, context: ReplyContext, policy: Policy, clock: _Clock) -> Judgement:
        findings: tuple[Finding, ...] = ()
        try:
            findings = self._findings(content, context, policy, clock)
            judgement = self._verdict(content, context, policy, findings, clock)
        except _OutOfTimeError:
            return held("system.time_budget", "the time budget was used up", findings)
        except TooLargeError as error:
            return held("system.too_large", error.message, findings, degraded=False)
        except OutguardError as error:
            return held("system.unreadable", error.message, findings, degraded=False)
        except Exception as error:  # noqa: BLE001 - any fault of the evaluation must hold the reply
            return held("system.detector_failed", f"a detector failed ({type(error).__name__})", findings)
        if clock.expired():
            return held("system.time_budget", "the time budget was used up", findings)
        return judgement

    def _verdict(
        self,
        content: Content,
        context: ReplyContext,
        policy: Policy,
        findings: tuple[Finding, ...],
        clock: _Clock,
    ) -> Judgement:
        verdict = combine(findings)
        if verdict is Verdict.REDACT:
            return self._redacted(content, context, policy, findings, clock)
        return Judgement(verdict=verdict, findings=findings, content=content if verdict is Verdict.ALLOW else None)

    def _findings(
        self,
        content: Content,
        context: ReplyContext,
        policy: Policy,
        clock: _Clock,
        ours: Collection[str] = (),
    ) -> tuple[Finding, ...]:
        """What is found in `content`, where `ours` are the placeholders that a cut has left in it."""
        documents = documents_of(content, self._limits)
        if ours:
            documents = [document.without_meaning(ours) for document in documents]
        if self._model is not None:
            gap = self._model.read_ahead([document.normalized.text for document in documents], clock.is_late)
            clock.gaps.extend([gap] if gap else [])
        found = self._scanner.scan(_Timed(documents, clock.expired), context)
        if context.customer is not None and not clock.values:
            clock.values.update(keys_of_documents(documents))
        if content.payload is not None:
            found = [*found, *payload_findings(content.payload, self._payload_rules)]
            found.extend(stranger_findings(content.payload, context))
        if policy.reply.is_unsure(context.confidence):
            found = [*found, _doubt()]
        judged: list[Finding] = []
        for finding in found:
            if finding.category is Category.SYSTEM or not finding.score < policy.reply.min_score:  # NaN counts
                judged.append(finding.acted(policy.reply.action_for(finding, channel=context.channel)))
            elif context.customer is None:  # of a text without a recipient everything is told
                judged.append(finding.acted(FindingAction.RECORD))
        return tuple(judged)

    def _redacted(
        self,
        content: Content,
        context: ReplyContext,
        policy: Policy,
        findings: tuple[Finding, ...],
        clock: _Clock,
    ) -> Judgement:
        cut, plain = _cut(content, findings, context, policy)
        left = self._left(plain, context, policy, clock, _placeholders(findings, policy))
        if left:
            return held(
                "system.residual",
                f"{left[0].type} is left after redaction",
                findings,
                degraded=False,
            )
        if _says_too_little(plain):
            return held("system.too_much_cut", "what is left no longer answers the customer", findings, degraded=False)
        return Judgement(
            verdict=Verdict.REDACT,
            findings=findings,
            content=cut.content,
            redactions=cut.redactions,
            pseudonyms=cut.pseudonyms,
        )

    def _left(
        self, plain: Content, context: ReplyContext, policy: Policy, clock: _Clock, ours: Collection[str]
    ) -> list[Finding]:
        """What may not go of the content that was cut: what is found whether our placeholders tell something or not.

        A name for what was cut makes its neighbours suspect, and a gap makes odd sentences; what is really there is
        found either way.
        """
        left = [f for f in self._findings(plain, context, policy, clock, ours) if f.action not in _HARMLESS]
        if not left:
            return left
        named = [f for f in self._findings(plain, context, policy, clock) if f.action not in _HARMLESS]
        return [f for f in left if any(_same_place(f, one) for one in named)]

    def cut_for_release(
        self,
        content: Content,
        findings: tuple[Finding, ...],
        context: ReplyContext,
        policy: Policy,
        *,
        expired: Callable[[], bool] = lambda: False,
    ) -> Cut | None:
        """What a person's release sends: what policy cuts whoever decides is cut, until a scan finds no more.

        A reply is held without being cut (a promise), or because a cut left something (`system.residual`): nobody has
        seen what is left after it. None where it cannot be told, or there is always more: then a person must edit.
        """
        if not any(finding.action.is_cut for finding in findings):
            return Cut(content=content)
        made: tuple[RedactionDetail, ...] = ()
        ours: frozenset[str] = frozenset()
        clock = _Clock(expired, lambda: False, [], set())
        try:
            for _ in range(CUT_ROUNDS):
                cut, plain = _cut(content, findings, context, policy)
                made += cut.redactions
                ours |= _placeholders(findings, policy)
                findings = tuple(f for f in self._findings(plain, context, policy, clock, ours) if f.action.is_cut)
                if not findings:
                    return replace(cut, redactions=made)
                content = plain
        except Exception:  # noqa: BLE001 - what cannot be scanned is not released as it stands
            return None
        finally:
            if self._model is not None:
                self._model.forget()
        return None


def _doubt() -> Finding:
    return Finding(
        category=Category.TRIGGER,
        type="LOW_CONFIDENCE",
        status=None,
        start=-1,
        end=-1,
        score=1.0,
        rule="trigger.confidence",
        reason="the agent is not sure of its reply",
    )


def _cut(content: Content, findings: tuple[Finding, ...], context: ReplyContext, policy: Policy) -> tuple[Cut, Content]:
    """The cuts made, and the same with placeholders where keyed words stand.

    The second is what is scanned again: our own words are random, and must not be taken for somebody's account number.
    """
    words = KeyedWords(policy.reply, b"" if context.conversation_key is None else context.conversation_key())
    redacted = redact(content, findings, words)
    cut = Cut(content=redacted.content, redactions=redacted.details, pseudonyms=tuple(words.issued.values()))
    if not any(finding.action in _KEYED for finding in findings):
        return cut, redacted.content
    replaced = tuple(replace(f, action=FindingAction.REPLACE) if f.action in _KEYED else f for f in findings)
    return cut, redact(content, replaced, words).content


def _same_place(first: Finding, second: Finding) -> bool:
    is_near = first.start == second.start or (first.start < second.end and second.start < first.end)
    return first.category is second.category and first.field == second.field and is_near


def _placeholders(findings: tuple[Finding, ...], policy: Policy) -> frozenset[str]:
    """What stands where these were cut: "internal" or "password" in it would make its neighbours suspect."""
    return frozenset(policy.reply.placeholder(finding) for finding in findings if finding.action.is_cut)


_KEYED = frozenset({FindingAction.PSEUDONYM, FindingAction.HASH})
_HARMLESS = frozenset({FindingAction.KEEP, FindingAction.RECORD})


def _says_too_little(content: Content) -> bool:
    if content.text is None:
        return False
    words = _WORD.findall(_PLACEHOLDER.sub(" ", content.text))
    return len(words) < MIN_WORDS_LEFT
