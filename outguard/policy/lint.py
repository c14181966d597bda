"""Every problem of a rules folder at once: what decides, the tests of it and the topic maps."""

from __future__ import annotations

from collections.abc import Mapping

from outguard.domain.policy import Problem
from outguard.errors import PolicyError
from outguard.policy.compile import compile_policy, deciding
from outguard.policy.profile import DEFAULT_PROFILE, profiles_in
from outguard.policy.testing import load_cases
from outguard.policy.topics import load_topic_map


def lint(files: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems of the files (keyed by path relative to the folder), in order; empty if there are none."""
    problems: list[object] = []
    try:
        compile_policy(files)
    except PolicyError as error:
        problems += error.problems
    variants = [profile for profile in profiles_in(files) if profile != DEFAULT_PROFILE]
    for profile in variants:
        try:
            compile_policy(files, profile=profile)
        except PolicyError as error:
            problems += error.problems
    read = {path for profile in (DEFAULT_PROFILE, *variants) for path in deciding(files, profile=profile)}
    for path, text in files.items():
        is_test = path.endswith("_test.yaml") and not path.startswith("detectors/")
        if path.endswith((".yaml", ".yml")) and path not in read and not is_test and not path.startswith("topics/"):
            problems.append(
                Problem(path, 1, "", "nothing reads this file: it belongs into gate/, authority/, profiles/ or topics/")
            )
        try:
            if path.startswith("topics/"):
                load_topic_map(text, file=path)
            elif is_test:
                load_cases(text, file=path)
        except PolicyError as error:
            problems += error.problems
    return tuple(sorted({problem for problem in problems if isinstance(problem, Problem)}))
