"""Topic maps: what the tools of an agent mean to the gate (`outguard replay --topics`).

A map names, for each domain and tool, the topic, the risk tags and where amount, target and customer stand in the
arguments. It only translates: a tool that is not in it becomes `unknown.<name>`, which a policy denies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field

from outguard.domain.action import Action
from outguard.domain.money import Money
from outguard.domain.topic import is_topic
from outguard.errors import InvalidInputError, PolicyError
from outguard.policy.load import load
from outguard.policy.validate import validate
from outguard.policy.values import Currency, Shape, Word

UNREADABLE_AMOUNT = "unreadable_amount"
_MAX_LEAVES = 10_000
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[\])?(?:\.[A-Za-z_][A-Za-z0-9_]*(?:\[\])?)*\Z")


def _topic(text: str) -> str:
    if not is_topic(text):
        raise ValueError("not a topic (lower-case words joined by dots)")
    return text


def _path(text: str) -> str:
    if not _PATH.match(text):
        raise ValueError("not a path such as payment_methods[].amount")
    return text


ArgumentPath: TypeAlias = Annotated[str, AfterValidator(_path)]


class AmountShape(Shape):
    """Where the amount stands; `[]` adds up what a list holds."""

    path: ArgumentPath
    currency: Currency | None = None
    currency_path: ArgumentPath | None = None


class ToolShape(Shape):
    """One tool."""

    topic: Annotated[str, AfterValidator(_topic)]
    kind: Literal["read", "write", "escalate"]
    risk_tags: tuple[Word, ...] = ()
    target: Annotated[tuple[ArgumentPath, ...], Field(max_length=5)] = ()
    customer: ArgumentPath | None = None
    amount: AmountShape | None = None


class DomainShape(Shape):
    """The tools of one domain, by name."""

    tools: dict[str, ToolShape]


class TopicMapShape(Shape):
    """A map file."""

    version: Literal[1]
    domains: dict[str, DomainShape]


@dataclass(frozen=True, slots=True)
class TopicMap:
    """A loaded map."""

    domains: Mapping[str, Mapping[str, ToolShape]]

    def kind_of(self, domain: str, tool: str) -> str:
        """`read`, `write` or `escalate`; a tool that is not in the map counts as `write`."""
        found = self.domains.get(domain, {}).get(tool)
        return "write" if found is None else found.kind

    def action_for(self, domain: str, tool: str, arguments: Mapping[str, Any], conversation_id: str) -> Action:
        """The action that a call of `tool` is. An amount that is no amount shows as the tag `unreadable_amount`."""
        found = self.domains.get(domain, {}).get(tool)
        if found is None:
            return Action(conversation_id=conversation_id, topic=_unknown(tool), arguments=arguments)
        amount, tags = None, found.risk_tags
        if found.amount is not None:
            try:
                amount = _amount(found.amount, arguments)
            except InvalidInputError:
                tags = (*tags, UNREADABLE_AMOUNT)
        targets = [str(value) for path in found.target for value in _leaves(arguments, path)]
        return Action(
            conversation_id=conversation_id,
            topic=found.topic,
            risk_tags=tags,
            arguments=arguments,
            amount=amount,
            target=" ".join(targets) or None,
            customer_id=_first_text(arguments, found.customer),
        )


def load_topic_map(text: str, *, file: str = "topics.yaml") -> TopicMap:
    """Read a map.

    Raises:
        PolicyError: with every problem of the file.
    """
    tree = load(text, file=file)
    shape, found = validate(tree, TopicMapShape)
    problems = list(found)
    if shape is not None:
        for domain, tools in shape.domains.items():
            for name, tool in tools.tools.items():
                path = ("domains", domain, "tools", name)
                if tool.amount and (tool.amount.currency is None) == (tool.amount.currency_path is None):
                    problems.append(tree.problem((*path, "amount"), "needs currency or currency_path, not both"))
                if (tool.kind == "escalate") != (tool.topic == "escalate"):
                    problems.append(tree.problem(path, "kind escalate and topic escalate go together"))
    if problems or shape is None:
        ordered = tuple(sorted(problems))
        raise PolicyError(f"the topic map has {len(ordered)} problem(s); first: {ordered[0]}", problems=ordered)
    return TopicMap({name: domain.tools for name, domain in shape.domains.items()})


def _unknown(tool: str) -> str:
    word = re.sub(r"[^a-z0-9_-]+", "_", tool.lower())[:100]
    return f"unknown.{word or 'tool'}"


def _leaves(value: Any, path: str) -> list[Any]:
    """What stands at `path`; nothing where it leads nowhere."""
    values = [value]
    for step in path.split("."):
        name, is_list = step.removesuffix("[]"), step.endswith("[]")
        values = [each[name] for each in values if isinstance(each, Mapping) and name in each]
        if is_list:
            values = [item for each in values if isinstance(each, list | tuple) for item in each]
    return values[:_MAX_LEAVES]


def _first_text(arguments: Mapping[str, Any], path: str | None) -> str | None:
    found = _leaves(arguments, path) if path else []
    return found[0] if found and isinstance(found[0], str) else None


def _amount(shape: AmountShape, arguments: Mapping[str, Any]) -> Money | None:
    """The sum of what stands at the path; None where nothing does.

    Raises:
        InvalidInputError: if anything there is no number, or the sum or currency is none that money can have.
    """
    leaves = _leaves(arguments, shape.path)
    if not leaves:
        return None
    currency = shape.currency or _first_text(arguments, shape.currency_path) or ""
    parts = [_decimal(leaf) for leaf in leaves]
    if any(part < 0 for part in parts):
        raise InvalidInputError("an amount is negative", field="amount")
    return Money(amount=sum(parts, Decimal(0)), currency=currency)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidInputError("an amount is no number", field="amount")
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError) as error:
        raise InvalidInputError("an amount is no number", field="amount") from error
    if not number.is_finite():
        raise InvalidInputError("an amount is not finite", field="amount")
    return number
