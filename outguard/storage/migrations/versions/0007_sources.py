"""Registered texts.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name"),
    )
    op.create_index("sources_by_version", "sources", ["tenant", "version", "words"])


def downgrade() -> None:
    op.drop_index("sources_by_version", table_name="sources")
    op.drop_table("sources")
