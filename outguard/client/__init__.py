"""The SDK: what an agent runtime, a reviewer's tool or an auditor's tool imports.

Fail-closed: only a `Sendable` may be sent, only `may_execute` lets an action run, and every failure is a held reply
or a denied action.
"""

from outguard.client.action import ActionView, RollBack, RollBackTask
from outguard.client.agent import Approval, AsyncClient, Client
from outguard.client.audit import AsyncAuditClient, AuditClient
from outguard.client.decision import ActionDecision, GateDecision, ReplyDecision, ReplyState, Sendable, Verdict
from outguard.client.operator import AsyncOperatorClient, OperatorClient, Pause
from outguard.client.policy import AsyncPolicyClient, PolicyClient
from outguard.client.review import AsyncReviewClient, ItemView, ResolvedPseudonym, ReviewClient, ReviewItem
from outguard.client.source import AsyncSourceClient, Source, SourceClient
from outguard.client.values import Attachment, Content, Customer, Finding, Money, Recipient

__all__ = [
    "ActionDecision",
    "ActionView",
    "Approval",
    "AsyncAuditClient",
    "AsyncClient",
    "AsyncOperatorClient",
    "AsyncPolicyClient",
    "AsyncReviewClient",
    "AsyncSourceClient",
    "Attachment",
    "AuditClient",
    "Client",
    "Content",
    "Customer",
    "Finding",
    "GateDecision",
    "ItemView",
    "Money",
    "OperatorClient",
    "Pause",
    "PolicyClient",
    "Recipient",
    "ReplyDecision",
    "ReplyState",
    "ResolvedPseudonym",
    "ReviewClient",
    "ReviewItem",
    "RollBack",
    "RollBackTask",
    "Sendable",
    "Source",
    "SourceClient",
    "Verdict",
]
