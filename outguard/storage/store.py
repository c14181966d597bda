"""The SQL store: all roles over one database, writing through one group committer."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection, update

from outguard.domain.audit import Entry
from outguard.errors import UnavailableError
from outguard.ports import Change
from outguard.storage.actions import SqlActionStore
from outguard.storage.audit import SqlAuditStore
from outguard.storage.autonomy import SqlAutonomyStore
from outguard.storage.calls import SqlCallStore
from outguard.storage.committer import GroupCommitter
from outguard.storage.engine import Database, open_database
from outguard.storage.faults import translate
from outguard.storage.history import HistoryReader
from outguard.storage.lookup import VersionReader
from outguard.storage.migrate import migrate
from outguard.storage.pauses import SqlPauseStore
from outguard.storage.policies import SqlPolicyStore
from outguard.storage.pseudonyms import SqlPseudonymStore
from outguard.storage.replies import SqlReplyStore
from outguard.storage.reviews import SqlReviewStore
from outguard.storage.roll_backs import SqlRollBackStore
from outguard.storage.schema import AUDIT_HEADS
from outguard.storage.seen_values import SqlValueStore
from outguard.storage.sources import SqlSourceStore
from outguard.storage.tokens import SqlTokenStore
from outguard.storage.watch import POLL_INTERVAL_S, Watcher

_PING_TIMEOUT_S = 5.0


async def open_store(
    url: str, *, max_batch: int = 256, max_queue: int = 4096, poll_interval_s: float = POLL_INTERVAL_S
) -> SqlStore:
    """Open the database behind `url`, bring its schema up to date, and start the writer.

    Raises:
        ConfigError: if the URL or the database's schema is not one that this release can work with.
        UnavailableError: if the database does not answer.
    """
    database = open_database(url)
    try:
        await migrate(database)
    except BaseException:
        await database.close()
        raise
    return SqlStore(database, max_batch=max_batch, max_queue=max_queue, poll_interval_s=poll_interval_s)


class SqlStore:
    """As `ports.Store`. Make it inside a running event loop, use it in that loop only."""

    def __init__(
        self,
        database: Database,
        *,
        max_batch: int = 256,
        max_queue: int = 4096,
        poll_interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        self._database = database
        self._watcher = Watcher(VersionReader(database).read, interval_s=poll_interval_s)
        self._committer = GroupCommitter(
            database,
            max_batch=max_batch,
            max_queue=max_queue,
            on_written=self._watcher.notify,
        )
        actions = SqlActionStore(database)
        reviews = SqlReviewStore(database)
        audit = SqlAuditStore(database)
        tokens = SqlTokenStore(database)
        pseudonyms = SqlPseudonymStore(database)
        sources = SqlSourceStore(database)
        values = SqlValueStore(database)
        self.get_action = actions.get_action
        self.list_ledger = actions.list_ledger
        self.recall = HistoryReader(database).recall
        self.get_approval = actions.get_approval
        self.list_live_approvals = actions.list_live_approvals
        self.list_due_approvals = actions.list_due_approvals
        self.get_reply = SqlReplyStore(database).get_reply
        self.find_pseudonym = pseudonyms.find_pseudonym
        self.list_expired_pseudonyms = pseudonyms.list_expired_pseudonyms
        self.get_item = reviews.get_item
        self.list_items = reviews.list_items
        self.head = audit.head
        self.list_entries = audit.list_entries
        self.get_entry = audit.get_entry
        self.leaf_hashes = audit.leaf_hashes
        self.find_call = SqlCallStore(database).find_call
        self.find_token = tokens.find_token
        self.list_tokens = tokens.list_tokens
        roll_backs = SqlRollBackStore(database)
        self.find_roll_back = roll_backs.find_roll_back
        self.list_roll_backs = roll_backs.list_roll_backs
        self.list_due_roll_backs = roll_backs.list_due_roll_backs
        autonomy = SqlAutonomyStore(database)
        self.find_standing = autonomy.find_standing
        self.list_standings = autonomy.list_standings
        self.track = autonomy.track
        self.count_claims = reviews.count_claims
        self.list_given = reviews.list_given
        self.list_overrides = reviews.list_overrides
        self.find_policy = (policies := SqlPolicyStore(database)).find_policy
        self.list_policies = policies.list_policies
        self.newest_policy = policies.newest_policy
        self.get_pauses = SqlPauseStore(database).get_pauses
        self.get_source = sources.get_source
        self.list_sources = sources.list_sources
        self.sources_state = sources.sources_state
        self.list_source_tenants = sources.list_source_tenants
        self.find_values = values.find_values
        self.prune_values = values.prune_values
        self.wait_for_change = self._watcher.wait

    async def commit(self, change: Change) -> tuple[Entry, ...]:
        """As `ports.Committer`."""
        return await self._committer.commit(change)

    async def ping(self) -> None:
        """Prove that the database takes writes, without writing anything.

        Raises:
            UnavailableError: if it does not within a few seconds, or the store is closed.
        """
        self._committer.check()
        try:
            async with asyncio.timeout(_PING_TIMEOUT_S):
                await self._database.write(_touch)
        except TimeoutError:
            raise UnavailableError("the database does not answer in time") from None
        except Exception as error:  # noqa: BLE001 - every driver error becomes one of ours
            raise translate(error) from None

    async def close(self) -> None:
        """Write what waits, let waiters go, close the database."""
        await self._committer.close()
        await self._watcher.close()
        await self._database.close()


def _touch(connection: Connection) -> None:
    """An update that meets no row: refused by a database that is read-only, free on one that is not."""
    connection.execute(update(AUDIT_HEADS).where(AUDIT_HEADS.c.size < 0).values(size=0))
