"""Policy tests: what a policy must say, as YAML cases that run without a server.

An action case gives an action, a reply case findings; `expect` names what must come out. What a case does not expect
of an action is DENY, of a reply QUARANTINE: forgetting a line makes a test stricter, never laxer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol, TypeAlias

from pydantic import AfterValidator, Field

from outguard.domain.action import Action, GateDecision, Tier
from outguard.domain.finding import Category, Finding, FindingAction, Status
from outguard.domain.money import Money
from outguard.domain.policy import Policy, Problem
from outguard.domain.principal import Principal, Role
from outguard.domain.signal import NO_SIGNALS, SIGNAL_NAMES, Consent, SignalPolicy, Signals
from outguard.domain.verdict import Verdict, combine
from outguard.errors import InvalidInputError, PolicyError
from outguard.policy.anomaly import with_score
from outguard.policy.load import Path, Tree, load
from outguard.policy.profile import DEFAULT_PROFILE
from outguard.policy.validate import validate
from outguard.policy.values import Count, Currency, Glob, Shape, Share, TierName, Word
from outguard.policy.words import read_words


class ActionShape(Shape):
    """An action, as an agent would ask for it."""

    topic: str
    amount: str | int | float | None = None
    currency: Currency = "USD"
    risk_tags: tuple[str, ...] = ()
    arguments: dict[str, Any] = Field(default_factory=dict)
    target: str | None = None
    customer_id: str | None = None
    recipient: str | None = None
    confidence: Share | None = None
    anomaly_score: Share | None = None
    retry_count: Count = 0
    affected_users: Count = 0
    first_time_action: bool = False
    customer_words: str | None = None


class AgentShape(Shape):
    """Who asks."""

    id: Word = "test-agent"
    topics: tuple[Glob, ...] = ("*",)


class FindingShape(Shape):
    """A finding, as a detector would report it."""

    category: Category
    type: str
    status: Status | None = None
    score: Share = 1.0
    field: str | None = None


class ActionExpectation(Shape):
    """What the gate must say; keys that are left out are not looked at, but for the decision."""

    decision: GateDecision = GateDecision.DENY
    tier: TierName | None = None
    rule: str | None = None
    required_approvals: Count | None = None
    senior_only: bool | None = None
    queue: str | None = None
    holding_message: str | None = None
    constraints: dict[str, Any] | None = None
    shadow: bool | None = None


class ReplyExpectation(Shape):
    """What must become of a reply with these findings."""

    verdict: Verdict = Verdict.QUARANTINE
    actions: tuple[FindingAction, ...] | None = None
    queue: str | None = None


def _signal_name(name: str) -> str:
    if name not in SIGNAL_NAMES:
        raise ValueError("no signal of that name")
    return name


class ActionCase(Shape):
    """A case of the gate; `action` and `agent` may name a fixture.

    `signals` are what the record would show; those of the customer's words are read from `customer_words`.
    """

    name: Annotated[str, Field(min_length=1, max_length=300)]
    action: ActionShape | str
    agent: AgentShape | str = AgentShape()
    signals: dict[Annotated[str, AfterValidator(_signal_name)], Any] = Field(default_factory=dict)
    expect: ActionExpectation = ActionExpectation()


class ReplyCase(Shape):
    """A case of the reply policy."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    findings: tuple[FindingShape, ...]
    channel: str = "chat"
    expect: ReplyExpectation = ReplyExpectation()


class FixturesShape(Shape):
    """Values that several cases use by name."""

    actions: dict[str, ActionShape] = Field(default_factory=dict)
    agents: dict[str, AgentShape] = Field(default_factory=dict)


class TestsShape(Shape):
    """A `*_test.yaml` file; its cases are of one profile."""

    __test__ = False

    profile: Word = DEFAULT_PROFILE
    fixtures: FixturesShape = FixturesShape()
    actions: tuple[ActionCase, ...] = ()
    replies: tuple[ReplyCase, ...] = ()


