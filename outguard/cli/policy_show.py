"""What `outguard policy explain` and `grade` show: a decision taken apart, and the graded action types."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outguard.errors import ConfigError, PolicyError
from outguard.gate.decide import decide
from outguard.gate.explain import explain
from outguard.policy.compile import compile_policy
from outguard.policy.load import load
from outguard.policy.rules import Grade, graded_types
from outguard.policy.testing import given_signals, read_action

if TYPE_CHECKING:
    from rich.console import Console

MAX_FILE_BYTES = 1024 * 1024


def explained(files: Mapping[str, str], action_file: str, *, profile: str = "default") -> dict[str, Any]:
    """The explanation of one action, as JSON values.

    Raises:
        PolicyError: if the rules or the action file are not valid, with every problem.
        ConfigError: if the file cannot be read.
    """
    policy = compile_policy(files, profile=profile)
    action, principal, given = read_action(_read(action_file), file=action_file)
    signals = given_signals(policy.signals, action, given)
    answer = decide(policy, action, principal, signals)
    return explain(policy, action, principal, signals, answer).as_plain()


def grades(files: Mapping[str, str]) -> list[dict[str, str]]:
    """Every graded action type, gravest first.

    Raises:
        PolicyError: if the rules are not valid.
    """
    compile_policy(files)
    trees = [
        load(text, file=name)
        for name, text in sorted(files.items())
        if name == "policy.yaml" or (name.startswith("gate/") and not name.endswith("_test.yaml"))
    ]
    rows: Sequence[Grade] = graded_types(trees)
    return [row._asdict() for row in sorted(rows, key=lambda row: (-int(row.tier[1:]), row.file, row.id))]


def print_explanation(to: Console, found: Mapping[str, Any]) -> None:
    """The explanation for people."""
    from rich.table import Table

    to.print(f"[bold]{found['decision']}[/bold]  {found['tier']}  by {found['rule']}: {found['reason']}")
    if found["constraints"]:
        to.print("constraints: " + ", ".join(f"{name} = {value}" for name, value in found["constraints"].items()))
    table = Table("rule", "applies", "says", "tier", "because", title="Rules of this topic")
    for rule in found["rules"]:
        applies = f"no: {rule['missed']}" if rule["missed"] else rule["fit"]
        says = f"{rule['decision']} (shadow)" if rule["shadow"] else rule["decision"]
        table.add_row(rule["rule_id"], applies, says, rule["tier"], rule["reason"])
    to.print(table)
    for name, value in found["signals"].items():
        to.print(f"signal {name}: {value}")
    for part in found["anomaly"]["parts"]:
        to.print(f"anomaly {part['signal']}: weight {part['weight']} x strength {part['strength']:.2f}")
    to.print(f"anomaly score {found['anomaly']['score']}")
    for cap in found["caps"]:
        to.print(
            f"cap {cap['id']}: {cap['measure']} up to {cap['limit']} in {cap['window_s']} s per {'+'.join(cap['per'])}"
        )
    to.print(f"policy {found['policy_snapshot']}, profile {found['profile']}")


def print_grades(to: Console, rows: Sequence[Mapping[str, str]]) -> None:
    """The grades as one table."""
    from rich.table import Table

    columns = ("tier", "id", "topics", "reversibility", "blast_radius", "stakes", "file")
    table = Table(*columns, title="What could go wrong (R1): the highest of the three gives the tier")
    for row in rows:
        table.add_row(*(row[name] for name in columns))
    to.print(table)


def _read(name: str) -> str:
    try:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1) if name == "-" else Path(name).read_bytes()
        if len(data) > MAX_FILE_BYTES:
            raise ConfigError(f"{name} is larger than {MAX_FILE_BYTES} bytes")
        return data.decode()
    except OSError as error:
        raise ConfigError(f"cannot read {name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{name} is not UTF-8 text") from error
