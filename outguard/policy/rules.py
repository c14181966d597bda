"""Gate rules and graded action types, from their shapes: conditions compiled, constraints typed, ids unique."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from outguard.domain.action import GateDecision, Tier
from outguard.domain.policy import GateRule, Match, Problem
from outguard.policy.condition import compile_condition
from outguard.policy.constraint import problem_with
from outguard.policy.load import Path, Tree
from outguard.policy.schema import ActionTypeShape, MatchShape, RuleShape
from outguard.policy.validate import parts

_GRADES: Mapping[str, int] = {
    "instant": 1, "within_window": 2, "by_person": 3, "irreversible": 4,
    "one": 1, "few": 2, "many": 3, "everyone": 4,
    "low": 1, "medium": 2, "high": 3, "critical": 4,
}  # fmt: skip


def grade(shape: ActionTypeShape) -> Tier:
    """The tier of an action type (R1): the highest of reversibility, blast radius and stakes counts."""
    return Tier(max(_GRADES[shape.reversibility], _GRADES[shape.blast_radius], _GRADES[shape.stakes]))


class Grade(NamedTuple):
    """A graded action type, in words."""

    tier: str
    id: str
    topics: str
    reversibility: str
    blast_radius: str
    stakes: str
    file: str


def graded_types(trees: Iterable[Tree]) -> list[Grade]:
    """Every well-formed action type with its grade."""
    return [
        Grade(
            tier=grade(shape).name,
            id=shape.id,
            topics=", ".join(shape.topics),
            reversibility=shape.reversibility,
            blast_radius=shape.blast_radius,
            stakes=shape.stakes,
            file=tree.file,
        )
        for tree in trees
        for _, shape in parts(tree, "action_types", ActionTypeShape)
    ]


def compile_gate(trees: Iterable[Tree]) -> tuple[tuple[GateRule, ...], tuple[Problem, ...]]:
    """All well-formed rules of all files, action types first within each, and what is wrong with them."""
    rules: list[GateRule] = []
    problems: list[Problem] = []
    homes: dict[str, str] = {}
    for tree in trees:
        compiled: list[tuple[Path, GateRule]] = []
        for place, graded in parts(tree, "action_types", ActionTypeShape):
            compiled.append((("action_types", place), _graded(graded)))
        for place, rule in parts(tree, "rules", RuleShape):
            path: Path = ("rules", place)
            problems += _check(rule, tree, path)
            compiled.append((path, _rule(rule)))
        for path, gate_rule in compiled:
            if gate_rule.id in homes:
                problems.append(tree.problem((*path, "id"), f"the id is used before, at {homes[gate_rule.id]}"))
            homes.setdefault(gate_rule.id, f"{tree.file}:{tree.line(path)}")
            rules.append(gate_rule)
    return tuple(rules), tuple(problems)


def _graded(shape: ActionTypeShape) -> GateRule:
    tier = grade(shape)
    words = f"{shape.reversibility}, touches {shape.blast_radius}, stakes {shape.stakes}"
    return GateRule(
        id=f"type.{shape.id}",
        match=Match(topics=shape.topics),
        reason=shape.reason or f"graded {tier.name} ({words})",
        tier=tier,
        graded=True,
        reversibility=shape.reversibility,
    )


def _rule(shape: RuleShape) -> GateRule:
    return GateRule(
        id=shape.id,
        match=_match(shape.match),
        reason=shape.reason,
        decision=shape.decision,
        tier=Tier[shape.tier] if shape.tier else None,
        constraints={
            name: tuple(value) if isinstance(value, list) else value for name, value in shape.constraints.items()
        },
        queue=shape.queue,
        required_approvals=shape.required_approvals or 0,
        shadow=shape.shadow,
        lists="*" not in shape.match.topics or shape.match.model_fields_set == {"topics"},
    )


def _match(shape: MatchShape) -> Match:
    values: dict[str, Any] = {name: getattr(shape, name) for name in MatchShape.model_fields}
    condition = None if shape.when is None else compile_condition(shape.when)
    return Match(**{**values, "when": condition, "risk_tags": frozenset(shape.risk_tags or ())})


def _check(shape: RuleShape, tree: Tree, path: Path) -> Iterable[Problem]:
    """What each key allows but all together do not."""
    if shape.id.startswith(("type.", "gate.")):
        yield tree.problem((*path, "id"), "ids that start with type. or gate. are the program's own")
    if shape.decision is None and shape.tier is None:
        yield tree.problem(path, "needs a decision, a tier, or both")
    for name, value in shape.constraints.items():
        if fault := problem_with(name, value):
            yield tree.problem((*path, "constraints", name), fault)
    if shape.constraints and shape.decision is GateDecision.DENY:
        yield tree.problem((*path, "constraints"), "a denied action has no constraints")
    if shape.decision is GateDecision.ALLOW and shape.constraints:
        yield tree.problem((*path, "decision"), "with constraints the decision is ALLOW_WITH_CONSTRAINTS")
    if shape.decision is GateDecision.ALLOW_WITH_CONSTRAINTS and not shape.constraints:
        yield tree.problem((*path, "constraints"), "this key is missing")
    if shape.required_approvals and shape.decision not in {None, GateDecision.REQUIRE_APPROVAL}:
        yield tree.problem((*path, "required_approvals"), "only an action that waits for people needs approvals")
    above, least = shape.match.amount_usd_above, shape.match.amount_usd_at_least
    if above is not None and least is not None:
        yield tree.problem((*path, "match"), "amount_usd_above and amount_usd_at_least: give one")
