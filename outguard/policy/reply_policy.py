"""The `reply` section to a `ReplyPolicy`: rules sorted by how much they say, contradictions refused."""

from __future__ import annotations

from outguard.domain.finding import Category, FindingAction
from outguard.domain.policy import Problem
from outguard.domain.reply_policy import QueueByFinding, ReplyPolicy, ReplyRule
from outguard.domain.source import CANARY_TYPE
from outguard.policy.load import Tree
from outguard.policy.schema import ReplyRuleShape, ReplyShape


def compile_reply(shape: ReplyShape, tree: Tree) -> tuple[ReplyPolicy, tuple[Problem, ...]]:
    """The reply policy, and what is wrong with it."""
    problems: list[Problem] = []
    rules: list[ReplyRule] = []
    seen: dict[object, int] = {}
    for place, rule in enumerate(shape.rules):
        path = ("reply", "rules", place)
        compiled = _rule(rule, place)
        key = (rule.category, rule.type, rule.status, rule.channel, rule.part)
        if key in seen:
            problems.append(tree.problem(path, f"says again what reply.rules[{seen[key]}] speaks of"))
        seen.setdefault(key, place)
        if rule.category is Category.SYSTEM and rule.action is not FindingAction.QUARANTINE:
            problems.append(tree.problem((*path, "action"), "a fault of the evaluation itself is always quarantine"))
        if rule.category is Category.TRIGGER and rule.action.is_cut:
            problems.append(
                tree.problem((*path, "action"), "a trigger is not in the reply: keep, record or quarantine")
            )
        if rule.action is FindingAction.PSEUDONYM and rule.category not in {Category.PII, Category.IDENTITY}:
            problems.append(
                tree.problem((*path, "action"), "a pseudonym keeps its value: only for category pii or identity")
            )
        if rule.type == CANARY_TYPE and rule.action is not FindingAction.QUARANTINE:
            problems.append(tree.problem((*path, "action"), "a canary is always quarantine"))
        rules.append(compiled)
    for place, route in enumerate(shape.routing):
        if route.categories is None and route.types is None:
            problems.append(tree.problem(("reply", "routing", place), "needs categories or types"))
    rules.sort(key=lambda rule: rule.rank, reverse=True)
    policy = ReplyPolicy(
        rules=tuple(rules),
        min_score=shape.min_score,
        holding_message=shape.holding_message,
        review_target_s=shape.review_target_s,
        default_queue=shape.default_queue,
        confidence_below=shape.confidence_below,
        pseudonym_lifetime_s=shape.pseudonym_lifetime_s,
        routes=tuple(
            QueueByFinding(
                queue=route.queue,
                categories=frozenset(route.categories or ()),
                types=frozenset(route.types or ()),
                priority=route.priority,
            )
            for route in shape.routing
        ),
        placeholders=shape.placeholders,
        when_degraded=shape.when_degraded.default,
        degraded_channels=shape.when_degraded.channels,
    )
    return policy, tuple(problems)


def _rule(shape: ReplyRuleShape, place: int) -> ReplyRule:
    status = None if shape.status == "none" else shape.status
    return ReplyRule(
        id=f"reply.rules[{place}]",
        action=shape.action,
        category=shape.category,
        type=shape.type,
        status=status,
        unknown_status=shape.status == "none",
        channel=shape.channel,
        part=shape.part,
        min_score=shape.min_score,
    )
