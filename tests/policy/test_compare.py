"""What differs between two policies: stricter only where it is proved, looser or unclear otherwise (R40, R41)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_files import REPLY, an_action, an_agent, policy_files, shipped_files

from outguard.domain.finding import Category, Finding, Status
from outguard.domain.policy_change import Area, Effect, PolicyChange, SignOff, missing_areas
from outguard.domain.reply_policy import STRICTNESS
from outguard.gate.decide import decide
from outguard.policy.compare import Compiled, compare
from outguard.policy.compile import compile_policy, deciding

BASE = "rules: [{id: a, match: {topics: [pay.refund]}, tier: T3, reason: r}]\n"
CAP = "caps: [{id: c, topics: [pay.refund], per: [agent], window_s: 60, max_count: 5, reason: r}]\n"


def compiled(files: dict[str, str], profile: str = "default") -> Compiled:
    return Compiled(files=deciding(files, profile=profile), policy=compile_policy(files, profile=profile))


def changes(old: dict[str, str], new: dict[str, str]) -> dict[str, Effect]:
    return {one.where: one.effect for one in compare(compiled(old), compiled(new))}


def test_a_policy_differs_in_nothing_from_itself() -> None:
    assert compare(compiled(shipped_files()), compiled(shipped_files())) == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "effect"),
    [
        ("required_approvals: 2", "required_approvals: 1", "tiers.T4.required_approvals", Effect.LOOSER),
        ("required_approvals: 1", "required_approvals: 2", "tiers.T3.required_approvals", Effect.STRICTER),
        ("senior_only: true", "senior_only: false", "tiers.T4.senior_only", Effect.LOOSER),
        ("approval_timeout_s: 30", "approval_timeout_s: 90", "tiers.T3.approval_timeout_s", Effect.LOOSER),
        ("holding_message: three", "holding_message: drei", "tiers.T3.holding_message", Effect.NEUTRAL),
        ("EUR: 2", "EUR: 1", "exchange_rates_usd", Effect.UNCLEAR),
        ("tier: T3, reason", "tier: T2, reason", "rules.a", Effect.LOOSER),
        ("tier: T3, reason", "tier: T4, reason", "rules.a", Effect.STRICTER),
        ("tier: T3, reason", "decision: DENY, reason", "rules.a", Effect.LOOSER),
        ("reason: r}]", "reason: other}]", "rules.a", Effect.NEUTRAL),
        ("topics: [pay.refund]}, tier", "topics: [pay.*]}, tier", "rules.a", Effect.UNCLEAR),
        ("tier: T3, reason", "tier: T3, shadow: true, reason", "rules.a", Effect.LOOSER),
        ("max_count: 5", "max_count: 6", "caps.c", Effect.LOOSER),
        ("max_count: 5", "max_count: 4", "caps.c", Effect.STRICTER),
        ("window_s: 60", "window_s: 30", "caps.c", Effect.LOOSER),
        (CAP, "", "caps.c", Effect.LOOSER),
        ("action: keep", "action: mask", "reply.pii.*", Effect.STRICTER),
        ("action: keep", "action: record", "reply.pii.*", Effect.STRICTER),
        ("min_score: 0.5", "min_score: 0.9", "reply.", Effect.NEUTRAL),
        ("min_score: 0.5", "min_score: 0.5\n  confidence_below: 0.7", "reply.confidence_below", Effect.STRICTER),
    ],
)
def test_each_change_says_which_way_it_goes(old: str, new: str, where: str, effect: Effect) -> None:
    before = policy_files(BASE + CAP)
    after = {path: text.replace(old, new) for path, text in before.items()}
    assert before != after
    found = {one.where: one.effect for one in compare(compiled(before), compiled(after))}
    if where == "reply.":
        assert found == {}, "keep is no cut: a higher least score changes nothing here"
    else:
        assert found[where] is effect


def test_a_rule_that_leaves_the_shadow_may_make_its_topics_known() -> None:
    """What was denied as unlisted is decided by the rule from then on."""
    rule = "rules: [{id: c, match: {topics: [pay.out]}, decision: ALLOW, reason: r, shadow: true}]\n"
    before, after = policy_files(rule), policy_files(rule.replace(", shadow: true", ""))
    assert changes(before, after)["rules.c"].may_loosen


def test_a_decision_that_replaces_a_tier_is_not_stricter_in_every_term() -> None:
    """DENY outranks T3, but the tier of the action falls: two terms go two ways, so somebody must look."""
    before, after = policy_files(BASE), policy_files(BASE.replace("tier: T3", "decision: DENY"))
    assert changes(before, after)["rules.a"].may_loosen


def test_a_rule_for_topics_that_nothing_listed_is_looser() -> None:
    more = BASE.replace("}]\n", "}, {id: b, match: {topics: [mail.send]}, tier: T1, reason: r}]\n")
    assert changes(policy_files(BASE), policy_files(more)) == {"rules.b": Effect.LOOSER}
    assert changes(policy_files(more), policy_files(BASE)) == {"rules.b": Effect.STRICTER}


def test_a_further_rule_over_listed_topics_only_tightens() -> None:
    more = BASE.replace(
        "}]\n", "}, {id: b, match: {topics: [pay.refund], risk_tags: [x]}, decision: DENY, reason: r}]\n"
    )
    assert changes(policy_files(BASE), policy_files(more)) == {"rules.b": Effect.STRICTER}
    assert changes(policy_files(more), policy_files(BASE)) == {"rules.b": Effect.LOOSER}


def test_profiles_and_detectors_are_never_passed_over() -> None:
    before = shipped_files()
    pack = next(path for path in before if path.startswith("detectors/"))
    profile = next(path for path in before if path.startswith("authority/"))
    fewer = {path: text for path, text in before.items() if path != pack}
    assert changes(before, fewer)[pack] is Effect.LOOSER
    after = {**before, profile: before[profile].replace("company: ", "company: Other ", 1)}
    assert changes(before, after)[profile] is Effect.UNCLEAR


def test_comments_and_form_are_no_change() -> None:
    before = shipped_files()
    assert changes(before, {path: f"# a comment\n{text}" for path, text in before.items()}) == {}


def test_a_key_that_this_page_does_not_know_is_unclear() -> None:
    """`signals` has no rule of its own in the comparison: any difference must be looked at."""
    before = policy_files(BASE)
    assert changes(before, policy_files("signals: {weights: {retries: 0.5}}\n" + BASE)) == {"signals": Effect.UNCLEAR}


def test_only_a_named_person_signs_and_never_who_proposed() -> None:
    signers = {Area.FINANCE: frozenset({"fay", "pat"})}
    looser = (PolicyChange(where="x", effect=Effect.LOOSER, area=Area.FINANCE, what=""),)
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def missing(*names: str, changes: tuple[PolicyChange, ...] = looser) -> tuple[Area, ...]:
        sign_offs = [SignOff(area=Area.FINANCE, principal_id=name, reason="r", at=at) for name in names]
        return missing_areas(changes, signers, sign_offs, proposed_by="pat")

    assert missing() == (Area.FINANCE,)
    assert missing("pat") == (Area.FINANCE,)
    assert missing("eve") == (Area.FINANCE,)
    assert missing("fay") == ()
    assert missing(changes=()) == ()
    security = (PolicyChange(where="x", effect=Effect.LOOSER, area=Area.SECURITY, what=""),)
    assert missing(changes=security) == (), "an area without names needs none"


TOPICS = ("pay.refund", "pay.out", "mail.send")
GLOBS = (*TOPICS, "pay.*", "*")


@st.composite
def rules(draw: st.DrawFn, name: str) -> str:
    """A rule over a few topics, perhaps with conditions."""
    match = f"topics: ['{draw(st.sampled_from(GLOBS))}']"
    if draw(st.booleans()):
        match += f", amount_usd_above: {draw(st.sampled_from([10, 50]))}"
    if draw(st.booleans()):
        match += ", risk_tags: [write]"
    asks = draw(st.sampled_from(["decision: ALLOW", "decision: DENY", "tier: T1", "tier: T3", "tier: T4"]))
    shadow = draw(st.sampled_from(["", "", ", shadow: true"]))
    return f"{{id: {name}, match: {{{match}}}, {asks}, reason: r{shadow}}}"


@st.composite
def rule_pairs(draw: st.DrawFn) -> tuple[str, str]:
    """A few rules, and the same with one of them added, changed or taken away."""
    old = {name: draw(rules(name)) for name in draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4))}
    new = dict(old)
    name = draw(st.sampled_from("abcde"))
    if name in new and draw(st.booleans()):
        del new[name]
    else:
        new[name] = draw(rules(name))
    first, second = (f"rules: [{', '.join(each.values())}]\n" for each in (old, new))
    return first, second


@settings(max_examples=200, deadline=None)
@given(pair=rule_pairs())
def test_what_is_called_stricter_never_lets_more_pass(pair: tuple[str, str]) -> None:
    """If no change may loosen, no action gets a weaker decision, a lower tier's people or fewer approvals."""
    before, after = (compiled(policy_files(each)) for each in pair)
    if any(change.effect.may_loosen for change in compare(before, after)):
        return
    for topic in TOPICS:
        for amount in (None, "20.00", "100.00"):
            for tags in ((), ("write",)):
                action = an_action(topic, amount, risk_tags=tags)
                was, now = (decide(each.policy, action, an_agent()) for each in (before, after))
                assert now.decision.strictness >= was.decision.strictness, (topic, amount, tags)
                if was.decision is now.decision:
                    assert now.required_approvals >= was.required_approvals


