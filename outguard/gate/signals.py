"""Signals from what the record holds around an action. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import TypeAlias

from outguard.domain.action import Action, GateDecision, LedgerState
from outguard.domain.money import Money
from outguard.domain.policy import Policy
from outguard.domain.signal import History, PastAction, Signals
from outguard.policy.anomaly import with_score
from outguard.policy.words import read_words

_RAN = frozenset({LedgerState.APPROVED.value, LedgerState.EXECUTED.value})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
MAX_RATIO = 1e9
Marks: TypeAlias = tuple[frozenset[str], frozenset[str]]
NO_MARKS: Marks = (frozenset(), frozenset())


def compute(
    policy: Policy, action: Action, *, history: History, now: datetime, marks: Marks = NO_MARKS, but: str = ""
) -> Signals:
    """The signals of `action` at `now`.

    `marks` are keyed hashes of the device and the customer's name, of which any may be on record; `but` is an action id
    to leave out (the action itself, when its approval is used).
    """
    terms = policy.signals
    at = (now - _EPOCH) // _MICROSECOND
    since = at - int(terms.session_window_s * _SECOND)
    session = [one for one in history.conversation if one.at > since and one.action_id != but]
    earlier = [one for one in history.customer if one.action_id != but]
    reads = {topic for topic in {one.topic for one in session} if policy.is_read(topic)}
    writes = [one for one in session if one.topic not in reads]
    same_target = [one for one in writes if action.target is not None and one.target == action.target]
    usd = _usd(policy, action.amount)
    ran = [one for one in (*writes, *earlier) if one.state in _RAN]
    signals = Signals(
        retries=sum(one.topic == action.topic for one in (same_target if action.target else writes)),
        writes_on_target=len(same_target),
        earlier_on_target=tuple(sorted({one.topic for one in same_target})),
        target_unread=_is_unread(policy, action, session, reads),
        writes_in_session=len(writes),
        denied_before=sum(one.decision == GateDecision.DENY or one.state == LedgerState.DENIED for one in writes),
        failed_before=sum(one.state == LedgerState.FAILED for one in writes),
        first_time=not history.did_before,
        new_account=_is_new(policy, action, history, at),
        contact_changed=_is_any(ran, at, terms.contact_window_s, policy.is_contact),
        identity_mismatch=_is_mismatched(earlier, marks),
        prior_refunds=_count(ran, at, terms.customer_window_s, policy.is_refund),
        amount_jump=_jump(policy, usd, ran, at),
        amount_ratio=_ratio(policy, usd, history.topic_amounts),
        **read_words(terms, action),
    )
    return with_score(terms, signals)


def _usd(policy: Policy, amount: Money | None) -> Decimal | None:
    """Dollars; None without an amount or a rate: what cannot be compared is left to the thresholds."""
    rate = None if amount is None else policy.exchange_rates_usd.get(amount.currency)
    return None if amount is None or rate is None else amount.amount * rate


def _past_usd(policy: Policy, amount: str | None, currency: str | None) -> float:
    """As `_usd`, near enough to compare sizes; 0 for what cannot be compared."""
    rate = None if amount is None or currency is None else policy.exchange_rates_usd.get(currency)
    return 0.0 if amount is None or rate is None else float(amount) * float(rate)


def _is_unread(policy: Policy, action: Action, session: Sequence[PastAction], reads: set[str]) -> bool:
    if action.target is None or policy.is_read(action.topic):
        return False
    return not any(one.target == action.target and one.topic in reads for one in session)


def _is_new(policy: Policy, action: Action, history: History, at: int) -> bool:
    if action.customer_id is None or policy.signals.new_account_s <= 0:
        return False
    known = history.known_since
    return known is None or known > at - int(policy.signals.new_account_s * _SECOND)


def _is_any(past: Sequence[PastAction], at: int, window_s: float, is_such: Callable[[str], bool]) -> bool:
    since = at - int(window_s * _SECOND)
    topics = {one.topic for one in past if one.at > since}
    return any(map(is_such, topics))


def _count(past: Sequence[PastAction], at: int, window_s: float, is_such: Callable[[str], bool]) -> int:
    since = at - int(window_s * _SECOND)
    topics = Counter(one.topic for one in past if one.at > since)
    return sum(count for topic, count in topics.items() if is_such(topic))


def _is_mismatched(earlier: Sequence[PastAction], marks: Marks) -> bool:
    """Whether the customer is on record with other devices or names only; what was not given does not count."""
    if marks == NO_MARKS:
        return False
    devices = {one.device_hash for one in earlier if one.device_hash}
    names = {one.name_hash for one in earlier if one.name_hash}
    return any(given and known and not given & known for given, known in zip(marks, (devices, names), strict=True))


def _jump(policy: Policy, usd: Decimal | None, ran: Sequence[PastAction], at: int) -> float:
    """The amount over the highest before, of the customer or in the conversation."""
    if usd is None:
        return 1.0
    since = at - int(policy.signals.customer_window_s * _SECOND)
    before = [_past_usd(policy, one.amount, one.currency) for one in ran if one.amount and one.at > since]
    return _over(usd, max(before, default=0.0))


def _ratio(policy: Policy, usd: Decimal | None, amounts: tuple[tuple[str, str], ...]) -> float:
    """The amount over the topic's usual one, once there are enough to speak of usual."""
    least = policy.signals.min_amounts
    if usd is None or len(amounts) < least:
        return 1.0
    return _over(usd, _usual(amounts, tuple(policy.exchange_rates_usd.items()), least))


@lru_cache(maxsize=4096)
def _usual(amounts: tuple[tuple[str, str], ...], rates: tuple[tuple[str, Decimal], ...], least: int) -> float:
    """The median in dollars of those that have a rate; 0 if they are too few. The same amounts are asked for often."""
    worth = dict(rates)
    known = [float(amount) * float(worth[currency]) for amount, currency in amounts if currency in worth]
    known = [usd for usd in known if usd > 0]
    return median(known) if len(known) >= least else 0.0


def _over(usd: Decimal, usual: float) -> float:
    return min(MAX_RATIO, float(usd) / usual) if usual > 0 else 1.0