class Answer(Protocol):
    """What a case reads of the gate's answer."""

    decision: GateDecision
    tier: Tier
    rule_id: str
    required_approvals: int
    senior_only: bool
    queue: str
    holding_message: str
    constraints: Mapping[str, Any]
    shadow: bool


Decide: TypeAlias = Callable[[Policy, Action, Principal, Signals], Any]
Given: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseResult:
    """What came of one case; `failures` is empty if all was as expected."""

    file: str
    line: int
    name: str
    failures: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.failures


@dataclass(frozen=True, kw_only=True, slots=True)
class TestFile:
    """A file of cases, ready to run."""

    __test__ = False

    file: str
    profile: str
    actions: tuple[tuple[int, str, Action, Principal, Given, ActionExpectation], ...]
    replies: tuple[tuple[int, ReplyCase], ...]


def load_cases(text: str, *, file: str) -> TestFile:
    """Read the cases of one file.

    Raises:
        PolicyError: with every problem of the file.
    """
    tree = load(text, file=file)
    shape, found = validate(tree, TestsShape)
    problems = list(found)
    actions = []
    if shape is not None:
        problems += _repeated_names(shape, tree)
        for place, case in enumerate(shape.actions):
            path: Path = ("actions", place)
            built = _build(case, shape.fixtures, tree, path, problems)
            if built is not None:
                actions.append((tree.line(path), case.name, *built, case.signals, case.expect))
    if problems or shape is None:
        ordered = tuple(sorted(problems))
        raise PolicyError(f"the tests have {len(ordered)} problem(s); first: {ordered[0]}", problems=ordered)
    replies = tuple((tree.line(("replies", place)), case) for place, case in enumerate(shape.replies))
    return TestFile(file=file, profile=shape.profile, actions=tuple(actions), replies=replies)


class AskShape(ActionShape):
    """An action by itself, as `outguard policy explain` reads it."""

    agent: AgentShape = AgentShape()
    signals: dict[Annotated[str, AfterValidator(_signal_name)], Any] = Field(default_factory=dict)


def read_action(text: str, *, file: str) -> tuple[Action, Principal, Given]:
    """The action of a file, who asks for it, and the signals given with it.

    Raises:
        PolicyError: with every problem of the file.
    """
    tree = load(text, file=file)
    shape, found = validate(tree, AskShape)
    problems = list(found)
    built: tuple[Action, Principal] | None = None
    if shape is not None:
        plain = ActionShape(**{name: getattr(shape, name) for name in ActionShape.model_fields})
        case = ActionCase(name="action", action=plain, agent=shape.agent, signals=shape.signals)
        built = _build(case, FixturesShape(), tree, (), problems)
    if built is None or shape is None:
        ordered = tuple(sorted(problems))
        raise PolicyError(f"the action has {len(ordered)} problem(s); first: {ordered[0]}", problems=ordered)
    return (*built, shape.signals)


def run_cases(policy: Policy, tests: TestFile, *, decide: Decide) -> tuple[CaseResult, ...]:
    """Run every case against `policy`; `decide` is `gate.decide.decide` (handed in, for the gate lies above)."""
    results = []
    for line, name, action, principal, given, expect in tests.actions:
        failures = _differences(expect, decide(policy, action, principal, given_signals(policy.signals, action, given)))
        results.append(CaseResult(file=tests.file, line=line, name=name, failures=tuple(failures)))
    for line, case in tests.replies:
        failures = _reply_differences(case, policy)
        results.append(CaseResult(file=tests.file, line=line, name=case.name, failures=tuple(failures)))
    return tuple(results)


def given_signals(terms: SignalPolicy, action: Action, given: Given) -> Signals:
    """The signals of an action without a record: those of its words, and those `given` by name.

    Raises:
        InvalidInputError: if one of them is of the wrong kind.
    """
    if not given and action.customer_words is None:
        return NO_SIGNALS
    values: dict[str, Any] = {}
    for name, value in given.items():
        known = getattr(NO_SIGNALS, name)
        if isinstance(known, tuple) and isinstance(value, list | tuple):
            values[name] = tuple(map(str, value))
        elif isinstance(known, float) and isinstance(value, int | float) and not isinstance(value, bool):
            values[name] = float(value)
        elif isinstance(known, Consent) and value in set(Consent):
            values[name] = Consent(value)
        elif type(value) is type(known):
            values[name] = value
        else:
            raise InvalidInputError(f"the signal {name} is of another kind", field=f"signals.{name}")
    scored = with_score(terms, Signals(**{**read_words(terms, action), **values}))
    return replace(scored, anomaly=values["anomaly"]) if "anomaly" in values else scored


