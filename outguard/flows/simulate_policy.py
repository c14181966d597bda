"""Another policy over the record (R40): every decision made again under both, nothing written but that it was done.

Signals are computed as the record stood at the time, but for what looks at all of history (a topic's usual amount,
whether an agent ever did a thing). Caps and pauses are left out on both sides: they depend on what else had run. Where
detectors or authority profiles differ, replies are judged again from their content; else their recorded findings are
weighed again. Content that was erased is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from outguard.domain.action import ActionRecord, GateDecision
from outguard.domain.audit import Entry, EntryDraft, EntryKind
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding
from outguard.domain.policy import Policy
from outguard.domain.principal import OPERATOR_TENANT, Principal, Role
from outguard.domain.reply import Content, ReplyRecord
from outguard.domain.simulation import Compared, Simulation, summed_up
from outguard.domain.verdict import Verdict, combine
from outguard.errors import ConfigError, ForbiddenError, IntegrityError, InvalidInputError, NotFoundError
from outguard.flows.content_codec import action_from_plain, customer_from_plain, decode, reply_from_plain
from outguard.flows.judge_reply import ReplyJudge
from outguard.flows.services import Services
from outguard.flows.signals import read_signals
from outguard.gate.decide import GateAnswer, decide
from outguard.policy.compile import deciding
from outguard.policy.snapshot import snapshot_of
from outguard.ports import Change

MAX_DECISIONS = 20_000
DEFAULT_WINDOW = timedelta(days=7)
_PAGE = 500
_MAY = frozenset({Role.AUDITOR, Role.ADMIN})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trial:
    services: Services
    tenant: str
    old: Policy
    new: Policy
    judge: ReplyJudge | None
    """The new policy's evaluator where it finds otherwise than the old one's."""


async def simulate_policy(
    services: Services, principal: Principal, *, files: Mapping[str, str], window: timedelta | None = None
) -> Simulation:
    """What `files` would have said to the tenant's decisions of the last `window` (default: a week).

    At most `MAX_DECISIONS`, the latest ones; `is_cut` says that there were more.

    Raises:
        ForbiddenError: unless the principal is an auditor or admin.
        InvalidInputError: without files.
        PolicyError: with every problem of every file.
        ConfigError: where this process does not read policy from files.
    """
    if principal.role not in _MAY:
        raise ForbiddenError("only an auditor or admin simulates policy")
    if not files:
        raise InvalidInputError("give the files of a policy", field="files")
    if services.rules is None:
        raise ConfigError("this process does not read its policy from files")
    rules, old = services.rules, services.policies.current
    new = await asyncio.to_thread(rules.compile, files)
    on_record = await services.store.find_policy(OPERATOR_TENANT, old.snapshot)
    before = rules.loaded if on_record is None else on_record.files
    judge = None
    if _finding_part(before, old) != _finding_part(files, new):
        judge = await asyncio.to_thread(rules.build_judge, files)
    since = services.clock.now() - (window or DEFAULT_WINDOW)
    trial = _Trial(services=services, tenant=principal.tenant, old=old, new=new, judge=judge)
    compared: list[Compared] = []
    moments = []
    is_cut = False
    async for entry in _decisions(services, principal.tenant):
        if entry.at < since:
            break
        if len(compared) >= MAX_DECISIONS:
            is_cut = True
            break
        again = await _again(trial, entry)
        if again is not None:
            compared.append(again)
            moments.append(entry.at)
        await asyncio.sleep(0)  # live decisions come first
    hours = (max(moments) - min(moments)).total_seconds() / 3600 if moments else 0.0
    found = summed_up(compared, hours=hours, is_cut=is_cut)
    await _tell(services, principal, new, found)
    return found


def _finding_part(files: Mapping[str, str], policy: Policy) -> str:
    """A hash of what finds: detectors and authority profiles."""
    used = deciding(files, profile=policy.profile)
    return snapshot_of({path: text for path, text in used.items() if path.startswith(("detectors/", "authority/"))})


async def _decisions(services: Services, tenant: str) -> AsyncIterator[Entry]:
    """Entries of decisions, the latest first."""
    end = (await services.store.head(tenant)).size
    while end > 0:
        start = max(0, end - _PAGE)
        page = await services.store.list_entries(tenant, start=start, limit=end - start)
        for entry in reversed(page):
            if entry.kind in {EntryKind.ACTION_DECIDED, EntryKind.REPLY_DECIDED}:
                yield entry
        end = start


async def _again(trial: _Trial, entry: Entry) -> Compared | None:
    store = trial.services.store
    try:
        if entry.kind is EntryKind.ACTION_DECIDED:
            return await _action(trial, await store.get_action(trial.tenant, entry.subject_id))
        return await _reply(trial, await store.get_reply(trial.tenant, entry.subject_id))
    except (NotFoundError, IntegrityError):
        return None


async def _action(trial: _Trial, record: ActionRecord) -> Compared:
    services = trial.services
    blob = services.sealer.open(record.sealed, tenant=trial.tenant, subject_id=record.action_id)
    action = action_from_plain(decode(blob))
    agent = Principal(id=record.agent_id, role=Role.AGENT, tenant=trial.tenant, topics=("*",))
    answers: list[GateAnswer] = []
    for policy in (trial.old, trial.new):
        signals = await read_signals(
            services, policy, agent, action, now=record.created_at, but=record.action_id, as_of=True
        )
        answers.append(decide(policy, action, agent, signals))
    old, new = answers
    if record.rule_id == "gate.scope":  # the credential decided, not the policy
        old = new = replace(old, decision=GateDecision.DENY, rule_id=record.rule_id)
    return Compared(
        subject_id=record.action_id,
        rule=new.rule_id if old.decision is not new.decision else old.rule_id,
        old=old.decision.value,
        new=new.decision.value,
        old_rank=old.decision.strictness,
        new_rank=new.decision.strictness,
        old_item=old.decision is GateDecision.REQUIRE_APPROVAL or old.opens_ticket,
        new_item=new.decision is GateDecision.REQUIRE_APPROVAL or new.opens_ticket,
    )


_VERDICTS = tuple(Verdict)


async def _reply(trial: _Trial, record: ReplyRecord) -> Compared:
    old = _weighed(record.findings, trial.old, record.channel)
    if trial.judge is None:
        new = _weighed(record.findings, trial.new, record.channel)
    else:
        new = await _judged(trial, trial.judge, record)
    verdicts = combine(old), combine(new)
    deciding_ones = new if verdicts[0] is not verdicts[1] else old
    return Compared(
        subject_id=record.reply_id,
        rule=_deciding_rule(deciding_ones),
        old=verdicts[0].value,
        new=verdicts[1].value,
        old_rank=_VERDICTS.index(verdicts[0]),
        new_rank=_VERDICTS.index(verdicts[1]),
        old_item=verdicts[0] is Verdict.QUARANTINE,
        new_item=verdicts[1] is Verdict.QUARANTINE,
    )


def _weighed(findings: tuple[Finding, ...], policy: Policy, channel: str) -> tuple[Finding, ...]:
    return tuple(replace(one, action=policy.reply.action_for(one, channel=channel)) for one in findings)


def _deciding_rule(findings: tuple[Finding, ...]) -> str:
    """The rule of the gravest finding; `reply.clean` where nothing had to be done."""
    verdict = combine(findings)
    if verdict is Verdict.ALLOW:
        return "reply.clean"
    return next(one.rule for one in findings if combine((one,)) is verdict)


async def _judged(trial: _Trial, judge: ReplyJudge, record: ReplyRecord) -> tuple[Finding, ...]:
    services = trial.services
    plain = decode(services.sealer.open(record.sealed, tenant=trial.tenant, subject_id=record.reply_id))
    reply = reply_from_plain(plain["reply"])
    ledger = await services.store.list_ledger(trial.tenant, record.conversation_id)
    profiles = trial.new.profiles
    context = ReplyContext(
        recipient=reply.recipient,
        customer=customer_from_plain(plain["customer"]),
        profile=profiles.get(record.profile, profiles[trial.new.default_profile]),
        ledger=tuple(one for one in ledger if one.at is None or one.at <= record.created_at),
        now=record.created_at,
        channel=reply.channel,
        last_user=plain.get("last_user") or "",
        sources=tuple(plain.get("sources") or ()),
        confidence=plain.get("confidence"),
        registered=await services.registered.of(trial.tenant),
    )
    judgement = await asyncio.to_thread(judge.judge, Content.of(reply), context, trial.new)
    return judgement.findings


async def _tell(services: Services, principal: Principal, new: Policy, found: Simulation) -> None:
    entry = EntryDraft(
        kind=EntryKind.POLICY_SIMULATED,
        principal_id=principal.id,
        at=services.clock.now(),
        subject_id=new.snapshot,
        policy_snapshot=services.policies.current.snapshot,
        details={"stricter": found.stricter, "looser": found.looser, "unchanged": found.unchanged},
    )
    await services.store.commit(Change(tenant=principal.tenant, entries=(entry,)))
