"""Signals from what the record holds around an action. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from outguard.domain.action import Action, GateDecision, LedgerState
from outguard.domain.money import Money
from outguard.domain.policy import Policy
from outguard.domain.signal import History, PastAction, Signals
from outguard.policy.anomaly import with_score
from outguard.policy.words import read_words

_RAN = frozenset({LedgerState.APPROVED, LedgerState.EXECUTED})
MAX_RATIO = 1e9


def compute(
    policy: Policy,
    action: Action,
    *,
    history: History,
    now: datetime,
    marks: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
    but: str = "",
) -> Signals:
    """The signals of `action` at `now`.

    `marks` are keyed hashes of the device and the customer's name, of which any may be on record; `but` is an action id
    to leave out (the action itself, when its approval is used).
    """
    terms = policy.signals
    since = now - timedelta(seconds=terms.session_window_s)
    session = [one for one in history.conversation if one.created_at > since and one.action_id != but]
    earlier = [one for one in history.customer if one.action_id != but]
    writes = [one for one in session if not policy.is_read(one.topic)]
    same_target = [one for one in writes if _same(one.target, action.target)]
    usd = _usd(policy, action.amount)
    signals = Signals(
        retries=sum(one.topic == action.topic for one in (same_target if action.target else writes)),
        writes_on_target=len(same_target),
        earlier_on_target=tuple(sorted({one.topic for one in same_target})),
        target_unread=_is_unread(policy, action, session),
        writes_in_session=len(writes),
        denied_before=sum(one.decision is GateDecision.DENY or one.state is LedgerState.DENIED for one in writes),
        failed_before=sum(one.state is LedgerState.FAILED for one in writes),
        first_time=not history.did_before,
        new_account=_is_new(policy, action, history, now),
        contact_changed=_contact_changed(policy, session, earlier, now),
        identity_mismatch=_is_mismatched(earlier, marks),
        prior_refunds=_refunds(policy, session, earlier, now),
        amount_jump=_jump(policy, usd, earlier, now),
        amount_ratio=_ratio(policy, usd, history.topic_amounts),
        **read_words(terms, action),
    )
    return with_score(policy.signals, signals)


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _usd(policy: Policy, amount: Money | None) -> Decimal | None:
    """Dollars; None without an amount or a rate: what cannot be compared is left to the thresholds."""
    rate = None if amount is None else policy.exchange_rates_usd.get(amount.currency)
    return None if amount is None or rate is None else amount.amount * rate


def _is_unread(policy: Policy, action: Action, session: Sequence[PastAction]) -> bool:
    if action.target is None or policy.is_read(action.topic):
        return False
    return not any(policy.is_read(one.topic) and _same(one.target, action.target) for one in session)


def _is_new(policy: Policy, action: Action, history: History, now: datetime) -> bool:
    if action.customer_id is None or policy.signals.new_account_s <= 0:
        return False
    known = history.known_since
    return known is None or known > now - timedelta(seconds=policy.signals.new_account_s)


def _contact_changed(
    policy: Policy, session: Sequence[PastAction], earlier: Sequence[PastAction], now: datetime
) -> bool:
    """Whether contact data or a payment method was changed lately, in this conversation or for this customer."""
    since = now - timedelta(seconds=policy.signals.contact_window_s)
    known = _all(session, earlier)
    return any(one.state in _RAN and one.created_at > since and policy.is_contact(one.topic) for one in known)


def _is_mismatched(earlier: Sequence[PastAction], marks: tuple[frozenset[str], frozenset[str]]) -> bool:
    """Whether the customer is on record with other devices or names only; what was not given does not count."""
    devices = {one.device_hash for one in earlier if one.device_hash}
    names = {one.name_hash for one in earlier if one.name_hash}
    return any(given and known and not given & known for given, known in zip(marks, (devices, names), strict=True))


def _refunds(policy: Policy, session: Sequence[PastAction], earlier: Sequence[PastAction], now: datetime) -> int:
    since = now - timedelta(seconds=policy.signals.customer_window_s)
    return sum(
        one.state in _RAN and one.created_at > since and policy.is_refund(one.topic) for one in _all(session, earlier)
    )


def _all(session: Iterable[PastAction], earlier: Iterable[PastAction]) -> Iterable[PastAction]:
    return {one.action_id: one for one in (*session, *earlier)}.values()


def _jump(policy: Policy, usd: Decimal | None, earlier: Sequence[PastAction], now: datetime) -> float:
    """The amount over the highest the customer had before."""
    since = now - timedelta(seconds=policy.signals.customer_window_s)
    before = [_usd(policy, one.amount) for one in earlier if one.created_at > since and one.state in _RAN]
    highest = max((amount for amount in before if amount is not None and amount > 0), default=None)
    return _over(usd, highest)


def _ratio(policy: Policy, usd: Decimal | None, amounts: Sequence[Money]) -> float:
    """The amount over the topic's usual one, once there are enough to speak of usual."""
    known = [amount for amount in (_usd(policy, one) for one in amounts) if amount is not None and amount > 0]
    return _over(usd, median(known) if len(known) >= policy.signals.min_amounts else None)


def _over(usd: Decimal | None, usual: Decimal | None) -> float:
    if usd is None or usual is None:
        return 1.0
    return min(MAX_RATIO, float(usd / usual))
