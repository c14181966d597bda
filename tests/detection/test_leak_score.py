"""A sentence that need not be searched for signs of a leak scores below what counts."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from policy_files import shipped_files

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.scorer import LEAK_ACTS, Acts
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.internal_parts import prose
from outguard.detection.internal_parts.patterns import load_patterns
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.reply import Customer, Recipient

PATTERNS = load_patterns(shipped_files())
CONTEXT = ReplyContext(
    recipient=Recipient(customer_id="c-1", display_name="Tilda Aske", address="tilda@example.com"),
    customer=Customer(id="c-1", name="Tilda Aske", emails=(), phones=(), known_values=("ORD-7218",)),
    profile=AuthorityProfile(name="test", company="Test"),
    ledger=(),
    now=datetime(2026, 3, 2, tzinfo=UTC),
)
SAID = st.lists(
    st.sampled_from(
        ["do not tell her", "the customer", "let me", "Always", "you", "Olan Rusk", "“so”", "why?", "ok", "stays calm."]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)
SHARES = st.lists(st.floats(0.0, 0.24), min_size=4, max_size=4)


@given(SAID, SHARES, SHARES, st.sampled_from([0.1, 0.3, 0.45]))
def test_what_is_not_searched_would_not_have_counted(
    text: str, mine: list[float], theirs: list[float], floor: float
) -> None:
    scored = [
        ScoredSentence(Clause(0, len(text), text), Acts(dict(zip(LEAK_ACTS, shares, strict=True))))
        for shares in (mine, theirs)
    ]
    place = prose.place_of(text, scored, range(10_000), PATTERNS, CONTEXT)
    whole = prose.weighed(prose.leak_signs(scored, 0, place), PATTERNS.weights)
    quick = prose._leak_score(scored, 0, place, PATTERNS.weights, floor)
    assert quick == whole or (quick == 0.0 and whole < floor)
