"""The map of other people's labels to our types."""

from __future__ import annotations

import pytest

from outguard.bench.labels import BROADER, FREE_TYPES, OUR_TYPE, PATTERN_TYPES, is_same


def test_every_target_is_a_type_of_ours() -> None:
    assert {OUR_TYPE[kind] for kind in OUR_TYPE.values()} == set(OUR_TYPE.values())


def test_our_own_types_stand_for_themselves() -> None:
    assert all(OUR_TYPE[kind] == kind for kind in PATTERN_TYPES | FREE_TYPES | set(BROADER))


def test_no_type_has_both_a_form_and_none() -> None:
    assert not PATTERN_TYPES & FREE_TYPES


@pytest.mark.parametrize(
    ("labelled", "found", "same"),
    [
        ("IBAN", "IBAN", True),
        ("DATE_TIME", "DATE_OF_BIRTH", True),  # the finer finding answers the broader label
        ("DATE_OF_BIRTH", "DATE_TIME", False),
        ("US_SSN", "NATIONAL_ID", False),
    ],
)
def test_only_a_finer_finding_answers_a_broader_label(labelled: str, found: str, same: bool) -> None:  # noqa: FBT001 - a case
    assert is_same(labelled, found) is same
