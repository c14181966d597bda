"""The labelled texts, those to learn from and those held out, are well-formed, as trainings and measurements expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from outguard.cli.scenario import parse_scenario
from outguard.detection.commitments.scorer import BINDING_ACTS, LEAK_ACTS, SOFT_ACTS
from outguard.domain.finding import Status
from outguard.policy.authority import parse_profile

TRAIN = Path(__file__).resolve().parents[1] / "scripts" / "train"
UNSEEN = Path(__file__).resolve().parent / "unseen_companies"
FOLDERS = (TRAIN / "replies", UNSEEN)
REPLIES = [path for folder in FOLDERS for path in sorted(folder.glob("*.jsonl"))]
PROFILES = [path for folder in FOLDERS for path in sorted((folder / "profiles").glob("*.yaml"))]
SENTENCES = sorted(TRAIN.glob("sentences*.jsonl"))

ACTS = {*BINDING_ACTS, *SOFT_ACTS, *LEAK_ACTS, "none"}
PROMISED = {
    "REFUND", "CREDIT_OR_COMPENSATION", "DISCOUNT_OR_PRICE", "FEE_WAIVER", "CANCELLATION", "ACCOUNT_CHANGE",
    "REPLACEMENT", "DELIVERY_DATE", "CALLBACK_OR_CONTACT", "RESOLUTION_TIME", "GUARANTEE", "POLICY_EXCEPTION",
    "LIABILITY_ADMISSION", "LEGAL_MEDICAL_FINANCIAL_ADVICE", "OTHER",
}  # fmt: skip
TYPES = {
    "pii": {
        "PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "STREET_ADDRESS", "CREDIT_CARD", "BANK_ACCOUNT", "IBAN", "US_SSN",
        "NATIONAL_ID", "PASSPORT", "DRIVER_LICENSE", "DATE_OF_BIRTH", "IP_ADDRESS", "ACCOUNT_ID", "HEALTH",
        "PASSWORD_OR_PIN", "CVV", "VEHICLE_ID", "DEVICE_ID", "GEO_COORDINATES", "CRYPTO_WALLET",
    },
    "secret": {"API_KEY", "ACCESS_TOKEN", "PRIVATE_KEY", "DB_URL", "PASSWORD", "WEBHOOK_URL", "SESSION_ID"},
    "internal": {
        "INTERNAL_NOTE", "SYSTEM_PROMPT", "REASONING", "DEBUG_TRACE", "INTERNAL_RESOURCE", "OTHER_CUSTOMER",
    },
    "commitment": PROMISED,
    "identity": {"WRONG_NAME"},
}  # fmt: skip
STATUSES: dict[str, set[Status | None]] = {
    "pii": {Status.OWN, Status.OWN_SENSITIVE, Status.OTHER, Status.PUBLIC},
    "secret": {Status.LIVE, Status.PLACEHOLDER},
    "internal": {None},
    "commitment": {Status.BACKED, Status.WITHIN_AUTHORITY, Status.UNBACKED, Status.BEYOND_AUTHORITY},
    "identity": {None},
}
CUT = {"REASONING", "DEBUG_TRACE", "INTERNAL_RESOURCE", "INTERNAL_NOTE", "SYSTEM_PROMPT"}
HELD = {"WRONG_NAME", "OTHER_CUSTOMER"}
HELD_IN_PROSE = {"INTERNAL_NOTE", "SYSTEM_PROMPT"}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _at(payload: Any, field: str) -> Any:
    for part in field.split("."):
        payload = payload[int(part)] if isinstance(payload, list) else payload[part]
    return payload


def _decisions(reply: dict[str, Any], spans: list[dict[str, Any]]) -> set[str]:
    """The verdicts that the spans allow; where something is cut, what is left may be too little to send."""
    held = HELD if "payload" in reply else HELD | HELD_IN_PROSE
    bad = {Status.UNBACKED, Status.BEYOND_AUTHORITY}
    if any(span["status"] in bad or span["type"] in held for span in spans):
        return {"QUARANTINE"}
    cut = {Status.OWN_SENSITIVE, Status.OTHER, Status.LIVE}
    if any(span["status"] in cut or span["type"] in CUT for span in spans):
        return {"REDACT", "QUARANTINE"}
    return {"ALLOW"}


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_profile_is_understood_whole(path: Path) -> None:
    profile, problems = parse_profile(path.read_text(encoding="utf-8"), file=path.name)
    assert not problems
    assert profile is not None
    assert profile.name == path.stem


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_a_reply_is_read_by_the_judge_and_names_a_known_profile(path: Path) -> None:
    names = {profile.stem for profile in PROFILES if profile.parents[1] == path.parent}
    for row in _rows(path):
        assert parse_scenario(row).profile in names, row["id"]


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_spans_lie_on_whole_words_and_are_of_known_kinds(path: Path) -> None:
    for row in _rows(path):
        reply = row["reply"]
        for span in row["expected"]["spans"]:
            assert span["type"] in TYPES[span["category"]], row["id"]
            assert span["status"] in STATUSES[span["category"]], row["id"]
            if "field" in span:
                assert _at(reply["payload"], span["field"]), row["id"]
            else:
                assert 0 <= span["start"] < span["end"] <= len(reply["text"]), row["id"]
                words = reply["text"][span["start"] : span["end"]]
                assert words == words.strip(), row["id"]


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_the_verdict_follows_from_the_spans(path: Path) -> None:
    for row in _rows(path):
        expected = row["expected"]
        assert expected["decision"] in _decisions(row["reply"], expected["spans"]), row["id"]
        assert expected["why"], row["id"]


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_what_is_called_backed_has_an_action_that_ran_or_may_run(path: Path) -> None:
    for row in _rows(path):
        if any(span["status"] == Status.BACKED for span in row["expected"]["spans"]):
            assert {entry["status"] for entry in row["ledger"]} & {"EXECUTED", "APPROVED"}, row["id"]


@pytest.mark.parametrize("path", SENTENCES, ids=lambda path: path.stem)
def test_a_sentence_has_a_known_act_and_type(path: Path) -> None:
    for row in _rows(path):
        assert row.keys() == {"id", "prev", "text", "act", "type", "industry"}, row["id"]
        assert row["text"].strip(), row["id"]
        assert row["act"] in ACTS, row["id"]
        assert row["type"] is None or row["type"] in PROMISED, row["id"]


def test_no_company_is_both_learnt_from_and_held_out() -> None:
    learnt, held_out = ({path.stem for path in (folder / "profiles").glob("*.yaml")} for folder in FOLDERS)
    assert held_out
    assert not learnt & held_out


def test_no_id_and_no_text_is_given_twice() -> None:
    replies = [row for path in REPLIES for row in _rows(path)]
    sentences = [row for path in SENTENCES for row in _rows(path)]
    for rows in (replies, sentences):
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids))
    texts = [json.dumps([row["reply"].get("text"), row["reply"].get("payload")]) for row in replies]
    assert len(texts) == len(set(texts))
