"""Who may call what: one table, which a test checks against the protos. A method that is not here cannot be served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from outguard.domain.principal import Role

PACKAGE = "outguard.v1"
AGENT = frozenset({Role.AGENT})
REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
SENIORS = frozenset({Role.SENIOR_REVIEWER})
AUDITORS = frozenset({Role.AUDITOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
ALL = frozenset(Role)


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """Who may call, and how.

    Unknown fields are refused where a call changes something; a planned method answers NOT_IMPLEMENTED. A waiting one
    counts against a bound of its own, so that long polls take no room from decisions.
    """

    roles: frozenset[Role]
    is_mutating: bool
    is_planned: bool = False
    is_waiting: bool = False


def _reads(roles: frozenset[Role]) -> Method:
    return Method(roles=roles, is_mutating=False)


def _writes(roles: frozenset[Role]) -> Method:
    return Method(roles=roles, is_mutating=True)


def _waits(roles: frozenset[Role]) -> Method:
    return Method(roles=roles, is_mutating=False, is_waiting=True)


def _planned(roles: frozenset[Role], *, is_mutating: bool = False) -> Method:
    return Method(roles=roles, is_mutating=is_mutating, is_planned=True)


METHODS: Mapping[str, Mapping[str, Method]] = {
    "GateService": {
        "EvaluateAction": _writes(AGENT),
        "ReportOutcome": _writes(AGENT),
        "GetApproval": _reads(AGENT | REVIEWERS),
        "WaitApproval": _waits(AGENT),
        "WatchApprovals": _waits(AGENT),
        "CancelAction": _writes(AGENT),
        "RollBackAction": _writes(AGENT | REVIEWERS),
        "ReportRollBack": _writes(AGENT),
        "GetRollBack": _reads(AGENT | REVIEWERS),
        "WaitRollBacks": _waits(AGENT),
        "PauseAutomation": _writes(SENIORS | ADMINS),
        "ResumeAutomation": _writes(SENIORS | ADMINS),
        "ListPauses": _reads(REVIEWERS | AUDITORS),
        "ReportIncident": _writes(REVIEWERS | ADMINS),
        "ListStandings": _reads(REVIEWERS | AUDITORS),
    },
    "ReplyService": {
        "EvaluateReply": _writes(AGENT),
        "GetReply": _reads(AGENT),
        "WaitReply": _waits(AGENT),
    },
    "ReviewService": {
        "ListItems": _reads(REVIEWERS),
        "GetItem": _reads(REVIEWERS),
        "ClaimItem": _writes(REVIEWERS),
        "RenewClaim": _writes(REVIEWERS),
        "AbandonClaim": _writes(REVIEWERS),
        "RuleItem": _writes(REVIEWERS),
        "ResolvePseudonym": _reads(SENIORS),
        "OverrideRuling": _writes(SENIORS),
        "WatchItems": _waits(REVIEWERS),
    },
    "AuditService": {
        "ListEntries": _reads(AUDITORS),
        "StreamEntries": _planned(AUDITORS),
        "GetCheckpoint": _reads(AUDITORS),
        "GetInclusionProof": _reads(AUDITORS),
        "GetConsistencyProof": _reads(AUDITORS),
    },
    "SourceService": {
        "AddSource": _writes(ADMINS),
        "ListSources": _reads(AUDITORS),
        "RemoveSource": _writes(ADMINS),
    },
    "PolicyService": {
        "GetSnapshot": _reads(ALL),
        "ListSnapshots": _reads(REVIEWERS | AUDITORS),
        "ValidatePolicy": _reads(SENIORS | AUDITORS),
        "SimulatePolicy": _reads(AUDITORS),
        "ReloadPolicy": _writes(ADMINS),
        "SignPolicy": _writes(SENIORS | ADMINS),
    },
}
