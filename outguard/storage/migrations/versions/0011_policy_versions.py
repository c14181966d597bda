"""Policies with their files and sign-offs.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "policy_versions",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("snapshot", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("profile", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("proposed_by", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=True),
        sa.Column("names", TEXT, nullable=False),
        sa.Column("sign_offs", TEXT, nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "snapshot"),
    )


def downgrade() -> None:
    op.drop_table("policy_versions")
