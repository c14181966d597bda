"""Signs of a clause and what they weigh."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_files import shipped_files

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.weigh import (
    MODEL_WEIGHTS_FILE,
    SHAPE,
    WEIGHTS_FILE,
    Surroundings,
    Weigher,
    load_weighers,
    may_matter,
    said_signs,
    shape_signs,
    signs,
)
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.money import Money
from outguard.errors import InvalidInputError

RULES = Path(__file__).parents[3] / "rules"
READER = Reader(load_lexicon(shipped_files()))
ACTS = Acts({"claim": 0.5, "none": 0.5}, {"REFUND": 0.9, "NONE": 0.1})


def rule_files() -> dict[str, str]:
    return {f"detectors/{path.name}": path.read_text(encoding="utf-8") for path in (RULES / "detectors").glob("*.yaml")}


def entry(state: LedgerState, target: str = "LX-44120") -> LedgerEntry:
    return LedgerEntry(
        action_id="act-1",
        topic="support.refund",
        state=state,
        target=target,
        amount=Money(amount=Decimal("12.50"), currency="USD"),
    )


def signs_of(text: str, around: Surroundings) -> dict[str, float]:
    return signs(Clause(0, len(text), text), ACTS, Folded(text), READER, around, level=0, is_last=False)


def test_probabilities_sum_to_one_and_unknown_signs_weigh_nothing() -> None:
    weigher = Weigher({"sum": (1.0, 2.0)}, (0.5, -0.5))
    assert sum(weigher.weigh({"sum": 1.0, "unheard": 9.0})) == pytest.approx(1.0)
    assert weigher.weigh({"sum": 1.0, "unheard": 9.0}) == weigher.weigh({"sum": 1.0})


def test_huge_signs_do_not_overflow() -> None:
    assert Weigher({"sum": (1e6, -1e6)}, (0.0, 0.0)).weigh({"sum": 1.0}) == pytest.approx((0.0, 1.0, 0.0))


def test_an_empty_ledger_is_no_sign() -> None:
    """Else words would be the more harmless the less was done."""
    text = "We have sent the $12.50 for LX-44120 back."
    names = {name for name, value in signs_of(text, Surroundings()).items() if value}
    assert not {name for name in names if name.startswith(("done", "open", "approved", "other"))}


def test_an_executed_deed_on_the_named_target_is_a_sign_of_a_claim() -> None:
    found = signs_of("LX-44120 is all sorted", Surroundings((entry(LedgerState.EXECUTED),)))
    assert found["done target"]
    assert found["done binding"] == pytest.approx(0.5)


def test_another_target_of_the_same_kind_is_a_sign_of_its_own() -> None:
    found = signs_of("LX-44999 likewise", Surroundings((entry(LedgerState.EXECUTED),)))
    assert found["other target"]
    assert not found["done target"]


def test_what_came_back_is_told_apart_only_where_the_ledger_says_so() -> None:
    text = "The bank sent it straight back."
    assert signs_of(text, Surroundings((entry(LedgerState.FAILED),)))["came to nothing"]
    assert not signs_of(text, Surroundings((entry(LedgerState.EXECUTED),)))["came to nothing"]


def test_words_near_the_published_policy_are_like_it() -> None:
    policy = ("Returns are accepted within thirty days of delivery.",)
    near = signs_of("Returns are accepted within thirty days", Surroundings(policy=policy))["like policy"]
    far = signs_of("Have a lovely weekend with your dog", Surroundings(policy=policy))["like policy"]
    assert near > 0.4 > far


def test_greetings_are_not_worth_weighing() -> None:
    assert not may_matter(Acts({"none": 1.0}), Surroundings())
    assert may_matter(ACTS, Surroundings())


@pytest.mark.parametrize(
    "text", ["", "commitments_weights: {}", "commitments_weights: {bias: [1], weights: {}}", "- x"]
)
def test_malformed_weights_are_an_error(text: str) -> None:
    with pytest.raises(InvalidInputError):
        load_weighers({WEIGHTS_FILE: text})


def test_a_malformed_table_of_the_model_is_an_error_too() -> None:
    with pytest.raises(InvalidInputError):
        load_weighers({**shipped_files(), MODEL_WEIGHTS_FILE: "commitments_weights: {}"})


def test_rules_without_a_table_for_the_model_weigh_by_the_other() -> None:
    files = {name: text for name, text in shipped_files().items() if name != MODEL_WEIGHTS_FILE}
    plain, heard = load_weighers(files)
    assert heard is plain


def test_what_a_language_model_heard_is_a_sign_of_its_own() -> None:
    """So that it may weigh more than the mean of both, and a table learnt without it stays what it was."""
    text, heard = "You're as good as booked.", Acts({"promise": 0.9, "none": 0.1}, {"OTHER": 1.0})
    both = Acts(ACTS.acts, ACTS.types, heard=heard)
    clause = Clause(0, len(text), text)
    with_model = signs(clause, both, Folded(text), READER, Surroundings(), level=0, is_last=False)
    without = signs_of(text, Surroundings())
    assert with_model["heard binding odds"] > 2 > with_model["binding odds"]
    assert {name: value for name, value in with_model.items() if not name.startswith("heard")} == without


WORDS = st.lists(st.sampled_from(["refunds", "reach", "your", "card", "within", "days", "parcel", "we", "week"]))


@given(WORDS, st.lists(WORDS.map(" ".join), max_size=3))
def test_words_are_like_the_policy_by_its_sentence_that_has_most_of_them(said: list[str], policy: list[str]) -> None:
    long = {word for word in said if len(word) >= 4}
    shares = [len(long.intersection(one.split())) / (len(long) + 3) for one in policy]
    folded = Folded(" ".join(said))
    shape = shape_signs(ACTS, folded, READER, Surroundings((), tuple(policy)), is_part=False, is_last=False)
    assert shape[SHAPE.index("like policy")] == max(shares, default=0.0)


@given(st.dictionaries(st.sampled_from(["claim", "policy", "none"]), st.floats(0, 0.3)), WORDS.map(" ".join))
def test_words_weigh_what_their_signs_weigh_by_name(acts: dict[str, float], text: str) -> None:
    weigher = Weigher(
        {"act claim": (1.0, -2.0), "act none": (0.5, 0.25), "word we": (3.0, 1.0), "length": (1.0, 2.0)}, (0.5, -0.5)
    )
    weighed, folded = Acts(acts, {}), Folded(text)
    shape = shape_signs(weighed, folded, READER, Surroundings(), is_part=False, is_last=False)
    said = said_signs(weighed, folded, shape)
    assert weigher.weigh_words(weighed, folded.tokens, shape) == pytest.approx(weigher.add(said))
