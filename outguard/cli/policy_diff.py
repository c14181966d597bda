"""What `outguard policy diff` shows: the changes between two rule folders, and whose name they need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from outguard.domain.policy_change import missing_areas
from outguard.policy.compare import Compiled, compare
from outguard.policy.compile import compile_policy, deciding

if TYPE_CHECKING:
    from rich.console import Console

_COLOURS = {"stricter": "green", "looser": "red", "unclear": "yellow", "neutral": "dim"}


def compiled_of(files: Mapping[str, str], *, profile: str = "default") -> Compiled:
    """A rule folder's deciding files, compiled.

    Raises:
        PolicyError: with every problem of every file.
    """
    return Compiled(files=deciding(files, profile=profile), policy=compile_policy(files, profile=profile))


def changes_between(old: Mapping[str, str], new: Mapping[str, str], *, profile: str = "default") -> dict[str, Any]:
    """The changes, as JSON values.

    Raises:
        PolicyError: if either folder makes no policy.
    """
    before, after = compiled_of(old, profile=profile), compiled_of(new, profile=profile)
    changes = compare(before, after)
    missing = missing_areas(changes, before.policy.sign_off, (), proposed_by="")
    return {
        "old": before.policy.snapshot,
        "new": after.policy.snapshot,
        "changes": [
            {"where": one.where, "effect": one.effect.value, "area": one.area.value, "what": one.what}
            for one in changes
        ],
        "sign_off": [area.value for area in missing],
    }


def print_changes(to: Console, found: Mapping[str, Any]) -> None:
    """The changes for people."""
    from rich.markup import escape
    from rich.table import Table

    if not found["changes"]:
        to.print("nothing that decides differs")
        return
    table = Table("part", "effect", "area", "what")
    for row in found["changes"]:
        effect = row["effect"]
        table.add_row(escape(row["where"]), f"[{_COLOURS[effect]}]{effect}[/]", row["area"], escape(row["what"]))
    to.print(table)
    if found["sign_off"]:
        to.print(f"to be signed for: {', '.join(found['sign_off'])}")
