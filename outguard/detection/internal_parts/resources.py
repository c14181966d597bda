"""Names of inside systems: hosts, private addresses, paths, tracker ids by context, staff extensions."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from outguard.detection.internal_parts.blocks import MAX_SPANS, Span, overlaps
from outguard.detection.internal_parts.configured import find_configured
from outguard.detection.internal_parts.patterns import InternalPatterns, SpanPattern
from outguard.domain.context import ReplyContext

_BEFORE, _AFTER = 90, 60
_MAX_LOOKED_AT = 10_000
"""More matches of one kind than this are reported as one: they are no reply."""
_DEVICE = re.compile(r"(?i)firmware|version|your (?:router|gadget|device|printer|camera|modem|network)|\bv\d")


def find_resources(
    text: str, patterns: InternalPatterns, hints: Collection[int], covered: Sequence[Span], context: ReplyContext
) -> list[Span]:
    """The resources of `text` outside `covered`."""
    found = [one for one in find_configured(text, context.profile) if not overlaps(covered, one.start, one.end)]
    if not hints:
        return found
    chosen = [
        resource
        for number, resource in zip(patterns.resource_hints, patterns.resources, strict=True)
        if number in hints
    ]
    if not chosen:
        return found
    known = _known(context)
    for resource in chosen:
        for number, match in enumerate(resource.pattern.finditer(text)):
            start, end = match.span(1 if match.re.groups else 0)
            if len(found) >= MAX_SPANS or number >= _MAX_LOOKED_AT:
                return [Span("INTERNAL_RESOURCE", "many", 0, len(text))]
            if overlaps(covered, start, end) or overlaps(found, start, end):
                continue
            if _is_inside(text, start, end, resource, patterns.product_prefixes, known):
                found.append(Span("INTERNAL_RESOURCE", resource.rule, start, end, 0.85))
    return found


def _is_inside(  # noqa: PLR0917 - one decision
    text: str, start: int, end: int, resource: SpanPattern, products: frozenset[str], known: frozenset[str]
) -> bool:
    if start and text[start - 1] == "@":
        return False
    around = text[max(0, start - _BEFORE) : end + _AFTER]
    if resource.rule == "private_ip" and _DEVICE.search(around):
        return False
    if resource.rule.startswith("tracker") and _is_product(text[start:end], products, known):
        return False
    return resource.near is None or resource.near.search(around) is not None


def _known(context: ReplyContext) -> frozenset[str]:
    values: list[str] = list(context.profile.public_values)
    if context.customer is not None:
        values.extend(context.customer.known_values)
    values.extend(entry.target for entry in context.ledger if entry.target)
    return frozenset(value.upper() for value in values)


def _is_product(value: str, products: frozenset[str], known: frozenset[str]) -> bool:
    """Whether the id is a customer's: known, or of the shape of one that is."""
    if value.upper() in known or value.split("-", 1)[0] in products:
        return True
    head = value.rsplit("-", 1)[0]
    return any(one.startswith(head + "-") for one in known)
