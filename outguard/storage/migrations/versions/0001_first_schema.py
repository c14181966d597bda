"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "actions",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("action_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("decision", TEXT, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("rule_id", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("constraints", TEXT, nullable=False),
        sa.Column("policy_snapshot", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("amount", TEXT, nullable=True),
        sa.Column("currency", TEXT, nullable=True),
        sa.Column("target", TEXT, nullable=True),
        sa.Column("approval_id", TEXT, nullable=True),
        sa.Column("holding_message", TEXT, nullable=False),
        sa.Column("agent_build", TEXT, nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "action_id"),
    )
    op.create_index("actions_by_conversation", "actions", ["tenant", "conversation_id", "created_at", "action_id"])
    op.create_table(
        "approvals",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("approval_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action_id", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("policy_snapshot", TEXT, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("required_approvals", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("rulings", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "approval_id"),
    )
    op.create_index("approvals_by_expiry", "approvals", ["state", "expires_at"])
    op.create_table(
        "audit_entries",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("principal_id", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "leaf_index"),
    )
    op.create_index("audit_entries_by_subject", "audit_entries", ["tenant", "subject_id", "leaf_index"])
    op.create_table(
        "audit_heads",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )
    op.create_table(
        "calls",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("request_id", TEXT, nullable=False),
        sa.Column("principal_id", TEXT, nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("request_digest", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "request_id", "principal_id", "method"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "items",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=False),
        sa.Column("queue", TEXT, nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("rule_id", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("maker_id", TEXT, nullable=False),
        sa.Column("required_rulings", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("senior_only", sa.Boolean(), nullable=False),
        sa.Column("claimed_by", TEXT, nullable=True),
        sa.Column("claim_token", sa.BigInteger(), nullable=True),
        sa.Column("claim_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("claims_made", sa.BigInteger(), nullable=False),
        sa.Column("rulings", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "item_id"),
    )
    op.create_index("items_by_state", "items", ["tenant", "state", "due_at"])
    op.create_table(
        "replies",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("reply_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent_id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("profile", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("findings", TEXT, nullable=False),
        sa.Column("redactions", TEXT, nullable=False),
        sa.Column("policy_snapshot", TEXT, nullable=False),
        sa.Column("content_mac", TEXT, nullable=False),
        sa.Column("delivered_mac", TEXT, nullable=True),
        sa.Column("item_id", TEXT, nullable=True),
        sa.Column("holding_message", TEXT, nullable=False),
        sa.Column("agent_build", TEXT, nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("degraded_reason", TEXT, nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("elapsed_us", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_out", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "reply_id"),
    )
    op.create_table(
        "tokens",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("token_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("principal_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("topics", TEXT, nullable=False),
        sa.Column("skills", TEXT, nullable=False),
        sa.Column("secret_hash", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "token_id"),
    )
    op.create_index("tokens_by_id", "tokens", ["token_id"], unique=True)


def downgrade() -> None:

    op.drop_index("tokens_by_id", table_name="tokens")
    op.drop_table("tokens")
    op.drop_table("replies")
    op.drop_index("items_by_state", table_name="items")
    op.drop_table("items")
    op.drop_table("calls")
    op.drop_table("audit_heads")
    op.drop_index("audit_entries_by_subject", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_index("approvals_by_expiry", table_name="approvals")
    op.drop_table("approvals")
    op.drop_index("actions_by_conversation", table_name="actions")
    op.drop_table("actions")
