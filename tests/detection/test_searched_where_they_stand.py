"""What is searched only where it may stand is found as if it were searched everywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from outguard.detection import others_values
from outguard.detection.commitments import deadlines, targets
from outguard.detection.internal_parts import prose

_PIECES = st.sampled_from(
    (
        *(" ", "\n", "\x0b", "-", "/", "#", "(", "+", ".", "@", "_", "a", "B", "4", "12", "\u0663", "\u00a0", "'"),
        *("555 12 34", "ORD-7", "A-B", "ABCDEF1", "ending in 1234", "x.com", "2024-01-02", "you", "She ", "the guest "),
        *(
            "two ",
            "3 ",
            "business ",
            "days",
            "by Friday ",
            "in a moment ",
            "tomorrow",
            "Let me ",
            ". Do not ",
            "\u2019",
        ),
    )
)
_TEXTS = st.lists(_PIECES, max_size=25).map("".join)


@given(_TEXTS)
def test_numbers_are_those_that_the_expression_finds_everywhere(text: str) -> None:
    expected = [match.span() for match in others_values._WITHOUT_MAIL.finditer(text)]
    assert [match.span() for match in others_values._numbers(text)] == expected


@given(st.integers(min_value=190, max_value=260), st.sampled_from(["4 ", "4a", "-4", "77777 ", "(4"]))
def test_more_digits_than_are_tried_one_by_one_are_found_too(times: int, piece: str) -> None:
    text = piece * times
    expected = [match.span() for match in others_values._WITHOUT_MAIL.finditer(text)]
    assert [match.span() for match in others_values._numbers(text)] == expected


@given(_TEXTS)
def test_targets_are_those_that_the_expression_finds_everywhere(text: str) -> None:
    expected = [targets.fold_target(match.group(1) or match.group()) for match in targets._TARGET.finditer(text)]
    assert list(targets.find_targets(text)) == expected


@given(_TEXTS)
def test_hints_for_ascii_name_every_expression_that_finds_something(text: str) -> None:
    lowered = text.encode("ascii", "ignore").decode().lower()
    hints = deadlines._ASCII_HINTS.of(lowered)
    patterns = [*(pattern for pattern, _ in deadlines._NAMED), deadlines._RANGE]
    assert {at for at, pattern in enumerate(patterns) if pattern.search(lowered)} <= set(hints)
    words = prose._HINTS.of(lowered)
    assert {at for at, (_, pattern) in enumerate(prose._WORD_SIGNS) if pattern.search(lowered)} <= set(words)
