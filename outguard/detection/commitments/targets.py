"""What a deed was done to: identifiers, last digits, addresses and numbers named in a sentence."""

from __future__ import annotations

import re

from outguard.detection.hints import Hints

_MAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
_NUMBER = (
    r"\b[A-Z]{1,6}(?:-[A-Z]{2,4})?-[A-Z0-9]+(?:-[A-Z0-9]+)*\b"
    r"|#[A-Z]?\d{4,}\b"
    r"|\b(?:ending|ends|finishing|terminé|terminada)(?: (?:in|with|on|en))? (\d{3,6})\b"
    r"|\b(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6,12}\b"
)
_TARGET, _WITHOUT_MAIL = re.compile(f"{_MAIL}|{_NUMBER}"), re.compile(_NUMBER)
"""The second for a text without an @: nothing is tried as an address at the begin of every word."""
_MAY_HOLD = re.compile(r"[\d@-]")
"""No target is without one of these."""
_HINTS = Hints([r"@|[A-Z]-[A-Z0-9]|#[A-Z]?\p{Nd}|(?:end(?:ing|s)|finishing|terminé|terminada)|[A-Z0-9]{6}"])
_FOR = re.compile(r"(?i)\s(?:for|on|of|from|under|against)\s(?:(?:your|the|our)\s)?(?:\w{3,12}\s){0,2}")
_LISTED = re.compile(r"(?i)\s?(?:,|and|&|/|\+|plus|or|as well as)\s?(?:(?:and|for|on)\s)?")
_MARKS = re.compile(r"[^a-z0-9@.+]")


def find_targets(text: str) -> tuple[str, ...]:
    """The identifiers in `text`, folded for `same_target`."""
    return tuple([target for target, _, _ in placed_targets(text)])


def placed_targets(text: str) -> list[tuple[str, int, int]]:
    """The identifiers in `text`, folded, each with where it stands."""
    if _MAY_HOLD.search(text) is None or not _HINTS.of(text):
        return []
    pattern = _TARGET if "@" in text else _WITHOUT_MAIL
    return [(fold_target(match.group(1) or match.group()), *match.span()) for match in pattern.finditer(text)]


def targets_of_sum(text: str, end: int) -> tuple[str, ...]:
    """The identifiers in `text`, or of several the one that a sum, which ends at `end`, is told to be for."""
    placed = placed_targets(text)
    at = next((at for at, (_, start, _) in enumerate(placed) if start >= end), None)
    if len(placed) < 2 or at is None or _FOR.fullmatch(text, end, placed[at][1]) is None:
        return tuple([target for target, _, _ in placed])
    if at + 1 < len(placed) and _LISTED.fullmatch(text, placed[at][2], placed[at + 1][1]):
        return tuple([target for target, _, _ in placed])
    return (placed[at][0],)


def named_before(text: str, end: int) -> tuple[str, ...]:
    """The last identifier that `text` names before `end`: what goes on without one is about it."""
    return find_targets(text[:end])[-1:]


def fold_target(value: str) -> str:
    """A form in which spelling differences of one identifier vanish."""
    return _MARKS.sub("", value.lower().lstrip("#"))


def same_target(named: str, target: str) -> bool:
    """Whether an identifier named in words can be the ledger's `target` (whole, or its last digits)."""
    whole = fold_target(target)
    return named == whole or (len(named) >= 4 and (whole.endswith(named) or named.endswith(whole)))
