"""Enums of the protos and of the domain, matched by name; a test (and the import) fails where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

from outguard.domain.action import GateDecision, LedgerState, Tier
from outguard.domain.finding import Category, FindingAction, Status
from outguard.domain.pause import PauseScope
from outguard.domain.policy_change import Area, Effect
from outguard.domain.principal import Role
from outguard.domain.reply import ReplyState
from outguard.domain.review import ApprovalState, Defect, ItemKind, ItemState, RulingKind
from outguard.domain.roll_back import RollBackState
from outguard.domain.source import SourceKind
from outguard.domain.verdict import Verdict
from outguard.errors import InvalidInputError
from outguard.v1 import gate_pb2, policy_pb2, reply_pb2, review_pb2, source_pb2, types_pb2

E = TypeVar("E", bound=Enum)


class EnumMap(Generic[E]):
    """One enum both ways. `prefix` is the proto's, such as `VERDICT_`."""

    def __init__(self, domain: type[E], proto: object, prefix: str) -> None:
        numbers: Mapping[str, int] = dict(proto.items())  # type: ignore[attr-defined]
        self._from = {numbers[prefix + member.name]: member for member in domain}
        self._to = {member: number for number, member in self._from.items()}
        if numbers.get(f"{prefix}UNSPECIFIED") != 0 or len(numbers) != len(self._from) + 1:
            raise TypeError(f"{prefix}* and {domain.__name__} do not have the same members")

    def read(self, number: int, field: str) -> E:
        """The domain's member.

        Raises:
            InvalidInputError: for 0 (unspecified) and numbers this version does not know.
        """
        member = self._from.get(number)
        if member is None:
            raise InvalidInputError(f"{field} is unspecified or has an unknown value", field=field)
        return member

    def read_optional(self, number: int, field: str) -> E | None:
        """As `read`, but None for 0."""
        return None if number == 0 else self.read(number, field)

    def write(self, member: E | None) -> int:
        """The proto's number; 0 for None."""
        return 0 if member is None else self._to[member]


TIER = EnumMap(Tier, types_pb2.Tier, "TIER_")
POLICY_EFFECT = EnumMap(Effect, policy_pb2.PolicyEffect, "POLICY_EFFECT_")
POLICY_AREA = EnumMap(Area, policy_pb2.PolicyArea, "POLICY_AREA_")
ROLE = EnumMap(Role, types_pb2.Role, "ROLE_")
VERDICT = EnumMap(Verdict, types_pb2.Verdict, "VERDICT_")
CATEGORY = EnumMap(Category, types_pb2.Category, "CATEGORY_")
STATUS = EnumMap(Status, types_pb2.Status, "STATUS_")
FINDING_ACTION = EnumMap(FindingAction, types_pb2.FindingAction, "FINDING_ACTION_")
LEDGER_STATE = EnumMap(LedgerState, types_pb2.LedgerState, "LEDGER_STATE_")
RULING_KIND = EnumMap(RulingKind, types_pb2.RulingKind, "RULING_KIND_")
DEFECT = EnumMap(Defect, types_pb2.Defect, "DEFECT_")
GATE_DECISION = EnumMap(GateDecision, gate_pb2.GateDecision, "GATE_DECISION_")
APPROVAL_STATE = EnumMap(ApprovalState, gate_pb2.ApprovalState, "APPROVAL_STATE_")
PAUSE_SCOPE = EnumMap(PauseScope, gate_pb2.PauseScope, "PAUSE_SCOPE_")
ROLL_BACK_STATE = EnumMap(RollBackState, gate_pb2.RollBackState, "ROLL_BACK_STATE_")
REPLY_STATE = EnumMap(ReplyState, reply_pb2.ReplyState, "REPLY_STATE_")
ITEM_KIND = EnumMap(ItemKind, review_pb2.ItemKind, "ITEM_KIND_")
ITEM_STATE = EnumMap(ItemState, review_pb2.ItemState, "ITEM_STATE_")
SOURCE_KIND = EnumMap(SourceKind, source_pb2.SourceKind, "SOURCE_KIND_")
