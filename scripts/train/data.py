"""Labelled texts from the data folders, each as words with coded targets.

Unseen for measuring: wnut17 dev, broad-twitter dev, a fifth of wikigold, a quarter of the letters, and whole
industries where told to skip them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zlib import crc32

from glossed import in_english
from industries import HERE, Row, read, reply_files, sentence_rows
from labels import (
    ACT_TABLE,
    ANY,
    DEED,
    HANDLE,
    HARMLESS,
    MAY_CLAIM,
    NO_NAME,
    NO_VALUE,
    NOT_MARKED,
    STATES,
    TAG_TABLE,
    TYPE_TABLE,
    TYPELESS,
)
from synth import Synth

from outguard.detection.commitments.clauses import clauses, sentences
from outguard.detection.neural.wordpiece import Word, WordPiece

KINDS = {
    "person": "PERSON", "location": "LOCATION", "corporation": "ORGANIZATION", "group": "ORGANIZATION",
    "PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION",
    "GPE": "LOCATION", "ADDRESS": "STREET_ADDRESS",
    "name": "PERSON", "address": "STREET_ADDRESS", "current_city": "LOCATION", "company_name": "ORGANIZATION",
}  # fmt: skip
LEAKS = {
    "INTERNAL_NOTE": "internal", "SYSTEM_PROMPT": "instruction", "REASONING": "reasoning",
    "OTHER_CUSTOMER": "other_customer", "DEBUG_TRACE": ANY, "INTERNAL_RESOURCE": ANY,
}  # fmt: skip
SEVERITY = ("within_authority", "backed", None, "unbacked", "beyond_authority")
MAY_BIND_WITHIN = frozenset({
    "DELIVERY_DATE", "CALLBACK_OR_CONTACT", "RESOLUTION_TIME", "OTHER", "CREDIT_OR_COMPENSATION", "FEE_WAIVER",
})  # fmt: skip
"""Types of which a profile lets an agent promise something without an action."""
MADE = 8_000
"""Texts made from templates."""
HELD_OUT = {"wikigold": 5, "letters": 4}
"""Of these sets one row in so many is never learnt from."""
SHOWN = {"wnut17": 2, "broad-twitter-corpus": 2, "wikigold": 1, "letters": 4}
"""How often each text stands among those with names: the letters are few, and the nearest to what customers write."""


@dataclass(slots=True)
class Example:
    """Words with a target each (codes of `TAG_TABLE`) and sentences as (first word, last word + 1, act, type)."""

    words: list[Word]
    tags: list[int]
    sentences: list[tuple[int, int, int, int]]

    @property
    def size(self) -> int:
        """Pieces, with the two marks around them."""
        return 2 + sum(len(word.pieces) for word in self.words)


class Corpus:
    """Reads everything once; `data` holds the span sets, `labelled` the replies and sentences."""

    def __init__(self, pieces: WordPiece, data: Path, labelled: Path, seed: int) -> None:
        self.pieces, self.data, self.labelled = pieces, data, labelled
        self.random = Random(seed)  # noqa: S311 - seeded training
        self.synth = Synth(data / "gazetteers", seed)

    def spans(self, name: str) -> tuple[list[Row], list[Row]]:
        """The rows of a span set (`letters`: the e-mails and reviews of this folder) to learn from, and those never."""
        if name == "letters":
            rows = list(read(HERE / "letters.jsonl"))
        else:
            rows = [row for path in sorted((self.data / name).glob("*.jsonl.gz")) for row in read(path)]
        if name in HELD_OUT:
            unseen = [row for row in rows if crc32(row["id"].encode()) % HELD_OUT[name] == 0]
        else:
            unseen = [row for row in rows if row["id"].startswith("dev")]
        hidden = {row["id"] for row in unseen}
        return [row for row in rows if row["id"] not in hidden], unseen

    def names(self) -> list[Example]:
        """The open span sets and made texts."""
        rows = [row for name, times in SHOWN.items() for row in self.spans(name)[0] * times]
        rows = [row for row in rows if row["spans"] or self.random.random() < 0.4]
        rough = [row for row in read(self.data / "multidogo" / "all.jsonl.gz") if row["spans"]]
        rows += self.random.sample([row for row in rough if any(s["label"] in KINDS for s in row["spans"])], 600)
        rows += read(self.data / "presidio-research" / "generated_large_even_templates.jsonl.gz")
        rows += self.synth.texts(MADE)
        return [self.tagged(row) for row in rows]

    def values(self) -> list[Example]:
        """Texts written for this project in which passwords, health facts and credentials are marked."""
        return [self.tagged(row, NO_VALUE) for path in sorted(HERE.glob("values*.jsonl")) for row in read(path)]

    def own(self) -> list[Example]:
        """The sentences of this folder, hard ones next to each other."""
        return [self.sentence(row) for row in read(HERE / "sentences.jsonl")]

    def dialogues(self) -> list[Example]:
        """What agents of solved conversations said; before their first write none of it claims a deed.

        Of each hundred conversations, by a hash of their ids, half are read: the others stay unseen, as they do to
        `scripts/train_commitments.py`.
        """
        seen: dict[str, Example] = {}
        for dialogue in read(self.data / "tau2-bench" / "dialogues.jsonl.gz"):
            if dialogue["reward"] != 1.0 or crc32(str(dialogue["id"]).encode()) % 100 >= 50:
                continue
            written = fresh = False
            for event in dialogue["events"]:
                if "reply" not in event:
                    written = fresh = written or event.get("kind") in {"write", "escalate"}
                    continue
                if not written or fresh:
                    for part in self._turn(event["reply"], MAY_CLAIM if written else HARMLESS):
                        seen.setdefault(str([word.pieces for word in part.words]), part)
                fresh = False
        return list(seen.values())

    def _turn(self, text: str, act: str) -> list[Example]:
        words = self.pieces.words(text)
        targets = []
        for piece in sentences(text):
            inside = [n for n, word in enumerate(words) if piece.start <= word.start < piece.end]
            if len(piece.text) >= 8 and inside:
                targets.append((inside[0], inside[-1] + 1, ACT_TABLE.codes[act], TYPE_TABLE.codes[ANY]))
        tags = [TAG_TABLE.codes[ANY]] * len(words)
        return [part for part in cut(Example(words, tags, targets), 126) if part.sentences]

    def tagged(self, row: Row, outside: str = NO_NAME) -> Example:
        """A text with its entities marked; `outside` tells what its other words may be."""
        words = self.pieces.words(row["text"])
        marks = [(s["start"], s["end"], KINDS.get(s["label"], s["label"]), bool(s.get("handle"))) for s in row["spans"]]
        return Example(words, _tags(words, marks, outside), [])

    def sentences(self, skip: Collection[str]) -> list[Example]:
        """Labelled sentences outside the industries of `skip`."""
        return [self.sentence(row) for row in sentence_rows(self.labelled, skip)]

    def sentence(self, row: Row) -> Example:
        """A sentence after the one before it; its names are not marked."""
        before = self.pieces.words(row.get("prev") or "")[-40:]
        words = self.pieces.words(row["text"])
        kind = row["type"] or TYPELESS.get(row["act"], "NONE")
        target = (len(before), len(before) + len(words), ACT_TABLE.codes[row["act"]], TYPE_TABLE.codes[kind])
        every = before + words
        return Example(every, [TAG_TABLE.codes[ANY]] * len(every), [target] if words else [])

    def replies(self, skip: Collection[str], *, renamed: bool) -> list[Example]:
        """Labelled replies outside `skip`, persons marked; with `renamed` others' names stand in their place."""
        found = []
        for row in (in_english(row) for path in reply_files(self.labelled, skip).values() for row in read(path)):
            text = row["reply"].get("text") or ""
            spans = [span for span in row["expected"]["spans"] if span.get("start") is not None]
            if not text:
                continue
            if renamed:
                text, spans = self._renamed(text, spans)
            found.extend(self._reply(text, spans))
        return found

    def _reply(self, text: str, spans: list[Row]) -> list[Example]:
        words = self.pieces.words(text)
        marks = [
            (s["start"], s["end"], "CREDENTIAL" if s["category"] == "secret" else s["type"], False)
            for s in spans
            if (s["category"] == "pii" and f"B-{s['type']}" in TAG_TABLE.codes) or s["status"] == "live"
        ]
        targets = {}
        for start, end, span in _asked(text, spans):
            inside = [n for n, word in enumerate(words) if start <= word.start < end]
            if inside:
                act, kind = _told(span) if span else _reply_target(start, end, spans)
                targets[inside[0], inside[-1] + 1] = (ACT_TABLE.codes[act], TYPE_TABLE.codes[kind])
        example = Example(words, _tags(words, marks, NOT_MARKED), [(*place, *told) for place, told in targets.items()])
        return list(cut(example, 126))

    def _renamed(self, text: str, spans: list[Row]) -> tuple[str, list[Row]]:
        swaps: dict[str, str] = {}
        out, begin, shift, moved = "", 0, 0, []
        marks = sorted(
            (s for s in spans if s["category"] == "pii" and s["type"] == "PERSON"), key=lambda s: int(s["start"])
        )
        edits = []
        for mark in marks:
            old = text[mark["start"] : mark["end"]]
            if mark["start"] < begin or not old.replace(" ", "").isalpha():
                continue
            new = swaps.setdefault(old, " ".join([self.synth.first(), *(self.synth.last() for _ in old.split()[1:])]))
            out += text[begin : mark["start"]] + new
            begin = mark["end"]
            edits.append((mark["end"], len(new) - len(old), mark["start"]))
        for span in spans:
            start = span["start"] + sum(by for end, by, _ in edits if end <= span["start"])
            shift = sum(by for _, by, begun in edits if begun < span["end"])
            moved.append({**span, "start": start, "end": span["end"] + shift})
        return out + text[begin:], moved


