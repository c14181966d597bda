"""Audit flows: proofs from the store verify against the signed head, and impossible sizes are refused."""

from __future__ import annotations

import pytest
from flow_values import CUSTOMER, new_id, reply_of

from outguard.audit.merkle import verify_consistency, verify_inclusion
from outguard.domain.principal import Principal
from outguard.errors import InvalidInputError
from outguard.flows.evaluate_reply import evaluate_reply
from outguard.flows.read_audit import (
    get_checkpoint,
    get_consistency_proof,
    get_inclusion_proof,
    list_entries,
)
from outguard.flows.services import Services


async def fill(services: Services, agent: Principal, count: int) -> None:
    for number in range(count):
        await evaluate_reply(
            services,
            agent,
            request_id=new_id(),
            reply=reply_of(f"Hello there, this is message number {number}."),
            customer=CUSTOMER,
        )


async def test_every_entry_is_proved_in_the_head(services: Services, agent: Principal, auditor: Principal) -> None:
    await fill(services, agent, 7)
    head = (await get_checkpoint(services, auditor)).head
    assert head.size == 7
    for index in range(7):
        entry, proof = await get_inclusion_proof(services, auditor, index=index, tree_size=7)
        assert verify_inclusion(entry.leaf_hash, index=index, size=7, path=proof.hashes, root=head.root)


async def test_a_later_head_extends_an_earlier_one(services: Services, agent: Principal, auditor: Principal) -> None:
    await fill(services, agent, 3)
    old = (await get_checkpoint(services, auditor)).head
    await fill(services, agent, 5)
    new = (await get_checkpoint(services, auditor)).head
    proof = await get_consistency_proof(services, auditor, first=3, second=8)
    assert verify_consistency(first=3, first_root=old.root, second=8, second_root=new.root, path=proof.hashes)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (2, 2), (-1, 2), (0, 3)])
async def test_an_entry_outside_the_tree_is_refused(
    services: Services, agent: Principal, auditor: Principal, index: int, size: int
) -> None:
    await fill(services, agent, 2)
    with pytest.raises(InvalidInputError):
        await get_inclusion_proof(services, auditor, index=index, tree_size=size)


async def test_entries_come_in_order(services: Services, agent: Principal, auditor: Principal) -> None:
    await fill(services, agent, 4)
    entries = await list_entries(services, auditor, start=1, limit=2)
    assert [entry.index for entry in entries] == [1, 2]
