"""Types of conditions are told on every branch, before a policy is in force."""

from __future__ import annotations

import pytest

from outguard.policy.condition import ConditionError, compile_condition
from outguard.policy.variables import VARIABLES


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("!has_amount && amount_usd > 50", "write both alike"),
        ("topic == 'never' && retry_count > 'a'", "TypeError|write both alike"),
        ("has_amount || size(risk_tags) == 'one'", "never holds"),
        ("has_amount || topic", "true or false"),
        ("has_amount || topic.startsWith(5)", "looks for a text"),
        ("has_amount || retry_count.contains('a')", "looks into a text"),
        ("has_amount || args.x + 1 > 2.0 && retry_count in topic", "in looks into"),
        ("has_amount || 5 in risk_tags", "no int is in"),
        ("has_amount || amount_usd % 2.0 == 0.0", "does not fit"),
        ("has_amount || retry_count + 0.5 > 1.0", "write both alike"),
        ("has_amount || risk_tags['a'] == 'b'", "a place is a number"),
        ("has_amount || topic[0] == 'b'", "has no places"),
        ("has_amount || topic.length == 3", "has no length"),
        ("has_amount || !retry_count", "turns true or false"),
        ("has_amount || -topic == 'a'", "turns a number"),
        ("has_amount ? true : topic", "must be alike"),
        ("retry_count ? true : false", "asks for true or false|TypeError"),
        ("has_amount || risk_tags.exists(t, size(t))", "exists asks for"),
        ("has_amount || risk_tags.exists(t, args.a.exists(u, u == t))", "not bounded"),
        ("has_amount || args.a.map(x, args.b.filter(y, y == x)).size() > 0", "not bounded"),
        ("has_amount || topic.all(t, t == 'a')", "goes through lists"),
        ("has_amount || size(5) == 1", "has no size"),
        ("has_amount || int(risk_tags) == 1", "converts a number"),
        ("has_amount || consent == 1", "never holds"),
        ("has_amount || retries > 1.0", "write both alike"),
        ("has_amount || risky_words.exists(w, w == 3)", "never holds"),
        ("has_amount || contact_changed == 'yes'", "never holds"),
        ("has_amount || {'a': 1}.size() == 1", "not understood"),
        ("has_amount || min(1, 2) == 1", "unknown function|unknown name|cannot be evaluated"),
        ("has_amount || matches(topic)", "wrong arguments|not valid"),
    ],
)
def test_a_wrong_type_in_any_branch_is_a_load_error(source: str, words: str) -> None:
    with pytest.raises(ConditionError, match=words):
        compile_condition(source)


@pytest.mark.parametrize(
    "source",
    [
        "has_amount && amount_usd > 50.0 || !has_amount",
        "args.n > 1 && args.n > 1.5",
        "args.list.exists(x, x.a == 'b') && args.list.filter(x, x.n > 1).size() > 0",
        "args.exists(k, k.contains('mail'))",
        "size(args.a) != size(args.b) || size(args.a) == 0",
        "earlier_on_target.exists(t, t in ['a.b', 'c.d'] || t == topic)",
        "int(amount_usd) % 50 != 0",
        "has(args.field) && !(args.field in ['a', 'b'])",
        "(retry_count > 1 ? amount_usd : 0.0) > 5.0",
        "risk_tags.map(t, t + 'x').exists_one(t, t == 'ax')",
        "amount == null || amount > 1.0",
        "args['a']['b'] == 'c' && args.list[0] == 1",
        "risk_tags + ['a'] == ['a', 'b']",
        "-1 < retry_count && -0.5 < amount_usd && 1e3 > amount_usd",
        "consent != 'given' && size(contradictions) > 0 && amount_jump >= 3.0",
        "topic == \"a\\\"b\" || topic == 'it\\'s'",
        "string(retry_count) == '1' && double(retry_count) > 0.5",
        "topic.matches('^a') && matches(topic, 'b$')",
    ],
)
def test_sound_conditions_are_understood(source: str) -> None:
    assert compile_condition(source).source == source


def test_every_variable_has_the_type_of_its_sample() -> None:
    types = {str: "string", bool: "bool", int: "int", float: "double", dict: "map", list: "list(string)"}
    assert {name: types[type(variable.sample)] for name, variable in VARIABLES.items()} == {
        name: variable.type for name, variable in VARIABLES.items()
    }
