"""The net over the signs of a clause gives probabilities, bounds each sign, and is read as it was written."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.commitments.net import FARTHEST, Net, dump, load
from outguard.errors import InvalidInputError

NAMES = ["act claim", "sum", "word will"]
VALUES = st.dictionaries(st.sampled_from([*NAMES, "unknown sign"]), st.floats(-1e6, 1e6), max_size=4)


def parts(seed: int = 1) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    shapes = [(3,), (3,), (3, 4), (4,), (4, 3), (3,)]
    made = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    made[1] = (np.abs(made[1]) + 0.5).astype(np.float32)
    return made


@given(VALUES)
def test_whatever_the_signs_are_the_three_probabilities_sum_to_one(found: dict[str, float]) -> None:
    weighed = Net(NAMES, parts()).weigh(found)
    assert all(0.0 <= one <= 1.0 for one in weighed)
    assert sum(weighed) == pytest.approx(1.0, abs=1e-5)


def test_the_net_is_what_its_formula_says() -> None:
    mean, scale, w1, b1, w2, b2 = parts()
    values = np.clip((np.array([0.5, 1.0, 0.0]) - mean) / scale, -FARTHEST, FARTHEST)
    logits = np.maximum(values @ w1 + b1, 0.0) @ w2 + b2
    wanted = np.exp(logits) / np.exp(logits).sum()
    assert Net(NAMES, parts()).weigh({"act claim": 0.5, "sum": 1.0}) == pytest.approx(tuple(wanted), abs=1e-5)


def test_a_sign_far_out_counts_as_one_at_the_bound() -> None:
    net, (mean, scale, *_) = Net(NAMES, parts()), parts()
    at_bound = float(mean[1] + FARTHEST * scale[1])
    assert net.weigh({"sum": at_bound * 1000}) == pytest.approx(net.weigh({"sum": at_bound}), abs=1e-5)


def test_signs_that_the_net_does_not_know_change_nothing() -> None:
    net = Net(NAMES, parts())
    assert net.weigh({"sum": 1.0, "of another version": 9.0}) == net.weigh({"sum": 1.0})


def test_what_is_written_is_read_again() -> None:
    tree = yaml.safe_load(yaml.safe_dump(dump(NAMES, parts())))
    assert load(tree).weigh({"sum": 1.0}) == Net(NAMES, parts()).weigh({"sum": 1.0})


@pytest.mark.parametrize("broken", [{"hidden": 5}, {"numbers": "???"}, {"signs": NAMES[:2]}, {"numbers": ""}])
def test_a_malformed_net_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        load({**dump(NAMES, parts()), **broken})


@pytest.mark.parametrize(("part", "value"), [(2, np.nan), (4, np.inf), (1, 0.0)])
def test_a_net_that_would_weigh_nothing_is_refused(part: int, value: float) -> None:
    """What is no number is below every threshold: all that binds would go."""
    broken = parts()
    broken[part].flat[0] = value
    with pytest.raises(InvalidInputError):
        load(dump(NAMES, broken))


def test_a_net_without_one_of_its_parts_is_refused() -> None:
    tree = dump(NAMES, parts())
    del tree["hidden"]
    with pytest.raises(InvalidInputError):
        load(tree)
