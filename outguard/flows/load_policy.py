"""Putting policy in force: at the start, on a call or when files change; the last good one stays until then (R40, R41).

What loosens needs the names of people whom the policy in force lists under `sign_off`. A policy that waits for them is
on record as PROPOSED with its files; once signed, the next load puts it in force. Policies belong to the operator: only
principals of the tenant `default` load and sign them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.policy import Policy
from outguard.domain.policy_change import (
    Area,
    Effect,
    PolicyChange,
    PolicyState,
    PolicyVersion,
    SignOff,
    missing_areas,
)
from outguard.domain.principal import OPERATOR_TENANT, Principal, Role
from outguard.errors import (
    ConfigError,
    ForbiddenError,
    OutguardError,
    PolicyError,
    VersionConflictError,
)
from outguard.flows.calls import earlier_subject, known_subject, request_digest
from outguard.flows.expire_approval import SYSTEM
from outguard.flows.services import RuleFolder, Services
from outguard.policy.compare import Compiled, compare
from outguard.policy.compile import deciding
from outguard.ports import Call, Change

_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What came of looking at the files: `policy` decides now, the files make `proposed`.

    `missing` names the areas that must still sign before it decides.
    """

    policy: Policy
    proposed: str
    changes: tuple[PolicyChange, ...] = ()
    missing: tuple[Area, ...] = ()

    @property
    def is_in_force(self) -> bool:
        """Whether the policy of the files decides now."""
        return not self.missing


async def start_policy(services: Services) -> Load:
    """At the start: the policy of the files if nothing on record forbids it, else the last one that was in force.

    Raises:
        ConfigError: if the last one would have to stay but this version of outguard cannot read it any more.
    """
    folder = _folder(services)
    return await _load(services, folder.loaded, services.policies.current, by=SYSTEM, call=None, is_start=True)


async def reload_policy(services: Services, principal: Principal, *, request_id: str) -> Load:
    """Read the files again and put them in force, unless they are unsound or want a sign-off.

    Raises:
        ForbiddenError: unless the principal is an admin of the operator's tenant.
        PolicyError: with every problem of every file; the policy in force stays.
        ConfigError: if the files cannot be read, or policy is not read from files here.
        RequestIdReusedError: if the request_id was used with other content.
    """
    if principal.role is not Role.ADMIN or principal.tenant != OPERATOR_TENANT:
        raise ForbiddenError("only an admin of the operator's tenant loads policy")
    digest = request_digest(request_id, {"reload": True})
    known = await known_subject(services, principal, method="ReloadPolicy", request_id=request_id, digest=digest)
    if known is not None:
        return Load(policy=services.policies.current, proposed=known)
    call = Call(
        principal_id=principal.id,
        method="ReloadPolicy",
        request_id=request_id,
        request_digest=digest,
        subject_id="",
        at=services.clock.now(),
    )
    files, policy = await _read(services)
    try:
        return await _load(services, files, policy, by=principal.id, call=call)
    except OutguardError as error:
        subject = await earlier_subject(
            services, principal, error, method="ReloadPolicy", request_id=request_id, digest=digest
        )
        return Load(policy=services.policies.current, proposed=subject)


async def follow_files(services: Services) -> Load | None:
    """Put changed files in force as `reload_policy` does, on nobody's call; None where they are those in force.

    Raises:
        PolicyError, ConfigError: if they make no policy; the policy in force stays.
    """
    files, policy = await _read(services)
    if policy.snapshot == services.policies.current.snapshot:
        return None
    return await _load(services, files, policy, by=SYSTEM, call=None)


async def _read(services: Services) -> tuple[Mapping[str, str], Policy]:
    folder = _folder(services)

    def work() -> tuple[Mapping[str, str], Policy]:
        files = folder.read()
        return files, folder.compile(files)

    return await asyncio.to_thread(work)  # compiling takes a moment; decisions go on meanwhile


def _folder(services: Services) -> RuleFolder:
    if services.rules is None:
        raise ConfigError("this process does not read its policy from files")
    return services.rules


async def _load(
    services: Services,
    files: Mapping[str, str],
    policy: Policy,
    *,
    by: str,
    call: Call | None,
    is_start: bool = False,
) -> Load:
    """Weigh the files against the policy that decides, and put them in force or on the waiting list.

    Another replica may have loaded or signed at the same moment: looked at anew then.
    """
    for left in reversed(range(_ATTEMPTS)):
        try:
            return await _load_once(services, files, policy, by=by, call=call, is_start=is_start)
        except VersionConflictError:
            if not left:
                raise
    raise AssertionError  # the last attempt returns or raises


