"""The numbered features are the named ones: what training saw is what scoring sees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.commitments.hashing import PairTable
from outguard.detection.commitments.index import MAX_SENTENCES, FeatureIndex
from outguard.detection.commitments.linear import sentence_features

SENTENCES = [
    ("", "We've refunded $45.00 to your card."),
    ("Hello there!", "It's **bold** * and * bold, can't n't '' wait... refunded, zzyzzyx?"),
    ("a b c d e f g h i j k l m n", "x_y 12:30 € ½ İstanbul \x00 naïve naïve naïve’s"),
]
NAMES = sorted(set().union(*(sentence_features(*pair) for pair in SENTENCES)))[::2]
INDEX = FeatureIndex(NAMES)


def named(prev: str, text: str) -> tuple[set[int], int]:
    found = sentence_features(prev, text)
    rows = {name: row for row, name in enumerate(NAMES, start=1)}
    return {rows[name] for name in found if name in rows}, len(found)


def numbered(pairs: list[tuple[str, str]]) -> list[tuple[set[int], int]]:
    rows, starts, sizes = INDEX.rows(pairs)
    ends = [*starts.tolist()[1:], len(rows)]
    groups = [set(rows[first:last].tolist()) - {0} for first, last in zip(starts.tolist(), ends, strict=True)]
    return list(zip(groups, sizes.tolist(), strict=True))


def test_all_sentences_of_a_text_are_read_at_once() -> None:
    assert numbered(SENTENCES) == [named(*pair) for pair in SENTENCES]


WORDS = st.lists(
    st.sampled_from(["we", "we've", "refunded", "*", "bold", "$45.00", "zzz", "zzzzzzz,", "it's:", "_", "<s>", "."]),
    max_size=12,
).map(" ".join)


@given(st.lists(st.tuples(WORDS | st.text(max_size=30), WORDS | st.text(max_size=30)), min_size=1, max_size=4))
def test_numbers_equal_names_whatever_the_words(pairs: list[tuple[str, str]]) -> None:
    assert numbered(pairs) == [named(*pair) for pair in pairs]


def test_as_many_as_can_be_are_told_apart_to_the_last() -> None:
    pairs = [SENTENCES[at % len(SENTENCES)] for at in range(MAX_SENTENCES)]
    assert numbered(pairs) == [named(*pair) for pair in SENTENCES] * (MAX_SENTENCES // 3) + [
        named(*pair) for pair in SENTENCES[: MAX_SENTENCES % 3]
    ]


@pytest.mark.parametrize("size", [0, 1, 5000])
def test_every_key_has_its_row_and_no_other_key_has_one(size: int) -> None:
    keys = np.arange(1, size + 1, dtype=np.uint64) * np.uint64(977)
    table = PairTable(keys)
    assert table.values(keys).tolist() == list(range(1, size + 1))
    assert table.values(np.zeros(1, dtype=np.uint64)).tolist() == [0]
    assert all(value > size for value in table.values(keys + np.uint64(1)).tolist())
    table.values(keys, out=keys)
    assert keys.tolist() == list(range(1, size + 1))
