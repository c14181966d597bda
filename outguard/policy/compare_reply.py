"""What another reply policy does about findings: every kind of finding that either speaks of is tried on both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.policy_change import Area, Effect, PolicyChange
from outguard.domain.reply_policy import STRICTNESS, Part, ReplyPolicy, ReplyRule, WhenDegraded

_FIELDS = {Part.of(name): name for name in (None, "subject", "payload.x", "attachments[0]", "customer_message")}
_ANY = "ANY_OTHER"
_JUST_BELOW = 1e-6


def compare_reply(old: ReplyPolicy, new: ReplyPolicy) -> Iterator[PolicyChange]:
    """The differences, one for each category, type and pair of actions."""
    yield from _findings(old, new)
    for name in ("holding_message", "review_target_s", "default_queue", "routes", "placeholders"):
        if getattr(old, name) != getattr(new, name):
            yield PolicyChange(where=f"reply.{name}", effect=Effect.NEUTRAL, area=Area.COMPLIANCE, what="changed")
    if old.confidence_below != new.confidence_below:
        effect = Effect.STRICTER if new.confidence_below > old.confidence_below else Effect.LOOSER
        what = f"{old.confidence_below:g} -> {new.confidence_below:g}"
        yield PolicyChange(where="reply.confidence_below", effect=effect, area=Area.COMPLIANCE, what=what)
    if old.pseudonym_lifetime_s != new.pseudonym_lifetime_s:
        effect = Effect.STRICTER if new.pseudonym_lifetime_s < old.pseudonym_lifetime_s else Effect.LOOSER
        what = f"{old.pseudonym_lifetime_s} -> {new.pseudonym_lifetime_s}"
        yield PolicyChange(where="reply.pseudonym_lifetime_s", effect=effect, area=Area.SECURITY, what=what)
    for channel in ("default", *sorted({*old.degraded_channels, *new.degraded_channels})):
        was, now = (policy.degraded_channels.get(channel, policy.when_degraded) for policy in (old, new))
        if was is not now:
            effect = Effect.STRICTER if now is WhenDegraded.QUARANTINE else Effect.LOOSER
            what = f"{was.value} -> {now.value}"
            yield PolicyChange(where=f"reply.when_degraded.{channel}", effect=effect, area=Area.COMPLIANCE, what=what)


def _findings(old: ReplyPolicy, new: ReplyPolicy) -> Iterator[PolicyChange]:
    rules = [*old.rules, *new.rules]
    channels = [*sorted({rule.channel for rule in rules if rule.channel}), _ANY.lower()]
    parts = list(Part) if any(rule.part for rule in rules) else [Part.TEXT]
    scores = _scores(old, new, rules)
    for category in Category:
        if category is Category.SYSTEM:
            continue
        speaking = [rule for rule in rules if rule.category in {None, category}]
        types = [*sorted({rule.type for rule in speaking if rule.type}), _ANY]
        statuses: list[Status | None] = [None, *Status]
        if not any(rule.status or rule.unknown_status for rule in speaking):
            statuses = [None]
        for type_ in types:
            moves: defaultdict[tuple[FindingAction, FindingAction], set[str]] = defaultdict(set)
            for status, channel, part, score in product(statuses, channels, parts, scores):
                finding = Finding(
                    category=category,
                    type=type_,
                    status=status,
                    start=0,
                    end=1,
                    score=score,
                    rule="compare",
                    field=_FIELDS[part],
                )
                was, now = (policy.action_for(finding, channel=channel) for policy in (old, new))
                if was is not now:
                    moves[was, now].add(_circumstances(status, channel, part, score))
            for (was, now), where in moves.items():
                yield _change(category, type_, was, now, where)


def _change(category: Category, type_: str, was: FindingAction, now: FindingAction, where: set[str]) -> PolicyChange:
    effect = Effect.STRICTER if STRICTNESS[now] > STRICTNESS[was] else Effect.LOOSER
    finance = category is Category.COMMITMENT
    compliance = category not in {Category.PII, Category.SECRET, Category.INTERNAL, Category.IDENTITY}
    area = Area.FINANCE if finance else Area.COMPLIANCE if compliance else Area.SECURITY
    first = min(where)
    more = f" and {len(where) - 1} more" if len(where) > 1 else ""
    what = f"{was.value} -> {now.value} ({first}{more})"
    name = "*" if type_ == _ANY else type_
    return PolicyChange(where=f"reply.{category.value}.{name}", effect=effect, area=area, what=what)


def _circumstances(status: Status | None, channel: str, part: Part, score: float) -> str:
    return f"{'none' if status is None else status.value}, {channel}, {part.value}, score {score:g}"


def _scores(old: ReplyPolicy, new: ReplyPolicy, rules: list[ReplyRule]) -> list[float]:
    """One score in every stretch between the thresholds of either policy."""
    edges = {old.min_score, new.min_score, *(rule.min_score for rule in rules if rule.min_score is not None)}
    tried = {1.0} | edges | {edge - _JUST_BELOW for edge in edges if edge > 0}
    return sorted(tried)
