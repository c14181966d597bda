"""How long a look-up among 10,000 registered texts takes in process, and what they take in memory.

A text is twelve of 4,000 sentences, each of words that replies have, in no order. One sentence in `_SHARED` has a few
running words of a reply: as in life, every other reply shares a turn of phrase with many texts, and leaks none of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import islice

from outguard.bench.load import measure_together
from outguard.bench.text import SEED, replies
from outguard.detection.fingerprints.registry import StoredText, TextIndex, prints_of
from outguard.domain.source import SourceKind

TEXTS = 10_000
_SENTENCES, _OF_A_TEXT, _WORDS = 4_000, 12, 15
_SHARED, _RUN = 80, 5
_REPLIES = 1_000
_WARM_UP = 500
_KEY = bytes(32)


def registered_texts(count: int = TEXTS) -> Iterator[str]:
    """Texts to register, the same every time."""
    chance = random.Random(SEED)  # noqa: S311 - texts, no secret
    words = " ".join(islice(replies(), _REPLIES)).split()
    sentences: list[str] = []
    for number in range(_SENTENCES):
        sentence = chance.choices(words, k=_WORDS)
        if number % _SHARED == 0:
            at = chance.randrange(len(words) - _RUN)
            sentence[_RUN : 2 * _RUN] = words[at : at + _RUN]
        sentences.append(" ".join(sentence))
    for _ in range(count):
        yield ". ".join(chance.sample(sentences, _OF_A_TEXT))


def measure_registered(seconds: float) -> Mapping[str, float]:
    """Microseconds of processor time a look-up, and megabytes."""
    kind = SourceKind.INTERNAL
    texts = (
        StoredText(str(number), kind, "INTERNAL_NOTE", "bench", prints_of(kind, text, _KEY)[0])
        for number, text in enumerate(registered_texts())
    )
    index = TextIndex(texts, lambda _: _KEY)
    found = measure_together({"look_up": index.find}, replies(), seconds, warm_up=_WARM_UP)["look_up"]
    return {"look_up_us": round(found.as_row()["cpu_ms"] * 1000, 1), "mb": round(index.nbytes / 1e6, 1)}
