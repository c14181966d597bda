"""R13: draws follow their probabilities, and estimates made of them hold what is true."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.sampling import Case, SamplingPolicy, Stratum
from outguard.gate.sampling import estimate, is_drawn
from outguard.storage.keys import KeyRing
from outguard.storage.lottery import KeyedLottery

_CASES = st.lists(
    st.builds(
        Case,
        probability=st.floats(0.01, 1.0),
        stratum=st.sampled_from(["read", "write", "mandatory"]),
        is_wrong=st.booleans(),
    ),
    max_size=40,
)


@given(cases=_CASES)
def test_an_estimate_lies_in_its_interval(cases: list[Case]) -> None:
    for one in estimate(cases):
        assert -1e-9 <= one.low - 1e-9 <= one.rate <= one.high + 1e-9 <= 1 + 1e-8
        assert one.population >= one.cases - 1e-9


@given(rate=st.floats(0, 1), number=st.floats(0, 1, exclude_max=True))
def test_mandatory_is_always_drawn_and_rate_zero_never(rate: float, number: float) -> None:
    assert is_drawn(SamplingPolicy(rate=rate), Stratum.MANDATORY, number)
    assert not is_drawn(SamplingPolicy(rate=0.0, weights={Stratum.PROD: 3.0}), Stratum.PROD, number)


def test_estimates_from_a_stratified_draw_cover_the_truth() -> None:
    """2% of many reads and 20% of few writes are wrong; about 95 of 100 intervals hold the true rate of all."""
    policy = SamplingPolicy(rate=0.1, weights={Stratum.READ: 0.5, Stratum.WRITE: 4.0})
    chance = random.Random(7)  # noqa: S311 - a simulation
    truth = (9_000 * 0.02 + 1_000 * 0.20) / 10_000
    covered = 0
    for _ in range(100):
        cases = []
        for stratum, size, wrong in ((Stratum.READ, 9_000, 0.02), (Stratum.WRITE, 1_000, 0.20)):
            probability = policy.probability_of(stratum)
            drawn = sum(chance.random() < probability for _ in range(size))
            cases += [
                Case(probability=probability, stratum=stratum.value, is_wrong=chance.random() < wrong)
                for _ in range(drawn)
            ]
        total = estimate(cases)[0]
        covered += total.low <= truth <= total.high
    assert covered >= 90


def test_nothing_wrong_found_is_no_proof_of_nothing_wrong() -> None:
    (total, _) = estimate([Case(probability=1.0, stratum="read", is_wrong=False)] * 20)
    assert total.rate == 0
    assert total.high == pytest.approx(0.161, abs=0.001)  # Wilson's upper bound of 0 in 20


def test_replicas_draw_the_same_and_others_cannot_foresee_it() -> None:
    ring = KeyRing.generate()
    first, second, foreign = KeyedLottery(ring), KeyedLottery(ring), KeyedLottery(KeyRing.generate())
    tickets = [("default", f"act-{at}", "sample") for at in range(500)]
    numbers = [first.draw(*ticket) for ticket in tickets]
    assert numbers == [second.draw(*ticket) for ticket in tickets]
    assert numbers != [foreign.draw(*ticket) for ticket in tickets]
    assert all(0 <= number < 1 for number in numbers)
    assert 0.42 < sum(number < 0.5 for number in numbers) / 500 < 0.58
    assert first.draw("default", "act-1", "sample") != first.draw("default", "act-1", "second_review")
    assert first.draw("default", "act-1", "sample") != first.draw("other", "act-1", "sample")
    assert repr(first) == "KeyedLottery()"