async def _load_once(
    services: Services, files: Mapping[str, str], policy: Policy, *, by: str, call: Call | None, is_start: bool
) -> Load:
    folder = _folder(services)
    before = await _before(services, folder, is_start=is_start)
    known = await services.store.find_policy(OPERATOR_TENANT, policy.snapshot)
    new = Compiled(files=deciding(files, profile=policy.profile), policy=policy)
    changes: tuple[PolicyChange, ...] = ()
    missing: tuple[Area, ...] = ()
    if isinstance(before, Compiled):
        changes = await asyncio.to_thread(compare, before, new)
        proposed_by = by if known is None else known.proposed_by
        sign_offs: Sequence[SignOff] = () if known is None else known.sign_offs
        missing = missing_areas(changes, before.policy.sign_off, sign_offs, proposed_by=proposed_by)
    judge = None
    if not missing and not is_start:
        judge = await asyncio.to_thread(folder.build_judge, files)
    await services.store.commit(_change(services, new, known, changes, missing, by=by, call=call))
    if missing and is_start and isinstance(before, Compiled):
        judge = await asyncio.to_thread(folder.build_judge, before.files)
        services.put_in_force(before.policy, judge)
    elif not missing and judge is not None:
        services.put_in_force(policy, judge)
    return Load(policy=services.policies.current, proposed=policy.snapshot, changes=changes, missing=missing)


async def _before(services: Services, folder: RuleFolder, *, is_start: bool) -> Compiled | None:
    """The policy that decides until now, with its files; None where there was none, or nobody's name is asked for."""
    newest = await services.store.list_policies(OPERATOR_TENANT, limit=1)
    if not newest:
        return None
    last = newest[0]
    if not is_start and last.snapshot != services.policies.current.snapshot:
        # Another replica is ahead or behind: what this one obeys is what this one's change is weighed against.
        found = await services.store.find_policy(OPERATOR_TENANT, services.policies.current.snapshot)
        last = found or last
    try:
        policy = await asyncio.to_thread(partial(folder.compile, last.files, profile=last.profile))
    except PolicyError as error:
        if not any("sign_off" in text for text in last.files.values()):
            return None
        raise ConfigError(
            f"the policy on record ({last.snapshot}) asks for sign-offs and cannot be read by this version: "
            "load it once with the version that wrote it and take sign_off out, or correct the files"
        ) from error
    return Compiled(files=last.files, policy=policy)


def _change(
    services: Services,
    new: Compiled,
    known: PolicyVersion | None,
    changes: Sequence[PolicyChange],
    missing: Sequence[Area],
    *,
    by: str,
    call: Call | None,
) -> Change:
    now = services.clock.now()
    policy = new.policy
    record = PolicyVersion(
        tenant=OPERATOR_TENANT,
        snapshot=policy.snapshot,
        label=policy.version,
        profile=policy.profile,
        state=PolicyState.PROPOSED,
        proposed_by=by,
        created_at=now,
        files=new.files,
        rules=tuple(rule.id for rule in policy.gate_rules),
        profiles=tuple(sorted(policy.profiles)),
        default_profile=policy.default_profile,
    )
    if known is not None:
        record = replace(known, version=known.version + 1)
    if not missing:
        record = replace(record, state=PolicyState.LOADED, loaded_at=now)
    counts = {effect.value: sum(one.effect is effect for one in changes) for effect in Effect}
    signed = [{"area": one.area.value, "principal_id": one.principal_id} for one in record.sign_offs]
    details = {
        "from": services.policies.current.snapshot,
        "changes": counts,
        "sign_offs": signed,
        "missing": [area.value for area in missing],
    }
    kind = EntryKind.POLICY_PROPOSED if missing else EntryKind.POLICY_LOADED
    entry = policy_entry(services, kind, by, policy.snapshot, details)
    call = None if call is None else replace(call, subject_id=policy.snapshot)
    return Change(tenant=OPERATOR_TENANT, entries=(entry,), call=call, policy_versions=(record,))


def policy_entry(
    services: Services, kind: EntryKind, by: str, snapshot: str, details: Mapping[str, object]
) -> EntryDraft:
    """An entry about the policy `snapshot`, stamped with the one in force."""
    return EntryDraft(
        kind=kind,
        principal_id=by,
        at=services.clock.now(),
        subject_id=snapshot,
        policy_snapshot=services.policies.current.snapshot,
        details=details,
    )
