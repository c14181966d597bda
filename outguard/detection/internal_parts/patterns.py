"""The patterns of `detectors/internal.yaml`, compiled with RE2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

import re2
import yaml

from outguard.detection.hints import Hints
from outguard.detection.internal_parts.strangers import PRIVATE
from outguard.detection.names import given_names
from outguard.detection.yaml_text import load_yaml
from outguard.errors import InvalidInputError

_ID = r"[A-Z]{2,6}-(?:[A-Z]{2,4}-)?[A-Z0-9]*\p{Nd}|\b[A-Z0-9]*(?:[A-Z]\p{Nd}|\p{Nd}[A-Z])[A-Z0-9]*\b"
"""Where this does not match, `strangers` finds no identifier."""
INTERNAL_FILE = "detectors/internal.yaml"


@dataclass(frozen=True, slots=True)
class SpanPattern:
    """A pattern and what its match is; `near` must match close by, where given."""

    type: str
    rule: str
    pattern: Any
    near: Any = None


@dataclass(frozen=True, slots=True)
class InternalPatterns:
    """All of the file: blocks, line sets by type, templates, resources, prose thresholds.

    `hints` tells which of them can match a text; the other fields that end in `_hints` are their numbers.
    """

    hints: Hints
    block_hints: range
    line_hints: frozenset[int]
    template_hints: range
    resource_hints: range
    marker_hint: int
    id_hint: int
    private_hint: int
    telltale_hints: range
    thinking_hint: int
    blocks: tuple[SpanPattern, ...]
    lines: Mapping[str, Any]
    templates: tuple[Any, ...]
    resources: tuple[SpanPattern, ...]
    product_prefixes: frozenset[str]
    thresholds: Mapping[str, float]
    weights: Mapping[str, float]
    heard_weights: Mapping[str, float]
    """The same for sentences that a language model heard too; without them `weights` serve."""
    markers: Any
    telltales: Mapping[str, Any]
    """By type, what gives a sentence away."""
    thinking: Any
    tools: Any
    given: frozenset[str]
    """Given names, by which a stranger's full name is told from other capital words."""


def load_patterns(files: Mapping[str, str]) -> InternalPatterns:
    """Read and compile the file.

    Raises:
        InvalidInputError: if it is missing, malformed, or a pattern is no RE2.
    """
    try:
        tree: dict[str, Any] = load_yaml(files[INTERNAL_FILE])["internal"]
        lines = [f"(?m:{pattern})" for patterns in tree["lines"].values() for pattern in patterns]
        telltales = {
            kind: "|".join(f"(?:{one})" for one in patterns) for kind, patterns in tree["prose"]["telltales"].items()
        }
        groups = [
            [one["pattern"] for one in tree["blocks"]],
            lines,
            list(tree["templates"]),
            [one["pattern"] for one in tree["resources"]],
            [tree["prose"]["markers"], _ID],
            list(telltales.values()),
            [tree["prose"]["thinking"], PRIVATE],
        ]
        ends = list(accumulate(map(len, groups)))
        return InternalPatterns(
            hints=Hints(*(list(chain.from_iterable(part)) for part in (groups[:5], groups[5:]))),
            block_hints=range(ends[0]),
            line_hints=frozenset(range(ends[0], ends[1])),
            template_hints=range(ends[1], ends[2]),
            resource_hints=range(ends[2], ends[3]),
            marker_hint=ends[3],
            id_hint=ends[3] + 1,
            telltale_hints=range(ends[4], ends[5]),
            thinking_hint=ends[5],
            private_hint=ends[5] + 1,
            blocks=tuple(SpanPattern(b["type"], b["rule"], _compile(b["pattern"])) for b in tree["blocks"]),
            lines={kind: _set(patterns) for kind, patterns in tree["lines"].items()},
            templates=tuple(_compile(pattern) for pattern in tree["templates"]),
            resources=tuple(
                SpanPattern(
                    "INTERNAL_RESOURCE", r["rule"], _compile(r["pattern"]), _compile(r["near"]) if "near" in r else None
                )
                for r in tree["resources"]
            ),
            product_prefixes=frozenset(tree["tracker_prefix_of_product"]),
            thresholds={name: float(value) for name, value in tree["prose"]["thresholds"].items()},
            weights=_weights(tree["prose"]["weights"]),
            heard_weights=_weights(tree["prose"].get("heard_weights") or tree["prose"]["weights"]),
            markers=_compile(tree["prose"]["markers"]),
            telltales={kind: _compile(pattern) for kind, pattern in telltales.items()},
            thinking=_compile(tree["prose"]["thinking"]),
            tools=_compile(tree["prose"]["tools"]),
            given=given_names(files),
        )
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError, re2.error) as error:
        raise InvalidInputError(f"{INTERNAL_FILE} is missing or malformed") from error


def _weights(tree: Mapping[str, Any]) -> dict[str, float]:
    return {"bias": 0.0} | {str(name): float(value) for name, value in tree.items()}


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 16 << 20
    return options


def _compile(pattern: str) -> Any:
    return re2.compile(pattern, _options())


def _set(patterns: list[str]) -> Any:
    options = _options()
    chosen = re2.Set.SearchSet(options)
    for pattern in patterns:
        chosen.Add(pattern)
    chosen.Compile()
    return chosen
