"""The JSON Schemas in `rules/schema/` are those of the loader's own shapes, and take the shipped files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from policy_files import RULES, shipped_files

from outguard.errors import ConfigError
from outguard.policy.json_schema import KINDS, schema_of
from outguard.policy.variables import VARIABLES

KIND_OF = {"gate": "gate", "profiles": "profile", "topics": "topics"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_committed_schema_is_up_to_date(kind: str) -> None:
    """Run `outguard policy schema KIND > rules/schema/KIND.schema.json` where this fails."""
    committed = json.loads((RULES / "schema" / f"{kind}.schema.json").read_text("utf-8"))
    assert committed == json.loads(json.dumps(schema_of(kind)))


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ConfigError, match="known: policy"):
        schema_of("detectors")


def test_the_schema_tells_editors_what_conditions_know() -> None:
    text = schema_of("gate")["$defs"]["MatchShape"]["properties"]["when"]["description"]
    assert all(name in text for name in VARIABLES)


def _keys(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The properties of an object's schema, through references and alternatives."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    for one in node.get("anyOf", ()):
        if found := _keys(schema, one):
            return found
    properties: dict[str, Any] = node.get("properties", {})
    return properties


@pytest.mark.parametrize(
    "path",
    [path for path in shipped_files() if path == "policy.yaml" or path.partition("/")[0] in KIND_OF],
)
def test_every_key_of_the_shipped_files_is_in_the_schema(path: str) -> None:
    kind = "policy" if path == "policy.yaml" else KIND_OF[Path(path).parts[0]]
    schema = schema_of(kind)

    def check(value: Any, node: dict[str, Any]) -> None:
        properties = _keys(schema, node)
        if isinstance(value, dict) and properties:
            assert set(value) <= set(properties), path
            for key, inner in value.items():
                check(inner, properties[key])
        items = node.get("items")
        if isinstance(value, list) and items is not None:
            for inner in value:
                check(inner, items)

    check(yaml.safe_load(shipped_files()[path]), schema)
