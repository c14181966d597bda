"""What every store keeps: the fake, SQLite and PostgreSQL pass the same tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from store_values import (
    NOW,
    TENANT,
    a_board,
    a_call,
    a_change,
    a_draft,
    a_full_action,
    a_full_approval,
    a_full_item,
    a_full_reply,
    a_full_roll_back,
    a_given,
    a_pause,
    a_policy_version,
    a_pseudonym,
    a_reply,
    a_roll_back,
    a_seen_value,
    a_source,
    a_standing,
    a_token,
    an_action,
    an_approval,
    an_incident,
    an_item,
    an_override,
    check_tree,
    later,
)

from outguard.audit.entry import read_entry
from outguard.audit.merkle import EMPTY_ROOT, leaf_hash
from outguard.domain.action import LedgerState
from outguard.domain.audit import EntryKind
from outguard.domain.autonomy import IncidentKind, Track
from outguard.domain.pause import PauseBoard, PauseScope
from outguard.domain.policy_change import Area, PolicyState, SignOff
from outguard.domain.review import ApprovalState, Claim, ItemKind, ItemState, ReviewItem, RulingKind
from outguard.domain.roll_back import RollBackState
from outguard.domain.source import SourceKind, SourcesState
from outguard.errors import (
    DuplicateCallError,
    InvalidInputError,
    NotFoundError,
    OutguardError,
    UnavailableError,
    VersionConflictError,
)
from outguard.ports import Change, Seen, Store


async def test_what_is_read_equals_what_was_written(store: Store) -> None:
    plain = a_change(
        actions=(an_action(),),
        approvals=(an_approval(),),
        replies=(a_reply(),),
        items=(an_item(),),
        tokens=(a_token(),),
        pause_boards=(a_board(),),
        roll_backs=(a_roll_back(),),
        pseudonyms=(a_pseudonym(),),
        sources=(a_source(),),
        policy_versions=(a_policy_version(),),
        standings=(a_standing(since=None),),
        incidents=(an_incident(),),
        given=(a_given(),),
        overrides=(an_override(),),
    )
    full = a_change(
        actions=(replace(a_full_action(), version=2),),
        approvals=(replace(a_full_approval(), version=2),),
        replies=(replace(a_full_reply(), version=2),),
        items=(replace(a_full_item(), version=2),),
        tokens=(a_token(revoked_at=later(5), version=2),),
        pause_boards=(a_board(a_pause(), a_pause("pau-2", scope=PauseScope.TOPIC, value="support.*"), version=2),),
        roll_backs=(replace(a_full_roll_back(), version=2),),
        pseudonyms=(a_pseudonym(expires_at=later(99), sealed=b"again", version=2),),
        sources=(a_source(kind=SourceKind.CANARY, is_removed=True, words=0, sealed=b"", version=2),),
        policy_versions=(
            a_policy_version(
                state=PolicyState.LOADED,
                loaded_at=later(3),
                sign_offs=(SignOff(area=Area.FINANCE, principal_id="fay", reason="ok", at=later(2)),),
                version=2,
            ),
        ),
        standings=(a_standing(proposal_item_id="item-1", version=2),),
        incidents=(an_incident(action_id=None, reason="a person saw it", version=2),),
        given=(a_given(kind=RulingKind.DENY, version=2),),
        overrides=(an_override(ruling_id="", version=2),),
    )
    for change in (plain, full):
        await store.commit(change)
        assert await store.get_action(TENANT, "act-1") == change.actions[0]
        assert await store.get_approval(TENANT, "apr-1") == change.approvals[0]
        assert await store.get_reply(TENANT, "reply-1") == change.replies[0]
        assert await store.get_item(TENANT, "item-1") == change.items[0]
        assert await store.find_token("tok-1") == change.tokens[0]
        assert await store.get_pauses(TENANT) == change.pause_boards[0]
        assert await store.find_roll_back(TENANT, "act-1") == change.roll_backs[0]
        assert await store.find_standing(TENANT, "agent-1/support.refund") == change.standings[0]
        assert await store.list_given(TENANT, "reviewer-1", 10) == change.given
        assert await store.list_overrides(TENANT, "item-1") == change.overrides
        assert await store.find_pseudonym(TENANT, change.pseudonyms[0].word) == change.pseudonyms[0]
        assert await store.get_source(TENANT, "runbook") == change.sources[0]
        assert await store.find_policy(TENANT, "v1:0123456789abcdef") == change.policy_versions[0]


async def test_policies_that_came_into_force_are_listed_last_loaded_first(store: Store) -> None:
    loaded = [a_policy_version(f"v1:{n}", state=PolicyState.LOADED, loaded_at=later(n)) for n in range(4)]
    other = a_policy_version("v1:9", tenant="other", state=PolicyState.LOADED, loaded_at=later(9))
    await store.commit(a_change(policy_versions=(*loaded, a_policy_version("v1:waits"))))
    await store.commit(a_change("other", policy_versions=(other,)))
    assert list(await store.list_policies(TENANT)) == loaded[::-1]
    first = await store.list_policies(TENANT, limit=3)
    assert list(first) == loaded[:0:-1]
    assert list(await store.list_policies(TENANT, after=first[-1].snapshot)) == loaded[:1]
    assert await store.list_policies(TENANT, after="v1:unknown") == ()
    assert await store.find_policy("other", "v1:1") is None
    again = a_policy_version("v1:0", state=PolicyState.LOADED, loaded_at=later(8), version=2)
    await store.commit(a_change(policy_versions=(again,)))
    assert (await store.list_policies(TENANT, limit=1)) == (again,)
    assert await store.newest_policy(TENANT) == "v1:0"
    assert await store.newest_policy("nobody") is None


async def test_a_pseudonym_is_one_tenants(store: Store) -> None:
    await store.commit(a_change(pseudonyms=(a_pseudonym(),)))
    await store.commit(a_change("other", pseudonyms=(a_pseudonym(tenant="other", sealed=b"other"),)))
    mine = await store.find_pseudonym(TENANT, a_pseudonym().word)
    others = await store.find_pseudonym("other", a_pseudonym().word)
    assert mine is not None
    assert others is not None
    assert mine.sealed != others.sealed
    assert await store.find_pseudonym("nobody", a_pseudonym().word) is None


async def test_expired_pseudonyms_of_all_tenants_come_oldest_first_until_they_are_erased(store: Store) -> None:
    mine = (
        a_pseudonym("PERSON_A", expires_at=later(30)),
        a_pseudonym("PERSON_B", expires_at=later(10)),
        a_pseudonym("PERSON_C", expires_at=later(90)),
        a_pseudonym("PERSON_D", expires_at=later(5), sealed=b"", erased_at=later(6)),
    )
    await store.commit(a_change(pseudonyms=mine))
    await store.commit(a_change("other", pseudonyms=(a_pseudonym("PERSON_E", tenant="other", expires_at=later(20)),)))
    due = await store.list_expired_pseudonyms(later(30), 10)
    assert [one.word for one in due] == ["PERSON_B", "PERSON_E", "PERSON_A"]
    assert await store.list_expired_pseudonyms(later(30), 2) == due[:2]
    gone = replace(due[0], sealed=b"", erased_at=later(31), version=2)
    await store.commit(a_change(pseudonyms=(gone,)))
    assert await store.list_expired_pseudonyms(later(30), 10) == due[1:]
    assert await store.find_pseudonym(TENANT, "PERSON_B") == gone


async def test_a_pseudonym_that_moved_fails_its_change(store: Store) -> None:
    await store.commit(a_change(pseudonyms=(a_pseudonym(),)))
    with pytest.raises(VersionConflictError):
        await store.commit(a_change(pseudonyms=(a_pseudonym(),), replies=(a_reply(),)))
    with pytest.raises(NotFoundError):
        await store.get_reply(TENANT, "reply-1")


async def test_entries_take_their_places_in_the_tree(store: Store) -> None:
    first = await store.commit(a_change(entries=(a_draft("a"), a_draft("b"))))
    second = await store.commit(a_change(entries=(a_draft("c"),)))
    entries = first + second
    assert [(entry.index, entry.subject_id) for entry in entries] == [(0, "a"), (1, "b"), (2, "c")]
    assert all(read_entry(entry.data) == entry and entry.leaf_hash == leaf_hash(entry.data) for entry in entries)
    assert await store.list_entries(TENANT) == entries
    assert await check_tree(store) == 3


async def test_the_tree_of_an_unknown_tenant_is_empty(store: Store) -> None:
    head = await store.head("nobody")
    assert (head.size, head.root) == (0, EMPTY_ROOT)
    assert await store.leaf_hashes("nobody", 0, 10) == []


@pytest.mark.parametrize(
    "change",
    [
        a_change(entries=(), replies=(a_reply(),)),
        a_change(replies=(a_reply(tenant="other"),)),
        a_change(tokens=(a_token(tenant="other"),)),
        a_change(replies=(a_reply(), a_reply(version=2))),
        a_change(replies=(a_reply(version=0),)),
        a_change(entries=(a_draft(details={"bad": object()}),), replies=(a_reply(),)),
    ],
    ids=["no entry", "other tenant", "other tenant's token", "named twice", "version zero", "unwritable entry"],
)
async def test_a_malformed_change_leaves_nothing(store: Store, change: Change) -> None:
    with pytest.raises(InvalidInputError):
        await store.commit(change)
    with pytest.raises(NotFoundError):
        await store.get_reply(TENANT, "reply-1")
    assert await check_tree(store) == 0


async def test_a_call_is_found_again(store: Store) -> None:
    call = a_call()
    assert await store.find_call(TENANT, call.principal_id, call.method, call.request_id) is None
    await store.commit(a_change(call=call))
    assert await store.find_call(TENANT, call.principal_id, call.method, call.request_id) == call


async def test_a_duplicate_call_writes_nothing(store: Store) -> None:
    await store.commit(a_change(call=a_call()))
    with pytest.raises(DuplicateCallError):
        await store.commit(a_change(call=a_call(subject_id="reply-2"), replies=(a_reply("reply-2"),)))
    with pytest.raises(NotFoundError):
        await store.get_reply(TENANT, "reply-2")
    assert await check_tree(store) == 1


async def test_a_duplicate_is_told_before_a_conflict(store: Store) -> None:
    change = a_change(call=a_call(), replies=(a_reply(),))
    await store.commit(change)
    with pytest.raises(DuplicateCallError):
        await store.commit(change)


@pytest.mark.parametrize("other", [{"principal_id": "agent-2"}, {"method": "EvaluateAction"}])
async def test_a_request_id_is_one_callers_and_one_methods(store: Store, other: dict[str, str]) -> None:
    await store.commit(a_change(call=a_call()))
    await store.commit(a_change(call=a_call(subject_id="second", **other)))
    found = await store.find_call(
        TENANT, other.get("principal_id", "agent-1"), other.get("method", "EvaluateReply"), a_call().request_id
    )
    assert found is not None
    assert found.subject_id == "second"


_STALE: list[Callable[[], Change]] = [
    lambda: a_change(replies=(a_reply(),)),
    lambda: a_change(replies=(a_reply(version=3),)),
    lambda: a_change(replies=(a_reply("reply-new", version=2),)),
    lambda: a_change(tokens=(a_token(tenant="other"),), tenant="other"),
]


@pytest.mark.parametrize("stale", _STALE, ids=["id taken", "version skipped", "nothing to replace", "token id taken"])
async def test_a_version_conflict_writes_nothing(store: Store, stale: Callable[[], Change]) -> None:
    await store.commit(a_change(replies=(a_reply(),), tokens=(a_token(),)))
    change = stale()
    call = a_call()
    with pytest.raises(VersionConflictError):
        await store.commit(
            replace(
                change, call=call, items=(an_item(tenant=change.tenant),), actions=(an_action(tenant=change.tenant),)
            )
        )
    assert await store.find_call(change.tenant, call.principal_id, call.method, call.request_id) is None
    for read in (store.get_item(change.tenant, "item-1"), store.get_action(change.tenant, "act-1")):
        with pytest.raises(NotFoundError):
            await read
    assert (await store.get_reply(TENANT, "reply-1")).version == 1
    assert await check_tree(store, change.tenant) == (1 if change.tenant == TENANT else 0)


async def test_concurrent_commits_fill_the_tree_without_gaps(store: Store) -> None:
    async def commit(number: int) -> list[int]:
        ids = [f"reply-{number}-{at}" for at in range(5)]
        return [
            (await store.commit(a_change(entries=(a_draft(one),), replies=(a_reply(one),), call=a_call(one))))[0].index
            for one in ids
        ]

    indexes = await asyncio.gather(*map(commit, range(64)))
    assert sorted(index for mine in indexes for index in mine) == list(range(320))
    assert all(mine == sorted(mine) for mine in indexes)
    assert await check_tree(store) == 320
    for entry in await store.list_entries(TENANT, limit=320):
        assert (await store.get_reply(TENANT, entry.subject_id)).reply_id == entry.subject_id


async def test_of_concurrent_changes_of_a_record_one_wins(store: Store) -> None:
    await store.commit(a_change(replies=(a_reply(),)))
    answers = await asyncio.gather(
        *(store.commit(a_change(replies=(a_reply(version=2, agent_build=str(one)),))) for one in range(20)),
        return_exceptions=True,
    )
    won = [one for one, answer in enumerate(answers) if isinstance(answer, tuple)]
    assert len(won) == 1
    assert sum(isinstance(answer, VersionConflictError) for answer in answers) == 19
    assert (await store.get_reply(TENANT, "reply-1")).agent_build == str(won[0])
    assert await check_tree(store) == 2


async def test_of_concurrent_equal_calls_one_wins(store: Store) -> None:
    answers = await asyncio.gather(
        *(store.commit(a_change(call=a_call(), replies=(a_reply(f"reply-{one}"),))) for one in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, tuple) for answer in answers) == 1
    assert sum(isinstance(answer, DuplicateCallError) for answer in answers) == 19
    assert await check_tree(store) == 1


async def test_versions_follow_each_other_in_one_burst(store: Store) -> None:
    await asyncio.gather(*(store.commit(a_change(replies=(a_reply(version=one),))) for one in range(1, 9)))
    assert (await store.get_reply(TENANT, "reply-1")).version == 8


async def test_a_bad_change_fails_alone(store: Store) -> None:
    await store.commit(a_change(replies=(a_reply("reply-taken"),)))
    good = [a_change(replies=(a_reply(f"reply-{one}"),)) for one in range(30)]
    bad = {
        5: a_change(entries=(a_draft(details={"bad": float("nan")}),)),
        11: a_change(replies=(a_reply("reply-taken"),)),
        17: a_change(items=(an_item(version=4),)),
    }
    changes = [bad.get(at, change) for at, change in enumerate(good)]
    answers = await asyncio.gather(*map(store.commit, changes), return_exceptions=True)
    failed = {at: answer for at, answer in enumerate(answers) if isinstance(answer, BaseException)}
    assert {at: type(answer) for at, answer in failed.items()} == {
        5: InvalidInputError,
        11: VersionConflictError,
        17: VersionConflictError,
    }
    assert await check_tree(store) == 1 + 27


async def test_the_ledger_is_the_conversations_actions_oldest_first(store: Store) -> None:
    actions = [
        an_action("act-c", created_at=later(1)),
        an_action("act-b", created_at=later(2), state=LedgerState.EXECUTED),
        an_action("act-a", created_at=later(2)),
        replace(a_full_action(), action_id="act-z", created_at=later(0)),
        an_action("act-other", conversation_id="conv-2"),
    ]
    await store.commit(a_change(actions=tuple(actions)))
    ledger = await store.list_ledger(TENANT, "conv-1")
    by_id = {action.action_id: action.ledger_entry for action in actions}
    assert list(ledger) == [by_id[one] for one in ("act-z", "act-c", "act-a", "act-b")]
    assert await store.list_ledger(TENANT, "conv-none") == ()


async def test_the_ledger_shows_the_present_state(store: Store) -> None:
    await store.commit(a_change(actions=(an_action(),)))
    await store.commit(a_change(actions=(an_action(version=2, state=LedgerState.EXECUTED, updated_at=later(9)),)))
    (entry,) = await store.list_ledger(TENANT, "conv-1")
    assert (entry.state, entry.at) == (LedgerState.EXECUTED, later(9))


async def test_concurrent_ledger_reads_get_their_own(store: Store) -> None:
    await store.commit(
        a_change(actions=tuple(an_action(f"act-{one}", conversation_id=f"conv-{one}") for one in range(200)))
    )
    ledgers = await asyncio.gather(*(store.list_ledger(TENANT, f"conv-{one}") for one in range(210)))
    assert [[entry.action_id for entry in ledger] for ledger in ledgers] == [
        [f"act-{one}"] if one < 200 else [] for one in range(210)
    ]


async def test_an_acknowledged_action_is_in_the_next_ledger(store: Store) -> None:
    async def act(number: int) -> bool:
        await store.commit(a_change(actions=(an_action(f"act-{number}", conversation_id=f"conv-{number}"),)))
        return len(await store.list_ledger(TENANT, f"conv-{number}")) == 1

    assert all(await asyncio.gather(*map(act, range(64))))


async def test_due_approvals_of_all_tenants_come_oldest_first(store: Store) -> None:
    mine = (
        an_approval("apr-late", expires_at=later(50)),
        an_approval("apr-edge", expires_at=later(40)),
        an_approval("apr-first", expires_at=later(10), state=ApprovalState.APPROVED),
        *(
            an_approval(f"apr-{state.value}", expires_at=later(5), state=state)
            for state in ApprovalState
            if state not in {ApprovalState.PENDING, ApprovalState.APPROVED}
        ),
    )
    await store.commit(a_change(approvals=mine))
    await store.commit(a_change("other", approvals=(an_approval("apr-2", tenant="other", expires_at=later(20)),)))
    due = await store.list_due_approvals(later(40), 10)
    assert [one.approval_id for one in due] == ["apr-first", "apr-2", "apr-edge"]
    assert await store.list_due_approvals(later(40), 2) == due[:2]
    assert await store.list_due_approvals(NOW, 10) == ()


async def test_items_come_by_priority_then_due_time_then_id(store: Store) -> None:
    items = (
        an_item("item-d", priority=0, due_at=later(1)),
        an_item("item-c", priority=5, due_at=later(2)),
        an_item("item-b", priority=5, due_at=later(1)),
        an_item("item-B", priority=5, due_at=later(1)),
        an_item("item-a", priority=-5, due_at=later(0)),
        an_item("item-e", priority=0, due_at=later(1)),
    )
    await store.commit(a_change(items=items))
    order = ["item-B", "item-b", "item-c", "item-d", "item-e", "item-a"]
    assert [item.item_id for item in await store.list_items(TENANT)] == order
    after, seen = "", []
    while page := await store.list_items(TENANT, after=after, limit=2):
        assert len(page) == 2
        seen += [item.item_id for item in page]
        after = seen[-1]
    assert seen == order


async def test_items_are_filtered(store: Store) -> None:
    await store.commit(
        a_change(
            items=(
                an_item("item-1"),
                an_item("item-2", state=ItemState.CLOSED),
                an_item("item-3", kind=ItemKind.APPROVAL),
                an_item("item-4", queue="refunds", state=ItemState.CLAIMED),
            )
        )
    )

    async def ids(**filters: object) -> set[str]:
        return {item.item_id for item in await store.list_items(TENANT, **filters)}  # type: ignore[arg-type]

    assert await ids(states=[ItemState.OPEN]) == {"item-1", "item-3"}
    assert await ids(states=[ItemState.OPEN, ItemState.CLAIMED]) == {"item-1", "item-3", "item-4"}
    assert await ids(kinds=[ItemKind.APPROVAL]) == {"item-3"}
    assert await ids(queues=["refunds", "other"]) == {"item-4"}
    assert await ids(states=[ItemState.OPEN], queues=["refunds"]) == set()


async def test_going_on_after_an_unknown_item_is_refused(store: Store) -> None:
    await store.commit(a_change(items=(an_item(),)))
    with pytest.raises(InvalidInputError):
        await store.list_items(TENANT, after="item-none")


async def test_entries_are_listed_by_place_subject_and_kind(store: Store) -> None:
    kinds = (EntryKind.REPLY_DECIDED, EntryKind.ITEM_RULED)
    await store.commit(a_change(entries=tuple(a_draft(f"s-{at % 3}", kind=kinds[at % 2]) for at in range(12))))

    async def indexes(**filters: object) -> list[int]:
        return [entry.index for entry in await store.list_entries(TENANT, **filters)]  # type: ignore[arg-type]

    assert await indexes(start=10) == [10, 11]
    assert await indexes(start=3, limit=2) == [3, 4]
    assert await indexes(subject_id="s-1") == [1, 4, 7, 10]
    assert await indexes(subject_id="s-1", start=2, limit=2) == [4, 7]
    assert await indexes(kind=EntryKind.ITEM_RULED, limit=3) == [1, 3, 5]
    assert await indexes(subject_id="s-0", kind=EntryKind.ITEM_RULED) == [3, 9]
    assert (await store.get_entry(TENANT, 7)).subject_id == "s-1"
    assert len(await store.leaf_hashes(TENANT, 2, 5)) == 3
    for index in (12, -1):
        with pytest.raises(NotFoundError):
            await store.get_entry(TENANT, index)


async def test_tokens_are_found_by_id_and_listed_oldest_first(store: Store) -> None:
    tokens = (a_token("tok-b", created_at=later(1)), a_token("tok-a", created_at=later(1)), a_token("tok-c"))
    await store.commit(a_change(tokens=tokens))
    await store.commit(a_change("other", tokens=(a_token("tok-o", tenant="other"),)))
    assert [token.token_id for token in await store.list_tokens(TENANT)] == ["tok-c", "tok-a", "tok-b"]
    assert await store.find_token("tok-o") == a_token("tok-o", tenant="other")
    assert await store.find_token("tok-none") is None


async def test_tenants_see_nothing_of_each_other(store: Store) -> None:
    call = a_call()
    await store.commit(
        a_change(
            call=call,
            actions=(an_action(),),
            approvals=(an_approval(),),
            replies=(a_reply(),),
            items=(an_item(),),
            tokens=(a_token(),),
        )
    )
    reads = [
        store.get_action("other", "act-1"),
        store.get_approval("other", "apr-1"),
        store.get_reply("other", "reply-1"),
        store.get_item("other", "item-1"),
        store.get_entry("other", 0),
    ]
    for read in reads:
        with pytest.raises(NotFoundError):
            await read
    assert await store.list_ledger("other", "conv-1") == ()
    assert await store.list_items("other") == ()
    assert await store.list_entries("other") == ()
    assert await store.leaf_hashes("other", 0, 1) == []
    assert await store.list_tokens("other") == ()
    assert await store.find_call("other", call.principal_id, call.method, call.request_id) is None
    with pytest.raises(InvalidInputError):
        await store.list_items("other", after="item-1")


async def test_tenants_may_use_the_same_ids(store: Store) -> None:
    changes = [
        a_change(name, call=a_call(), replies=(a_reply(tenant=name, agent_build=name),)) for name in ("a", "b", "c")
    ]
    await asyncio.gather(*map(store.commit, changes))
    for name in ("a", "b", "c"):
        assert (await store.get_reply(name, "reply-1")).agent_build == name
        assert await check_tree(store, name) == 1


async def test_a_waiter_wakes_when_its_subject_moves(store: Store) -> None:
    await store.commit(a_change(replies=(a_reply(),)))
    waiting = asyncio.create_task(store.wait_for_change(TENANT, "reply-1", version=1, timeout_s=30))
    other = asyncio.create_task(store.wait_for_change("other", "reply-1", version=1, timeout_s=30))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await store.commit(a_change(replies=(a_reply("reply-2"),)))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await store.commit(a_change(replies=(a_reply(version=2),)))
    async with asyncio.timeout(2):
        await waiting
    assert not other.done()
    other.cancel()


@pytest.mark.parametrize("subject_id", ["act-1", "apr-1", "reply-1", "item-1"])
async def test_no_wait_for_what_has_moved_already(store: Store, subject_id: str) -> None:
    await store.commit(
        a_change(actions=(an_action(),), approvals=(an_approval(),), replies=(a_reply(),), items=(an_item(),))
    )
    async with asyncio.timeout(2):
        await store.wait_for_change(TENANT, subject_id, version=0, timeout_s=30)


async def test_a_wait_ends_at_its_time_out(store: Store) -> None:
    async with asyncio.timeout(5):
        await store.wait_for_change(TENANT, "reply-none", version=0, timeout_s=0.05)


async def test_closing_finishes_what_waits_and_refuses_the_rest(store: Store) -> None:
    commits = [asyncio.create_task(store.commit(a_change(replies=(a_reply(f"reply-{one}"),)))) for one in range(10)]
    await asyncio.sleep(0)
    await store.ping()
    await store.close()
    answers = await asyncio.gather(*commits, return_exceptions=True)
    assert all(isinstance(answer, tuple | UnavailableError) for answer in answers)
    calls = [store.commit(a_change()), store.get_reply(TENANT, "reply-1"), store.list_items(TENANT), store.ping()]
    for call in calls:
        with pytest.raises(UnavailableError):
            await call
    await store.close()


async def test_errors_name_no_content(store: Store) -> None:
    secret = "s3cr3t-value"
    reply = a_reply(agent_build=secret, sealed=secret.encode())
    await store.commit(a_change(replies=(reply,)))
    for change in (a_change(replies=(reply,)), a_change(entries=(a_draft(details={secret: object()}),))):
        with pytest.raises(OutguardError) as caught:
            await store.commit(change)
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value.__cause__)


async def test_what_a_decision_rests_on_must_not_have_moved(store: Store) -> None:
    """R15: a decision made before a pause came into force is not written after it."""
    unpaused, paused = Seen(kind="pause_boards", record_id=TENANT, version=0), a_change(pause_boards=(a_board(),))
    assert await store.get_pauses(TENANT) == PauseBoard(tenant=TENANT)
    await store.commit(a_change(replies=(a_reply("reply-before"),), seen=(unpaused,)))
    await store.commit(paused)
    for stale in (unpaused, replace(unpaused, version=2)):
        with pytest.raises(VersionConflictError):
            await store.commit(a_change(replies=(a_reply("reply-after"),), seen=(stale,)))
    with pytest.raises(NotFoundError):
        await store.get_reply(TENANT, "reply-after")
    await store.commit(a_change(replies=(a_reply("reply-after"),), seen=(replace(unpaused, version=1),)))
    assert await check_tree(store) == 3


async def test_another_tenants_pause_moves_nothing_of_ours(store: Store) -> None:
    await store.commit(a_change("other", pause_boards=(a_board(a_pause(), tenant="other"),)))
    seen = Seen(kind="pause_boards", record_id=TENANT, version=0)
    ours = a_change(replies=(a_reply(),), seen=(seen,))
    theirs = a_change("other", seen=(replace(seen, record_id="other", version=1),))
    await asyncio.gather(store.commit(ours), store.commit(theirs))
    assert (await store.get_pauses(TENANT)).pauses == ()
    assert len((await store.get_pauses("other")).pauses) == 1


async def test_an_agent_finds_what_it_is_asked_to_roll_back(store: Store) -> None:
    """R2: its own, REQUESTED ones only, the most urgent first."""
    await store.commit(
        a_change(
            roll_backs=(
                a_roll_back("act-late", due_at=later(900)),
                a_roll_back("act-soon", due_at=later(10)),
                a_roll_back("act-done", state=RollBackState.DONE),
                a_roll_back("act-waits", state=RollBackState.WAITING),
                a_roll_back("act-other", agent_id="agent-2"),
            )
        )
    )
    await store.commit(a_change("other", roll_backs=(a_roll_back("act-soon", tenant="other"),)))
    found = await store.list_roll_backs(TENANT, "agent-1", 10)
    assert [one.action_id for one in found] == ["act-soon", "act-late"]
    assert [one.action_id for one in await store.list_roll_backs(TENANT, "agent-1", 1)] == ["act-soon"]
    assert await store.find_roll_back(TENANT, "act-none") is None


async def test_roll_backs_that_nobody_answered_are_found(store: Store) -> None:
    await store.commit(
        a_change(
            roll_backs=(
                a_roll_back("act-1", due_at=later(20)),
                a_roll_back("act-2", due_at=later(10), state=RollBackState.WAITING),
                a_roll_back("act-3", due_at=later(10), state=RollBackState.DONE),
                a_roll_back("act-4", due_at=later(21)),
            )
        )
    )
    assert [one.action_id for one in await store.list_due_roll_backs(later(20), 10)] == ["act-2", "act-1"]


async def test_who_waits_for_roll_backs_is_woken(store: Store) -> None:
    waiting = asyncio.create_task(store.wait_for_change(TENANT, "agent-1", version=0, timeout_s=20))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await store.commit(a_change(roll_backs=(a_roll_back(),)))
    async with asyncio.timeout(10):
        await waiting
    async with asyncio.timeout(10):  # and who comes later does not wait at all
        await store.wait_for_change(TENANT, "agent-1", version=0, timeout_s=20)


async def test_approvals_that_are_to_be_escalated_are_due(store: Store) -> None:
    """R10: before they expire, once, and only while people are asked."""
    await store.commit(
        a_change(
            approvals=(
                an_approval("apr-now", escalates_at=later(20)),
                an_approval("apr-later", escalates_at=later(21)),
                an_approval("apr-done", escalates_at=None),
                an_approval("apr-signed", escalates_at=later(20), state=ApprovalState.APPROVED),
                an_approval("apr-expired", escalates_at=later(20), expires_at=later(20)),
            )
        )
    )
    assert [one.approval_id for one in await store.list_due_approvals(later(20), 10)] == ["apr-expired", "apr-now"]


async def test_sources_are_listed_by_name_without_removed_ones(store: Store) -> None:
    names = ("b", "a", "B", "\u00e9", "c")
    await store.commit(a_change(sources=tuple(a_source(name) for name in names)))
    await store.commit(a_change(sources=(a_source("c", is_removed=True, words=0, version=2),)))
    await store.commit(a_change("other", sources=(a_source("z", tenant="other"),)))
    assert [one.name for one in await store.list_sources(TENANT)] == ["B", "a", "b", "\u00e9"]
    assert [one.name for one in await store.list_sources(TENANT, after="a", limit=1)] == ["b"]
    with pytest.raises(NotFoundError):
        await store.get_source(TENANT, "z")
    assert await store.list_source_tenants() == (TENANT, "other")


async def test_every_change_of_sources_shows_in_their_state(store: Store) -> None:
    """Replicas notice a change by this number alone, so no write may leave it as it was."""
    seen = [await store.sources_state(TENANT)]
    for source in (a_source(), a_source("x"), a_source(version=2), a_source("x", is_removed=True, words=0, version=2)):
        await store.commit(a_change(sources=(source,)))
        seen.append(await store.sources_state(TENANT))
    await store.commit(a_change("other", sources=(a_source(tenant="other"),)))
    assert seen[0] == SourcesState(version=0, words=0)
    assert [one.version for one in seen] == sorted({one.version for one in seen})
    assert [one.words for one in seen] == [0, 12, 24, 24, 12]
    assert await store.sources_state(TENANT) == seen[-1]


async def test_an_agents_track_is_what_ended_and_what_went_wrong(store: Store) -> None:
    """R12: by agent and topic, from a time on, each action once."""
    ended = (LedgerState.EXECUTED, LedgerState.FAILED, LedgerState.ROLLED_BACK)
    await store.commit(
        a_change(
            actions=(
                *(an_action(f"act-{at}", topic="t", state=state) for at, state in enumerate(ended)),
                an_action("act-open", topic="t", state=LedgerState.APPROVED),
                an_action("act-old", topic="t", state=LedgerState.EXECUTED, updated_at=later(-10)),
                an_action("act-else", topic="u", state=LedgerState.EXECUTED),
                an_action("act-them", topic="t", agent_id="agent-2", state=LedgerState.EXECUTED),
            ),
            incidents=(
                an_incident("inc-1", topic="t", action_id="act-1"),
                an_incident("inc-2", topic="t", action_id="act-1", kind=IncidentKind.FOUND_WRONG),
                an_incident("inc-3", topic="t", action_id="act-2", kind=IncidentKind.ROLLED_BACK),
                an_incident("inc-4", topic="t", action_id="act-0", kind=IncidentKind.POLICY_VIOLATION),
                an_incident("inc-5", topic="t", action_id="act-old", at=later(-10)),
                an_incident("inc-6", topic="u", action_id="act-else"),
            ),
        )
    )
    assert await store.track(TENANT, "agent-1", "t", since=NOW) == Track(ended=3, errors=2)
    assert await store.track(TENANT, "agent-1", "t", since=later(-10)) == Track(ended=4, errors=3)
    assert await store.track(TENANT, "agent-1", "t", since=NOW, without="act-1") == Track(ended=2, errors=1)
    assert await store.track("other", "agent-1", "t", since=NOW) == Track(ended=0, errors=0)


async def test_standings_come_in_pages(store: Store) -> None:
    names = ("b", "a", "c")
    await store.commit(a_change(standings=tuple(a_standing(agent_id=name) for name in names)))
    await store.commit(a_change("other", standings=(a_standing(tenant="other"),)))
    first = await store.list_standings(TENANT, limit=2)
    assert [one.agent_id for one in first] == ["a", "b"]
    rest = await store.list_standings(TENANT, after=first[-1].standing_id)
    assert [one.agent_id for one in rest] == ["c"]
    assert await store.find_standing(TENANT, "z/support.refund") is None


async def test_a_reviewers_load_is_running_leases_only(store: Store) -> None:
    """R30."""

    def claimed(name: str, **values: object) -> ReviewItem:
        claim = Claim(reviewer_id="rev-1", token=1, expires_at=later(60))
        return an_item(name, **{"state": ItemState.CLAIMED, "claim": claim, "claims_made": 1, **values})

    elses = Claim(reviewer_id="rev-2", token=1, expires_at=later(60))
    await store.commit(
        a_change(
            items=(
                claimed("item-1"),
                claimed("item-2"),
                claimed("item-lapsed", claim=Claim(reviewer_id="rev-1", token=1, expires_at=NOW)),
                claimed("item-theirs", claim=elses),
                an_item("item-open"),
            )
        )
    )
    assert await store.count_claims(TENANT, "rev-1", now=NOW) == 2
    assert await store.count_claims("other", "rev-1", now=NOW) == 0


async def test_a_reviewers_rulings_come_newest_first(store: Store) -> None:
    given = tuple(a_given(f"rul-{at}", at=later(at)) for at in (1, 3, 2))
    await store.commit(a_change(given=(*given, a_given("rul-9", reviewer_id="rev-2"))))
    assert [one.ruling_id for one in await store.list_given(TENANT, "reviewer-1", 2)] == ["rul-3", "rul-2"]


async def test_values_are_found_with_all_their_owners(store: Store) -> None:
    values = (a_seen_value(1), a_seen_value(1, 2), a_seen_value(2))
    await store.commit(a_change(seen_values=values))
    await store.commit(a_change("other", seen_values=(a_seen_value(1, 9),)))
    found = await store.find_values(TENANT, [one.to_bytes(16) for one in (1, 2, 3)])
    assert sorted(found, key=lambda one: (one.value, one.owner)) == list(values)
    assert await store.find_values(TENANT, []) == ()
    assert await store.find_values("nobody", [values[0].value]) == ()


async def test_a_value_seen_again_moves_its_time(store: Store) -> None:
    await store.commit(a_change(seen_values=(a_seen_value(1),)))
    again = a_seen_value(1, at=later(60))
    await asyncio.gather(*(store.commit(a_change(seen_values=(again,))) for _ in range(3)))
    assert await store.find_values(TENANT, [again.value]) == (again,)


async def test_a_change_that_fails_leaves_no_values(store: Store) -> None:
    await store.commit(a_change(replies=(a_reply(),)))
    with pytest.raises(VersionConflictError):
        await store.commit(a_change(replies=(a_reply(),), seen_values=(a_seen_value(1),)))
    assert await store.find_values(TENANT, [a_seen_value(1).value]) == ()


async def test_old_values_are_forgotten_by_tenant(store: Store) -> None:
    ours = tuple(a_seen_value(number, at=later(number)) for number in range(10))
    await store.commit(a_change(seen_values=ours))
    await store.commit(a_change("other", seen_values=tuple(replace(one, owner=b"x" * 16) for one in ours)))
    assert await store.prune_values(before=later(-1), by_tenant={}, keep=10) == 0
    assert await store.prune_values(before=later(2), by_tenant={"other": later(5)}, keep=100) == 7
    assert await store.prune_values(before=later(0), by_tenant={}, keep=5) == 3
    assert {one.value[-1] for one in await store.find_values(TENANT, [one.value for one in ours])} == {5, 6, 7, 8, 9}
    assert {one.value[-1] for one in await store.find_values("other", [one.value for one in ours])} == {5, 6, 7, 8, 9}


async def test_an_agents_live_approvals_are_found(store: Store) -> None:
    await store.commit(
        a_change(
            approvals=(
                an_approval("apr-2", created_at=later(2)),
                an_approval("apr-1", created_at=later(1), state=ApprovalState.APPROVED),
                an_approval("apr-over", state=ApprovalState.CONSUMED),
                an_approval("apr-else", requested_by="agent-2"),
            )
        )
    )
    assert [one.approval_id for one in await store.list_live_approvals(TENANT, "agent-1", 10)] == ["apr-1", "apr-2"]
    assert [one.approval_id for one in await store.list_live_approvals(TENANT, "agent-1", 1)] == ["apr-1"]
    assert await store.list_live_approvals("other", "agent-1", 10) == ()


async def test_who_waits_for_the_record_is_woken_by_its_next_entry(store: Store) -> None:
    await store.commit(a_change())
    async with asyncio.timeout(10):
        await store.wait_for_change(TENANT, TENANT, version=0, timeout_s=20)
    waiting = asyncio.create_task(store.wait_for_change(TENANT, TENANT, version=1, timeout_s=20))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await store.commit(a_change())
    async with asyncio.timeout(10):
        await waiting
