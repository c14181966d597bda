from __future__ import annotations

import re

import pytest
from policy_files import policy_files

from outguard.policy.compile import compile_policy
from outguard.policy.snapshot import snapshot_of

RULE = "rules: [{id: a, match: {topics: [x]}, tier: T1, reason: r}]\n"
DETECTOR = "rules:\n  - {id: d, pattern: 'a+'}\n"


def snapshot(**changes: str) -> str:
    files = policy_files(RULE) | {"detectors/d.yaml": DETECTOR} | {k.replace("__", "/"): v for k, v in changes.items()}
    return compile_policy(files).snapshot


def test_form_does_not_change_the_snapshot() -> None:
    text = policy_files(RULE)["policy.yaml"]
    dressed = "# a comment\n\n" + text.replace("tier: T1", "tier:   'T1'  ") + "\n# the end\n"
    files = policy_files(RULE) | {"detectors/d.yaml": '# c\nrules:\n- {pattern: "a+", id: d}\n'}
    assert compile_policy({**files, "policy.yaml": dressed}).snapshot == snapshot()
    assert re.fullmatch(r"v1:[0-9a-f]{16}", snapshot())


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("policy.yaml", "tier: T1", "tier: T2"),
        ("policy.yaml", "[x]", "[x, y]"),
        ("policy.yaml", "min_score: 0.5", "min_score: 0.6"),
        ("policy.yaml", "holding_message: three", "holding_message: trois"),
        ("authority/default.yaml", "pay.refund", "pay.credit"),
        ("detectors/d.yaml", "a+", "a*b"),
    ],
)
def test_whatever_decides_changes_the_snapshot(path: str, old: str, new: str) -> None:
    files = policy_files(RULE) | {"detectors/d.yaml": DETECTOR}
    assert old in files[path]
    assert compile_policy(files | {path: files[path].replace(old, new)}).snapshot != snapshot()


def test_a_file_more_changes_the_snapshot() -> None:
    assert snapshot(detectors__e="rules: []") != snapshot()


def test_a_detector_that_is_no_yaml_counts_by_its_bytes() -> None:
    assert snapshot_of({"detectors/x": "a: [\n"}) != snapshot_of({"detectors/x": "a: [ \n"})
    assert snapshot_of({"detectors/x": "a: \ud800"}).startswith("v1:")
