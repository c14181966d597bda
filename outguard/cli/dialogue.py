"""Recorded conversations for `outguard replay`: JSON lines with replies and tool calls in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from outguard.errors import InvalidInputError

_MAX_KNOWN = 200
_NAMES = ("full_name", "name")
_GOODS = frozenset({"product_id", "item_id"})
"""Ids of what the company sells: nobody's own."""
_WORD = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyEvent:
    """What the agent said, and the customer's words before it."""

    text: str
    last_user: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionEvent:
    """A tool call. `wanted` and `exact` are None where the recording has no reference."""

    name: str
    arguments: Mapping[str, Any]
    kind: str
    wanted: bool | None
    exact: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialogue:
    """One conversation."""

    id: str
    domain: str
    reward: float | None
    events: tuple[ReplyEvent | ActionEvent, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the runtime has learnt of its customer from the look-ups it made for them so far."""

    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    def after(self, event: ActionEvent) -> Known:
        """What is known after a tool call: identity from its arguments, and every id it asks for."""
        arguments = {key: value for key, value in event.arguments.items() if isinstance(value, str) and value}
        name = " ".join(arguments[key] for key in ("first_name", "last_name") if key in arguments)
        name = name or next((arguments[key] for key in _NAMES if key in arguments), "")
        ids = (value for key, value in arguments.items() if key == "id" or (key.endswith("_id") and key not in _GOODS))
        return replace(
            self,
            name=self.name or name,
            emails=_with(self.emails, (arguments.get("email"),)),
            phones=_with(self.phones, (arguments.get("phone_number"),)),
            values=_with(self.values, ids),
        )


def customer_of(dialogue: Dialogue) -> str:
    """Who the customer is, the same for all conversations of one person; empty where no look-up tells.

    Recordings of one person look them up by phone, or by account, e-mail or name, whose words are the same.
    """
    given: dict[str, str] = {}
    for event in dialogue.events:
        if isinstance(event, ActionEvent):
            for key, value in event.arguments.items():
                if isinstance(value, str) and value:
                    given.setdefault(key, value)
    for key in ("phone_number", "customer_id"):
        if key in given:
            return given[key]
    name = " ".join(given[key] for key in ("first_name", "last_name") if key in given)
    told = (given.get("user_id"), name, given.get("email", "").partition("@")[0], given.get("full_name"))
    words = next((found for one in told if one and len(found := _WORD.findall(one.lower())) > 1), [])
    return " ".join(words)


def parse_dialogue(value: Any) -> Dialogue:
    """Read a parsed JSON line.

    Raises:
        InvalidInputError: naming the first place that is not as it must be.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("events"), list):
        raise InvalidInputError("a dialogue is an object with a list of events")
    reward = value.get("reward")
    if reward is not None and not isinstance(reward, int | float):
        raise InvalidInputError("reward must be a number")
    return Dialogue(
        id=_text(value, "id", ""),
        domain=_text(value, "domain", ""),
        reward=reward,
        events=tuple(_event(event, index) for index, event in enumerate(value["events"])),
    )


def _event(value: Any, index: int) -> ReplyEvent | ActionEvent:
    where = f"events[{index}]."
    if not isinstance(value, Mapping) or ("reply" in value) == ("action" in value):
        raise InvalidInputError(f"events[{index}] must be an object with either a reply or an action")
    if "reply" in value:
        return ReplyEvent(text=_text(value, "reply", where), last_user=_text(value, "last_user", where))
    arguments = value.get("arguments") or {}
    if not isinstance(arguments, Mapping):
        raise InvalidInputError(f"{where}arguments must be an object")
    return ActionEvent(
        name=_text(value, "action", where),
        arguments=arguments,
        kind=_text(value, "kind", where),
        wanted=_flag(value, "wanted", where),
        exact=_flag(value, "exact", where),
    )


def _text(value: Mapping[str, Any], key: str, where: str) -> str:
    found = value.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise InvalidInputError(f"{where}{key} must be a string")
    return found


def _flag(value: Mapping[str, Any], key: str, where: str) -> bool | None:
    found = value.get(key)
    if found is not None and not isinstance(found, bool):
        raise InvalidInputError(f"{where}{key} must be true, false or null")
    return found


def _with(known: tuple[str, ...], new: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *(item for item in new if item))))[:_MAX_KNOWN]