def _repeated_names(shape: TestsShape, tree: Tree) -> Iterable[Problem]:
    named: list[tuple[Path, str]] = [
        (("actions", place, "name"), case.name) for place, case in enumerate(shape.actions)
    ]
    named += [(("replies", place, "name"), case.name) for place, case in enumerate(shape.replies)]
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            yield tree.problem(path, "another case has this name")
        seen.add(name)


def _build(
    case: ActionCase, fixtures: FixturesShape, tree: Tree, path: Path, problems: list[Problem]
) -> tuple[Action, Principal] | None:
    action = fixtures.actions.get(case.action) if isinstance(case.action, str) else case.action
    agent = fixtures.agents.get(case.agent) if isinstance(case.agent, str) else case.agent
    if action is None:
        problems.append(tree.problem((*path, "action"), "no fixture of that name"))
    if agent is None:
        problems.append(tree.problem((*path, "agent"), "no fixture of that name"))
    if action is None or agent is None:
        return None
    try:
        amount = None if action.amount is None else Money.parse(str(action.amount), action.currency)
    except InvalidInputError as error:
        problems.append(tree.problem((*path, "action", "amount"), error.message))
        return None
    values = {name: getattr(action, name) for name in ActionShape.model_fields if name not in {"amount", "currency"}}
    try:
        given_signals(SignalPolicy(), Action(conversation_id="test", topic=action.topic), case.signals)
    except InvalidInputError as error:
        problems.append(tree.problem((*path, "signals"), error.message))
        return None
    principal = Principal(id=agent.id, role=Role.AGENT, tenant="test", topics=agent.topics)
    return Action(conversation_id="test", amount=amount, **values), principal


def _differences(expect: ActionExpectation, answer: Answer) -> list[str]:
    wanted: dict[str, tuple[Any, Any]] = {
        "decision": (expect.decision, answer.decision),
        "tier": (expect.tier, answer.tier.name),
        "rule": (expect.rule, answer.rule_id),
        "required_approvals": (expect.required_approvals, answer.required_approvals),
        "senior_only": (expect.senior_only, answer.senior_only),
        "queue": (expect.queue, answer.queue),
        "holding_message": (expect.holding_message, answer.holding_message),
        "constraints": (expect.constraints, _plain(answer.constraints)),
        "shadow": (expect.shadow, answer.shadow),
    }
    return [
        f"{key}: expected {one}, got {other}"
        for key, (one, other) in wanted.items()
        if one is not None and one != other
    ]


def _reply_differences(case: ReplyCase, policy: Policy) -> list[str]:
    findings: Sequence[Finding] = [_finding(shape) for shape in case.findings]
    findings = [replace(each, action=policy.reply.action_for(each, channel=case.channel)) for each in findings]
    actions = tuple(finding.action for finding in findings)
    failures = []
    if (verdict := combine(findings)) is not case.expect.verdict:
        failures.append(f"verdict: expected {case.expect.verdict}, got {verdict}")
    if case.expect.actions is not None and actions != case.expect.actions:
        failures.append(f"actions: expected {', '.join(case.expect.actions)}, got {', '.join(actions)}")
    if case.expect.queue is not None and (queue := policy.reply.queue_for(findings)) != case.expect.queue:
        failures.append(f"queue: expected {case.expect.queue}, got {queue}")
    return failures


def _finding(shape: FindingShape) -> Finding:
    return Finding(
        category=shape.category,
        type=shape.type,
        status=shape.status,
        start=0,
        end=1,
        score=shape.score,
        rule="test",
        field=shape.field,
    )


def _plain(constraints: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in constraints.items()}
