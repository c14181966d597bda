"""Whose value it is, as keyed hashes.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "seen_values",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "value", "owner"),
        sqlite_with_rowid=False,
    )
    op.create_index("seen_values_by_time", "seen_values", ["tenant", "seen_at"])


def downgrade() -> None:
    op.drop_index("seen_values_by_time", table_name="seen_values")
    op.drop_table("seen_values")
