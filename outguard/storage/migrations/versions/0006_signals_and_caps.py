"""Signals and caps: what is looked up around an action, and the uses of caps.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for name, kind in (("retry_after_s", sa.BigInteger()), ("device_hash", TEXT), ("name_hash", TEXT)):
        op.add_column("actions", sa.Column(name, kind, nullable=True))
    op.create_index("actions_by_customer", "actions", ["tenant", "customer_id", "created_at", "action_id"])
    op.create_index("actions_by_agent", "actions", ["tenant", "agent_id", "topic", "state"])
    op.create_index("actions_by_topic", "actions", ["tenant", "topic", "created_at"])
    op.create_table(
        "cap_uses",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("use_key", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("use_id", TEXT, nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "use_key", "at", "use_id"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("cap_uses")
    for name in ("actions_by_topic", "actions_by_agent", "actions_by_customer"):
        op.drop_index(name, "actions")
    for name in ("name_hash", "device_hash", "retry_after_s"):
        op.drop_column("actions", name)
