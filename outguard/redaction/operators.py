"""What a cut leaves behind: Presidio's operators, with typed placeholders and a mask that keeps the last four.

Every operator is idempotent: applied to its own result it changes nothing.
"""

from __future__ import annotations

from typing import Protocol

from presidio_anonymizer.operators import Mask, Redact, Replace

from outguard.domain.finding import Finding, FindingAction

MASKED_TYPES = frozenset({"CREDIT_CARD", "BANK_ACCOUNT", "IBAN", "ACCOUNT_ID", "PHONE_NUMBER"})
"""Types whose last four characters may stay; a mask on any other type becomes its placeholder."""

MASK_CHAR = "*"
_KEPT = 4
_MIN_MASKED = 8

_mask = Mask()
_replace = Replace()
_redact = Redact()


class Placeholders(Protocol):
    """The part of the reply policy that redaction needs."""

    def placeholder(self, finding: Finding) -> str:
        """The typed placeholder, `[EMAIL_ADDRESS]`."""
        ...


def replacement(text: str, finding: Finding, action: FindingAction, policy: Placeholders) -> str:
    """What stands in place of `text` once `action` is done on it."""
    if action is FindingAction.REMOVE:
        return _redact.operate(text, {})
    placeholder = policy.placeholder(finding)
    if action is FindingAction.MASK and finding.type in MASKED_TYPES and text != placeholder:
        masked = keep_last_four(text)
        if masked is not None:
            return masked
    return _replace.operate(text, {"new_value": placeholder})


def keep_last_four(text: str) -> str | None:
    """`text` masked up to its last four letters or digits; None where four would tell too much."""
    places = [index for index, char in enumerate(text) if char.isalnum() or char == MASK_CHAR]
    if len(places) < _MIN_MASKED:
        return None
    hidden = places[-_KEPT]
    params = {"masking_char": MASK_CHAR, "chars_to_mask": hidden, "from_end": False}
    return _mask.operate(text, params)