def _asked(text: str, spans: list[Row]) -> Iterator[tuple[int, int, Row | None]]:
    """What is asked of a reply: its sentences, their clauses, and the very words of its commitments (with the span)."""
    for sentence in sentences(text):
        if len(sentence.text) >= 8:
            yield sentence.start, sentence.end, None
            parts = clauses(sentence)
            yield from ((part.start, part.end, None) for part in parts if len(parts) > 1 and len(part.text) >= 8)
    yield from ((span["start"], span["end"], span) for span in spans if span["category"] == "commitment")


def _reply_target(start: int, end: int, spans: list[Row]) -> tuple[str, str]:
    """Act and type of the worst span that shares half of the words, by the shorter of the two."""

    def covers(span: Row) -> bool:
        shared = min(end, span["end"]) - max(start, span["start"])
        return bool(shared > 0 and 2 * shared >= min(end - start, span["end"] - span["start"]))

    met = [span for span in spans if span["category"] in {"commitment", "internal"} and covers(span)]
    return _told(max(met, key=lambda span: SEVERITY.index(span["status"]))) if met else (HARMLESS, ANY)


def _told(span: Row) -> tuple[str, str]:
    """Act and type of words that are labelled so."""
    if span["category"] == "internal":
        return LEAKS.get(span["type"], ANY), "NONE"
    if span["status"] == "within_authority":
        return (MAY_CLAIM if span["type"] in MAY_BIND_WITHIN else STATES), span["type"]
    return {kind: name for name, kind in TYPELESS.items()}.get(span["type"], DEED), span["type"]


