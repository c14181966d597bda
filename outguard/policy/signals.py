"""`signals` and `caps`, from their shapes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from outguard.domain.cap import Cap, CapScope, Measure, micros_of
from outguard.domain.policy import Problem
from outguard.domain.signal import SignalPolicy
from outguard.domain.topic import TopicIndex
from outguard.policy.load import Path, Tree
from outguard.policy.schema import CapShape, SignalsShape
from outguard.policy.validate import parts


def compile_signals(shape: SignalsShape) -> SignalPolicy:
    """How signals are computed."""
    values = {name: getattr(shape, name) for name in SignalsShape.model_fields if not name.endswith("_topics")}
    return SignalPolicy(
        **values,
        read_topics=_index(shape.read_topics),
        refund_topics=_index(shape.refund_topics),
        contact_topics=_index(shape.contact_topics),
    )


def _index(globs: Iterable[str] | None) -> TopicIndex[bool]:
    return TopicIndex((glob, True) for glob in globs or ())


def compile_caps(trees: Iterable[Tree]) -> tuple[tuple[Cap, ...], tuple[Problem, ...]]:
    """All well-formed caps of all files, and what is wrong with them."""
    caps: list[Cap] = []
    problems: list[Problem] = []
    homes: dict[str, str] = {}
    for tree in trees:
        for place, shape in parts(tree, "caps", CapShape):
            path: Path = ("caps", place)
            problems += _check(shape, tree, path)
            if shape.id in homes:
                problems.append(tree.problem((*path, "id"), f"the id is used before, at {homes[shape.id]}"))
            homes.setdefault(shape.id, f"{tree.file}:{tree.line(path)}")
            caps.append(_cap(shape))
    return tuple(caps), tuple(problems)


def _check(shape: CapShape, tree: Tree, path: Path) -> Iterable[Problem]:
    given = [name for name in ("max_amount_usd", "max_count", "max_accounts") if getattr(shape, name) is not None]
    if len(given) != 1:
        yield tree.problem(path, "give one of max_amount_usd, max_count and max_accounts")
    if len(set(shape.per)) != len(shape.per):
        yield tree.problem((*path, "per"), "names a scope twice")
    if CapScope.TENANT in shape.per and len(shape.per) > 1:
        yield tree.problem((*path, "per"), "tenant is all of the tenant: it stands alone")


def _cap(shape: CapShape) -> Cap:
    limit, measure = Decimal(shape.max_count or 0), Measure.COUNT
    if shape.max_amount_usd is not None:
        limit, measure = shape.max_amount_usd, Measure.AMOUNT_USD
    elif shape.max_accounts is not None:
        limit, measure = Decimal(shape.max_accounts), Measure.ACCOUNTS
    return Cap(
        id=shape.id,
        topics=shape.topics,
        but_topics=_index(shape.but_topics),
        risk_tags=frozenset(shape.risk_tags or ()),
        per=tuple(sorted(shape.per)),
        measure=measure,
        limit=limit,
        units=micros_of(limit) if measure is Measure.AMOUNT_USD else int(limit),
        window_s=shape.window_s,
        reason=shape.reason,
        decision=shape.decision,
    )
