"""Fakes that play the ports: a store in memory, a clock that stands still, ids that count, toy seals.

`MemoryStore` passes the same contract suite as the SQL backends (`tests/contract/test_store.py`).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from outguard.audit.entry import build_entry
from outguard.audit.merkle import root_of
from outguard.domain.action import ActionRecord, LedgerEntry, LedgerState
from outguard.domain.audit import Entry, EntryKind, TreeHead
from outguard.domain.autonomy import Incident, Standing, Track
from outguard.domain.cap import CapUse, in_window, wait_s
from outguard.domain.override import Override
from outguard.domain.pause import PauseBoard
from outguard.domain.policy_change import PolicyVersion
from outguard.domain.principal import Token
from outguard.domain.pseudonym import Pseudonym
from outguard.domain.reply import ReplyRecord
from outguard.domain.review import Approval, ApprovalState, GivenRuling, ItemKind, ItemState, ReviewItem
from outguard.domain.roll_back import RollBack, RollBackState
from outguard.domain.seen_value import SeenValue
from outguard.domain.signal import MAX_RECALLED, History, PastAction
from outguard.domain.source import SourceRecord, SourcesState
from outguard.errors import (
    CapExceededError,
    DuplicateCallError,
    IntegrityError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    VersionConflictError,
)
from outguard.ports import Call, Change, Recall, Sealed
from outguard.storage.changes import groups_of, verify_change
from outguard.storage.rows.values import micros

T = TypeVar("T")
Record = (
    ActionRecord
    | Approval
    | ReplyRecord
    | ReviewItem
    | Token
    | PauseBoard
    | RollBack
    | Pseudonym
    | SourceRecord
    | Standing
    | Incident
    | GivenRuling
    | Override
    | PolicyVersion
)
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class FakeClock:
    """Time that moves only when told to."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """The time set."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that move with `advance`."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


