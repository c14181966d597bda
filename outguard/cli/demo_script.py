"""The demo's day as data: conversations and events, each with what must come of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import yaml

from outguard.errors import ConfigError

_PIECE = re.compile(r"\$\{([A-Z_]+)\}")
KINDS = ("reply", "action", "repeat", "review")


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that happens. `body` is a reply, an action, the name of an event to repeat, or a ruling."""

    kind: str
    what: str
    body: Any
    expect: Mapping[str, str]
    name: str = ""
    outcome: str = "EXECUTED"
    approve: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    changed: Mapping[str, Any] = field(default_factory=dict)
    refused_first: str = ""
    refused_again: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """A customer's conversation, in order."""

    id: str
    channel: str
    customer: Mapping[str, Any]
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """The whole script."""

    profile: str
    agent_build: str
    conversations: tuple[Conversation, ...] = field(default=())

    def count(self, kind: str) -> int:
        """How many events of a kind there are."""
        return sum(event.kind == kind for talk in self.conversations for event in talk.events)


def shipped_day() -> Day:
    """The support day that comes with the package."""
    return read_day((files("outguard.cli") / "demo_day.yaml").read_text(encoding="utf-8"))


def read_day(text: str) -> Day:
    """Read a script.

    Raises:
        ConfigError: if it is not one; the message names the event.
    """
    try:
        tree = yaml.safe_load(text)
        pieces = {name: "".join(parts) for name, parts in tree.get("pieces", {}).items()}
        tree = _joined(tree, pieces)
        return Day(
            profile=tree["profile"],
            agent_build=tree["agent_build"],
            conversations=tuple(_conversation(talk) for talk in tree["conversations"]),
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise ConfigError(f"the demo script is not well-formed: {type(error).__name__} {error}") from error


def _conversation(tree: Mapping[str, Any]) -> Conversation:
    return Conversation(
        id=tree["id"],
        channel=tree["channel"],
        customer=tree["customer"],
        events=tuple(_event(event) for event in tree["events"]),
    )


def _event(tree: Mapping[str, Any]) -> Event:
    kinds = [kind for kind in KINDS if kind in tree]
    if len(kinds) != 1:
        raise ConfigError(f"event {tree['what']!r} needs exactly one of {', '.join(KINDS)}")
    return Event(
        kind=kinds[0],
        what=tree["what"],
        body=tree[kinds[0]],
        expect=tree["expect"],
        name=tree.get("name", ""),
        outcome=tree.get("outcome", "EXECUTED"),
        approve=tuple(tree.get("approve", ())),
        deny=tuple(tree.get("deny", ())),
        changed=tree.get("changed", {}),
        refused_first=tree.get("refused_first", ""),
        refused_again=tree.get("refused_again", ""),
    )


def _joined(value: Any, pieces: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _PIECE.sub(lambda match: pieces[match[1]], value)
    if isinstance(value, Mapping):
        return {key: _joined(item, pieces) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_joined(item, pieces) for item in value]
    return value
