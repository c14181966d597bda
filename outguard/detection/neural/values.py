"""Passwords, codes, health facts and credentials that only the words around tell, as the encoder heard them.

A value that recipient, company or ledger is known by is none of them, whatever the words sound like.
"""

from __future__ import annotations

import re
from dataclasses import replace

from outguard.detection.neural.reading import Entity
from outguard.detection.ownership import folded
from outguard.detection.recognizers.secret_examples import is_placeholder
from outguard.domain.context import ReplyContext

CREDENTIAL = "CREDENTIAL"
VALUES = frozenset({"PASSWORD_OR_PIN", "HEALTH", CREDENTIAL})
LEAST = {"PASSWORD_OR_PIN": 0.8, "HEALTH": 0.75, CREDENTIAL: 0.8}
"""How likely it must be: a reply that is cut for nothing costs more than most of what is heard below."""
_LONGEST = {"PASSWORD_OR_PIN": 64, "HEALTH": 160, CREDENTIAL: 400}
_LEAST_PART = 3
_LEAST_CHARS = {"PASSWORD_OR_PIN": 3, "HEALTH": 4, CREDENTIAL: 8}
_EDGES = frozenset("\"'`\u201c\u201d\u2018\u2019()[]{}<>,;")
_ACCOUNT_NAME = re.compile(r"(?i)\b(?:user ?(?:id|name)|(?:customer|member|account) id|login name|handle)\W{0,5}\Z")
"""Words before a name that an account is known by: it opens nothing."""
_BEFORE = 24
_OPENS = re.compile(
    r"(?i)\b(?:pass\w*|pw|pwd|pin|c[oó]d\w*|kod\w*|combination|key ?pad|locks?|unlocks?|log ?in|sign ?in|words?|secret"
    r"|security (?:answer|question)|\w*kennwort|losungswort|contrase[nñ]a|clave|senha|palavra|parola|wachtwoord"
    r"|has[lł]\w*)\b"
)
_NEAR = 80
_FIELD_OF_MEDICINE = re.compile(
    r"(?i)(?:the )?(?:\w+ )?(?:medicine|surgery|dentistry|nursing|\w+(?:ology|iatrics?|opaedics|opedics))"
    r"(?: (?:department|clinic|ward|desk|team|unit))?"
)
"""Whom one goes to, not what one has."""
_NETWORK = re.compile(r"(?i)(?:[2-6]G|LTE)(?:[/+-](?:[2-6]G|LTE))*")
_STOPS = ".,;:!?)]}>\"'`\u201d\u2019*"


def told_value(text: str, heard: Entity, context: ReplyContext) -> Entity | None:
    """What is to be cut of a value that was heard: the whole of a code or key; None where it is none."""
    if heard.score < LEAST[heard.kind]:
        return None
    entity = heard if heard.kind == "HEALTH" else _whole(text, heard)
    value = text[entity.start : entity.end]
    if not _LEAST_CHARS[entity.kind] <= len(value) <= _LONGEST[entity.kind]:
        return None
    if entity.kind == "HEALTH":
        tells = sum(map(str.isalpha, value)) >= _LEAST_CHARS["HEALTH"] and not _FIELD_OF_MEDICINE.fullmatch(value)
        return entity if tells else None
    if is_placeholder(value) or _is_known(value, context) or _opens_nothing(text, entity):
        return None
    if entity.kind == CREDENTIAL and (" " in value or value.isalpha()):
        return None
    return entity


def _opens_nothing(text: str, entity: Entity) -> bool:
    """Whether the words are a network's or an account's name, or one plain word that nothing near calls a code."""
    if _NETWORK.fullmatch(text, entity.start, entity.end):
        return True
    if _ACCOUNT_NAME.search(text[max(0, entity.start - _BEFORE) : entity.start]):
        return True
    is_word = entity.kind == "PASSWORD_OR_PIN" and text[entity.start : entity.end].isalpha()
    return is_word and _OPENS.search(text, max(0, entity.start - _NEAR), entity.end + _NEAR) is None


def _whole(text: str, heard: Entity) -> Entity:
    """Up to the spaces around, for a code with marks in it was cut into words; without what ends a sentence."""
    start, end = heard.start, heard.end
    while start > 0 and not text[start - 1].isspace() and text[start - 1] not in _EDGES and text[start - 1] not in "=:":
        start -= 1
    while end < len(text) and not text[end].isspace() and text[end] not in _EDGES:
        end += 1
    while end > heard.end and text[end - 1] in _STOPS:
        end -= 1
    return replace(heard, start=start, end=end)


def _is_known(value: str, context: ReplyContext) -> bool:
    """Whether the context names this value, or an order or other id that it is a part of."""
    ids = {folded(action.target) for action in context.ledger if action.target}
    known = {folded(each) for each in context.profile.public_values}
    if context.customer is not None:
        ids.update(map(folded, context.customer.known_values))
        known.update(map(folded, (*context.customer.emails, *context.customer.phones)))
    part = folded(value)
    return part in ids | known or (len(part) >= _LEAST_PART and any(part in whole for whole in ids))
