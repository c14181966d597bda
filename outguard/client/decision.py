"""The answers to "may I send this?" and "may I do this?", built so that a mistake holds rather than sends.

Words that may go exist only as a `Sendable`, and a `Sendable` is made only from an answer that says so in every
field: a known verdict, a state that fits it, and the content itself. Whatever else comes back (a failed call, a value
this version does not know, an answer that contradicts itself) is a held reply or a denied action. A decision has no
truth value, no text form and no elements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from outguard.client.values import Content, Finding, RedactionDetail, dict_of, name_of
from outguard.errors import CallFailedError, HeldReplyError
from outguard.v1 import gate_pb2, reply_pb2, types_pb2

DEFAULT_HOLDING_MESSAGE = "I'm checking this for you and will get back to you shortly."


class Verdict(StrEnum):
    """What may happen to a reply."""

    ALLOW = "ALLOW"
    REDACT = "REDACT"
    QUARANTINE = "QUARANTINE"


class ReplyState(StrEnum):
    """Whether words may go now."""

    SENDABLE = "SENDABLE"
    HELD = "HELD"
    RELEASED = "RELEASED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class GateDecision(StrEnum):
    """The gate's answer."""

    ALLOW = "ALLOW"
    ALLOW_WITH_CONSTRAINTS = "ALLOW_WITH_CONSTRAINTS"
    REQUIRE_APPROVAL = "REQUIRE_APPROVAL"
    DENY = "DENY"


class _NoShortcuts:
    """Refuses what would let a decision pass for a yes, or for the words themselves."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision is neither true nor false: use .sendable or .may_execute")

    def __str__(self) -> NoReturn:
        raise TypeError("a decision is no text: use .sendable, or repr() for logs")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a decision is no text: use .sendable, or !r for logs")

    def __iter__(self) -> NoReturn:
        raise TypeError("a decision has no elements")

    def __len__(self) -> NoReturn:
        raise TypeError("a decision has no length")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sendable:
    """Words the service said may go: send exactly these, once."""

    reply_id: str
    text: str | None = field(repr=False)
    subject: str | None = field(repr=False)
    payload: Mapping[str, Any] | None = field(repr=False)
    attachments: tuple[Any, ...] = field(repr=False)

    def __str__(self) -> NoReturn:
        raise TypeError("use .text, .subject, .payload and .attachments")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReplyDecision(_NoShortcuts):
    """What the service said of a reply. `error` is set where it could not be asked; then `reply_id` is empty."""

    verdict: Verdict
    state: ReplyState
    sendable: Sendable | None
    holding_message: str
    reply_id: str = ""
    item_id: str = ""
    findings: tuple[Finding, ...] = ()
    redactions: tuple[RedactionDetail, ...] = ()
    policy_snapshot: str = ""
    degraded: bool = False
    degraded_reason: str = ""
    shadow: bool = False
    elapsed_s: float = 0.0
    error: CallFailedError | None = None

    @property
    def is_held(self) -> bool:
        """Whether nothing may go now."""
        return self.sendable is None

    def text_to_send(self) -> str:
        """The text that may go.

        Raises:
            HeldReplyError: if nothing may go, or what may go has no text.
        """
        if self.sendable is None:
            raise HeldReplyError("this reply is held; send .holding_message and wait for a ruling")
        if self.sendable.text is None:
            raise HeldReplyError("this reply has no text; use .sendable")
        return self.sendable.text

    @classmethod
    def held(cls, error: CallFailedError, *, holding_message: str, reply_id: str = "") -> ReplyDecision:
        """A reply nothing is known of: held."""
        return cls(
            verdict=Verdict.QUARANTINE,
            state=ReplyState.HELD,
            sendable=None,
            holding_message=holding_message,
            reply_id=reply_id,
            degraded=True,
            degraded_reason=error.cause or error.code,
            error=error,
        )

    @classmethod
    def of(cls, answer: reply_pb2.ReplyAnswer, *, holding_message: str) -> ReplyDecision:
        """Read the service's answer; what is not clearly sendable is held."""
        verdict = _VERDICTS.get(answer.verdict)
        state = _REPLY_STATES.get(answer.state)
        if verdict is None or state is None or not answer.reply_id:
            error = CallFailedError("the server's answer is malformed", code="INTERNAL", cause="MALFORMED_ANSWER")
            return cls.held(error, holding_message=holding_message, reply_id=answer.reply_id)
        sendable = _sendable(answer, verdict, state)
        return cls(
            verdict=verdict,
            state=state,
            sendable=sendable,
            holding_message=answer.holding_message or (holding_message if sendable is None else ""),
            reply_id=answer.reply_id,
            item_id=answer.item_id,
            findings=tuple(Finding.of(one) for one in answer.findings),
            redactions=tuple(
                RedactionDetail(field=one.field, reason=one.reason, action=one.action)
                for one in answer.redaction_details
            ),
            policy_snapshot=answer.policy_snapshot,
            degraded=answer.degraded,
            degraded_reason=answer.degraded_reason,
            shadow=answer.shadow,
            elapsed_s=answer.elapsed.seconds + answer.elapsed.nanos / 1e9,
        )