ACTIONS = ("keep", "record", "mask", "replace", "quarantine")


@st.composite
def reply_sections(draw: st.DrawFn) -> str:
    """A reply section with up to four rules."""
    rules = {}
    for _ in range(draw(st.integers(1, 4))):
        keys = [f"category: {draw(st.sampled_from(['pii', 'secret', 'tone']))}"]
        if draw(st.booleans()):
            keys.append(f"status: {draw(st.sampled_from(['own', 'other', 'none']))}")
        if draw(st.booleans()):
            keys.append("type: IBAN")
        rules[tuple(keys)] = draw(st.sampled_from(ACTIONS))
    written = ", ".join(f"{{{', '.join(keys)}, action: {action}}}" for keys, action in rules.items())
    return REPLY.replace("rules: [{category: pii, status: own, action: keep}]", f"rules: [{written}]").replace(
        "min_score: 0.5", f"min_score: {draw(st.sampled_from([0.3, 0.5, 0.7]))}"
    )


@settings(max_examples=60, deadline=None)
@given(old=reply_sections(), new=reply_sections(), score=st.sampled_from([0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0]))
def test_a_reply_policy_called_stricter_never_weakens_an_action(old: str, new: str, score: float) -> None:
    before, after = compiled(policy_files(reply=old)), compiled(policy_files(reply=new))
    if any(change.effect.may_loosen for change in compare(before, after)):
        return
    for category in (Category.PII, Category.SECRET, Category.TONE):
        for status in (None, Status.OWN, Status.OTHER):
            for kind in ("IBAN", "EMAIL_ADDRESS"):
                finding = Finding(category=category, type=kind, status=status, start=0, end=1, score=score, rule="t")
                was, now = (each.policy.reply.action_for(finding, channel="chat") for each in (before, after))
                assert STRICTNESS[now] >= STRICTNESS[was]
