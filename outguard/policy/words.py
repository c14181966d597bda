"""What the customer's last words say to an action: yes, no or neither; risky phrases; another target or amount. Pure.

Phrases are compared as whole words of folded text (case, accents of apostrophes, spaces). Long words are cut: only the
last part of a long message speaks of the action at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from outguard.domain.action import Action
from outguard.domain.money import Money
from outguard.domain.signal import Consent, SignalPolicy

MAX_CHARS = 4_000
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc`\u00b4", "'"))
_SPACE = re.compile(r"\s+")
_REFERENCE = re.compile(r"#?[A-Za-z0-9][A-Za-z0-9_-]{3,40}")
_MONEY = re.compile(r"[$€£]\s?([0-9]{1,9}(?:,[0-9]{3})*(?:\.[0-9]{1,2})?)")
_MIN_DIGITS = 2


def read_words(terms: SignalPolicy, action: Action) -> dict[str, Any]:
    """The signals of the customer's last words: `consent`, `risky_words`, `contradictions`."""
    words = action.customer_words
    consent = consent_of(terms, words)
    against = {
        "consent": consent is Consent.REFUSED,
        "target": words is not None and contradicted_target(words, action.target),
        "amount": words is not None and contradicted_amount(words, action.amount),
    }
    return {
        "consent": consent,
        "risky_words": groups_heard(terms, words),
        "contradictions": tuple(name for name, speaks in against.items() if speaks),
    }


def fold(words: str) -> str:
    """The words as phrases are looked for in them: the last `MAX_CHARS`, lower case, single spaces."""
    return _SPACE.sub(" ", words[-MAX_CHARS:].translate(_APOSTROPHES)).strip().lower()


def groups_heard(terms: SignalPolicy, words: str | None) -> tuple[str, ...]:
    """The names of the groups of which a phrase is in the words."""
    if not words:
        return ()
    folded = fold(words)
    return tuple(name for name, phrases in terms.phrases.items() if _has(phrases, folded))


def consent_of(terms: SignalPolicy, words: str | None) -> Consent:
    """Whether the words agree. A refusal beside an assent counts as an assent: people add conditions to their yes."""
    if words is None or not words.strip():
        return Consent.UNKNOWN
    folded = fold(words)
    if _has(terms.assent, folded):
        return Consent.GIVEN
    return Consent.REFUSED if _has(terms.refusal, folded) else Consent.MISSING


def contradicted_target(words: str, target: str | None) -> bool:
    """Whether the words name references of the target's shape (length, letters, digits), and never the target."""
    if target is None or sum(map(str.isdigit, target)) < _MIN_DIGITS:
        return False
    wanted = _bare(target)
    named = {_bare(one) for one in _REFERENCE.findall(words[-MAX_CHARS:])}
    alike = {one for one in named if _shape(one) == _shape(wanted)}
    return bool(alike) and wanted not in alike


def contradicted_amount(words: str, amount: Money | None) -> bool:
    """Whether the words name amounts of money, and all of them are below what is asked for."""
    if amount is None:
        return False
    try:
        named = [Decimal(one.replace(",", "")) for one in _MONEY.findall(words[-MAX_CHARS:])]
    except InvalidOperation:  # pragma: no cover - the pattern reads decimals only
        return False
    return bool(named) and amount.amount > sum(named)


def _bare(reference: str) -> str:
    return reference.lstrip("#").upper()


def _shape(reference: str) -> tuple[int, bool, bool]:
    return len(reference), any(map(str.isdigit, reference)), any(map(str.isalpha, reference))


def _has(phrases: Iterable[str], folded: str) -> bool:
    pattern = _pattern(tuple(phrases))
    return pattern is not None and pattern.search(folded) is not None


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    if not phrases:
        return None
    joined = "|".join(re.escape(fold(phrase)) for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")
