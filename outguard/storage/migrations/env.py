"""Runs the migrations on the connection that `outguard.storage.migrate` hands over; its transaction is the caller's."""

from __future__ import annotations

from alembic import context

from outguard.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
