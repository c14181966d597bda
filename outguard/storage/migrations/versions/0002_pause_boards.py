"""The switch that stops automation.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "pause_boards",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("board_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pauses", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "board_id"),
    )


def downgrade() -> None:
    op.drop_table("pause_boards")
