"""Reads of credentials."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from outguard.domain.principal import Token
from outguard.storage.engine import Database
from outguard.storage.rows.records import token_of
from outguard.storage.schema import TOKENS


class SqlTokenStore:
    """As `ports.TokenStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_token(self, token_id: str) -> Token | None:
        """As the port says."""
        return next(iter(await self._read(select(TOKENS).where(TOKENS.c.token_id == token_id))), None)

    async def list_tokens(self, tenant: str) -> tuple[Token, ...]:
        """As the port says."""
        mine = select(TOKENS).where(TOKENS.c.tenant == tenant)
        return await self._read(mine.order_by(TOKENS.c.created_at, TOKENS.c.token_id))

    async def _read(self, query: Select[*tuple[Any, ...]]) -> tuple[Token, ...]:
        def work(connection: Connection) -> tuple[Token, ...]:
            return tuple(map(token_of, connection.execute(query).all()))

        return await self._database.read(work)
