from __future__ import annotations

from typing import Any

import pytest

from outguard.domain.action import Action
from outguard.policy import condition
from outguard.policy.condition import MAX_CHARS, Bindings, ConditionError, compile_condition, sample_of
from outguard.policy.match import Facts
from outguard.policy.variables import VARIABLES


def holds(source: str, **values: Any) -> bool:
    return compile_condition(source).holds(Bindings(lambda name: values[name] if name in values else sample_of(name)))


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ("amount_usd > 50.0", {"amount_usd": 60.0}, True),
        ("amount_usd > 50.0", {"amount_usd": float("inf")}, True),
        ("has_amount && amount > 1.0", {"has_amount": False, "amount": None}, False),
        ("args.reason in ['a', 'b']", {"args": {"reason": "b"}}, True),
        ("args.items.exists(i, i.price > 5)", {"args": {"items": [{"price": 6}]}}, True),
        ("has(args.x) && args.x", {"args": {}}, False),
        ("topic.startsWith('pay.') && 'write' in risk_tags", {"topic": "pay.out"}, True),
        ("10 / retry_count > 2", {"retry_count": 2}, True),
    ],
)
def test_conditions_evaluate(source: str, values: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    assert holds(source, **values) is expected


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("foo > 1", "unknown name foo"),
        ("now > 1", "unknown name now"),
        ("frob(topic)", "unknown function frob"),
        ("topic >", "not valid CEL at column"),
        ("amount_usd", "gives float"),
        ("retry_count > 'a'", "TypeError"),
        ("topic.matches('(')", "cannot be evaluated"),
        ("risk_tags.exists(topic, topic == 'a')", "must not reuse"),
        ("args.a.all(x, args.b.all(y, x == y))", "not bounded"),
        ("true" + " && true" * 500, "longer than"),
        ("(" * 70 + "true" + ")" * 70, "brackets"),
        ("!" * 1001 + "true", "brackets"),
        ("", "not valid CEL"),
        ("args.a.all(x, x == 1", "not valid CEL"),
    ],
)
def test_faults_are_found_at_load(source: str, words: str) -> None:
    with pytest.raises(ConditionError, match=words.replace("(", r"\(")):
        compile_condition(source)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("1 / retry_count > 0", {"retry_count": 0}),
        ("args.missing == 1", {}),
        ("args.n > 1", {"args": {"n": "text"}}),
        ("args.flag", {"args": {"flag": "yes"}}),
        ("amount_usd > 5.0", {"amount_usd": None}),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(source: str, values: dict[str, Any]) -> None:
    with pytest.raises(ConditionError):
        holds(source, **values)


def test_an_error_tells_nothing_of_the_values() -> None:
    with pytest.raises(ConditionError) as caught:
        holds("args.n > 1", args={"n": "jane@example.com"})
    assert "jane" not in str(caught.value)


def test_a_value_without_cel_form_is_an_error() -> None:
    with pytest.raises(ConditionError):
        holds("args.x == 1", args={"x": object()})


def test_a_value_is_converted_once_and_only_when_asked_for() -> None:
    asked: list[str] = []

    def value_of(name: str) -> Any:
        asked.append(name)
        return sample_of(name)

    bound = Bindings(value_of)
    for source in ("topic == 'x'", "topic == 'y' || retry_count > 3"):
        compile_condition(source).holds(bound)
    assert asked == ["topic", "retry_count"]


def test_every_variable_has_a_value() -> None:
    facts = Facts(action=Action(conversation_id="c", topic="a"), agent_id="x", rates={})
    for name in VARIABLES:
        assert isinstance(compile_condition(f"{name} == {name}").holds(facts.bound), bool)


def test_a_panic_of_the_extension_is_an_error_too() -> None:
    class PanicError(BaseException):
        pass

    def panic() -> None:
        raise PanicError("jane@example.com")

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(ConditionError, match=r"^cannot \(PanicError\)$"):
        condition._guarded(panic, "cannot")
    with pytest.raises(KeyboardInterrupt):
        condition._guarded(stop, "cannot")


def test_list_macros_may_follow_one_another() -> None:
    lists = {"a": [1], "b": [2]}
    assert holds("args.a.exists(x, x == 1) && args.b.filter(y, y > 1).size() == 1", args=lists)


def test_a_name_inside_a_text_is_no_name() -> None:
    assert holds("topic != 'foo.all(bar, baz)'")


def test_long_but_legal_conditions_compile() -> None:
    assert holds("true" + "&&true" * ((MAX_CHARS - 4) // 6))
