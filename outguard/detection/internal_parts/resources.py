"""Names of inside systems: hosts, private addresses, paths, tracker ids by context, staff extensions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outguard.detection.internal_parts.blocks import Span, overlaps
from outguard.detection.internal_parts.patterns import InternalPatterns
from outguard.domain.context import ReplyContext

_BEFORE, _AFTER = 90, 60
_DEVICE = re.compile(r"(?i)firmware|version|your (?:router|gadget|device|printer|camera|modem|network)|\bv\d")


def find_resources(text: str, patterns: InternalPatterns, covered: Sequence[Span], context: ReplyContext) -> list[Span]:
    """The resources of `text` outside `covered`."""
    found: list[Span] = []
    for host in context.profile.internal_hosts:
        at = text.lower().find(host.lower()) if host else -1
        if at >= 0:
            found.append(Span("INTERNAL_RESOURCE", "configured_host", at, at + len(host)))
    hits = patterns.resource_set.Match(text)
    if not hits:
        return found
    known = _known(context)
    for index in sorted(hits):
        resource = patterns.resources[index]
        for match in resource.pattern.finditer(text):
            group = 1 if match.re.groups else 0
            start, end = match.span(group)
            if overlaps(covered, start, end) or overlaps(found, start, end):
                continue
            if start and text[start - 1] == "@":
                continue
            if resource.rule == "private_ip" and _DEVICE.search(text[max(0, start - _BEFORE) : end + _AFTER]):
                continue
            if resource.rule == "tracker" and _is_product(match.group(group), patterns, known):
                continue
            if resource.near is not None and not resource.near.search(text[max(0, start - _BEFORE) : end + _AFTER]):
                continue
            found.append(Span("INTERNAL_RESOURCE", resource.rule, start, end, 0.85))
    return found


def _known(context: ReplyContext) -> frozenset[str]:
    values: list[str] = list(context.profile.public_values)
    if context.customer is not None:
        values.extend(context.customer.known_values)
    values.extend(entry.target for entry in context.ledger if entry.target)
    return frozenset(value.upper() for value in values)


def _is_product(value: str, patterns: InternalPatterns, known: frozenset[str]) -> bool:
    """Whether the id is a customer's: known, or of the shape of one that is."""
    if value.upper() in known or value.split("-")[0] in patterns.product_prefixes:
        return True
    head = value.rsplit("-", 1)[0]
    return any(one.startswith(head + "-") for one in known)
