"""What happens when nobody answers an approval.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("approvals") as table:
        table.add_column(sa.Column("on_timeout", TEXT, nullable=False, server_default="deny"))
        table.add_column(sa.Column("escalates_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("extension_us", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("is_automatic", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("approvals_by_escalation", "approvals", ["state", "escalates_at"])


def downgrade() -> None:
    op.drop_index("approvals_by_escalation", table_name="approvals")
    with op.batch_alter_table("approvals") as table:
        for name in ("is_automatic", "extension_us", "escalates_at", "on_timeout"):
            table.drop_column(name)
