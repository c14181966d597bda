"""An agent's name is told from a customer's by where it stands."""

from __future__ import annotations

import pytest

from outguard.detection.neural.sign_off import is_sign_off


def verdict(text: str) -> bool:
    start = text.index("Ann")
    return is_sign_off(text, start, start + 3)


@pytest.mark.parametrize(
    "text",
    [
        "Done.\n\nKind regards,\nAnn",
        "Done.\n\nAnn\nCustomer Care\nBrightloom",
        "All set! - Ann",
        "Hi, this is Ann from support.",
        "Cheers, Ann",
        "Thx, Ann",
    ],
)
def test_the_writer_signs(text: str) -> None:
    assert verdict(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ann",
        "Ann signed for it.",
        "It went to Ann next door.",
        "We asked.\nAnn took it in.\n\n" + "We are looking into it and will tell you more. " * 6,
    ],
)
def test_others_are_told_of(text: str) -> None:
    assert not verdict(text)
