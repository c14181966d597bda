"""The JSON Schema of the rule files, for editors: made from the shapes that the loader itself uses.

Editors find what a schema can say (keys, kinds, bounds); `outguard policy lint` finds the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outguard.errors import ConfigError
from outguard.policy.schema import GateShape, PolicyShape, ProfileShape
from outguard.policy.testing import TestsShape
from outguard.policy.topics import TopicMapShape
from outguard.policy.values import Shape
from outguard.policy.variables import VARIABLES

KINDS: Mapping[str, type[Shape]] = {
    "policy": PolicyShape,
    "gate": GateShape,
    "profile": ProfileShape,
    "tests": TestsShape,
    "topics": TopicMapShape,
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of one kind of file.

    Raises:
        ConfigError: for an unknown kind.
    """
    shape = KINDS.get(kind)
    if shape is None:
        raise ConfigError(f"no such kind of rule file; known: {', '.join(KINDS)}")
    schema = shape.model_json_schema()
    matches = schema.get("$defs", {}).get("MatchShape", {}).get("properties", {})
    if "when" in matches:
        known = "; ".join(f"{name} ({variable.type}): {variable.about}" for name, variable in VARIABLES.items())
        matches["when"]["description"] = f"A CEL expression over: {known}"
    return {"$schema": DIALECT, "title": f"outguard {kind} file", **{k: v for k, v in schema.items() if k != "title"}}


def all_schemas() -> dict[str, Any]:
    """Every kind's schema by its name."""
    return {kind: schema_of(kind) for kind in KINDS}