def _tags(words: list[Word], marks: list[tuple[int, int, str, bool]], outside: str) -> list[int]:
    tags = [TAG_TABLE.codes[outside]] * len(words)
    for start, end, kind, handle in marks:
        inside = [n for n, word in enumerate(words) if start <= word.start and word.end <= end]
        for place, number in enumerate(inside):
            name = HANDLE if handle else f"{'I' if place else 'B'}-{kind}"
            tags[number] = TAG_TABLE.codes.get(name, TAG_TABLE.codes[outside])
    return tags


def cut(example: Example, most: int) -> Iterator[Example]:
    """Pieces of a long example, at sentence ends where there are any."""
    if example.size <= most:
        yield example
        return
    words, begin = example.words, 0
    while begin < len(words):
        end, size = begin, 2
        while end < len(words) and size + len(words[end].pieces) <= most:
            size += len(words[end].pieces)
            end += 1
        ends = [s[1] for s in example.sentences if begin < s[1] <= end]
        if end < len(words) and ends:
            end = max(ends)
        kept = [(a - begin, b - begin, x, y) for a, b, x, y in example.sentences if begin <= a and b <= end]
        yield Example(words[begin:end], example.tags[begin:end], kept)
        begin = end


def joined(parts: list[Example]) -> Example:
    """One text of several."""
    out = Example([], [], [])
    for part in parts:
        shift = len(out.words)
        out.sentences.extend((a + shift, b + shift, x, y) for a, b, x, y in part.sentences)
        out.words.extend(part.words)
        out.tags.extend(part.tags)
    return out
