"""Signals of one action: what the record holds around it, read through the store, computed by the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from outguard.domain.action import Action
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.signal import NO_SIGNALS, History, Signals
from outguard.domain.topic import ESCALATE, is_topic
from outguard.flows.services import Services
from outguard.gate.signals import compute
from outguard.ports import Recall


async def read_signals(
    services: Services,
    policy: Policy,
    principal: Principal,
    action: Action,
    *,
    now: datetime,
    but: str = "",
    as_of: bool = False,
) -> Signals:
    """The signals of `action`; none for what no signal can gate (reads, reaching a person, a topic out of scope).

    `as_of` leaves out what was asked for after `now`, for looking back at an earlier decision.

    Raises:
        UnavailableError: if the record cannot be read; the agent must not act.
    """
    if not is_topic(action.topic) or action.topic == ESCALATE or policy.is_read(action.topic):
        return NO_SIGNALS
    if not principal.may_ask_for(action.topic):
        return NO_SIGNALS
    history = await services.store.recall(
        principal.tenant,
        Recall(
            agent_id=principal.id,
            conversation_id=action.conversation_id,
            topic=action.topic,
            since=now - timedelta(seconds=policy.signals.customer_window_s),
            customer_id=action.customer_id,
            with_amounts=action.amount is not None,
            with_identity=bool(action.device or action.customer_name),
        ),
    )
    if as_of:
        history = _until(history, int(now.timestamp() * 1_000_000))
    devices, names = (
        frozenset(marks_of(services, principal.tenant, kind, value))
        for kind, value in (("device", action.device), ("name", action.customer_name))
    )
    return compute(policy, action, history=history, now=now, marks=(devices, names), but=but)


def _until(history: History, at: int) -> History:
    """The history as it stood at `at` (microseconds), as far as single actions are concerned."""
    return replace(
        history,
        conversation=tuple(one for one in history.conversation if one.at <= at),
        customer=tuple(one for one in history.customer if one.at <= at),
    )


def marks_of(services: Services, tenant: str, kind: str, value: str | None) -> tuple[str, ...]:
    """The keyed hashes of what the channel says of a customer, the one to store first; none without a value."""
    words = "" if value is None else " ".join(value.split()).casefold()
    return services.sealer.marks(f"{kind}:{words}", tenant=tenant) if words else ()
