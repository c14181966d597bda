"""What conditions may speak of: every variable with its type, a sound sample and what it means.

The one list behind the check at load, the values at run time, the guide and `outguard policy schema`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Variable(NamedTuple):
    """A variable of conditions; `type` is CEL's name of it."""

    about: str
    sample: Any
    type: str


_ACTION: Mapping[str, Variable] = {
    "topic": Variable("the action's topic", "support.refund", "string"),
    "risk_tags": Variable("list of the action's risk tags", ["write"], "list(string)"),
    "args": Variable("the action's arguments by name", {}, "map"),
    "has_amount": Variable("whether the action names an amount", sample=True, type="bool"),
    "amount": Variable("the amount in its own currency; null if none", 1.0, "double"),
    "amount_usd": Variable(
        "the amount in US dollars, infinite for a currency without rate; null if none", 1.0, "double"
    ),
    "currency": Variable("ISO 4217 code of the amount, empty if none", "USD", "string"),
    "target": Variable("what is acted on, empty if none", "", "string"),
    "customer_id": Variable("whose account, empty if none", "", "string"),
    "recipient": Variable("who receives it, empty if none", "", "string"),
    "confidence": Variable("the agent's own confidence, 0 to 1; null if none", 1.0, "double"),
    "anomaly_score": Variable("0 to 1, the higher of the agent's and the record's; null if neither", 0.0, "double"),
    "retry_count": Variable("earlier tries, the higher of what the agent says and the record shows", 0, "int"),
    "affected_users": Variable("how many users it touches", 0, "int"),
    "first_time_action": Variable(
        "whether the agent never did this before, by word or record", sample=False, type="bool"
    ),
    "agent_id": Variable("the calling agent", "", "string"),
}
_SIGNALS: Mapping[str, Variable] = {
    "retries": Variable("earlier asks of this topic on this target in the conversation", 0, "int"),
    "writes_on_target": Variable("earlier asks on this target in the conversation, but for reads", 0, "int"),
    "earlier_on_target": Variable("the topics of those asks", ["support.credit"], "list(string)"),
    "target_unread": Variable("whether the target was never read in the conversation", sample=False, type="bool"),
    "writes_in_session": Variable("earlier asks in the conversation, but for reads", 0, "int"),
    "denied_before": Variable("how many of them were denied", 0, "int"),
    "failed_before": Variable("how many of them were reported as failed", 0, "int"),
    "first_time": Variable(
        "whether the record shows no executed action of this topic by this agent", sample=False, type="bool"
    ),
    "new_account": Variable(
        "whether the record knows the customer only shortly, or not at all", sample=False, type="bool"
    ),
    "contact_changed": Variable(
        "whether contact data or a payment method was changed lately", sample=False, type="bool"
    ),
    "identity_mismatch": Variable(
        "whether name or device are not those the customer is known by", sample=False, type="bool"
    ),
    "prior_refunds": Variable("earlier refunds to the customer", 0, "int"),
    "amount_jump": Variable("the amount over the customer's highest so far, 1 if there is none", 1.0, "double"),
    "amount_ratio": Variable("the amount over the topic's usual one, 1 while there are few", 1.0, "double"),
    "risky_words": Variable("groups of risky phrases in the customer's last words", ["legal"], "list(string)"),
    "consent": Variable("the last words' yes or no: given, missing, refused, unknown", "given", "string"),
    "contradictions": Variable("what they speak against: consent, target, amount", ["target"], "list(string)"),
    "anomaly": Variable("what the signals add up to, 0 to 1", 0.0, "double"),
}
VARIABLES: Mapping[str, Variable] = {**_ACTION, **_SIGNALS}
