"""The tables, once for SQLite and PostgreSQL.

Every primary key starts with the tenant. Times are integer microseconds since 1970 UTC, lists and maps are JSON text,
sealed content is bytes. Text compares by code point on both databases, so that pages are cut alike.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, false

METADATA = MetaData()
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    return Column(name, _TEXT, primary_key=key, nullable=optional)


def _time(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _bytes(name: str, *, optional: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=optional)


ACTIONS = Table(
    "actions",
    METADATA,
    _text("tenant", key=True),
    _text("action_id", key=True),
    _number("version"),
    _text("agent_id"),
    _text("conversation_id"),
    _text("customer_id", optional=True),
    _text("topic"),
    _text("digest"),
    _text("decision"),
    _number("tier"),
    _text("rule_id"),
    _text("reason"),
    _text("constraints"),
    _text("policy_snapshot"),
    _text("state"),
    _text("amount", optional=True),
    _text("currency", optional=True),
    _text("target", optional=True),
    _text("approval_id", optional=True),
    _text("holding_message"),
    _text("agent_build"),
    _flag("degraded"),
    _flag("shadow"),
    _time("created_at"),
    _time("updated_at"),
    _bytes("sealed"),
    Column("retry_after_s", BigInteger, nullable=True),
    _text("device_hash", optional=True),
    _text("name_hash", optional=True),
    Index("actions_by_conversation", "tenant", "conversation_id", "created_at", "action_id"),
    Index("actions_by_outcome", "tenant", "agent_id", "topic", "updated_at"),
    Index("actions_by_customer", "tenant", "customer_id", "created_at", "action_id"),
    Index("actions_by_agent", "tenant", "agent_id", "topic", "state"),
    Index("actions_by_topic", "tenant", "topic", "created_at"),
)

CAP_USES = Table(
    "cap_uses",
    METADATA,
    _text("tenant", key=True),
    _text("use_key", key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    _text("use_id", key=True),
    Column("weight", BigInteger, nullable=False),
    _text("account"),
    sqlite_with_rowid=False,
)

APPROVALS = Table(
    "approvals",
    METADATA,
    _text("tenant", key=True),
    _text("approval_id", key=True),
    _number("version"),
    _text("action_id"),
    _text("digest"),
    _text("policy_snapshot"),
    _number("tier"),
    _number("required_approvals"),
    _text("state"),
    _text("requested_by"),
    _text("item_id"),
    _text("rulings"),
    _time("created_at"),
    _time("expires_at"),
    _time("decided_at", optional=True),
    Column("on_timeout", _TEXT, nullable=False, server_default="deny"),
    _time("escalates_at", optional=True),
    Column("extension_us", BigInteger, nullable=False, server_default="0"),
    Column("is_automatic", Boolean, nullable=False, server_default=false()),
    Index("approvals_by_expiry", "state", "expires_at"),
    Index("approvals_by_escalation", "state", "escalates_at"),
    Index("approvals_by_agent", "tenant", "requested_by", "state"),
)

REPLIES = Table(
    "replies",
    METADATA,
    _text("tenant", key=True),
    _text("reply_id", key=True),
    _number("version"),
    _text("agent_id"),
    _text("conversation_id"),
    _text("customer_id"),
    _text("channel"),
    _text("profile"),
    _text("verdict"),
    _text("state"),
    _text("findings"),
    _text("redactions"),
    _text("policy_snapshot"),
    _text("content_mac"),
    _text("delivered_mac", optional=True),
    _text("item_id", optional=True),
    _text("holding_message"),
    _text("agent_build"),
    _flag("degraded"),
    _text("degraded_reason"),
    _flag("shadow"),
    Column("elapsed_us", BigInteger, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    _bytes("sealed"),
    _bytes("sealed_out", optional=True),
)

ITEMS = Table(
    "items",
    METADATA,
    _text("tenant", key=True),
    _text("item_id", key=True),
    _number("version"),
    _text("kind"),
    _text("state"),
    _text("subject_id"),
    _text("conversation_id"),
    _text("queue"),
    Column("tier", Integer, nullable=True),
    _text("rule_id"),
    _text("reason"),
    _text("maker_id"),
    _number("required_rulings"),
    _number("priority"),
    _flag("senior_only"),
    _text("claimed_by", optional=True),
    Column("claim_token", BigInteger, nullable=True),
    _time("claim_expires_at", optional=True),
    Column("claims_made", BigInteger, nullable=False),
    _text("rulings"),
    _time("created_at"),
    _time("due_at"),
    _time("closed_at", optional=True),
    Column("probability", Float, nullable=True),
    Column("stratum", _TEXT, nullable=False, server_default=""),
    Index("items_by_state", "tenant", "state", "due_at"),
    Index("items_by_claim", "tenant", "claimed_by"),
)

PSEUDONYMS = Table(
    "pseudonyms",
    METADATA,
    _text("tenant", key=True),
    _text("word", key=True),
    _number("version"),
    _text("conversation_id"),
    _text("type"),
    _time("created_at"),
    _time("expires_at"),
    _bytes("sealed"),
    _time("erased_at", optional=True),
    Index("pseudonyms_by_expiry", "erased_at", "expires_at"),
)

POLICY_VERSIONS = Table(
    "policy_versions",
    METADATA,
    _text("tenant", key=True),
    _text("snapshot", key=True),
    _number("version"),
    _text("label"),
    _text("profile"),
    _text("state"),
    _text("proposed_by"),
    _time("created_at"),
    _time("loaded_at", optional=True),
    _text("names"),
    _text("sign_offs"),
    _bytes("files"),
)

TOKENS = Table(
    "tokens",
    METADATA,
    _text("tenant", key=True),
    _text("token_id", key=True),
    _number("version"),
    _text("principal_id"),
    _text("role"),
    _text("topics"),
    _text("skills"),
    _text("secret_hash"),
    _time("created_at"),
    _time("expires_at"),
    _time("revoked_at", optional=True),
    Index("tokens_by_id", "token_id", unique=True),
)

PAUSE_BOARDS = Table(
    "pause_boards",
    METADATA,
    _text("tenant", key=True),
    _text("board_id", key=True),
    _number("version"),
    _text("pauses"),
)

ROLL_BACKS = Table(
    "roll_backs",
    METADATA,
    _text("tenant", key=True),
    _text("action_id", key=True),
    _number("version"),
    _text("agent_id"),
    _number("tier"),
    _text("state"),
    _text("requested_by"),
    _text("reason"),
    _text("confirmed_by", optional=True),
    _text("item_id", optional=True),
    _number("attempts"),
    _time("requested_at"),
    _time("due_at"),
    _time("ended_at", optional=True),
    Index("roll_backs_by_agent", "tenant", "agent_id", "state"),
    Index("roll_backs_by_due", "state", "due_at"),
)

SOURCES = Table(
    "sources",
    METADATA,
    _text("tenant", key=True),
    _text("name", key=True),
    _number("version"),
    _text("kind"),
    _text("type"),
    _number("words"),
    _text("key_id"),
    _text("added_by"),
    _flag("is_removed"),
    _time("created_at"),
    _time("updated_at"),
    _bytes("sealed"),
    Index("sources_by_version", "tenant", "version", "words"),
)

STANDINGS = Table(
    "standings",
    METADATA,
    _text("tenant", key=True),
    _text("standing_id", key=True),
    _number("version"),
    _text("agent_id"),
    _text("topic"),
    _number("level"),
    _time("since", optional=True),
    _text("changed_by"),
    _text("cause"),
    _text("proposal_item_id", optional=True),
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    _text("tenant", key=True),
    _text("incident_id", key=True),
    _number("version"),
    _text("agent_id"),
    _text("topic"),
    _text("kind"),
    _text("action_id", optional=True),
    _time("at"),
    _text("reported_by"),
    _text("reason"),
    Index("incidents_by_agent", "tenant", "agent_id", "topic", "at"),
)

REVIEWER_RULINGS = Table(
    "reviewer_rulings",
    METADATA,
    _text("tenant", key=True),
    _text("ruling_id", key=True),
    _number("version"),
    _text("reviewer_id"),
    _text("item_id"),
    _text("kind"),
    _time("at"),
    Index("reviewer_rulings_by_reviewer", "tenant", "reviewer_id", "at"),
)

SEEN_VALUES = Table(
    "seen_values",
    METADATA,
    _text("tenant", key=True),
    Column("value", LargeBinary, primary_key=True),
    Column("owner", LargeBinary, primary_key=True),
    _time("seen_at"),
    Index("seen_values_by_time", "tenant", "seen_at"),
    sqlite_with_rowid=False,
)

OVERRIDES = Table(
    "overrides",
    METADATA,
    _text("tenant", key=True),
    _text("override_id", key=True),
    _number("version"),
    _text("item_id"),
    _text("ruling_id"),
    _text("overridden_by"),
    _text("whom"),
    _text("rule_id"),
    _text("new_decision"),
    _text("reason"),
    _text("kind"),
    _time("at"),
    Index("overrides_by_item", "tenant", "item_id", "at"),
)

CALLS = Table(
    "calls",
    METADATA,
    _text("tenant", key=True),
    _text("request_id", key=True),
    _text("principal_id", key=True),
    _text("method", key=True),
    _text("request_digest"),
    _text("subject_id"),
    _time("at"),
    sqlite_with_rowid=False,
)

AUDIT_ENTRIES = Table(
    "audit_entries",
    METADATA,
    _text("tenant", key=True),
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("principal_id"),
    _time("at"),
    _text("subject_id"),
    _bytes("data"),
    _bytes("leaf_hash"),
    Index("audit_entries_by_subject", "tenant", "subject_id", "leaf_index"),
)

AUDIT_HEADS = Table(
    "audit_heads",
    METADATA,
    _text("tenant", key=True),
    Column("size", BigInteger, nullable=False),
    _bytes("frontier"),
)
