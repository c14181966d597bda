"""Presidio's operators are there without the weight of its analyzer."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("presidio_analyzer", "spacy")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_starting_imports_neither_the_analyzer_nor_spacy() -> None:
    assert run(f"import sys, outguard.bootstrap; print([name for name in {HEAVY} if name in sys.modules])") == "[]"


@pytest.mark.parametrize("first", ["outguard.redaction.operators", "presidio_analyzer"])
def test_the_analyzer_can_be_imported_before_and_after(first: str) -> None:
    code = (
        f"import sys, {first}, outguard.redaction.operators\n"
        "import presidio_analyzer.llm_utils.azure_auth_helper as helper\n"
        "print(callable(helper.get_azure_credential))"
    )
    assert run(code) == "True"
