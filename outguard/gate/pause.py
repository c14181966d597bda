"""What a pause makes of an answer (R15): it wins over everything but reaching a person. Pure."""

from __future__ import annotations

from dataclasses import replace

from outguard.domain.action import Action, GateDecision
from outguard.domain.pause import Pause, PauseBoard, PauseScope
from outguard.domain.policy import Policy
from outguard.domain.principal import Principal
from outguard.domain.topic import ESCALATE
from outguard.gate.decide import GateAnswer

RULE = "gate.paused"
_WORDS = {
    PauseScope.TENANT: "automation is paused",
    PauseScope.AGENT: "automation is paused for this agent",
    PauseScope.TOPIC: "automation is paused for this topic",
}


def pause_on(board: PauseBoard, action: Action, principal: Principal) -> Pause | None:
    """The pause that stops `action`: of the tenant, its topic, or any agent of the chain that led here."""
    if action.topic == ESCALATE:
        return None
    return board.stopping((principal.id, *action.agent_chain), action.topic)


def words_of(pause: Pause) -> str:
    """What a caller is told; the reason given stays with people."""
    return f"{_WORDS[pause.scope]}; a person must resume it"


def under_pause(policy: Policy, answer: GateAnswer, pause: Pause) -> GateAnswer:
    """DENY, with the words for the customer that the tier has: nobody sees a raw pause (R4)."""
    return replace(
        answer,
        decision=GateDecision.DENY,
        rule_id=RULE,
        reason=words_of(pause),
        constraints={},
        required_approvals=0,
        senior_only=False,
        holding_message=policy.tiers[answer.tier].holding_message,
        opens_ticket=False,
        matched=(RULE, *answer.matched),
    )
