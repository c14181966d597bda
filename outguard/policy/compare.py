"""What a new policy changes against an old one, part by part (R40, R41): proved stricter or looser, else UNCLEAR.

Everything that decides is looked at. What this page has no rule for is UNCLEAR where its words differ, so that a key
added to the language later is never overlooked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from outguard.domain.action import GateDecision, Tier
from outguard.domain.cap import Cap, Measure
from outguard.domain.policy import GateRule, Policy, TierPolicy
from outguard.domain.policy_change import Area, Effect, PolicyChange
from outguard.domain.review import OnTimeout
from outguard.policy.compare_reply import compare_reply
from outguard.policy.compile import POLICY_FILE
from outguard.policy.load import load
from outguard.policy.snapshot import content_of

_HANDLED = frozenset({"version", "tiers", "rules", "action_types", "caps", "reply", "sign_off"})
"""Keys of policy.yaml that are compared compiled; `version` is a name."""
_NEUTRAL = frozenset({"owner", "review"})
"""Who is asked and which queue an item waits in never let anything pass."""
_FINANCE = frozenset({"exchange_rates_usd"})
_MONEY_WORDS = ("refund", "payment", "billing", "financial", "credit", "payout", "invoice", "charge")
_SECURITY_WORDS = ("security", "password", "secret", "credential", "access")
_WAITS = (OnTimeout.AUTO_APPROVE, OnTimeout.ESCALATE, OnTimeout.DENY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """A policy with the files that make it."""

    files: Mapping[str, str]
    policy: Policy


def compare(old: Compiled, new: Compiled) -> tuple[PolicyChange, ...]:
    """Every difference that may change a decision, or could mislead who reads the policy; in order of the parts."""
    return (
        *_profile_name(old.policy, new.policy),
        *_tiers(old.policy, new.policy),
        *_rules(old.policy, new.policy),
        *_caps(old.policy, new.policy),
        *compare_reply(old.policy.reply, new.policy.reply),
        *_signers(old.policy, new.policy),
        *_sections(old, new),
        *_other_files(old, new),
    )


def _profile_name(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    if old.profile != new.profile:
        what = f"the variant {new.profile} instead of {old.profile}; its terms are compared below"
        yield PolicyChange(where="profile", effect=Effect.NEUTRAL, area=Area.COMPLIANCE, what=what)


def _rank_of(value: Any) -> float:
    if isinstance(value, GateDecision):
        return value.strictness
    return _WAITS.index(value) if isinstance(value, OnTimeout) else float(value)


_STRICTER_UP: Mapping[str, bool] = {
    "decision": True,
    "required_approvals": True,
    "senior_only": True,
    "on_timeout": True,
    "opens_ticket": True,
    "rollback_window_s": True,
    "approval_timeout_s": False,
}
"""Terms of a tier with a direction: a longer window to undo is safer, a longer-lived approval is not."""
_PLAIN_TERMS = frozenset(
    {"holding_message", "review_target_s", "queue", "latency_budget_ms", "override_rate_target", "escalate_after_s"}
)


def _tiers(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    for tier in Tier:
        for field in fields(TierPolicy):
            was, now = getattr(old.tiers[tier], field.name), getattr(new.tiers[tier], field.name)
            if was == now:
                continue
            if field.name in _PLAIN_TERMS:
                effect = Effect.NEUTRAL
            elif field.name in _STRICTER_UP:
                is_stricter = (_rank_of(now) > _rank_of(was)) == _STRICTER_UP[field.name]
                effect = Effect.STRICTER if is_stricter else Effect.LOOSER
            else:
                effect = Effect.UNCLEAR
            what = "other words" if field.name == "holding_message" else f"{_text(was)} -> {_text(now)}"
            yield PolicyChange(where=f"tiers.{tier.name}.{field.name}", effect=effect, area=Area.COMPLIANCE, what=what)


def _rules(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    was, now = ({rule.id: rule for rule in policy.gate_rules} for policy in (old, new))
    for rule_id in dict.fromkeys((*was, *now)):
        before, after = was.get(rule_id), now.get(rule_id)
        if before is None and after is not None:
            yield _rule(after, *_added(after, old, new))
        elif after is None and before is not None:
            yield _rule(before, *_removed(before, old, new))
        elif before is not None and after is not None and (found := _changed(before, after, old, new)) is not None:
            yield _rule(after, *found)


def _rule(rule: GateRule, effect: Effect, what: str) -> PolicyChange:
    return PolicyChange(where=f"rules.{rule.id}", effect=effect, area=_area_of(rule), what=what)


def _area_of(rule: GateRule) -> Area:
    match = rule.match
    words = " ".join((*match.topics, *(match.risk_tags or ())))
    if match.amount_usd_above is not None or match.amount_usd_at_least is not None:
        return Area.FINANCE
    if any(word in words for word in _MONEY_WORDS):
        return Area.FINANCE
    return Area.SECURITY if any(word in words for word in _SECURITY_WORDS) else Area.COMPLIANCE


def _strictness(policy: Policy, rule: GateRule) -> tuple[int, int, int]:
    """What a rule by itself asks for, as `gate.decide` ranks it."""
    tier = 0 if rule.tier is None else policy.tiers[rule.tier].decision.strictness
    own = GateDecision.ALLOW if rule.decision is None else rule.decision
    return max(own.strictness, tier), rule.tier or 0, rule.required_approvals


def _added(rule: GateRule, old: Policy, new: Policy) -> tuple[Effect, str]:
    if rule.shadow:
        return Effect.NEUTRAL, "added, in shadow"
    if _strictness(new, rule)[0] >= GateDecision.DENY.strictness:
        return Effect.STRICTER, "added; it denies"
    if not rule.lists:
        return Effect.STRICTER, "added; it can only tighten"
    if all(_is_listed(old, glob) for glob in rule.match.topics):
        return Effect.STRICTER, "added over topics that other rules list always: the strictest wins"
    if any(old.rules_by_topic.find(glob) for glob in rule.match.topics):
        return Effect.UNCLEAR, "added; it may make topics known that were denied as unlisted"
    return Effect.LOOSER, "added; it makes topics known that were denied as unlisted"


def _removed(rule: GateRule, old: Policy, new: Policy) -> tuple[Effect, str]:
    if rule.shadow:
        return Effect.NEUTRAL, "removed, was in shadow"
    if rule.lists and not any(new.rules_by_topic.find(glob) for glob in rule.match.topics):
        if all(glob in _listed_exactly(old) for glob in rule.match.topics):
            return Effect.STRICTER, "removed; its topics are denied as unlisted now"
        return Effect.UNCLEAR, "removed; other rules may cover its topics"
    if _strictness(old, rule) <= (GateDecision.ALLOW.strictness, Tier.T1, 0) and not rule.constraints:
        return Effect.STRICTER, "removed; it only allowed"
    return Effect.LOOSER, "removed"


def _listed_exactly(policy: Policy) -> frozenset[str]:
    """Topics without a glob that some rule names."""
    globs = (glob for rule in policy.gate_rules for glob in rule.match.topics)
    return frozenset(glob for glob in globs if not set(glob) & set("*?"))


def _is_listed(policy: Policy, glob: str) -> bool:
    """Whether every topic of `glob` is listed by a rule without further conditions, by its words alone."""
    for rule in policy.gate_rules:
        if rule.shadow or not rule.lists or not _is_bare(rule):
            continue
        for known in rule.match.topics:
            stem = known.removesuffix("*")
            if known in {glob, "*"} or (known.endswith(".*") and glob.startswith(stem)):
                return True
    return False


def _is_bare(rule: GateRule) -> bool:
    match = rule.match
    return all(getattr(match, field.name) is None for field in fields(match) if field.name not in {"topics", "missing"})


def _changed(before: GateRule, after: GateRule, old: Policy, new: Policy) -> tuple[Effect, str] | None:
    effects: list[Effect] = []
    words: list[str] = []
    was, now = _strictness(old, before), _strictness(new, after)
    if was != now:
        effects.append(Effect.STRICTER if all(a <= b for a, b in zip(was, now, strict=True)) else Effect.LOOSER)
        words.append(f"asks for {_asks(before)} -> {_asks(after)}")
    if before.shadow != after.shadow:
        # A rule that leaves the shadow also makes its topics known, as a new one does.
        effects.append(Effect.LOOSER if after.shadow else _added(after, old, new)[0])
        words.append("in shadow now" if after.shadow else "enforced now")
    if (what := _match_change(before, after)) is not None:
        effects.append(what[0])
        words.append(what[1])
    if dict(before.constraints) != dict(after.constraints):
        kept = all(after.constraints.get(name) == value for name, value in before.constraints.items())
        effects.append(Effect.STRICTER if kept else Effect.UNCLEAR)
        words.append("constraints")
    if (before.queue, before.reason) != (after.queue, after.reason):
        effects.append(Effect.NEUTRAL)
        words.append("queue or reason")
    if not effects:
        return None
    return _together(effects), "; ".join(words)


def _asks(rule: GateRule) -> str:
    parts = [rule.decision and rule.decision.value, rule.tier and rule.tier.name]
    parts.append(f"{rule.required_approvals} people" if rule.required_approvals else None)
    return " ".join(part for part in parts if part) or "nothing"


_THRESHOLDS = frozenset(
    {"anomaly_score_above", "retry_count_above", "amount_usd_above", "amount_usd_at_least", "affected_users_above"}
)


def _match_change(before: GateRule, after: GateRule) -> tuple[Effect, str] | None:
    """What another match means: for a rule that only tightens, meeting more is stricter and meeting less is looser."""
    was, now = _match_of(before), _match_of(after)
    differing = [name for name in was if was[name] != now[name]]
    if not differing:
        return None
    what = f"matches otherwise ({', '.join(differing)})"
    if after.lists or before.lists or before.shadow != after.shadow:
        return Effect.UNCLEAR, what
    wider = [_is_wider(name, was[name], now[name]) for name in differing]
    if all(one is True for one in wider):
        return Effect.STRICTER, f"{what}: meets more"
    if all(one is False for one in wider):
        return Effect.LOOSER, f"{what}: meets less"
    return Effect.UNCLEAR, what


def _is_wider(name: str, was: Any, now: Any) -> bool | None:
    """Whether `now` meets all that `was` met; False if it meets less, None if that cannot be told."""
    if name == "topics":
        a, b = set(was), set(now)
        return True if a < b else False if b < a else None
    if now is None:
        return True
    if was is None:
        return False
    if name in _THRESHOLDS:
        return bool(now < was)
    if name == "confidence_below":
        return bool(now > was)
    return None


def _match_of(rule: GateRule) -> dict[str, Any]:
    match = rule.match
    values = {field.name: getattr(match, field.name) for field in fields(match)}
    values["when"] = None if match.when is None else match.when.source
    return values


def _together(effects: Iterable[Effect]) -> Effect:
    found = set(effects) - {Effect.NEUTRAL}
    if not found:
        return Effect.NEUTRAL
    return found.pop() if len(found) == 1 else Effect.UNCLEAR


def _caps(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    was, now = ({cap.id: cap for cap in policy.caps_by_topic.values()} for policy in (old, new))
    for cap_id in dict.fromkeys((*was, *now)):
        before, after = was.get(cap_id), now.get(cap_id)
        if before is None and after is not None:
            yield _cap(after, Effect.STRICTER, "added")
        elif after is None and before is not None:
            yield _cap(before, Effect.LOOSER, "removed")
        elif before is not None and after is not None:
            effects, words = _cap_changes(before, after)
            if effects:
                yield _cap(after, _together(effects), "; ".join(words))


def _cap(cap: Cap, effect: Effect, what: str) -> PolicyChange:
    area = Area.FINANCE if cap.measure is Measure.AMOUNT_USD else Area.COMPLIANCE
    return PolicyChange(where=f"caps.{cap.id}", effect=effect, area=area, what=what)


def _cap_changes(before: Cap, after: Cap) -> tuple[list[Effect], list[str]]:
    effects: list[Effect] = []
    words: list[str] = []

    def note(name: str, judge: Callable[[Any, Any], bool | None]) -> None:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            is_stricter = judge(was, now)
            effects.append(Effect.UNCLEAR if is_stricter is None else Effect.STRICTER if is_stricter else Effect.LOOSER)
            words.append(f"{name} {_text(was)} -> {_text(now)}")

    note("limit", lambda was, now: now < was if before.measure is after.measure else None)
    note("window_s", lambda was, now: now > was)
    note("decision", lambda was, now: now.strictness > was.strictness)
    note("topics", lambda was, now: _is_wider("topics", was, now))
    note("measure", lambda was, now: None)  # noqa: ARG005
    note("per", lambda was, now: None)  # noqa: ARG005
    note("risk_tags", lambda was, now: None)  # noqa: ARG005
    if before.but_topics.globs() != after.but_topics.globs():
        effects.append(Effect.UNCLEAR)
        words.append("but_topics")
    return effects, words


def _signers(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    for area in Area:
        was, now = (policy.sign_off.get(area, frozenset()) for policy in (old, new))
        if was == now:
            continue
        effect = Effect.STRICTER if not was else Effect.LOOSER
        yield PolicyChange(where=f"sign_off.{area}", effect=effect, area=area, what="other people sign")


def _sections(old: Compiled, new: Compiled) -> Iterator[PolicyChange]:
    """Keys of policy.yaml (and of gate files) without a rule of their own."""
    was, now = (_tree(one.files.get(POLICY_FILE, "")) for one in (old, new))
    for key in dict.fromkeys((*was, *now)):
        if key in _HANDLED or was.get(key) == now.get(key):
            continue
        effect = Effect.NEUTRAL if key in _NEUTRAL else Effect.UNCLEAR
        area = Area.FINANCE if key in _FINANCE else Area.COMPLIANCE
        yield PolicyChange(where=key, effect=effect, area=area, what="changed")


def _tree(text: str) -> Mapping[str, Any]:
    value = load(text, file=POLICY_FILE).value
    return value if isinstance(value, Mapping) else {}


def _other_files(old: Compiled, new: Compiled) -> Iterator[PolicyChange]:
    """Authority profiles and detector packs: what an agent may promise, what is found."""
    for path in sorted({*old.files, *new.files}):
        folder = path.partition("/")[0]
        if folder not in {"authority", "detectors"}:
            continue
        area = Area.FINANCE if folder == "authority" else Area.SECURITY
        was, now = old.files.get(path), new.files.get(path)
        if was is None or now is None:
            word = "added" if was is None else "removed"
            effect = Effect.LOOSER if now is None and folder == "detectors" else Effect.UNCLEAR
            yield PolicyChange(where=path, effect=effect, area=area, what=word)
        elif was != now and content_of(path, was) != content_of(path, now):
            yield PolicyChange(where=path, effect=Effect.UNCLEAR, area=area, what="changed")


def _text(value: Any) -> str:
    if isinstance(value, tuple | frozenset):
        return "[" + ", ".join(sorted(map(str, value))) + "]"
    return str(getattr(value, "value", value))
