"""Policy files to one `Policy`, or every reason why not, over all files at once.

What counts: `policy.yaml`, `gate/*.yaml`, `authority/*.yaml`, of `profiles/` the one selected, and for the snapshot
`detectors/`. Other files (tests, topic maps) decide nothing and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from outguard.domain.action import Tier
from outguard.domain.authority import AuthorityProfile
from outguard.domain.policy import BackOffice, GateRule, Owner, Policy, Problem, QueueRoute, ReviewPolicy, TierPolicy
from outguard.domain.policy_change import Area
from outguard.domain.reply_policy import ReplyPolicy
from outguard.domain.review import OnTimeout
from outguard.domain.topic import TopicIndex
from outguard.errors import PolicyError
from outguard.policy.authority import parse_profile
from outguard.policy.load import Tree, load
from outguard.policy.people import autonomy_of, check_autonomy, evidence_of, fatigue_of, sampling_of
from outguard.policy.people_schema import AutonomyShape
from outguard.policy.profile import DEFAULT_PROFILE, PROFILES, change_tiers, profile_problems
from outguard.policy.reply_policy import compile_reply
from outguard.policy.rules import compile_gate
from outguard.policy.schema import GateShape, PolicyShape, ProfileShape, ReplyShape, ReviewShape, TiersShape
from outguard.policy.signals import compile_caps, compile_signals
from outguard.policy.snapshot import snapshot_of
from outguard.policy.validate import part, validate

POLICY_FILE = "policy.yaml"


def deciding(files: Mapping[str, str], *, profile: str = DEFAULT_PROFILE) -> dict[str, str]:
    """The files that decide, sorted by path."""
    return {path: files[path] for path in sorted(files) if _kind(path, profile) is not None}


def _kind(path: str, profile: str = DEFAULT_PROFILE) -> str | None:
    folder, _, name = path.partition("/")
    if path == POLICY_FILE:
        return "policy"
    if not name or name.endswith("_test.yaml"):
        return None
    if folder == "detectors":
        return folder
    if folder == PROFILES:
        return PROFILES if name == f"{profile}.yaml" else None
    return folder if folder in {"gate", "authority"} and name.endswith((".yaml", ".yml")) else None


def compile_policy(files: Mapping[str, str], *, profile: str = DEFAULT_PROFILE) -> Policy:
    """Compile the texts of a rules folder, keyed by path relative to it, in the variant `profile`.

    Raises:
        PolicyError: with every problem of every file, in order of file and line.
    """
    used = deciding(files, profile=profile)
    problems: list[Problem] = []
    profiles = _profiles(used, problems)
    gates = sorted(
        (path for path in used if _kind(path, profile) in {"policy", "gate", PROFILES}),
        key=lambda path: path != POLICY_FILE,
    )
    trees = {path: load(used[path], file=path) for path in gates}
    variant = trees.get(f"{PROFILES}/{profile}.yaml")
    if variant is None and profile != DEFAULT_PROFILE:
        problems.append(Problem(f"{PROFILES}/{profile}.yaml", 1, "", "there is no such profile"))
    for path, tree in trees.items():
        if path != POLICY_FILE:
            problems += validate(tree, ProfileShape if tree is variant else GateShape)[1]
    rules, found = compile_gate(trees.values())
    problems += found
    policy: Policy | None = None
    if POLICY_FILE in trees:
        caps, found = compile_caps(trees.values())
        problems += found
        policy = _policy(trees[POLICY_FILE], rules, profiles, snapshot_of(used), problems)
        if policy is not None:
            policy = replace(
                policy, profile=profile, caps_by_topic=TopicIndex((glob, cap) for cap in caps for glob in cap.topics)
            )
    if policy is not None and variant is not None:
        problems += profile_problems(variant, policy)
        policy = replace(policy, tiers=change_tiers(variant, policy))
    if POLICY_FILE not in trees:
        problems.append(Problem(POLICY_FILE, 1, "", "the file is missing"))
    if problems or policy is None:
        ordered = tuple(sorted(set(problems)))
        raise PolicyError(f"the policy has {len(ordered)} problem(s); first: {ordered[0]}", problems=ordered)
    return policy


def _policy(
    tree: Tree,
    rules: tuple[GateRule, ...],
    profiles: Mapping[str, AuthorityProfile],
    snapshot: str,
    problems: list[Problem],
) -> Policy | None:
    shape, found = validate(tree, PolicyShape)
    problems += found
    reply: ReplyPolicy | None = None
    if (reply_shape := part(tree, "reply", ReplyShape)) is not None:
        reply, found = compile_reply(reply_shape, tree)
        problems += found
    if (tiers := part(tree, "tiers", TiersShape)) is not None:
        problems += _check_tiers(tiers, tree)
    if (autonomy := part(tree, "autonomy", AutonomyShape)) is not None:
        problems += check_autonomy(autonomy, tree)
    if (review := part(tree, "review", ReviewShape)) is not None:
        problems += _check_routes(review, tree)
    if shape is None or reply is None:
        return None
    if shape.default_profile not in profiles:
        problems.append(tree.problem(("default_profile",), "no sound profile of that name in authority/"))
    return Policy(
        snapshot=snapshot,
        version=shape.version,
        owner=Owner(name=shape.owner.name, escalation=shape.owner.escalation),
        sign_off={area: frozenset(ids) for area in Area if (ids := getattr(shape.sign_off, area.value))},
        tiers=_tiers(shape.tiers),
        gate_rules=rules,
        rules_by_topic=TopicIndex((glob, rule) for rule in rules for glob in rule.match.topics),
        exchange_rates_usd={"USD": Decimal(1), **shape.exchange_rates_usd},
        reply=reply,
        review=_review(shape.review),
        profiles=profiles,
        default_profile=shape.default_profile,
        autonomy=autonomy_of(shape.autonomy),
        sampling=sampling_of(shape.sampling),
        signals=compile_signals(shape.signals),
    )


def _profiles(used: Mapping[str, str], problems: list[Problem]) -> dict[str, AuthorityProfile]:
    profiles: dict[str, AuthorityProfile] = {}
    homes: dict[str, str] = {}
    for path, text in used.items():
        if _kind(path) != "authority":
            continue
        profile, found = parse_profile(text, file=path)
        problems += found
        if profile is None:
            continue
        if profile.name in profiles:
            message = f"the profile is named as that of {homes[profile.name]}"
            problems.append(Problem(path, 1, "name", message))
        profiles[profile.name] = profile
        homes.setdefault(profile.name, path)
    return profiles


def _check_tiers(shape: TiersShape, tree: Tree) -> Iterable[Problem]:
    """A tier that waits for people says how many, how long and in which words; a tier is as strict as those below."""
    weakest = 0
    for tier in Tier:
        terms = getattr(shape, tier.name)
        path = ("tiers", tier.name)
        if terms.decision.strictness < weakest:
            yield tree.problem((*path, "decision"), "looser than the tier below it")
        weakest = max(weakest, terms.decision.strictness)
        if terms.decision.name == "REQUIRE_APPROVAL" and not terms.required_approvals:
            yield tree.problem((*path, "required_approvals"), "a tier that waits for people needs 1 or 2")
        if not terms.holding_message.strip():
            yield tree.problem((*path, "holding_message"), "a customer must never see a raw pause: give the words")
        if not terms.approval_timeout_s:
            yield tree.problem((*path, "approval_timeout_s"), "must be above 0: every approval ends")
        if terms.on_timeout is OnTimeout.AUTO_APPROVE and tier >= Tier.T3:
            yield tree.problem((*path, "on_timeout"), "auto_approve is for T1 and T2 only")
        if terms.escalate_after_sec is not None and terms.escalate_after_sec >= terms.approval_timeout_s:
            yield tree.problem((*path, "escalate_after_sec"), "must be below approval_timeout_s")


def _tiers(shape: TiersShape) -> dict[Tier, TierPolicy]:
    tiers: dict[Tier, TierPolicy] = {}
    for tier in Tier:
        fields = getattr(shape, tier.name).model_dump()
        escalate_after_s = fields.pop("escalate_after_sec") or 0.0
        tiers[tier] = TierPolicy(**fields, escalate_after_s=escalate_after_s)
    return tiers


def _check_routes(shape: ReviewShape, tree: Tree) -> Iterable[Problem]:
    for place, route in enumerate(shape.routing):
        if route.topics is None and route.risk_tags is None:
            yield tree.problem(("review", "routing", place), "needs topics or risk_tags")
    if shape.back_office is not None and shape.back_office.p95_s < shape.back_office.median_s:
        yield tree.problem(("review", "back_office", "p95_s"), "below median_s")


def _review(shape: ReviewShape) -> ReviewPolicy:
    return ReviewPolicy(
        default_queue=shape.default_queue,
        escalation_queue=shape.escalation_queue or "",
        fatigue=fatigue_of(shape.fatigue),
        required_evidence=evidence_of(shape.evidence),
        back_office=None
        if shape.back_office is None
        else BackOffice(
            queues=frozenset(shape.back_office.queues),
            median_s=shape.back_office.median_s,
            p95_s=shape.back_office.p95_s,
        ),
        routes=tuple(
            QueueRoute(
                queue=route.queue,
                topics=TopicIndex((glob, True) for glob in route.topics or ()),
                risk_tags=frozenset(route.risk_tags or ()),
            )
            for route in shape.routing
        ),
    )
