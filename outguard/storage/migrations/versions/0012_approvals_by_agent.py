"""An agent's approvals, for its stream.

Revision ID: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("approvals_by_agent", "approvals", ["tenant", "requested_by", "state"])


def downgrade() -> None:
    op.drop_index("approvals_by_agent", table_name="approvals")
