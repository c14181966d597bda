"""Results of policy tests as JUnit XML, the form that CI systems read (testsuites, testsuite, testcase, failure)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from outguard.errors import ConfigError

if TYPE_CHECKING:
    from outguard.policy.testing import CaseResult


def write_junit(path: Path, results: Sequence[CaseResult]) -> None:
    """Write `results`, one suite a file.

    Raises:
        ConfigError: if the file cannot be written.
    """
    root = Element("testsuites", tests=str(len(results)), failures=str(sum(not one.passed for one in results)))
    for file, group in groupby(results, key=lambda one: one.file):
        cases = list(group)
        failures = sum(not one.passed for one in cases)
        suite = SubElement(root, "testsuite", name=file, tests=str(len(cases)), failures=str(failures))
        for one in cases:
            case = SubElement(suite, "testcase", classname=file, name=one.name, file=file, line=str(one.line))
            if not one.passed:
                SubElement(case, "failure", message=one.failures[0]).text = "\n".join(one.failures)
    indent(root)
    try:
        ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
