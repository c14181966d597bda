"""What a cut leaves behind: Presidio's operators, with typed placeholders and a mask that keeps the last four.

Every operator is idempotent: applied to its own result it changes nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Protocol

from outguard.domain.finding import Category, Finding, FindingAction

MASKED_TYPES = frozenset({"CREDIT_CARD", "BANK_ACCOUNT", "IBAN", "ACCOUNT_ID", "PHONE_NUMBER"})
"""Types whose last four characters may stay; a mask on any other type becomes its placeholder."""

MASK_CHAR = "*"
_KEPT = 4
_MIN_MASKED = 8

_AZURE_HELPER = "presidio_analyzer.llm_utils.azure_auth_helper"


def _load() -> tuple[Any, Any, Any, Any]:
    """Presidio's operators mask, replace, redact and hash.

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
    return operators.Mask(), operators.Replace(), operators.Redact(), operators.Hash()


_mask, _replace, _redact, _hash = _load()


class Placeholders(Protocol):
    """The part of the reply policy that redaction needs."""

    def placeholder(self, finding: Finding) -> str:
        """The typed placeholder, `[EMAIL_ADDRESS]`."""
        ...


class Words(Placeholders, Protocol):
    """All the words that redaction may write in place of others; `redaction.keyed` makes the keyed ones."""

    def pseudonym(self, finding: Finding, value: str) -> str | None:
        """The word that stands for `value` in its conversation; None where there can be none."""
        ...

    def keyed_hash(self, finding: Finding, value: str) -> str | None:
        """A hash of `value` that only the key's owner can make; None where there can be none."""
        ...


REVERSIBLE = frozenset({Category.PII, Category.IDENTITY})
"""Categories whose values may be kept behind a pseudonym; a credential never is."""


def replacement(text: str, finding: Finding, action: FindingAction, policy: Words) -> str:
    """What stands in place of `text` once `action` is done on it."""
    if action is FindingAction.REMOVE:
        return str(_redact.operate(text, {}))
    placeholder = policy.placeholder(finding)
    keyed = None
    if text != placeholder and finding.category in REVERSIBLE and action is FindingAction.PSEUDONYM:
        keyed = policy.pseudonym(finding, text)
    elif text != placeholder and action is FindingAction.HASH:
        keyed = policy.keyed_hash(finding, text)
    if keyed is not None:
        return str(_replace.operate(text, {"new_value": keyed}))
    if action is FindingAction.MASK and finding.type in MASKED_TYPES and text != placeholder:
        masked = keep_last_four(text)
        if masked is not None:
            return masked
    return str(_replace.operate(text, {"new_value": placeholder}))


def salted_hash(text: str, salt: bytes) -> str:
    """SHA-256 in hex of `text` and a secret salt of 16 bytes or more."""
    return str(_hash.operate(text, {"hash_type": "sha256", "salt": salt}))


def keep_last_four(text: str) -> str | None:
    """`text` masked up to its last four letters or digits; None where four would tell too much."""
    places = [index for index, char in enumerate(text) if char.isalnum() or char == MASK_CHAR]
    if len(places) < _MIN_MASKED:
        return None
    hidden = places[-_KEPT]
    params = {"masking_char": MASK_CHAR, "chars_to_mask": hidden, "from_end": False}
    return str(_mask.operate(text, params))
