"""Phrase packs: what customers say that asks for a person (`trigger*.yaml`), and tones of replies (`tone*.yaml`).

They are packs like others (`detection.pack`), of one category each, few enough that their examples are checked whenever
they load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outguard.detection.pack import Pack, rule_problem
from outguard.detection.pattern import check_examples
from outguard.domain.finding import Category
from outguard.domain.policy import Problem
from outguard.errors import PolicyError

_CATEGORIES = {"tone": Category.TONE, "triggers": Category.TRIGGER, "trigger": Category.TRIGGER}


def trigger_files(files: Mapping[str, str]) -> dict[str, str]:
    """Those of the detector files that hold triggers."""
    return {
        name: text
        for name, text in files.items()
        if _category_of(name) is Category.TRIGGER and name.endswith((".yaml", ".yml"))
    }


def check_phrases(packs: Sequence[Pack]) -> None:
    """See that phrase packs are of their category and do what their examples say; other packs are left alone.

    Raises:
        PolicyError: with every problem of every phrase pack.
    """
    problems: list[Problem] = []
    for pack in packs:
        wanted = _category_of(pack.name)
        if wanted is None:
            continue
        mislabelled = [
            rule_problem(pack, number, "category", f"must be {wanted.value} in this file")
            for number, rule in enumerate(pack.rules)
            if rule.category is not wanted
        ]
        checked = [
            rule_problem(pack, number, "validator", "a phrase has no value to check")
            for number, rule in enumerate(pack.rules)
            if rule.validator is not None
        ]
        problems += [*mislabelled, *checked] or check_examples(pack, {})
    if problems:
        raise PolicyError("phrase packs are not valid", problems=tuple(problems))


def _category_of(name: str) -> Category | None:
    return _CATEGORIES.get(name.rsplit("/", 1)[-1].partition(".")[0].partition("_")[0])
