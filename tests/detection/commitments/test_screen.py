"""What the screen says can be found is never less than what is found."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_files import shipped_files

from outguard.detection.commitments import amounts, deadlines
from outguard.detection.commitments.amounts import find_amounts
from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.closer import Closer
from outguard.detection.commitments.deadlines import UNIT_WORDS, find_deadlines
from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.named import BUSINESS, SUM, TARGET, TIME, may_name
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.screen import SEARCHED, Screen
from outguard.detection.commitments.targets import find_targets
from outguard.detection.commitments.terms import published_terms
from outguard.detection.commitments.tokens import words
from outguard.detection.commitments.weigh import (
    BOUND,
    WITHIN,
    Surroundings,
    Weigher,
    fact_signs,
    load_weighers,
    shape_signs,
    signs,
)
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.money import Money

READER = Reader(load_lexicon(shipped_files()))
WEIGHER = load_weighers(shipped_files())[0]
ACTS = Acts({"claim": 0.3, "policy": 0.3, "none": 0.4}, {"REFUND": 0.5, "DELIVERY_DATE": 0.3, "NONE": 0.2})
LEDGER = tuple(
    LedgerEntry(
        action_id=f"act-{number}",
        topic="support.refund",
        state=state,
        target="LX-44120",
        amount=Money(amount=Decimal(20), currency="USD"),
    )
    for number, state in enumerate((LedgerState.EXECUTED, LedgerState.APPROVED, LedgerState.FAILED))
)
POLICY = ("Refunds reach your card within 3 to 5 business days.",)
PIECES = st.sampled_from(
    [
        *("we've", "will", "refund", "$20", "20 dollars", "in 3 to 5 business days", "by 5", "tomorrow", "LX-44120"),
        *("twodays", "'tomorrow'", "it's Friday", "5'pound", "x'usd 5", "a hundred", "no way", "declined", "you"),
        *("ending in 4417", "a@b.example", "never ever", "on the house", "the", "afternoon", "at 10:30", "\u20ac5"),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map(" ".join)


def bounded(text: str, around: Surroundings, weigher: Weigher) -> tuple[tuple[float, float], tuple[float, ...]]:
    """The most that the screen allows, and what the whole weighing gives."""
    folded = Folded(text)
    shape = shape_signs(ACTS, folded, READER, around, is_part=False, is_last=True)
    weighed = weigher.weigh_words(ACTS, folded.tokens, shape)
    most = Screen(weigher).likeliest(weighed, may_name(folded.tokens), has_ledger=bool(around.ledger))
    found = signs(Clause(0, len(text), text), ACTS, folded, READER, around, level=0, is_last=True)
    return most, weigher.weigh(found)


@given(TEXTS, st.booleans())
def test_no_clause_is_likelier_than_the_screen_allows(text: str, has_ledger: bool) -> None:  # noqa: FBT001
    around = Surroundings(LEDGER if has_ledger else (), POLICY)
    most, weighed = bounded(text, around, WEIGHER)
    assert weighed[WITHIN] <= most[0]
    assert weighed[BOUND] <= most[1]


@given(TEXTS, st.booleans())
def test_no_clause_is_likelier_than_a_closer_look_allows(text: str, has_ledger: bool) -> None:  # noqa: FBT001
    around, folded = Surroundings(LEDGER if has_ledger else (), POLICY), Folded(text)
    shape = shape_signs(ACTS, folded, READER, around, is_part=False, is_last=True)
    weighed, kinds = WEIGHER.weigh_words(ACTS, folded.tokens, shape), may_name(folded.tokens)
    most = Closer(WEIGHER).likeliest(weighed, folded.tokens, kinds, has_ledger=has_ledger)
    allowed, found = bounded(text, around, WEIGHER)
    assert most is None or all(closer <= screened for closer, screened in zip(most, allowed, strict=True))
    assert most is None or (found[WITHIN] <= most[0] and found[BOUND] <= most[1])


def test_a_closer_look_is_of_no_use_where_a_range_may_be_named() -> None:
    assert Closer(WEIGHER).likeliest((0.0, 0.0), words("It takes 3 to 5 days."), TIME, has_ledger=False) is None
    assert Closer(WEIGHER).likeliest((0.0, 0.0), words("It is there by 5."), TIME, has_ledger=False) is not None


def test_what_the_policy_publishes_are_ranges() -> None:
    terms = published_terms(("We answer today, refund within 5 days, and ship in 3 to 5 business days or 1-2 weeks.",))
    assert len(terms) == 2
    assert all(least < most for least, most, _ in terms)


@given(TEXTS, st.sampled_from(sorted(SEARCHED)))
def test_each_sign_that_is_searched_for_counts_as_much_as_it_can(text: str, sign: str) -> None:
    """Whatever the weights: each sign by itself is among what the screen expects."""
    weigher = Weigher({sign: (2.0, 3.0)}, (0.0, 0.0))
    most, _ = bounded(text, Surroundings(LEDGER, POLICY), weigher)
    value = signs_searched(text).get(sign, 0.0)
    total = weigher.add({sign: value})
    alone = Weigher({sign: (2.0, 3.0)}, (0.0, 0.0)).weigh({sign: value})
    assert alone[WITHIN] <= most[0], total
    assert alone[BOUND] <= most[1], total


def signs_searched(text: str) -> dict[str, float]:
    around = Surroundings(LEDGER, POLICY)
    folded = Folded(text)
    kinds = may_name(folded.tokens)
    return fact_signs(Clause(0, len(text), text), ACTS, folded, READER, around, kinds=kinds, is_only=True)


def test_the_screen_knows_every_sign_that_is_searched_for() -> None:
    assert signs_searched("We sent $20 for LX-44120 by Friday.").keys() == SEARCHED


def test_words_weighed_first_and_facts_after_weigh_as_all_signs_at_once() -> None:
    text, around = "We've sent $20 for LX-44120 back, in 3 to 5 business days.", Surroundings(LEDGER, POLICY)
    folded = Folded(text)
    shape = shape_signs(ACTS, folded, READER, around, is_part=False, is_last=True)
    weighed = WEIGHER.weigh_words(ACTS, folded.tokens, shape)
    all_at_once = signs(Clause(0, len(text), text), ACTS, folded, READER, around, level=0, is_last=True)
    kinds = may_name(folded.tokens)
    facts = fact_signs(Clause(0, len(text), text), ACTS, folded, READER, around, kinds=kinds, is_only=True)
    assert WEIGHER.weigh(facts, weighed) == pytest.approx(WEIGHER.weigh(all_at_once))


NAMED = [pattern.pattern for pattern, _ in deadlines._NAMED]


@settings(max_examples=300)
@given(
    st.one_of(
        [
            st.from_regex(re.compile(one), fullmatch=True)
            for one in [*NAMED, deadlines._RANGE.pattern, deadlines._DATE.pattern]
        ]
    )
)
def test_no_time_is_named_without_one_of_its_words(text: str) -> None:
    kinds, found = may_name(words(text)), find_deadlines(text)
    assert not found or kinds & TIME
    assert not any(one.business for one in found) or kinds & BUSINESS
    assert not any(one.least < one.most for one in found) or not UNIT_WORDS.isdisjoint(words(text))


@pytest.mark.parametrize("sign", [*amounts._SIGNS, *amounts._SCALES])
@pytest.mark.parametrize("form", ["5 {}", "5{}", "{}5", "a {} 5", "x'{} 5", "5 {}'s", "{} 5n't"])
def test_no_sum_is_named_without_one_of_its_words(sign: str, form: str) -> None:
    text = form.format(sign)
    assert not find_amounts(text) or may_name(words(text)) & SUM


@pytest.mark.parametrize("text", ["a@b.example", "ORD-7218", "#A4417", "ending in 4417", "AB12CD34"])
def test_no_target_is_named_without_a_digit_an_at_or_a_dash(text: str) -> None:
    assert find_targets(text)
    assert may_name(words(text)) & TARGET
