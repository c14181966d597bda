"""Where a claim begins and ends within its clause."""

from __future__ import annotations

import pytest

from outguard.detection.commitments.narrow import narrow


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The $12 for it was refunded this morning, lamp and all.", "The $12 for it was refunded this morning"),
        ("Sure: your dates are moved to 3 to 9 May, same room, same rate.", "your dates are moved to 3 to 9 May"),
        ("Your plan has been changed.", "Your plan has been changed."),
        ("The blue one, LX-44120-7, has been sent out again", "The blue one, LX-44120-7, has been sent out again"),
        ("Since the old one had cracked, a new lid has been sent", "a new lid has been sent"),
        ("Your new phone number is saved, so the van of ORD-12 can ring", "Your new phone number is saved"),
        ("Your lamp has been approved and is waiting for the van", "Your lamp has been approved"),
        ("your dates are moved to 27 to 29 August, same room, VM-12", "your dates are moved to 27 to 29 August"),
    ],
)  # fmt: skip
def test_a_claim_is_its_verb_with_the_facts(text: str, claim: str) -> None:
    start, end = narrow(text)
    assert text[start:end] == claim


@pytest.mark.parametrize("text", ["", ", , ,", "🙂🙂🙂", "a" * 5000, "x, " * 3000])
def test_whatever_the_text_the_place_lies_in_it(text: str) -> None:
    start, end = narrow(text)
    assert 0 <= start <= end <= len(text)
