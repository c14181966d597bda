"""What a cut leaves behind: Presidio's operators, with typed placeholders and a mask that keeps the last four.

Every operator is idempotent: applied to its own result it changes nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Protocol

from outguard.domain.finding import Finding, FindingAction

MASKED_TYPES = frozenset({"CREDIT_CARD", "BANK_ACCOUNT", "IBAN", "ACCOUNT_ID", "PHONE_NUMBER"})
"""Types whose last four characters may stay; a mask on any other type becomes its placeholder."""

MASK_CHAR = "*"
_KEPT = 4
_MIN_MASKED = 8

_AZURE_HELPER = "presidio_analyzer.llm_utils.azure_auth_helper"


def _load() -> tuple[Any, Any, Any]:
    """Presidio's operators mask, replace and redact.

    For one more operator, over a cloud service, its package tries to import a helper from presidio_analyzer, and with
    that spaCy and all recognizers: a second and 100 MB for what we never call. It does without where the helper is
    absent, so it is made so for as long as the import takes.
    """
    hidden = _AZURE_HELPER not in sys.modules
    modules: dict[str, Any] = sys.modules
    if hidden:
        modules[_AZURE_HELPER] = None
    try:
        operators = import_module("presidio_anonymizer.operators")
    finally:
        if hidden:
            del modules[_AZURE_HELPER]
    return operators.Mask(), operators.Replace(), operators.Redact()


_mask, _replace, _redact = _load()


class Placeholders(Protocol):
    """The part of the reply policy that redaction needs."""

    def placeholder(self, finding: Finding) -> str:
        """The typed placeholder, `[EMAIL_ADDRESS]`."""
        ...


def replacement(text: str, finding: Finding, action: FindingAction, policy: Placeholders) -> str:
    """What stands in place of `text` once `action` is done on it."""
    if action is FindingAction.REMOVE:
        return str(_redact.operate(text, {}))
    placeholder = policy.placeholder(finding)
    if action is FindingAction.MASK and finding.type in MASKED_TYPES and text != placeholder:
        masked = keep_last_four(text)
        if masked is not None:
            return masked
    return str(_replace.operate(text, {"new_value": placeholder}))


def keep_last_four(text: str) -> str | None:
    """`text` masked up to its last four letters or digits; None where four would tell too much."""
    places = [index for index, char in enumerate(text) if char.isalnum() or char == MASK_CHAR]
    if len(places) < _MIN_MASKED:
        return None
    hidden = places[-_KEPT]
    params = {"masking_char": MASK_CHAR, "chars_to_mask": hidden, "from_end": False}
    return str(_mask.operate(text, params))
