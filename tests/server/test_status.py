"""Every error has its status, and docs/errors.md lists every reason."""

from __future__ import annotations

import re
from pathlib import Path

import grpc
import pytest

from outguard import errors
from outguard.server.status import refusal_of

DOC = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([A-Z_]+|—) \|", re.MULTILINE)


def kinds(root: type[errors.OutguardError] = errors.OutguardError) -> list[type[errors.OutguardError]]:
    found = [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]
    return [kind for kind in found if kind.__module__ == errors.__name__]


def make(kind: type[errors.OutguardError]) -> errors.OutguardError:
    if kind is errors.CallFailedError:
        return errors.CallFailedError("told to nobody", code="UNKNOWN")
    return kind("told to nobody")


def test_reasons_are_unique() -> None:
    reasons = [kind.reason for kind in kinds()]
    assert len(reasons) == len(set(reasons))


def test_docs_list_exactly_the_reasons() -> None:
    assert {reason for reason, _ in ROW.findall(DOC.read_text())} == {kind.reason for kind in kinds()}


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: str(kind.__name__))
def test_docs_name_the_status_of_each_reason(kind: type[errors.OutguardError]) -> None:
    refusal = refusal_of(make(kind), method="test")
    documented = dict(ROW.findall(DOC.read_text()))[kind.reason]
    if refusal.code is grpc.StatusCode.INTERNAL:
        assert documented in {"INTERNAL", "—"}
        assert "told to nobody" not in refusal.message
    else:
        assert (documented, refusal.reason) == (refusal.code.name, kind.reason)


def test_an_unexpected_error_never_tells_its_message() -> None:
    refusal = refusal_of(ValueError("what the customer wrote"), method="test")
    assert refusal.code is grpc.StatusCode.INTERNAL
    assert "customer" not in repr(refusal)
