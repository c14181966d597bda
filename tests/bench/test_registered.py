"""The registered texts of the bench are ordinary: replies share words with them, and hardly one is a leak."""

from __future__ import annotations

from itertools import islice

from outguard.bench.registered import registered_texts
from outguard.bench.text import replies
from outguard.detection.fingerprints.registry import StoredText, TextIndex, prints_of
from outguard.domain.source import SourceKind

KEY = bytes(32)
KIND = SourceKind.INTERNAL


def test_texts_are_the_same_every_time_and_all_different() -> None:
    texts = list(registered_texts(50))
    assert texts == list(registered_texts(50))
    assert len(set(texts)) == len(texts)


def test_replies_leak_none_of_them_and_a_sentence_of_one_is_found() -> None:
    texts = list(registered_texts(400))
    stored = [
        StoredText(str(at), KIND, "INTERNAL_NOTE", "k", prints_of(KIND, one, KEY)[0]) for at, one in enumerate(texts)
    ]
    index = TextIndex(stored, lambda _: KEY)
    assert sum(bool(index.find(reply)) for reply in islice(replies(), 300)) <= 3
    assert index.find(f"Hello Maria, here you are. {texts[7].split('. ')[0]} Kind regards")
