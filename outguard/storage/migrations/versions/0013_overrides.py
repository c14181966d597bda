"""Rulings that were reversed later.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "overrides",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("override_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("ruling_id", TEXT, nullable=False),
        sa.Column("overridden_by", TEXT, nullable=False),
        sa.Column("whom", TEXT, nullable=False),
        sa.Column("rule_id", TEXT, nullable=False),
        sa.Column("new_decision", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "override_id"),
    )
    op.create_index("overrides_by_item", "overrides", ["tenant", "item_id", "at"])


def downgrade() -> None:
    op.drop_index("overrides_by_item", table_name="overrides")
    op.drop_table("overrides")
