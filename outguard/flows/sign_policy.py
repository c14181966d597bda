"""A person's name under a policy that waits (R41): only of those whom the policy in force lists for the area."""

from __future__ import annotations

from dataclasses import replace

from outguard.domain.audit import EntryKind
from outguard.domain.policy_change import Area, PolicyVersion, SignOff
from outguard.domain.principal import OPERATOR_TENANT, Principal, Role
from outguard.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    NotFoundError,
    OutguardError,
    VersionConflictError,
)
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.load_policy import policy_entry
from outguard.flows.services import Services
from outguard.ports import Call, Change

METHOD = "SignPolicy"
MAX_REASON = 2_000
_ATTEMPTS = 5
_MAY_SIGN = frozenset({Role.SENIOR_REVIEWER, Role.ADMIN})


async def sign_policy(
    services: Services, principal: Principal, *, request_id: str, snapshot: str, area: Area, reason: str
) -> PolicyVersion:
    """Put the principal's name under a proposed policy, for an area in which the policy in force lists them.

    Raises:
        NotFoundError: if no policy of that snapshot is on record.
        ForbiddenError: if the policy in force does not list the principal for the area.
        MakerIsCheckerError: if the principal proposed it.
        ConflictError: if it is in force already.
        RequestIdReusedError: if the request_id was used with other content.
    """
    signers = services.policies.current.sign_off.get(area, frozenset())
    if principal.tenant != OPERATOR_TENANT or principal.role not in _MAY_SIGN or principal.id not in signers:
        raise ForbiddenError(f"the policy in force does not list you under sign_off.{area.value}")
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInputError(f"give a reason of 1 to {MAX_REASON} characters", field="reason")
    digest = request_digest(request_id, {"snapshot": snapshot, "area": area.value, "reason": reason})
    known = await known_subject(services, principal, method=METHOD, request_id=request_id, digest=digest)
    if known is not None:
        return await _on_record(services, known)
    sign_off = SignOff(area=area, principal_id=principal.id, reason=reason, at=services.clock.now())
    call = Call(
        principal_id=principal.id,
        method=METHOD,
        request_id=request_id,
        request_digest=digest,
        subject_id=snapshot,
        at=sign_off.at,
    )
    try:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await _sign(services, sign_off, call)
            except VersionConflictError:  # somebody else signed at the same moment
                continue
        return await _sign(services, sign_off, call)
    except OutguardError as error:
        await earlier_subject(services, principal, error, method=METHOD, request_id=request_id, digest=digest)
    return await _on_record(services, snapshot)


async def _sign(services: Services, sign_off: SignOff, call: Call) -> PolicyVersion:
    found = await _on_record(services, call.subject_id)
    if found.snapshot == services.policies.current.snapshot:
        raise ConflictError("this policy is in force already")
    if found.proposed_by == sign_off.principal_id:
        raise MakerIsCheckerError("whoever proposed a policy does not sign it")
    signed = replace(found, sign_offs=(*found.sign_offs, sign_off), version=found.version + 1)
    details = {"area": sign_off.area.value, "reason": sign_off.reason}
    entry = policy_entry(services, EntryKind.POLICY_SIGNED, sign_off.principal_id, found.snapshot, details)
    change = Change(tenant=OPERATOR_TENANT, entries=(entry,), call=call, policy_versions=(signed,))
    await services.store.commit(change)
    return signed


async def _on_record(services: Services, snapshot: str) -> PolicyVersion:
    found = await services.store.find_policy(OPERATOR_TENANT, snapshot)
    if found is None:
        raise NotFoundError("no policy of that snapshot is on record; load its files first")
    return found
