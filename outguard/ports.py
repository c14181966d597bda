"""What the flows need of the outside, as Protocols by role.

Rules of the store: a `Change` is applied whole or not at all; every record carries `version`, 1 inserts (the id must be
new), n replaces version n-1; a duplicate request or a version that moved fails only its own change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from outguard.domain.action import ActionRecord, LedgerEntry
from outguard.domain.audit import Entry, EntryDraft, EntryKind, TreeHead
from outguard.domain.autonomy import Incident, Standing, Track
from outguard.domain.cap import CapClaim
from outguard.domain.override import Override
from outguard.domain.pause import PauseBoard
from outguard.domain.policy_change import PolicyVersion
from outguard.domain.principal import Token
from outguard.domain.pseudonym import Pseudonym
from outguard.domain.reply import ReplyRecord
from outguard.domain.review import Approval, GivenRuling, ItemKind, ItemState, ReviewItem
from outguard.domain.roll_back import RollBack
from outguard.domain.seen_value import SeenValue
from outguard.domain.signal import History
from outguard.domain.source import SourceRecord, SourcesState


class Clock(Protocol):
    """Time, so that tests can hold it still."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for budgets."""
        ...


class IdSource(Protocol):
    """New identifiers."""

    def new(self, prefix: str) -> str:
        """`<prefix>-` and at least 100 random bits in lower-case hex or base32."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """Encrypted content: `blob` for the store, `mac` a keyed hash (hex) of the plain text for the record."""

    blob: bytes
    mac: str


class Sealer(Protocol):
    """Encryption at rest: a fresh key per item, wrapped by the key ring's master key."""

    def seal(self, plaintext: bytes, *, tenant: str, subject_id: str) -> Sealed:
        """Encrypt, bound to tenant and subject. The mac uses a key inside the blob: destroying it unlinks both."""
        ...

    def marks(self, value: str, *, tenant: str) -> tuple[str, ...]:
        """Keyed hashes (hex) by which `value` is known again, one of each master key, the current one's first."""
        ...

    def open(self, blob: bytes, *, tenant: str, subject_id: str) -> bytes:
        """Decrypt.

        Raises:
            IntegrityError: if the blob was changed, belongs to another subject, or its master key is gone.
        """
        ...

    def derive_keys(self, *, tenant: str, purpose: str, subject_id: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes that only this key ring gives for a tenant, purpose and subject: one of each master key.

        The first is of the current master key and makes words; the others recognise what was made before a rotation.
        """
        ...


class Lottery(Protocol):
    """Draws what people look at."""

    def draw(self, tenant: str, subject_id: str, purpose: str) -> float:
        """A number from 0 to below 1, always the same for the same arguments, that no caller can foresee."""
        ...


class CheckpointSigner(Protocol):
    """Signs tree heads (C2SP signed note, Ed25519)."""

    def sign(self, origin: str, head: TreeHead) -> str:
        """The signed note of `head`."""
        ...

    def verifier_key(self, origin: str) -> str:
        """The C2SP verifier key (`<name>+<hash>+<base64>`) that auditors are given."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A mutating call on record: the same request_id, principal and method is answered from `subject_id`."""

    principal_id: str
    method: str
    request_id: str
    request_digest: str
    subject_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A record that a decision rests on: `version` is the one that was read, 0 where there was none.

    `kind` is the name of the record's table, such as `pause_boards`.
    """

    kind: str
    record_id: str
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Everything one use case writes, in one transaction; at least one entry says so on the record.

    `seen` names what must not have moved meanwhile although this change does not write it. `seen_values` are no
    records: writing one again only moves its time.
    `claims` are uses of caps at the time `claims_at`: if one does not fit its window, nothing of the change is written.
    """

    tenant: str
    entries: tuple[EntryDraft, ...]
    call: Call | None = None
    actions: tuple[ActionRecord, ...] = ()
    approvals: tuple[Approval, ...] = ()
    replies: tuple[ReplyRecord, ...] = ()
    items: tuple[ReviewItem, ...] = ()
    tokens: tuple[Token, ...] = ()
    pause_boards: tuple[PauseBoard, ...] = ()
    roll_backs: tuple[RollBack, ...] = ()
    pseudonyms: tuple[Pseudonym, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    standings: tuple[Standing, ...] = ()
    incidents: tuple[Incident, ...] = ()
    given: tuple[GivenRuling, ...] = ()
    overrides: tuple[Override, ...] = ()
    seen_values: tuple[SeenValue, ...] = ()
    policy_versions: tuple[PolicyVersion, ...] = ()
    seen: tuple[Seen, ...] = ()
    claims: tuple[CapClaim, ...] = ()
    claims_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recall:
    """What signals ask the record for. `since` bounds what is looked at of the customer.

    Amounts are of `topic`, and may be some seconds old; hashes of device and name come only `with_identity`.
    """

    agent_id: str
    conversation_id: str
    topic: str
    since: datetime
    customer_id: str | None = None
    with_amounts: bool = False
    with_identity: bool = False


class Committer(Protocol):
    """The only way to write."""

    async def commit(self, change: Change) -> tuple[Entry, ...]:
        """Apply `change` durably and return its entries with their places in the tree.

        Raises:
            InvalidInputError: the change has no entry, names a record twice or another tenant's (nothing written).
            DuplicateCallError: the call's request_id is on record (nothing written).
            VersionConflictError: a record written or `seen` moved since it was read (nothing written).
            CapExceededError: a claim does not fit its window, counting every use before it (nothing written).
            UnavailableError: the store cannot write now (nothing acknowledged).
        """
        ...


class ActionStore(Protocol):
    """Actions and approvals."""

    async def get_action(self, tenant: str, action_id: str) -> ActionRecord:
        """Raises NotFoundError."""
        ...

    async def list_ledger(self, tenant: str, conversation_id: str) -> tuple[LedgerEntry, ...]:
        """The conversation's actions, oldest first; empty for an unknown conversation."""
        ...

    async def recall(self, tenant: str, recall: Recall) -> History:
        """What the record holds around an action, newest first."""
        ...

    async def get_approval(self, tenant: str, approval_id: str) -> Approval:
        """Raises NotFoundError."""
        ...

    async def list_live_approvals(self, tenant: str, agent_id: str, limit: int) -> tuple[Approval, ...]:
        """The agent's PENDING and APPROVED ones, oldest first."""
        ...

    async def list_due_approvals(self, before: datetime, limit: int) -> tuple[Approval, ...]:
        """Approvals of all tenants on which time has something to say at `before`, oldest expiry first.

        PENDING or APPROVED ones whose expiry has come, and PENDING ones that are to be escalated.
        """
        ...


class ReplyStore(Protocol):
    """Judged replies."""

    async def get_reply(self, tenant: str, reply_id: str) -> ReplyRecord:
        """Raises NotFoundError."""
        ...


class ReviewStore(Protocol):
    """The queue."""

    async def get_item(self, tenant: str, item_id: str) -> ReviewItem:
        """Raises NotFoundError."""
        ...

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
        """Items by priority (highest first), then due time, then id; `after` is the last item id of the page before.

        Raises:
            InvalidInputError: if `after` is no item of the tenant.
        """
        ...


class AuditStore(Protocol):
    """The record, read only."""

    async def head(self, tenant: str) -> TreeHead:
        """The tenant's tree; size 0 and the hash of nothing if it has no entry."""
        ...

    async def list_entries(
        self,
        tenant: str,
        *,
        start: int = 0,
        limit: int = 100,
        subject_id: str | None = None,
        kind: EntryKind | None = None,
    ) -> tuple[Entry, ...]:
        """Entries from index `start`, in order."""
        ...

    async def get_entry(self, tenant: str, index: int) -> Entry:
        """Raises NotFoundError."""
        ...

    async def leaf_hashes(self, tenant: str, start: int, end: int) -> list[bytes]:
        """Leaf hashes of [start, end)."""
        ...


class CallStore(Protocol):
    """Calls on record."""

    async def find_call(self, tenant: str, principal_id: str, method: str, request_id: str) -> Call | None:
        """The call of that id, if any."""
        ...


class TokenStore(Protocol):
    """Credentials."""

    async def find_token(self, token_id: str) -> Token | None:
        """The token of that id (of any tenant), if any."""
        ...

    async def list_tokens(self, tenant: str) -> tuple[Token, ...]:
        """All tokens of the tenant, oldest first."""
        ...


class PseudonymStore(Protocol):
    """What pseudonyms stand for, encrypted."""

    async def find_pseudonym(self, tenant: str, word: str) -> Pseudonym | None:
        """The tenant's pseudonym of that word, expired or not, if any."""
        ...

    async def list_expired_pseudonyms(self, before: datetime, limit: int) -> tuple[Pseudonym, ...]:
        """Pseudonyms of all tenants that expired at or before `before` and still hold a value, oldest expiry first."""
        ...


class PolicyStore(Protocol):
    """Policies that decided, or wait for a sign-off."""

    async def find_policy(self, tenant: str, snapshot: str) -> PolicyVersion | None:
        """The policy of that snapshot, if it is on record."""
        ...

    async def list_policies(self, tenant: str, *, after: str = "", limit: int = 50) -> tuple[PolicyVersion, ...]:
        """Those that came into force, the last one first; `after` is the last snapshot of the page before."""
        ...

    async def newest_policy(self, tenant: str) -> str | None:
        """The snapshot of the one that came into force last; cheap enough to ask every second."""
        ...


class PauseStore(Protocol):
    """The switch that stops automation."""

    async def get_pauses(self, tenant: str) -> PauseBoard:
        """What is paused now; version 0 where nothing ever was."""
        ...


class RollBackStore(Protocol):
    """What is to be undone."""

    async def find_roll_back(self, tenant: str, action_id: str) -> RollBack | None:
        """The roll-back of the action, if one was ever asked for."""
        ...

    async def list_roll_backs(self, tenant: str, agent_id: str, limit: int) -> tuple[RollBack, ...]:
        """The agent's REQUESTED ones, those due first in front."""
        ...

    async def list_due_roll_backs(self, before: datetime, limit: int) -> tuple[RollBack, ...]:
        """Live ones of all tenants whose time is up at `before`, oldest first."""
        ...


class SourceStore(Protocol):
    """Registered texts."""

    async def get_source(self, tenant: str, name: str) -> SourceRecord:
        """The record of that name, a removed one too. Raises NotFoundError."""
        ...

    async def list_sources(self, tenant: str, *, after: str = "", limit: int = 50) -> tuple[SourceRecord, ...]:
        """Those that are not removed, by name; `after` is the last name of the page before."""
        ...

    async def list_source_tenants(self) -> tuple[str, ...]:
        """The tenants that have or had registered texts, by name."""
        ...

    async def sources_state(self, tenant: str) -> SourcesState:
        """Version and words of all of them; cheap."""
        ...


class AutonomyStore(Protocol):
    """What agents may do by themselves, and what they did."""

    async def find_standing(self, tenant: str, standing_id: str) -> Standing | None:
        """An agent's level on a topic, if anything ever moved it."""
        ...

    async def list_standings(self, tenant: str, *, after: str = "", limit: int = 100) -> tuple[Standing, ...]:
        """By id, those behind `after`."""
        ...

    async def track(
        self, tenant: str, agent_id: str, topic: str, *, since: datetime, without: str | None = None
    ) -> Track:
        """Actions that ended, and those with an error incident, from `since` on; leaving the action `without` out."""
        ...


class ReviewerStore(Protocol):
    """What reviewers hold and gave."""

    async def count_claims(self, tenant: str, reviewer_id: str, *, now: datetime) -> int:
        """Items that the reviewer's running leases hold."""
        ...

    async def list_given(self, tenant: str, reviewer_id: str, limit: int) -> tuple[GivenRuling, ...]:
        """The reviewer's rulings, newest first."""
        ...

    async def list_overrides(self, tenant: str, item_id: str) -> tuple[Override, ...]:
        """What was reversed on the item, oldest first."""
        ...


class ValueStore(Protocol):
    """Keyed hashes of customers' values."""

    async def find_values(self, tenant: str, values: Sequence[bytes]) -> tuple[SeenValue, ...]:
        """All that is on record of these values, of the tenant alone."""
        ...

    async def prune_values(self, *, before: datetime, by_tenant: Mapping[str, datetime], keep: int) -> int:
        """Forget what was last seen before `before`, or the time of its tenant, and a tenant's oldest beyond `keep`.

        Forgets a thousand of each tenant at most and tells how many, so that nobody waits for long: call again while it
        does.
        """
        ...


class Store(
    Committer,
    ActionStore,
    ReplyStore,
    ReviewStore,
    AuditStore,
    CallStore,
    TokenStore,
    PauseStore,
    PolicyStore,
    RollBackStore,
    PseudonymStore,
    SourceStore,
    AutonomyStore,
    ReviewerStore,
    ValueStore,
    Protocol,
):
    """All roles together; a backend gives one object that plays them all."""

    async def wait_for_change(self, tenant: str, subject_id: str, *, version: int, timeout_s: float) -> None:
        """Return when the subject (action, approval, reply, item) may have a version above `version`, or at time-out.

        An agent's id is a subject too: of what it is asked to roll back; wait for it with version 0. So is the tenant's
        name: of its record, whose version is the number of entries.

        A hint only: the caller reads again. Never holds a transaction open.
        """
        ...

    async def ping(self) -> None:
        """Raises UnavailableError if reads or writes do not work."""
        ...

    async def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        ...
