"""Whether words name a time that is sooner than the profile allows."""

from __future__ import annotations

from outguard.detection.commitments.extract import Commitment
from outguard.detection.commitments.terms import MONEY, TIMES, Judgement, is_published_at_once
from outguard.domain.authority import Authority
from outguard.domain.finding import Status

_AHEAD = frozenset({"will", "'ll", "can", "going", "tomorrow", "tmrw"})
_SOON = frozenset({"overnight", "tonight", "before", "within", "morning"})


def too_soon(commitment: Commitment, authority: Authority | None, policy: tuple[str, ...] = ()) -> Judgement | None:
    """The judgement on words that name too near a time, None where they do not or the published `policy` names it."""
    ahead = _AHEAD | _SOON if commitment.type in TIMES else _AHEAD
    if authority is None or (commitment.act == "claim" and not commitment.words & ahead):
        return None
    seconds, days = authority.min_seconds, authority.min_business_days
    if commitment.type in MONEY and authority.arrives_business_days_min is not None:
        seconds, days = None, authority.arrives_business_days_min
    if seconds is None and days is None:
        return None
    for deadline in commitment.deadlines:
        if deadline.sooner_than(seconds=seconds, business_days=days):
            if deadline.vague and not deadline.most and is_published_at_once(commitment.words, policy):
                continue
            least = f"{days} business days" if days is not None else _readable(seconds or 0)
            reason = f"names {deadline}; the profile's shortest time is {least}"
            return Judgement(Status.BEYOND_AUTHORITY, commitment.type, reason)
    return None


def _readable(seconds: int) -> str:
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
