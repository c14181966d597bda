"""R6: what the record holds around an action is the same from every store: newest first, one tenant's, bounded."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from store_values import NOW, TENANT, a_change, an_action, later

from outguard.domain.action import LedgerState
from outguard.domain.money import Money
from outguard.domain.signal import MAX_RECALLED, History
from outguard.ports import Recall, Store
from outguard.storage.rows.values import micros


def asking(**values: Any) -> Recall:
    recall = Recall(agent_id="agent-1", conversation_id="conv-1", topic="support.refund", since=NOW)
    return replace(recall, **values)


async def test_an_empty_record_holds_nothing(store: Store) -> None:
    assert await store.recall(TENANT, asking(customer_id="c-1", with_amounts=True)) == History()


async def test_conversation_and_customer_are_recalled_newest_first(store: Store) -> None:
    money = Money(amount=Decimal("45.10"), currency="EUR")
    actions = (
        an_action("a", customer_id="c-1", created_at=later(1), target="order 1", amount=money),
        an_action(
            "b", customer_id="c-1", conversation_id="conv-2", created_at=later(3), device_hash="d", name_hash="n"
        ),
        an_action("c", created_at=later(2)),
        an_action("d", customer_id="c-2", conversation_id="conv-3"),
    )
    await store.commit(a_change(actions=actions))
    await store.commit(a_change("other", actions=(an_action("e", tenant="other", customer_id="c-1"),)))
    found = await store.recall(TENANT, asking(customer_id="c-1", with_identity=True))
    assert [one.action_id for one in found.conversation] == ["c", "a"]
    assert [one.action_id for one in found.customer] == ["b"]
    assert found.known_since == micros(later(1))
    first = found.conversation[1]
    assert (first.amount, first.currency, first.target) == ("45.10", "EUR", "order 1")
    assert (first.decision, first.state, first.at) == ("ALLOW", "PENDING", micros(later(1)))
    assert (found.customer[0].device_hash, found.customer[0].name_hash) == ("d", "n")


async def test_the_customer_is_recalled_within_the_window_but_known_since_the_first_day(store: Store) -> None:
    old = an_action("a", customer_id="c-1", conversation_id="conv-2")
    await store.commit(a_change(actions=(old,)))
    found = await store.recall(TENANT, asking(customer_id="c-1", since=later(1)))
    assert (found.customer, found.known_since) == ((), micros(NOW))


async def test_done_before_means_executed_by_this_agent(store: Store) -> None:
    action = an_action("a")
    await store.commit(a_change(actions=(action, an_action("b", agent_id="agent-2", state=LedgerState.EXECUTED))))
    assert not (await store.recall(TENANT, asking())).did_before
    await store.commit(a_change(actions=(replace(action, state=LedgerState.EXECUTED, version=2),)))
    assert (await store.recall(TENANT, asking())).did_before
    assert not (await store.recall(TENANT, asking(topic="support.credit"))).did_before
    assert not (await store.recall("other", asking())).did_before


async def test_amounts_are_those_executed_on_the_topic(store: Store) -> None:
    def paid(name: str, amount: str, **values: Any) -> Any:
        money = Money(amount=Decimal(amount), currency="USD")
        return an_action(name, amount=money, state=LedgerState.EXECUTED, **values)

    await store.commit(
        a_change(
            actions=(
                paid("a", "1.00", created_at=later(1)),
                paid("b", "2.00", created_at=later(2), agent_id="agent-2", conversation_id="conv-2"),
                paid("c", "3.00", topic="support.credit"),
                an_action("d", amount=Money(amount=Decimal(9), currency="USD")),
                an_action("e", state=LedgerState.EXECUTED),
            )
        )
    )
    found = await store.recall(TENANT, asking(with_amounts=True))
    assert found.topic_amounts == (("2.00", "USD"), ("1.00", "USD"))
    assert (await store.recall(TENANT, asking())).topic_amounts == ()


async def test_no_more_is_recalled_than_can_be_looked_at(store: Store) -> None:
    actions = tuple(an_action(f"a-{at:04}", customer_id="c-1", created_at=later(at)) for at in range(MAX_RECALLED + 20))
    await store.commit(a_change(actions=actions))
    found = await store.recall(TENANT, asking(customer_id="c-1"))
    elsewhere = await store.recall(TENANT, asking(customer_id="c-1", conversation_id="conv-2"))
    assert len(found.conversation) == len(elsewhere.customer) == MAX_RECALLED
    assert found.conversation[0].action_id == actions[-1].action_id
