"""Policy is put in force whole or not at all; what loosens needs the names that the old one asks for (R40, R41)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from fakes import MemoryStore
from flow_values import CUSTOMER, new_id, reply_of
from policy_files import policy_files

from outguard.domain.audit import EntryKind
from outguard.domain.policy import Policy
from outguard.domain.policy_change import Area, Effect, PolicyState
from outguard.domain.principal import Principal, Role
from outguard.domain.verdict import Verdict
from outguard.errors import (
    ConfigError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MakerIsCheckerError,
    NotFoundError,
    PolicyError,
    RequestIdReusedError,
)
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.load_policy import follow_files, reload_policy, start_policy
from outguard.flows.read_policy import list_snapshots
from outguard.flows.services import Services
from outguard.flows.sign_policy import sign_policy
from outguard.policy.compile import compile_policy
from outguard.policy.source import PolicySource

RULES = "rules: [{id: a, match: {topics: [pay.refund]}, tier: T3, reason: r}]\n"
SIGNERS = "sign_off: {compliance: [sen-1, pat], finance: [fay]}\n"
STRICT = policy_files(SIGNERS + RULES)
STRICTER = policy_files(SIGNERS + RULES.replace("T3", "T4"))
LOOSER = policy_files(SIGNERS + RULES.replace("T3", "T1"))
UNSOUND = {**STRICT, "policy.yaml": STRICT["policy.yaml"].replace("T3,", "T9,")}
ADMIN = Principal(id="adam", role=Role.ADMIN, tenant="default")
SENIOR = Principal(id="sen-1", role=Role.SENIOR_REVIEWER, tenant="default")


class Folder:
    """Rule files in memory."""

    def __init__(self, files: Mapping[str, str], judge: ReplyJudge) -> None:
        self.loaded = files
        self.files: Mapping[str, str] = files
        self.judge = judge
        self.built: list[Mapping[str, str]] = []

    def read(self) -> Mapping[str, str]:
        return self.files

    def stamp(self) -> object:
        return tuple(self.files.values())

    def compile(self, files: Mapping[str, str], *, profile: str | None = None) -> Policy:
        return compile_policy(files, profile=profile or "default")

    def build_judge(self, files: Mapping[str, str]) -> ReplyJudge:
        self.built.append(files)
        return self.judge


def start(services: Services, files: Mapping[str, str]) -> tuple[Services, Folder]:
    """A process that starts with `files` on the same store."""
    folder = Folder(files, services.judge)
    started = replace(services, policies=PolicySource(compile_policy(files)), rules=folder)
    return started, folder


async def reload(services: Services, by: Principal = ADMIN) -> tuple[bool, tuple[Area, ...]]:
    load = await reload_policy(services, by, request_id=new_id())
    return load.is_in_force, load.missing


async def kinds(store: MemoryStore) -> list[EntryKind]:
    return [entry.kind for entry in await store.list_entries("default")]


async def test_the_first_policy_needs_nobody(services: Services) -> None:
    mine, _ = start(services, STRICT)
    assert (await start_policy(mine)).is_in_force
    (listed,), token = await list_snapshots(mine, ADMIN)
    assert (listed.snapshot, listed.rules, token) == (mine.policies.current.snapshot, ("a",), "")


async def test_what_tightens_is_loaded_at_once(services: Services) -> None:
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    folder.files = STRICTER
    assert await reload(mine) == (True, ())
    assert mine.policies.current.snapshot == compile_policy(STRICTER).snapshot
    assert folder.built == [STRICTER], "detectors are built anew with the policy"
    assert len((await list_snapshots(mine, ADMIN))[0]) == 2


async def test_what_loosens_waits_for_the_named_people(services: Services) -> None:
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    before, wanted = mine.policies.current.snapshot, compile_policy(LOOSER).snapshot
    folder.files = LOOSER
    load = await reload_policy(mine, ADMIN, request_id=new_id())
    assert not load.is_in_force
    assert mine.policies.current.snapshot == before
    assert any(change.effect is Effect.LOOSER for change in load.changes)
    for area in load.missing:
        signer = SENIOR if area is Area.COMPLIANCE else replace(SENIOR, id="fay")
        signed = await sign_policy(
            mine, signer, request_id=new_id(), snapshot=wanted, area=area, reason="looked at it with finance"
        )
        assert signed.state is PolicyState.PROPOSED, "a name alone changes nothing"
        assert mine.policies.current.snapshot == before
    assert await reload(mine) == (True, ())
    assert mine.policies.current.snapshot == wanted
    found = await kinds(mine.store)  # type: ignore[arg-type]
    assert EntryKind.POLICY_PROPOSED in found
    assert EntryKind.POLICY_SIGNED in found
    assert found[-1] is EntryKind.POLICY_LOADED


async def test_a_restart_is_no_way_around_the_sign_off(services: Services) -> None:
    first, _ = start(services, STRICT)
    await start_policy(first)
    again, folder = start(services, LOOSER)
    load = await start_policy(again)
    assert load.missing
    assert again.policies.current.snapshot == compile_policy(STRICT).snapshot
    assert folder.built == [compile_files(STRICT)], "the last good policy's own detectors"


def compile_files(files: Mapping[str, str]) -> Mapping[str, str]:
    return dict(sorted(files.items()))


async def test_another_variant_is_weighed_against_the_one_in_force(services: Services) -> None:
    """Falling back from a stricter profile to the default loosens, though no file changed."""
    files = {**STRICT, "profiles/regulated.yaml": "about: two people\ntiers: {T3: {required_approvals: 2}}\n"}
    first, folder = start(services, files)
    first.policies.replace(compile_policy(files, profile="regulated"))
    await start_policy(first)
    again, folder = start(services, files)
    assert (await start_policy(again)).missing == (Area.COMPLIANCE,)
    assert again.policies.current.profile == "regulated"
    assert folder.built


async def test_a_new_policy_cannot_excuse_itself(services: Services) -> None:
    """Taking the signers out is a change that the signers of the old policy must sign."""
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    folder.files = policy_files(RULES)
    _, missing = await reload(mine)
    assert set(missing) == {Area.COMPLIANCE, Area.FINANCE}


async def test_unsound_files_leave_the_last_good_policy(services: Services) -> None:
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    folder.files = UNSOUND
    with pytest.raises(PolicyError) as caught:
        await reload(mine)
    assert caught.value.problems
    with pytest.raises(PolicyError):
        await follow_files(mine)
    assert mine.policies.current.snapshot == compile_policy(STRICT).snapshot


async def test_changed_files_are_followed(services: Services) -> None:
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    assert await follow_files(mine) is None
    folder.files = STRICTER
    load = await follow_files(mine)
    assert load is not None
    assert load.is_in_force
    assert await follow_files(mine) is None


async def test_only_the_operators_admin_loads(services: Services) -> None:
    mine, _ = start(services, STRICT)
    for who in (SENIOR, replace(ADMIN, tenant="other")):
        with pytest.raises(ForbiddenError):
            await reload(mine, who)


async def test_a_repeated_call_is_answered_and_another_refused(services: Services) -> None:
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    folder.files = STRICTER
    request_id = new_id()
    first = await reload_policy(mine, ADMIN, request_id=request_id)
    size = len(await kinds(mine.store))  # type: ignore[arg-type]
    assert (await reload_policy(mine, ADMIN, request_id=request_id)).proposed == first.proposed
    assert len(await kinds(mine.store)) == size  # type: ignore[arg-type]


async def test_who_may_sign_what(services: Services) -> None:
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    folder.files = LOOSER
    await reload(mine, replace(ADMIN, id="pat"))
    wanted = compile_policy(LOOSER).snapshot

    async def sign(who: Principal, snapshot: str = wanted, reason: str = "r", request_id: str | None = None) -> None:
        await sign_policy(
            mine, who, request_id=request_id or new_id(), snapshot=snapshot, area=Area.COMPLIANCE, reason=reason
        )

    with pytest.raises(MakerIsCheckerError):
        await sign(replace(ADMIN, id="pat"))
    for who in (ADMIN, replace(SENIOR, id="fay"), replace(SENIOR, tenant="other"), replace(SENIOR, role=Role.AGENT)):
        with pytest.raises(ForbiddenError):
            await sign(who)
    with pytest.raises(NotFoundError):
        await sign(SENIOR, snapshot="v1:unknown")
    with pytest.raises(InvalidInputError):
        await sign(SENIOR, reason=" ")
    with pytest.raises(ConflictError):
        await sign(SENIOR, snapshot=mine.policies.current.snapshot)
    request_id = new_id()
    await sign(SENIOR, request_id=request_id)
    await sign(SENIOR, request_id=request_id)
    with pytest.raises(RequestIdReusedError):
        await sign(SENIOR, request_id=request_id, reason="another")
    found = await mine.store.find_policy("default", wanted)
    assert found is not None
    assert [one.principal_id for one in found.sign_offs] == ["sen-1"]


async def test_a_reply_under_way_ends_with_the_policy_it_began_with(services: Services, agent: Principal) -> None:
    mine, folder = start(services, STRICT)
    await start_policy(mine)
    old = mine.policies.current
    folder.files = STRICTER
    folder.judge = replace_scanner(services.judge)
    await reload(mine)
    assert mine.judge_of(old) is services.judge
    assert mine.judge_of(mine.policies.current) is folder.judge
    answer = await evaluate_reply(mine, agent, request_id=new_id(), reply=reply_of("Hello"), customer=CUSTOMER)
    assert answer.record.policy_snapshot == mine.policies.current.snapshot
    assert answer.record.verdict is Verdict.ALLOW


def replace_scanner(judge: ReplyJudge) -> ReplyJudge:
    return ReplyJudge(judge._scanner, judge._limits, judge._payload_rules)


async def test_a_process_without_files_says_so(services: Services) -> None:
    with pytest.raises(ConfigError):
        await reload(services)
