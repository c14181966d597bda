"""Whose address a reply says it gives: "your order ships to ..." speaks of the reader's own.

Where the caller tells no address of the customer there is nothing to compare with, and a reply that repeats the address
on file would always be cut. So the words before it decide: they name an address or a delivery, nobody else comes
between, and the reply talks to its reader. Where an address is known, an unknown one stays somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from outguard.detection.recognizers.own import kind_of_known
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Finding, Status

_WINDOW = 300
_OWNER = 24
"""Characters before such a word that may say whose address it is."""
_MAX_PEOPLE = 100
_TO_READER = re.compile(r"\byou(?:r|rs|\u2019re|'re)?\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\baddress(?:es)?[12]?\b|\b(?:ship(?:s|ped|ping)?|deliver(?:s|ed|y|ing)?)\s+to\b", re.IGNORECASE)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:his|hers?|him|their|theirs|them|he|she|they|our|ours|another|else|someone|others?\s+(?!order|address)"
    r"|neighbou?rs?|lives?"
    r"|owners?|tenants?|occupants?|residents?|belongs?|seller|sender|driver|installer|colleague)\b"
    r"|\w['\u2019]s\s+(?!delivery|shipping|billing)",
    re.IGNORECASE,
)


def with_own_addresses(findings: list[Finding], text: str, context: ReplyContext) -> list[Finding]:
    """The findings with status `own` on addresses that the reply calls the reader's; `text` is what offsets count."""
    customer = context.customer
    strange = [one for one in findings if one.type == "STREET_ADDRESS" and one.status is Status.OTHER]
    if customer is None or not strange or _TO_READER.search(text) is None:
        return findings
    if any(kind_of_known(value) == "STREET_ADDRESS" for value in customer.known_values):
        return findings
    people = [one.end for one in findings if one.type == "PERSON" and one.status is Status.OTHER][:_MAX_PEOPLE]
    own = {id(one) for one in _said_own(sorted(strange, key=lambda one: one.start), text, people)}
    return [replace(one, status=Status.OWN) if id(one) in own else one for one in findings]


def _said_own(addresses: Sequence[Finding], text: str, people: Sequence[int]) -> list[Finding]:
    """The addresses after words that make them the reader's; in a list, one such word serves those that follow."""
    own: list[Finding] = []
    reach = -1
    for address in addresses:
        begin = max(0, address.start - _WINDOW)
        before = text[begin : address.start]
        said = None
        for match in _ADDRESS.finditer(before):
            said = match
        starts = [max(begin, begin + said.start() - _OWNER)] if said is not None else []
        if own and reach >= begin:
            starts.append(reach)
        if not starts:
            continue
        since = max(starts)
        is_interrupted = any(since <= end <= address.start for end in people)
        if not is_interrupted and _SOMEBODY_ELSE.search(text, since, address.start) is None:
            own.append(address)
            reach = address.end
    return own
