"""The industries that replies and sentences come from: which there are, and which of them a training leaves out.

Four industries lie beside the data (`LABELLED`), in `NAME.jsonl.gz` with sentences in `sentences-*.jsonl.gz`. Others
were written for this project: a company's replies are `replies/NAME.jsonl` here, sentences `sentences*.jsonl`. Any of
the four can be left out, its kind of business among the sentences too, so that it can be measured.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

Row = dict[str, Any]
HERE = Path(__file__).parent
WRITTEN = HERE / "replies"
PROFILES = WRITTEN / "profiles"
STEMS = {
    "finance": "bank insur credit payment tax loan mortgage pension crypto broker accounting fintech lender invest "
    "wealth savings trading remittance building_society bnpl financial",
    "hospitality": "hotel ticket food travel holiday event restaurant airline hostel theatre camping catering cinema "
    "festival cruise meal vacation tour bed_and_breakfast hawker concert conference",
    "digital": "saas hosting cloud game stream software domain app e-learning video_on_demand crm e-signature",
    "essential": "pharmac clinic utilit parking energy water electric gas dental dentist telehealth telemed hospital "
    "optic vet medical health eye_care toll smart_meter blood physio district_heating laboratory",
}
"""Of each industry that can be left out, what the names of its kinds of business have in them."""

KIN = {
    "beanbarrow": "hospitality",
    "brindlewatt": "essential",
    "brookvolt": "essential",
    "calderbrook": "essential",
    "cedarcruise": "hospitality",
    "coinharrow": "finance",
    "corvane": "digital",
    "crateloft": "digital",
    "curtaincall": "hospitality",
    "fennimoor": "hospitality",
    "fieldbonfire": "hospitality",
    "flickmoss": "digital",
    "gorsepension": "finance",
    "halyardclaims": "finance",
    "hearthheat": "essential",
    "hearwell": "essential",
    "helioheath": "essential",
    "inkwater": "digital",
    "ivoryfen": "essential",
    "kerblane": "essential",
    "lanternlore": "hospitality",
    "larchhotel": "hospitality",
    "larkfell": "hospitality",
    "ledgerwren": "finance",
    "lintelby": "digital",
    "lumenlab": "essential",
    "mintmolar": "essential",
    "nettlebasket": "hospitality",
    "nimbusfold": "digital",
    "panrocket": "hospitality",
    "pawmeadow": "essential",
    "pixelforge": "digital",
    "plinthora": "digital",
    "quaylark": "finance",
    "reelmint": "digital",
    "remitoak": "finance",
    "signharbor": "digital",
    "skerrivane": "hospitality",
    "skytansy": "hospitality",
    "splitfern": "finance",
    "stridephysio": "essential",
    "summitgrove": "finance",
    "tablelark": "hospitality",
    "tarrowjet": "hospitality",
    "thornapple": "finance",
    "tidewarden": "finance",
    "tusklight": "digital",
    "tutorwisp": "digital",
    "vaultmint": "digital",
    "wellspruce": "essential",
}
"""Companies of this folder, by profile, that do business near that of an industry, and are left out with it."""


SHARES = tuple(f"written-{number}" for number in range(4))
"""Parts of the written companies' replies that can be left out like an industry."""


def share_of(company: str) -> str:
    """Which of `SHARES` the replies in the file of this name belong to."""
    return SHARES[crc32(company.encode()) % len(SHARES)]


def kin_of(path: Path) -> str:
    """The industry that a written company goes with, or empty."""
    return KIN.get(next(read(path))["profile"], "")


def group_of(industry: str | None) -> str:
    """Which of the industries that can be left out a kind of business belongs to, or empty."""
    name = (industry or "").lower().replace("_", " ")
    return next(
        (group for group, stems in STEMS.items() if any(s.replace("_", " ") in name for s in stems.split())), ""
    )


def read(path: Path) -> Iterator[Row]:
    """The rows of a JSON lines file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def reply_files(labelled: Path, skip: Collection[str] = (), written: Path = WRITTEN) -> dict[str, Path]:
    """The labelled replies outside the industries and shares of `skip`, by industry or company."""
    measured = {name: labelled / f"{name}.jsonl.gz" for name in STEMS if name not in skip}
    others = {path.stem: path for path in sorted(written.glob("*.jsonl"))}
    return measured | {
        name: path for name, path in others.items() if kin_of(path) not in skip and share_of(name) not in skip
    }


def sentence_rows(labelled: Path, skip: Collection[str] = (), written: Path = HERE) -> list[Row]:
    """The labelled sentences outside the kinds of business of `skip`."""
    files = [*sorted(labelled.glob("sentences-*.jsonl.gz")), *sorted(written.glob("sentences-*.jsonl"))]
    return [row for path in files for row in read(path) if group_of(row.get("industry")) not in skip]
