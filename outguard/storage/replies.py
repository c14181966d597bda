"""Reads of judged replies."""

from __future__ import annotations

from outguard.domain.reply import ReplyRecord
from outguard.storage.engine import Database
from outguard.storage.lookup import RecordReader
from outguard.storage.rows.records import REPLY


class SqlReplyStore:
    """As `ports.ReplyStore`."""

    def __init__(self, database: Database) -> None:
        self._replies = RecordReader(database, REPLY)

    async def get_reply(self, tenant: str, reply_id: str) -> ReplyRecord:
        """As the port says."""
        return await self._replies.get(tenant, reply_id)
