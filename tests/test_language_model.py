"""Which model a server starts with: the shipped one, none, or with leave none for now. Never a wrong or changed one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from outguard.bootstrap import SHIPPED_MODEL, build_model, offline_judge, shipped_model
from outguard.config import load_settings
from outguard.errors import ConfigError


def test_the_shipped_model_is_there_and_loaded_once() -> None:
    model = build_model()
    assert model is not None
    assert model.is_there
    assert build_model(SHIPPED_MODEL) is model


def test_none_is_rules_alone_and_not_degraded() -> None:
    assert build_model("none") is None
    judge, _ = offline_judge(model="none")
    assert not judge.reads_ahead


def test_a_missing_model_stops_the_start_and_says_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nlp.model=none .* nlp.required=false"):
        build_model(str(tmp_path / "nowhere"))


def test_a_pipeline_that_is_not_installed_is_never_downloaded() -> None:
    with pytest.raises(ConfigError, match="no spaCy pipeline"):
        build_model("en_no_such_pipeline")


def test_a_server_told_to_starts_without_a_missing_model(tmp_path: Path) -> None:
    model = build_model(str(tmp_path / "nowhere"), is_required=False)
    assert model is not None
    assert not model.is_there


@pytest.mark.parametrize("file", ["model.onnx", "labels.json", "vocab.txt", "hashes.json"])
def test_changed_weights_stop_the_start(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(shipped_model(), folder)
    if file == "hashes.json":
        (folder / file).write_text(json.dumps(dict.fromkeys(("model.onnx", "labels.json", "vocab.txt"), "0" * 64)))
    else:
        (folder / file).write_bytes((folder / file).read_bytes() + b"\n")
    with pytest.raises(ConfigError, match="is not the file its hash was taken of"):
        build_model(str(folder))


@pytest.mark.parametrize("text", ['nlp.model = "none"\n', '[nlp]\nmodel = "none"\n', 'nlp_model = "none"\n'])
def test_the_model_may_be_named_in_the_settings_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "outguard.toml"
    file.write_text(text)
    settings = load_settings(file)
    assert (settings.nlp_model, settings.nlp_required) == ("none", True)


def test_an_unknown_name_in_the_table_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "outguard.toml"
    file.write_text('[nlp]\nmodell = "none"\n')
    with pytest.raises(ConfigError, match="nlp_modell"):
        load_settings(file)
