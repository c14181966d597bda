"""Which type comes first: words, the profile's kinds and what is open in the ledger tell; what was done never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.commitments.rank import CANDIDATES, TypeRank, type_signs, worth_ranking
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.weigh import Surroundings
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile

PROFILE = AuthorityProfile(
    name="shop",
    company="Shop",
    commitments={
        "refund": Authority(kind="refund", requires_action="support.refund"),
        "guarantee": Authority(kind="guarantee", forbidden=True),
        "gift_engraving": Authority(kind="gift_engraving", requires_action="shop.engrave"),
    },
)
ACTS = Acts({"claim": 1.0}, {"REFUND": 0.4, "FEE_WAIVER": 0.5, "NONE": 0.1})
ALL = frozenset(CANDIDATES)


def signs_of(ledger: tuple[LedgerEntry, ...] = (), words: str = "", **facts: float) -> dict[str, dict[str, float]]:
    around = Surroundings.of(ledger, PROFILE)
    said = frozenset(words.split())
    return dict(type_signs(ACTS, {"REFUND": 3}, facts, around, words=said, beside=(None, ACTS)))


def entry(topic: str, state: LedgerState) -> LedgerEntry:
    return LedgerEntry(action_id="act-1", topic=topic, state=state)


def test_every_type_is_a_candidate_and_the_likeliest_is_marked() -> None:
    found = signs_of()
    assert set(found) == ALL
    assert [kind for kind in CANDIDATES if found[kind]["likeliest"]] == ["FEE_WAIVER"]
    assert found["REFUND"]["cues"] == 2.0


def test_the_profile_and_what_is_open_in_the_ledger_speak_for_a_type() -> None:
    found = signs_of((entry("support.refund", LedgerState.PENDING),))
    assert (found["REFUND"]["named"], found["REFUND"]["needs"], found["REFUND"]["open"]) == (1.0, 1.0, 1.0)
    assert "named" not in found["FEE_WAIVER"]
    assert found["GUARANTEE"]["forbidden"]


@pytest.mark.parametrize("state", [LedgerState.EXECUTED, LedgerState.APPROVED])
def test_a_deed_that_is_done_is_no_sign_of_the_type_that_it_backs(state: LedgerState) -> None:
    ledger = (entry("support.refund", state), entry("shop.engrave", state))
    assert signs_of(ledger) == signs_of()


def test_a_kind_of_the_companys_own_speaks_for_other() -> None:
    found = signs_of((entry("shop.engrave", LedgerState.FAILED),), words="the gift engraving is done")["OTHER"]
    assert (found["own"], found["own named"], found["own open"]) == (1.0, 1.0, 1.0)


def test_sums_and_times_are_told_by_the_group_of_the_type() -> None:
    found = signs_of(sum=1.0)
    assert found["REFUND"]["sum money"] == 1.0
    assert found["DELIVERY_DATE"]["sum times"] == 1.0
    assert found["DELIVERY_DATE"]["time times"] == 0.0


def test_the_type_whose_signs_weigh_most_comes_first() -> None:
    rank, signs = TypeRank({"odds": 1.0, "named": 5.0}), signs_of()
    assert rank.likeliest(signs.items()) == "REFUND"
    assert rank.likeliest((kind, found) for kind, found in signs.items() if "named" not in found) == "FEE_WAIVER"


def test_what_the_scorer_cues_or_open_actions_speak_for_is_worth_ranking() -> None:
    around = Surroundings.of((), PROFILE)
    assert worth_ranking(ACTS, {}, around, ALL) == ["FEE_WAIVER", "OTHER", "REFUND"]
    assert "GUARANTEE" in worth_ranking(ACTS, {"GUARANTEE": 1}, around, ALL)
    pending = Surroundings.of((entry("support.refund", LedgerState.PENDING),), PROFILE)
    assert "REFUND" in worth_ranking(Acts({}, {"NONE": 1.0}), {}, pending, ALL)
    assert worth_ranking(ACTS, {}, around, frozenset({"REFUND"})) == ["REFUND"]


SHARES = st.dictionaries(st.sampled_from([*CANDIDATES, "NONE"]), st.floats(0.0, 1.0), max_size=5)
HEARERS = st.builds(
    lambda types, heard: Acts({}, types, heard=heard), SHARES, st.none() | st.builds(Acts, SHARES, SHARES)
)
NAMES = sorted({name for _, found in type_signs(
    Acts({}, {}, heard=ACTS), {}, {}, Surroundings.of((), PROFILE), words=frozenset(), beside=(ACTS, ACTS)
) for name in found})  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(-9, 9)),
    HEARERS,
    st.dictionaries(st.sampled_from(CANDIDATES), st.integers(0, 3), max_size=3),
    st.fixed_dictionaries({"sum": st.booleans(), "time": st.booleans()}),
    st.tuples(st.none() | HEARERS, st.none() | HEARERS),
    st.lists(st.sampled_from(["support.refund", "shop.engrave", "shop.other"]), max_size=2),
    st.sets(st.sampled_from(["gift", "engraving", "refund"])),
)
def test_the_first_type_is_the_likeliest_by_its_signs(
    weights: dict[str, int],
    acts: Acts,
    cues: dict[str, int],
    facts: dict[str, float],
    beside: tuple[Acts | None, Acts | None],
    topics: list[str],
    words: set[str],
) -> None:
    rank = TypeRank({name: float(weight) for name, weight in weights.items()})
    around = Surroundings.of([entry(topic, LedgerState.PENDING) for topic in topics], PROFILE)
    among = worth_ranking(acts, cues, around, ALL)
    said = frozenset(words)
    first = rank.first(acts, cues, facts, around, words=said, beside=beside, among=among)
    signs = type_signs(acts, cues, facts, around, words=said, beside=beside, among=among)
    scores = {kind: sum(weights.get(name, 0) * value for name, value in found.items()) for kind, found in signs}
    assert scores[first] == pytest.approx(max(scores.values()))
