"""The switch that stops automation (R15): thrown and taken back by an authorised person, in force at the next decision.

Every decision rests on the board it read (`ports.Seen`): one that was made before a pause came into force is not
written after it, on whatever replica.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.pause import Pause, PauseBoard, PauseScope
from outguard.domain.policy import Owner
from outguard.domain.principal import Principal, Role
from outguard.domain.topic import is_glob
from outguard.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    OutguardError,
    PausedError,
    TooLargeError,
    VersionConflictError,
)
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.services import Services
from outguard.gate.pause import words_of
from outguard.ports import Call, Change, Seen

MAX_PAUSES = 1000
MAX_REASON = 2_000
_ATTEMPTS = 10
_MAY = frozenset({Role.SENIOR_REVIEWER, Role.ADMIN})


def seen_pauses(board: PauseBoard) -> Seen:
    """That a change holds only while the switch stands as `board` says."""
    return Seen(kind="pause_boards", record_id=board.tenant, version=board.version)


def refuse_again(pause: Pause | None) -> None:
    """Let nobody act now on what was decided before a pause: answering once more is automation going on.

    Raises:
        PausedError: if there is a pause.
    """
    if pause is not None:
        raise PausedError(f"{words_of(pause)}; the answer of then is kept: ask again later")


async def pause_automation(
    services: Services, principal: Principal, *, request_id: str, scope: PauseScope, value: str, reason: str
) -> PauseBoard:
    """Stop automation for the tenant, an agent or a topic glob, at once; the board as it stands then.

    What is paused already may be paused again, with one more reason: resuming takes back all of a scope.

    Raises:
        ForbiddenError: if the principal is neither senior reviewer nor admin.
        InvalidInputError: for a scope and value that do not fit, or without a reason.
        TooLargeError: if a thousand pauses are in force.
        RequestIdReusedError: if the request_id was used with other content.
    """
    _check(principal, scope, value, reason)
    pause = Pause(
        pause_id=services.ids.new("pau"),
        scope=scope,
        value=value,
        reason=reason,
        paused_by=principal.id,
        paused_at=services.clock.now(),
    )

    def paused(board: PauseBoard) -> PauseBoard:
        if len(board.pauses) >= MAX_PAUSES:
            raise TooLargeError(f"{MAX_PAUSES} pauses are in force; pause the whole tenant")
        return replace(board, pauses=(*board.pauses, pause), version=board.version + 1)

    return await _move(
        services,
        principal,
        paused,
        kind=EntryKind.AUTOMATION_PAUSED,
        method="PauseAutomation",
        request_id=request_id,
        scope=scope,
        value=value,
        reason=reason,
    )


async def resume_automation(
    services: Services, principal: Principal, *, request_id: str, scope: PauseScope, value: str, reason: str
) -> PauseBoard:
    """Take back every pause of exactly this scope and value; others stay in force.

    Raises:
        ConflictError: if this is not paused.
        ForbiddenError, InvalidInputError, RequestIdReusedError: as `pause_automation`.
    """
    _check(principal, scope, value, reason)

    def resumed(board: PauseBoard) -> PauseBoard:
        left = tuple(pause for pause in board.pauses if (pause.scope, pause.value) != (scope, value))
        if len(left) == len(board.pauses):
            raise ConflictError("this is not paused")
        return replace(board, pauses=left, version=board.version + 1)

    return await _move(
        services,
        principal,
        resumed,
        kind=EntryKind.AUTOMATION_RESUMED,
        method="ResumeAutomation",
        request_id=request_id,
        scope=scope,
        value=value,
        reason=reason,
    )


async def list_pauses(services: Services, principal: Principal) -> tuple[PauseBoard, Owner]:
    """What is paused now, and who answers for the policy and is asked next."""
    return await services.store.get_pauses(principal.tenant), services.policies.current.owner


def _check(principal: Principal, scope: PauseScope, value: str, reason: str) -> None:
    if principal.role not in _MAY:
        raise ForbiddenError("only a senior reviewer or an admin pauses and resumes automation")
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInputError(f"give a reason of 1 to {MAX_REASON} characters", field="reason")
    if scope is PauseScope.TENANT and value:
        raise InvalidInputError("the whole tenant is paused without a value", field="value")
    if scope is PauseScope.AGENT and not value:
        raise InvalidInputError("say which agent", field="value")
    if scope is PauseScope.TOPIC and not is_glob(value):
        raise InvalidInputError("say which topic or glob of topics", field="value")


async def _move(
    services: Services,
    principal: Principal,
    step: Callable[[PauseBoard], PauseBoard],
    *,
    kind: EntryKind,
    method: str,
    request_id: str,
    scope: PauseScope,
    value: str,
    reason: str,
) -> PauseBoard:
    """Put the switch where `step` says; two people who throw it at the same moment both succeed."""
    digest = request_digest(request_id, {"scope": scope, "value": value, "reason": reason})
    now = services.clock.now()
    call = Call(
        principal_id=principal.id,
        method=method,
        request_id=request_id,
        request_digest=digest,
        subject_id=principal.tenant,
        at=now,
    )
    if await known_subject(services, principal, method=method, request_id=request_id, digest=digest) is not None:
        return await services.store.get_pauses(principal.tenant)
    try:
        for left in reversed(range(_ATTEMPTS)):
            board = step(await services.store.get_pauses(principal.tenant))
            entry = _entry(services, principal, kind, board, scope, value, reason, now)
            change = Change(tenant=principal.tenant, entries=(entry,), call=call, pause_boards=(board,))
            try:
                await services.store.commit(change)
            except VersionConflictError:
                if not left:
                    raise
            else:
                return board
    except OutguardError as error:
        await earlier_subject(services, principal, error, method=method, request_id=request_id, digest=digest)
    return await services.store.get_pauses(principal.tenant)


def _entry(  # noqa: PLR0917 - the parts of one entry
    services: Services,
    principal: Principal,
    kind: EntryKind,
    board: PauseBoard,
    scope: PauseScope,
    value: str,
    reason: str,
    now: datetime,
) -> EntryDraft:
    return EntryDraft(
        kind=kind,
        principal_id=principal.id,
        at=now,
        subject_id=value or principal.tenant,
        policy_snapshot=services.policies.current.snapshot,
        details={
            "scope": scope,
            "value": value,
            "reason": reason,
            "in_force": [{"scope": pause.scope, "value": pause.value} for pause in board.pauses],
        },
    )
