"""What a training that leaves an industry out may see of it: nothing."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[1] / "scripts" / "train"


def _industries() -> ModuleType:
    spec = importlib.util.spec_from_file_location("industries", FOLDER / "industries.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


INDUSTRIES = _industries()


@pytest.mark.parametrize(
    ("industry", "group"),
    [("Online bank", "finance"), ("bed_and_breakfast", "hospitality"), ("SaaS", "digital"), ("Optician", "essential")],
)
def test_a_kind_of_business_belongs_to_the_industry_it_is_near(industry: str, group: str) -> None:
    assert INDUSTRIES.group_of(industry) == group


@pytest.mark.parametrize("industry", ["furniture", "", None])
def test_other_kinds_of_business_are_never_left_out(industry: str | None) -> None:
    assert INDUSTRIES.group_of(industry) == ""


def test_a_left_out_industry_goes_with_its_replies_and_those_of_its_kin(tmp_path: Path) -> None:
    written = tmp_path / "replies"
    written.mkdir()
    for name in ("larkfell", "parcels"):
        (written / f"{name}.jsonl").write_text(json.dumps({"profile": name}) + "\n", encoding="utf-8")
    files = INDUSTRIES.reply_files(tmp_path, {"hospitality"}, written)
    assert set(files) == {"finance", "digital", "essential", "parcels"}


def test_a_left_out_industry_goes_with_its_sentences(tmp_path: Path) -> None:
    rows = [{"text": name, "industry": name} for name in ("insurer", "hotel", "furniture")]
    with gzip.open(tmp_path / "sentences-a.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows[:2])
    (tmp_path / "sentences-b.jsonl").write_text(json.dumps(rows[2]) + "\n", encoding="utf-8")
    left = INDUSTRIES.sentence_rows(tmp_path, {"finance"}, tmp_path)
    assert [row["industry"] for row in left] == ["hotel", "furniture"]


def test_every_kin_is_a_company_here() -> None:
    """One that was renamed would else come back into trainings that leave its industry out."""
    assert set(INDUSTRIES.KIN) <= {path.stem for path in INDUSTRIES.PROFILES.glob("*.yaml")}


def test_the_replies_of_a_file_are_of_one_company() -> None:
    """The first tells whose kin the file is."""
    for path in INDUSTRIES.WRITTEN.glob("*.jsonl"):
        assert len({row["profile"] for row in INDUSTRIES.read(path)}) == 1, path.name


def test_a_left_out_share_goes_with_its_companies_alone(tmp_path: Path) -> None:
    written = tmp_path / "replies"
    written.mkdir()
    for name in ("larkfell", "parcels", "gadgets", "cover", "tussock"):
        (written / f"{name}.jsonl").write_text(json.dumps({"profile": name}) + "\n", encoding="utf-8")
    every = set(INDUSTRIES.reply_files(tmp_path, (), written))
    parts = [every - set(INDUSTRIES.reply_files(tmp_path, {share}, written)) for share in INDUSTRIES.SHARES]
    assert all(part.isdisjoint(INDUSTRIES.STEMS) for part in parts)
    assert sorted(name for part in parts for name in part) == ["cover", "gadgets", "larkfell", "parcels", "tussock"]
