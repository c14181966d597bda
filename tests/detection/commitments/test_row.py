"""Signs in a row weigh what the same signs weigh by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_files import shipped_files

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.course import Course
from outguard.detection.commitments.lexicon import load_lexicon
from outguard.detection.commitments.named import may_name
from outguard.detection.commitments.net import Net
from outguard.detection.commitments.read import Folded, Reader
from outguard.detection.commitments.row import RowNet
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.commitments.weigh import Surroundings, fact_signs, load_weighers, shape_signs, signs
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile

READER = Reader(load_lexicon(shipped_files()))
SHIPPED = load_weighers(shipped_files())[0].net
PROFILE = AuthorityProfile(
    name="shop",
    company="Shop",
    commitments={"refund": Authority(kind="refund", requires_action="support.refund")},
    published_policy=("Refunds reach your card within 3 to 5 business days.",),
)
PIECES = st.sampled_from(
    [
        *("we've", "will", "refund", "refunded", "$20", "in 3 to 5 business days", "tomorrow", "LX-44120", "you"),
        *("if", "usually", "declined", "came back", "guarantee", "your card", "?", "it"),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=8).map(" ".join)
STATES = st.lists(st.sampled_from([LedgerState.EXECUTED, LedgerState.APPROVED, LedgerState.FAILED]), max_size=2)
ACTS = st.builds(
    Acts,
    st.dictionaries(st.sampled_from(["claim", "promise", "policy", "refusal", "none", "of later"]), st.floats(0, 0.16)),
    st.dictionaries(st.sampled_from(["REFUND", "DELIVERY_DATE", "NONE"]), st.floats(0, 1)),
)


def net_of(names: list[str]) -> Net:
    """A net over these signs, each with a weight of its own."""
    random, many = np.random.default_rng(2), len(names)
    shapes = [(many,), (many,), (many, 4), (4,), (4, 3), (3,)]
    mean, scale, *rest = (random.normal(size=shape).astype(np.float32) for shape in shapes)
    return Net(names, [mean, np.abs(scale) + np.float32(0.5), *rest])


@given(TEXTS, ACTS, ACTS, STATES, st.booleans(), st.sampled_from([SHIPPED, net_of(["sum", "act claim", "of later"])]))
def test_a_row_weighs_what_its_signs_weigh_by_name(
    text: str,
    acts: Acts,
    other: Acts,
    states: list[LedgerState],
    is_part: bool,  # noqa: FBT001
    net: Net,
) -> None:
    entries = [LedgerEntry(action_id="a", topic="support.refund", state=state, target="LX-44120") for state in states]
    around = Surroundings.of(entries, PROFILE)
    clause, folded = Clause(0, len(text), text), Folded(text)
    course = Course([ScoredSentence(clause, acts), ScoredSentence(clause, other)], around)
    level = 2 if is_part else 0
    found = signs(clause, acts, folded, READER, around, level=level, is_last=True)
    found |= course.signs(0, acts, is_part=is_part)
    shape = shape_signs(acts, folded, READER, around, is_part=is_part, is_last=True)
    kinds = may_name(folded.tokens)
    facts = fact_signs(clause, acts, folded, READER, around, kinds=kinds, is_only=not is_part)
    weighed = RowNet(net).weigh(acts, folded.tokens, shape, facts, course.row(0, acts, is_part=is_part))
    assert weighed == pytest.approx(net.weigh(found), abs=1e-6)
