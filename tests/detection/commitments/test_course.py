"""The signs around a clause: the sentences before and after it, the likeliest other one, and what the ledger has."""

from __future__ import annotations

from outguard.detection.commitments.clauses import Clause
from outguard.detection.commitments.course import ALONE, BESIDE, COURSE, DONE_OF_KIND, Course
from outguard.detection.commitments.scorer import Acts
from outguard.detection.commitments.sentences import ScoredSentence
from outguard.detection.commitments.weigh import Surroundings, log_odds
from outguard.domain.action import LedgerEntry, LedgerState
from outguard.domain.authority import Authority, AuthorityProfile

PROFILE = AuthorityProfile(
    name="shop",
    company="Shop",
    commitments={
        "refund": Authority(kind="refund", requires_action="support.refund"),
        "callback": Authority(kind="callback"),
        "engraving": Authority(kind="engraving", requires_action="shop.engrave"),
    },
)
CLAIM = Acts({"claim": 0.8, "none": 0.2}, {"REFUND": 0.75, "CALLBACK_OR_CONTACT": 0.25})
POLICY = Acts({"policy": 0.9, "none": 0.1}, {"NONE": 1.0})
NOTHING = Acts({"none": 1.0}, {"NONE": 1.0})


def course(*acts: Acts, around: Surroundings | None = None) -> Course:
    return Course(
        [ScoredSentence(Clause(10 * at, 10 * at + 9, "a sentence"), one) for at, one in enumerate(acts)],
        around or Surroundings.of((), PROFILE),
    )


def entry(topic: str, state: LedgerState) -> LedgerEntry:
    return LedgerEntry(action_id="act-1", topic=topic, state=state)


def test_a_sentence_is_told_what_stands_before_and_after_it() -> None:
    found = course(CLAIM, NOTHING, POLICY).signs(1, NOTHING, is_part=False)
    assert found["prev deed"] == log_odds(0.8)
    assert found["next stating"] == log_odds(0.9)
    assert found["next deed"] == log_odds(0.0)


def test_the_likeliest_other_sentence_is_never_the_sentence_itself() -> None:
    three = course(NOTHING, CLAIM, POLICY)
    assert three.signs(1, CLAIM, is_part=False)["most deed"] == log_odds(0.0)
    assert three.signs(2, POLICY, is_part=False)["most deed"] == log_odds(0.8)


def test_a_clause_is_told_what_its_sentence_does_and_a_sentence_is_not() -> None:
    one = course(CLAIM)
    assert one.signs(0, NOTHING, is_part=True)["whole deed"] == log_odds(0.8)
    assert one.signs(0, CLAIM, is_part=False)["whole deed"] == 0.0


def test_a_single_sentence_has_the_signs_of_one_that_is_alone() -> None:
    found = course(CLAIM).signs(0, CLAIM, is_part=False)
    assert {name: found[name] for name in ALONE} == ALONE


def test_the_ledger_speaks_for_the_types_whose_action_it_has() -> None:
    for state, name in (
        (LedgerState.EXECUTED, "done of type"),
        (LedgerState.APPROVED, "approved of type"),
        (LedgerState.DENIED, "open of type"),
    ):
        around = Surroundings.of([entry("support.refund", state)], PROFILE)
        found = course(CLAIM, around=around).signs(0, CLAIM, is_part=False)
        assert {sign: found[sign] for sign in DONE_OF_KIND if found[sign]} == {name: 0.75}


def test_the_ledger_speaks_of_the_companys_own_kinds() -> None:
    around = Surroundings.of([entry("shop.engrave", LedgerState.EXECUTED)], PROFILE)
    assert course(NOTHING, around=around).signs(0, NOTHING, is_part=False)["own done"]


def test_what_was_only_looked_up_is_no_deed() -> None:
    around = Surroundings.of([entry("support.lookup", LedgerState.EXECUTED)], PROFILE)
    found = course(CLAIM, around=around).signs(0, CLAIM, is_part=False)
    assert not any(found[name] for name in DONE_OF_KIND)


def test_all_signs_are_named() -> None:
    assert set(course(CLAIM).signs(0, CLAIM, is_part=True)) == {*COURSE, *DONE_OF_KIND}


def test_what_a_language_model_heard_by_itself_is_told_too() -> None:
    both = Acts({"claim": 0.5, "none": 0.5}, {"NONE": 1.0}, heard=CLAIM)
    found = course(both).signs(0, both, is_part=True)
    assert (found["heard act claim"], found["heard type REFUND"]) == (0.8, 0.75)
    assert set(found) <= BESIDE
