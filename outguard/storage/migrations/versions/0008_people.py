"""What agents may do by themselves, sampled cases, and what reviewers ruled.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_index("actions_by_outcome", "actions", ["tenant", "agent_id", "topic", "updated_at"])
    op.create_table(
        "standings",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("standing_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("changed_by", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("proposal_item_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "standing_id"),
    )
    op.create_table(
        "incidents",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("incident_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("action_id", TEXT, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reported_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "incident_id"),
    )
    op.create_index("incidents_by_agent", "incidents", ["tenant", "agent_id", "topic", "at"])
    op.create_table(
        "reviewer_rulings",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("ruling_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", TEXT, nullable=False),
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "ruling_id"),
    )
    op.create_index("reviewer_rulings_by_reviewer", "reviewer_rulings", ["tenant", "reviewer_id", "at"])
    op.create_index("items_by_claim", "items", ["tenant", "claimed_by"])
    with op.batch_alter_table("items") as table:
        table.add_column(sa.Column("probability", sa.Float(), nullable=True))
        table.add_column(sa.Column("stratum", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("items") as table:
        table.drop_column("stratum")
        table.drop_column("probability")
    op.drop_index("items_by_claim", table_name="items")
    op.drop_index("reviewer_rulings_by_reviewer", table_name="reviewer_rulings")
    op.drop_table("reviewer_rulings")
    op.drop_index("incidents_by_agent", table_name="incidents")
    op.drop_table("incidents")
    op.drop_table("standings")
    op.drop_index("actions_by_outcome", table_name="actions")