class FakeIds:
    """Ids that count: `reply-0000...0001`, one counter per prefix."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, int] = defaultdict(int)

    def new(self, prefix: str) -> str:
        """The next id of `prefix`."""
        self._counts[prefix] += 1
        return f"{prefix}-{self._counts[prefix]:032x}"


class FakeSealer:
    """A toy seal: not secret, but unreadable at a glance, and bound to its subject."""

    def __init__(self) -> None:
        self._count = 0

    def seal(self, plaintext: bytes, *, tenant: str, subject_id: str) -> Sealed:
        """Scramble and bind."""
        self._count += 1
        key = hashlib.sha256(b"fake item key %d" % self._count).digest()
        body = _scramble(plaintext, key)
        return Sealed(
            blob=key + _bind(key, body, tenant, subject_id) + body,
            mac=hmac.new(key, plaintext, hashlib.sha256).hexdigest(),
        )

    def marks(self, value: str, *, tenant: str) -> tuple[str, ...]:
        """A hash of tenant and value."""
        return (hashlib.sha256(json.dumps([tenant, value]).encode()).hexdigest()[:32],)

    def open(self, blob: bytes, *, tenant: str, subject_id: str) -> bytes:
        """Unscramble what was sealed for this very subject."""
        key, tag, body = blob[:32], blob[32:64], blob[64:]
        if len(blob) < 64 or not hmac.compare_digest(tag, _bind(key, body, tenant, subject_id)):
            raise IntegrityError("sealed content does not fit its subject")
        return _scramble(body, key)

    def derive_keys(self, *, tenant: str, purpose: str, subject_id: str) -> tuple[bytes, ...]:
        """One key, made of the names alone."""
        return (hashlib.sha256(json.dumps([tenant, purpose, subject_id]).encode()).digest(),)


def _bind(key: bytes, body: bytes, tenant: str, subject_id: str) -> bytes:
    return hmac.new(key, json.dumps([tenant, subject_id]).encode() + body, hashlib.sha256).digest()


def _scramble(data: bytes, key: bytes) -> bytes:
    stream = hashlib.shake_256(key).digest(len(data))
    return bytes(left ^ right for left, right in zip(data, stream, strict=True))


class FakeLottery:
    """Draws `number` for everybody: the default takes nobody but who must be taken, 0 takes everybody."""

    def __init__(self, number: float = 0.999999) -> None:
        self.number = number

    def draw(self, tenant: str, subject_id: str, purpose: str) -> float:
        """The number set."""
        del tenant, subject_id, purpose
        return self.number


class FakeSigner:
    """Notes of the right shape with a keyless signature."""

    def sign(self, origin: str, head: TreeHead) -> str:
        """A note that states the head."""
        body = f"{origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"
        signature = base64.b64encode(b"fake" + hashlib.sha256(body.encode()).digest()).decode()
        return f"{body}\n— {origin} {signature}\n"

    def verifier_key(self, origin: str) -> str:
        """A key of the right shape."""
        return f"{origin}+{hashlib.sha256(origin.encode()).hexdigest()[:8]}+{base64.b64encode(b'fake').decode()}"


class MemoryStore:
    """Everything in dictionaries. Set `is_down` to make every call fail as a lost database would."""

    def __init__(self) -> None:
        self.is_down = False
        self._is_closed = False
        self._records: dict[str, dict[tuple[str, str], Record]] = {
            name: {}
            for name in (
                "actions",
                "approvals",
                "replies",
                "items",
                "tokens",
                "pause_boards",
                "roll_backs",
                "pseudonyms",
                "sources",
                "policy_versions",
                "standings",
                "incidents",
                "reviewer_rulings",
                "overrides",
            )
        }
        self._seen_values: dict[tuple[str, bytes, bytes], SeenValue] = {}
        self._calls: dict[tuple[str, str, str, str], Call] = {}
        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)
        self._uses: defaultdict[tuple[str, str], list[CapUse]] = defaultdict(list)
        self._waiting: defaultdict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)

    async def commit(self, change: Change) -> tuple[Entry, ...]:
        """Check everything, then write everything, with no await between."""
        records = verify_change(change)
        await asyncio.sleep(0)
        self._check()
        call = change.call
        key = ("", "", "", "") if call is None else (change.tenant, call.principal_id, call.method, call.request_id)
        if key in self._calls:
            raise DuplicateCallError("a call with this request_id is on record")
        for record in records:
            if self._version(*record[:2], change.tenant) != record.version - 1:
                raise VersionConflictError("a record moved since it was read; read it again")
        for seen in change.seen:
            if self._version(seen.kind, seen.record_id, change.tenant) != seen.version:
                raise VersionConflictError("what the decision rests on has moved; decide anew")
        self._admit(change)
        tree = self._entries[change.tenant]
        entries = tuple(build_entry(draft, change.tenant, len(tree) + at) for at, draft in enumerate(change.entries))
        tree.extend(entries)
        if call is not None:
            self._calls[key] = call
        self._seen_values |= {(change.tenant, one.value, one.owner): one for one in change.seen_values}
        values = (value for group in groups_of(change) for value in group)
        for record, value in zip(records, values, strict=True):
            self._records[record.table][change.tenant, record.record_id] = value
            self._wake(change.tenant, record.record_id)
            if isinstance(value, RollBack):
                self._wake(change.tenant, value.agent_id)
        self._wake(change.tenant, change.tenant)
        self._use(change)
        return entries

    def _wake(self, tenant: str, subject_id: str) -> None:
        for event in self._waiting[tenant, subject_id]:
            event.set()

    def _use(self, change: Change) -> None:
        for claim in change.claims:
            at = change.claims_at or START
            self._uses[change.tenant, claim.key].append(CapUse(at=at, weight=claim.weight, account=claim.account))

    def _admit(self, change: Change) -> None:
        now = change.claims_at or START
        exceeded = []
        for claim in change.claims:
            wait = wait_s(claim, in_window(self._uses[change.tenant, claim.key], claim, now), now)
            if claim.enforced and wait != 0:
                exceeded.append((claim.cap_id, wait))
        if exceeded:
            raise CapExceededError("a cap of the policy is used up", exceeded=tuple(exceeded))

    async def recall(self, tenant: str, recall: Recall) -> History:
        """As the port says."""
        self._check()
        mine = [action for action in self._of("actions", ActionRecord) if action.tenant == tenant]
        mine.sort(key=lambda one: (one.created_at, one.action_id), reverse=True)
        customer = [one for one in mine if recall.customer_id is not None and one.customer_id == recall.customer_id]
        elsewhere = [one for one in customer if one.conversation_id != recall.conversation_id]
        executed = [one for one in mine if one.topic == recall.topic and one.state is LedgerState.EXECUTED]
        amounts = [one.amount for one in executed if one.amount is not None] if recall.with_amounts else []
        return History(
            conversation=tuple(_past(one) for one in mine if one.conversation_id == recall.conversation_id)[
                :MAX_RECALLED
            ],
            customer=tuple(
                _past(one, with_identity=recall.with_identity) for one in elsewhere if one.created_at >= recall.since
            )[:MAX_RECALLED],
            topic_amounts=tuple((str(one.amount), one.currency) for one in amounts)[:MAX_RECALLED],
            did_before=any(one.agent_id == recall.agent_id for one in executed),
            known_since=min((micros(one.created_at) for one in customer), default=None),
        )

    async def get_action(self, tenant: str, action_id: str) -> ActionRecord:
        """As the port says."""
        return self._get("actions", tenant, action_id, ActionRecord)

    async def list_ledger(self, tenant: str, conversation_id: str) -> tuple[LedgerEntry, ...]:
        """As the port says."""
        self._check()
        found = [
            action
            for action in self._of("actions", ActionRecord)
            if (action.tenant, action.conversation_id) == (tenant, conversation_id)
        ]
        return tuple(action.ledger_entry for action in sorted(found, key=lambda one: (one.created_at, one.action_id)))

    async def get_approval(self, tenant: str, approval_id: str) -> Approval:
        """As the port says."""
        return self._get("approvals", tenant, approval_id, Approval)

    async def list_live_approvals(self, tenant: str, agent_id: str, limit: int) -> tuple[Approval, ...]:
        """As the port says."""
        self._check()
        live = {ApprovalState.PENDING, ApprovalState.APPROVED}
        found = [
            one
            for one in self._of("approvals", Approval)
            if (one.tenant, one.requested_by) == (tenant, agent_id) and one.state in live
        ]
        return tuple(sorted(found, key=lambda one: (one.created_at, one.approval_id))[:limit])

    async def list_due_approvals(self, before: datetime, limit: int) -> tuple[Approval, ...]:
        """As the port says."""
        self._check()
        waiting = {ApprovalState.PENDING, ApprovalState.APPROVED}
        due = [
            one
            for one in self._of("approvals", Approval)
            if (one.state in waiting and one.expires_at <= before)
            or (one.state is ApprovalState.PENDING and one.escalates_at is not None and one.escalates_at <= before)
        ]
        return tuple(sorted(due, key=lambda one: (one.expires_at, one.tenant, one.approval_id))[:limit])

    async def get_reply(self, tenant: str, reply_id: str) -> ReplyRecord:
        """As the port says."""
        return self._get("replies", tenant, reply_id, ReplyRecord)

    async def get_item(self, tenant: str, item_id: str) -> ReviewItem:
        """As the port says."""
        return self._get("items", tenant, item_id, ReviewItem)

    async def list_items(
        self,
        tenant: str,
        *,
        states: Sequence[ItemState] = (),
        kinds: Sequence[ItemKind] = (),
        queues: Sequence[str] = (),
        after: str = "",
        limit: int = 50,
    ) -> tuple[ReviewItem, ...]:
        """As the port says."""
        self._check()
        items = [
            item
            for item in self._of("items", ReviewItem)
            if item.tenant == tenant
            and (not states or item.state in states)
            and (not kinds or item.kind in kinds)
            and (not queues or item.queue in queues)
        ]
        if after:
            last = self._records["items"].get((tenant, after))
            if not isinstance(last, ReviewItem):
                raise InvalidInputError("no such item to go on after", field="after")
            items = [item for item in items if _place(item) > _place(last)]
        return tuple(sorted(items, key=_place)[:limit])

    async def head(self, tenant: str) -> TreeHead:
        """As the port says."""
        self._check()
        entries = self._entries.get(tenant, [])
        return TreeHead(size=len(entries), root=root_of(entry.leaf_hash for entry in entries))

    async def list_entries(
        self,
        tenant: str,
        *,
        start: int = 0,
        limit: int = 100,
        subject_id: str | None = None,
        kind: EntryKind | None = None,
    ) -> tuple[Entry, ...]:
        """As the port says."""
        self._check()
        found = [
            entry
            for entry in self._entries.get(tenant, [])
            if entry.index >= start
            and (subject_id is None or entry.subject_id == subject_id)
            and (kind is None or entry.kind is kind)
        ]
        return tuple(found[:limit])

    async def get_entry(self, tenant: str, index: int) -> Entry:
        """As the port says."""
        self._check()
        entries = self._entries.get(tenant, [])
        if not 0 <= index < len(entries):
            raise NotFoundError("no such entry")
        return entries[index]

    async def leaf_hashes(self, tenant: str, start: int, end: int) -> list[bytes]:
        """As the port says."""
        self._check()
        return [entry.leaf_hash for entry in self._entries.get(tenant, []) if start <= entry.index < end]

    async def find_call(self, tenant: str, principal_id: str, method: str, request_id: str) -> Call | None:
        """As the port says."""
        self._check()
        return self._calls.get((tenant, principal_id, method, request_id))

    async def find_token(self, token_id: str) -> Token | None:
        """As the port says."""
        self._check()
        return next((token for token in self._of("tokens", Token) if token.token_id == token_id), None)

    async def list_tokens(self, tenant: str) -> tuple[Token, ...]:
        """As the port says."""
        self._check()
        mine = [token for token in self._of("tokens", Token) if token.principal.tenant == tenant]
        return tuple(sorted(mine, key=lambda one: (one.created_at, one.token_id)))

    async def find_roll_back(self, tenant: str, action_id: str) -> RollBack | None:
        """As the port says."""
        self._check()
        found = self._records["roll_backs"].get((tenant, action_id))
        return found if isinstance(found, RollBack) else None

    async def list_roll_backs(self, tenant: str, agent_id: str, limit: int) -> tuple[RollBack, ...]:
        """As the port says."""
        self._check()
        return self._asked(tenant, agent_id)[:limit]

    async def list_due_roll_backs(self, before: datetime, limit: int) -> tuple[RollBack, ...]:
        """As the port says."""
        self._check()
        due = [one for one in self._of("roll_backs", RollBack) if one.state.is_live and one.due_at <= before]
        return tuple(sorted(due, key=lambda one: (one.due_at, one.tenant, one.action_id))[:limit])

    def _asked(self, tenant: str, agent_id: str) -> tuple[RollBack, ...]:
        found = [
            one
            for one in self._of("roll_backs", RollBack)
            if (one.tenant, one.agent_id, one.state) == (tenant, agent_id, RollBackState.REQUESTED)
        ]
        return tuple(sorted(found, key=lambda one: (one.due_at, one.action_id)))

    async def find_pseudonym(self, tenant: str, word: str) -> Pseudonym | None:
        """As the port says."""
        self._check()
        found = self._records["pseudonyms"].get((tenant, word))
        return found if isinstance(found, Pseudonym) else None

    async def list_expired_pseudonyms(self, before: datetime, limit: int) -> tuple[Pseudonym, ...]:
        """As the port says."""
        self._check()
        due = [one for one in self._of("pseudonyms", Pseudonym) if one.erased_at is None and one.expires_at <= before]
        return tuple(sorted(due, key=lambda one: (one.expires_at, one.tenant, one.word))[:limit])

    async def find_standing(self, tenant: str, standing_id: str) -> Standing | None:
        """As the port says."""
        self._check()
        found = self._records["standings"].get((tenant, standing_id))
        return found if isinstance(found, Standing) else None

    async def list_standings(self, tenant: str, *, after: str = "", limit: int = 100) -> tuple[Standing, ...]:
        """As the port says."""
        self._check()
        found = [one for one in self._of("standings", Standing) if one.tenant == tenant and one.standing_id > after]
        return tuple(sorted(found, key=lambda one: one.standing_id)[:limit])

    async def track(
        self, tenant: str, agent_id: str, topic: str, *, since: datetime, without: str | None = None
    ) -> Track:
        """As the port says."""
        self._check()
        key = (tenant, agent_id, topic)
        ended = {LedgerState.EXECUTED, LedgerState.FAILED, LedgerState.ROLLED_BACK}
        actions = [
            one.action_id
            for one in self._of("actions", ActionRecord)
            if (one.tenant, one.agent_id, one.topic) == key and one.state in ended and one.updated_at >= since
        ]
        errors = {
            one.action_id
            for one in self._of("incidents", Incident)
            if (one.tenant, one.agent_id, one.topic) == key and one.kind.is_error and one.at >= since
        }
        return Track(
            ended=sum(action_id != without for action_id in actions),
            errors=len(errors - {without, None}),
        )

    async def count_claims(self, tenant: str, reviewer_id: str, *, now: datetime) -> int:
        """As the port says."""
        self._check()
        return sum(
            item.tenant == tenant
            and item.state is ItemState.CLAIMED
            and item.claim is not None
            and item.claim.reviewer_id == reviewer_id
            and item.claim.expires_at > now
            for item in self._of("items", ReviewItem)
        )

    async def list_given(self, tenant: str, reviewer_id: str, limit: int) -> tuple[GivenRuling, ...]:
        """As the port says."""
        self._check()
        found = [
            one
            for one in self._of("reviewer_rulings", GivenRuling)
            if (one.tenant, one.reviewer_id) == (tenant, reviewer_id)
        ]
        return tuple(sorted(found, key=lambda one: (one.at, one.ruling_id), reverse=True)[:limit])

    async def find_policy(self, tenant: str, snapshot: str) -> PolicyVersion | None:
        """As the port says."""
        self._check()
        found = self._records["policy_versions"].get((tenant, snapshot))
        return found if isinstance(found, PolicyVersion) else None

    async def list_policies(self, tenant: str, *, after: str = "", limit: int = 50) -> tuple[PolicyVersion, ...]:
        """As the port says."""
        self._check()
        mine = [one for one in self._of("policy_versions", PolicyVersion) if one.tenant == tenant and one.loaded_at]
        mine.sort(key=lambda one: one.snapshot)
        mine.sort(key=lambda one: one.loaded_at or START, reverse=True)
        names = [one.snapshot for one in mine]
        start = 0 if not after else names.index(after) + 1 if after in names else len(names)
        return tuple(mine[start : start + limit])

    async def newest_policy(self, tenant: str) -> str | None:
        """As the port says."""
        newest = await self.list_policies(tenant, limit=1)
        return newest[0].snapshot if newest else None

    async def list_overrides(self, tenant: str, item_id: str) -> tuple[Override, ...]:
        """As the port says."""
        self._check()
        found = [one for one in self._of("overrides", Override) if (one.tenant, one.item_id) == (tenant, item_id)]
        return tuple(sorted(found, key=lambda one: (one.at, one.override_id)))

    async def get_pauses(self, tenant: str) -> PauseBoard:
        """As the port says."""
        self._check()
        board = self._records["pause_boards"].get((tenant, tenant))
        return board if isinstance(board, PauseBoard) else PauseBoard(tenant=tenant)

    async def get_source(self, tenant: str, name: str) -> SourceRecord:
        """As the port says."""
        return self._get("sources", tenant, name, SourceRecord)

    async def list_sources(self, tenant: str, *, after: str = "", limit: int = 50) -> tuple[SourceRecord, ...]:
        """As the port says."""
        self._check()
        mine = [one for one in self._of("sources", SourceRecord) if one.tenant == tenant and not one.is_removed]
        return tuple(sorted((one for one in mine if one.name > after), key=lambda one: one.name)[:limit])

    async def list_source_tenants(self) -> tuple[str, ...]:
        """As the port says."""
        self._check()
        return tuple(sorted({one.tenant for one in self._of("sources", SourceRecord)}))

    async def sources_state(self, tenant: str) -> SourcesState:
        """As the port says."""
        self._check()
        mine = [one for one in self._of("sources", SourceRecord) if one.tenant == tenant]
        return SourcesState(version=sum(one.version for one in mine), words=sum(one.words for one in mine))

    async def find_values(self, tenant: str, values: Sequence[bytes]) -> tuple[SeenValue, ...]:
        """As the port says."""
        self._check()
        return tuple(one for key, one in self._seen_values.items() if key[0] == tenant and one.value in values)

    async def prune_values(self, *, before: datetime, by_tenant: Mapping[str, datetime], keep: int) -> int:
        """As the port says."""
        self._check()
        newest: defaultdict[str, int] = defaultdict(int)
        gone = []
        for key, one in sorted(self._seen_values.items(), key=lambda item: item[1].seen_at, reverse=True):
            newest[key[0]] += 1
            if one.seen_at < by_tenant.get(key[0], before) or newest[key[0]] > keep:
                gone.append(key)
        for key in gone:
            del self._seen_values[key]
        return len(gone)

    async def wait_for_change(self, tenant: str, subject_id: str, *, version: int, timeout_s: float) -> None:
        """As the port says."""
        self._check()
        if max(self._versions(tenant, subject_id), default=0) > version:
            return
        event = asyncio.Event()
        self._waiting[tenant, subject_id].add(event)
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting[tenant, subject_id].discard(event)

    async def ping(self) -> None:
        """As the port says."""
        self._check()

    async def close(self) -> None:
        """Refuse everything from now on."""
        self._is_closed = True

    def _check(self) -> None:
        if self.is_down or self._is_closed:
            raise UnavailableError("the store is closed or down")

    def _get(self, table: str, tenant: str, record_id: str, kind: type[T]) -> T:
        self._check()
        record = self._records[table].get((tenant, record_id))
        if not isinstance(record, kind):
            raise NotFoundError(f"no such record in {table}")
        return record

    def _of(self, table: str, kind: type[T]) -> Iterable[T]:
        return [record for record in self._records[table].values() if isinstance(record, kind)]

    def _version(self, table: str, record_id: str, tenant: str) -> int:
        if table == "tokens":  # ids of tokens are unique over all tenants
            owners: Mapping[tuple[str, str], Record] = self._records[table]
            if any(key[1] == record_id and key[0] != tenant for key in owners):
                return -1
        record = self._records[table].get((tenant, record_id))
        return 0 if record is None else record.version

    def _versions(self, tenant: str, record_id: str) -> list[int]:
        tables = ("actions", "approvals", "replies", "items")
        asked = [one.version for one in self._asked(tenant, record_id)]
        if record_id == tenant:
            asked.append(len(self._entries.get(tenant, [])))
        return [self._version(table, record_id, tenant) for table in tables] + asked


def _past(action: ActionRecord, *, with_identity: bool = False) -> PastAction:
    return PastAction(
        action_id=action.action_id,
        topic=action.topic,
        decision=action.decision.value,
        state=action.state.value,
        at=micros(action.created_at),
        target=action.target,
        amount=None if action.amount is None else str(action.amount.amount),
        currency=None if action.amount is None else action.amount.currency,
        device_hash=action.device_hash if with_identity else None,
        name_hash=action.name_hash if with_identity else None,
    )


def _place(item: ReviewItem) -> tuple[int, datetime, str]:
    return (-item.priority, item.due_at, item.item_id)
