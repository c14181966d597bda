"""Pseudonyms whose value is erased.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pseudonyms", sa.Column("erased_at", sa.BigInteger(), nullable=True))
    op.create_index("pseudonyms_by_expiry", "pseudonyms", ["erased_at", "expires_at"])


def downgrade() -> None:
    op.drop_index("pseudonyms_by_expiry", table_name="pseudonyms")
    op.drop_column("pseudonyms", "erased_at")
