"""Bounds that the settings give the flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds of one call; past a bound the answer is an error or QUARANTINE, never ALLOW.

    `value_days` is how long customers' values are remembered as keyed hashes (0: not at all), `tenant_value_days` the
    same for single tenants, `max_values` how many of a tenant.
    """

    max_text_chars: int = 256 * 1024
    max_payload_depth: int = 64
    max_payload_nodes: int = 20_000
    max_attachments: int = 10
    max_attachment_bytes: int = 1024 * 1024
    evaluation_budget_s: float = 0.3
    claim_lease_s: float = 300.0
    max_wait_s: float = 60.0
    max_page: int = 500
    value_days: int = 90
    tenant_value_days: Mapping[str, int] = field(default_factory=dict)
    max_values: int = 1_000_000