def _sendable(answer: reply_pb2.ReplyAnswer, verdict: Verdict, state: ReplyState) -> Sendable | None:
    """The words, if verdict, state and content all say that they may go."""
    is_clear = state is ReplyState.SENDABLE and (verdict is not Verdict.QUARANTINE or answer.shadow)
    if not (is_clear or state is ReplyState.RELEASED) or not answer.HasField("content"):
        return None
    content = Content.of(answer.content)
    if content.text is None and content.payload is None and not content.attachments:
        return None
    return Sendable(
        reply_id=answer.reply_id,
        text=content.text,
        subject=content.subject,
        payload=content.payload,
        attachments=content.attachments,
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ActionDecision(_NoShortcuts):
    """What the gate said of an action. `error` is set where it could not be asked; then the action is denied.

    `retry_after_s` is set where a cap refused it and time helps; `explanation` holds what was asked for with `explain`.
    """

    decision: GateDecision
    state: str
    reason: str
    holding_message: str = ""
    action_id: str = ""
    tier: str = "T4"
    rule_id: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    approval_id: str = ""
    digest: str = ""
    policy_snapshot: str = ""
    degraded: bool = False
    shadow: bool = False
    elapsed_s: float = 0.0
    error: CallFailedError | None = None
    retry_after_s: float | None = None
    explanation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def may_execute(self) -> bool:
        """Whether the action may run now, within `constraints`; False too once it has run."""
        return (
            self.decision in {GateDecision.ALLOW, GateDecision.ALLOW_WITH_CONSTRAINTS}
            and self.state == "APPROVED"
            and self.error is None
        )

    @property
    def needs_approval(self) -> bool:
        """Whether people must decide first: wait for `approval_id`, then ask again with it."""
        return self.decision is GateDecision.REQUIRE_APPROVAL and bool(self.approval_id)

    @classmethod
    def denied(cls, error: CallFailedError, *, holding_message: str) -> ActionDecision:
        """An action nothing is known of: denied."""
        return cls(
            decision=GateDecision.DENY,
            state="DENIED",
            reason=error.cause or error.code,
            holding_message=holding_message,
            degraded=True,
            error=error,
        )

    @classmethod
    def of(cls, record: gate_pb2.ActionRecord, *, holding_message: str, elapsed_s: float = 0.0) -> ActionDecision:
        """Read the service's answer; what is not clearly allowed is denied."""
        decision = _DECISIONS.get(record.decision)
        if decision is None or not record.action_id:
            error = CallFailedError("the server's answer is malformed", code="INTERNAL", cause="MALFORMED_ANSWER")
            return cls.denied(error, holding_message=holding_message)
        tier = name_of(types_pb2.Tier, record.tier, "TIER_")
        return cls(
            decision=decision,
            state=name_of(types_pb2.LedgerState, record.state, "LEDGER_STATE_"),
            reason=record.reason,
            holding_message=record.holding_message,
            action_id=record.action_id,
            tier="T4" if tier == "UNSPECIFIED" else tier,
            rule_id=record.rule_id,
            constraints=dict_of(record.constraints),
            approval_id=record.approval_id,
            digest=record.digest,
            policy_snapshot=record.policy_snapshot,
            degraded=record.degraded,
            shadow=record.shadow,
            retry_after_s=float(record.retry_after.seconds) if record.HasField("retry_after") else None,
            elapsed_s=elapsed_s,
        )


_VERDICTS: Mapping[int, Verdict] = {types_pb2.Verdict.Value(f"VERDICT_{one.name}"): one for one in Verdict}
_REPLY_STATES: Mapping[int, ReplyState] = {
    reply_pb2.ReplyState.Value(f"REPLY_STATE_{one.name}"): one for one in ReplyState
}
_DECISIONS: Mapping[int, GateDecision] = {
    gate_pb2.GateDecision.Value(f"GATE_DECISION_{one.name}"): one for one in GateDecision
}
