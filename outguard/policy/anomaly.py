"""The anomaly score: what the signals add up to, part by part. Pure.

The score is 1 minus the product of (1 - weight x strength) over all signals that are out: it grows with each, stays
below 1 unless one weight is 1, and every part can be shown by itself. Strength says how far a signal is out: 1 for
what is or is not so, a third for each earlier occurrence of what is counted (at most 1), and for amounts a quarter from
`amount_jump_from` on and a quarter for each doubling beyond it.
"""

from __future__ import annotations

import math
from dataclasses import replace

from outguard.domain.signal import AnomalyPart, Consent, SignalPolicy, Signals

_COUNTED = 3
_QUARTERS = 4


def with_score(terms: SignalPolicy, signals: Signals) -> Signals:
    """The signals with their score and its parts."""
    parts: list[AnomalyPart] = []
    rest = 1.0
    for name, weight in terms.weights.items():
        strength = strength_of(signals, name, amount_from=terms.amount_jump_from)
        if strength > 0 and weight > 0:
            part = AnomalyPart(signal=name, strength=strength, weight=weight)
            parts.append(part)
            rest *= 1 - part.share
    return replace(signals, anomaly=round(1 - rest, 6), parts=tuple(parts))


def strength_of(signals: Signals, name: str, *, amount_from: float) -> float:
    """How far the signal `name` is out, 0 to 1."""
    if name == "consent":
        return {Consent.REFUSED: 1.0, Consent.MISSING: 0.5}.get(signals.consent, 0.0)
    value = getattr(signals, name)
    if isinstance(value, bool | tuple):
        return 1.0 if value else 0.0
    if isinstance(value, int):
        return min(1.0, value / _COUNTED)
    return min(1.0, (math.log2(value / amount_from) + 1) / _QUARTERS) if value >= amount_from else 0.0
