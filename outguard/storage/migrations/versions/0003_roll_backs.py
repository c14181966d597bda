"""Roll-backs of actions.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "roll_backs",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("action_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("confirmed_by", TEXT, nullable=True),
        sa.Column("item_id", TEXT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "action_id"),
    )
    op.create_index("roll_backs_by_agent", "roll_backs", ["tenant", "agent_id", "state"])
    op.create_index("roll_backs_by_due", "roll_backs", ["state", "due_at"])


def downgrade() -> None:
    op.drop_index("roll_backs_by_due", table_name="roll_backs")
    op.drop_index("roll_backs_by_agent", table_name="roll_backs")
    op.drop_table("roll_backs")
