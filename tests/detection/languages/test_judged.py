"""Replies in languages with a glossary are judged as English ones; others are for a person where money is told."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from outguard.bench.corpus import Line
from outguard.bootstrap import build_judge, rules_of, shipped_lexicon, shipped_rules
from outguard.cli.judging import OfflineJudge, Source
from outguard.detection.languages.detector import load_languages
from outguard.detection.languages.identify import Identifier
from outguard.errors import InvalidInputError

CASES = Path(__file__).parent / "cases"
SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
LANGUAGES = ("Dutch", "French", "German", "Italian", "Polish", "Portuguese", "Spanish")
UNJUDGED = "commitment.other.unjudged_language"
REFUND = {
    "action_id": "act-1",
    "topic": "support.refund",
    "status": "EXECUTED",
    "amount": "38.00",
    "currency": "EUR",
    "target": "AC-9KD31",
}


@pytest.fixture(scope="module")
def judge() -> OfflineJudge:
    return OfflineJudge(Source(rules=None, profiles=None, model="none"))


def answer(judge: OfflineJudge, text: str, ledger: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    scenario = {
        "id": "x",
        "reply": {"text": text, "conversation_id": "c", "channel": "email", "recipient": {"customer_id": "c1"}},
        "customer": {"id": "c1", "name": "Maria Gomez", "emails": [], "phones": [], "known_values": ["AC-9KD31"]},
        "ledger": list(ledger),
    }
    found: dict[str, Any] = judge.answer(Line(number=1, data=json.dumps(scenario).encode()))
    return found


def cases(language: str) -> list[dict[str, Any]]:
    lines = (CASES / f"{language.lower()}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_told_from_the_others(language: str) -> None:
    lexicon = shipped_lexicon()
    tell = Identifier(lexicon.english, lexicon.glossaries).language
    assert [one["text"] for one in cases(language) if tell(one["text"]) != language] == []


@pytest.mark.parametrize(
    "text",
    [
        "u were quoted 65 by insta dm, thats what u said yea?",
        "Hi Rutendo. We w i l l r i n g u in t e n m i n s about ORD-2803.",
        "last stay u were in 804, ocean side, u left us a lovely review",
        "Dear Señor de la Cruz, we have refunded 45 EUR for your order from El Paso.",
        "Total 45 EUR",
        "",
    ],
)
def test_english_is_no_other_language(text: str) -> None:
    lexicon = shipped_lexicon()
    assert Identifier(lexicon.english, lexicon.glossaries).language(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Guten Tag Maria, die 38,00 € für AC-9KD31 haben wir Ihnen erstattet.", "erstattet"),
        ("Bonjour Maria, nous vous avons remboursé 38,00 € pour AC-9KD31.", "remboursé"),
        ("Hola María: ya le hemos devuelto los 38,00 € de AC-9KD31.", "devuelto"),
        ("Gentile Maria, abbiamo rimborsato 38,00 € per AC-9KD31.", "rimborsato"),
        ("Olá Maria, já reembolsámos os 38,00 € de AC-9KD31.", "reembols"),
        ("Beste Maria, we hebben de 38,00 € voor AC-9KD31 terugbetaald.", "terugbetaald"),
        ("Dzień dobry, zwróciliśmy 38,00 € za AC-9KD31.", "zwróciliśmy"),
    ],
    ids=["de", "fr", "es", "it", "pt", "nl", "pl"],
)
def test_a_claimed_refund_stands_or_falls_with_the_ledger(judge: OfflineJudge, text: str, words: str) -> None:
    held = answer(judge, text)
    assert held["verdict"] == "QUARANTINE"
    (claim,) = [one for one in held["findings"] if one["category"] == "commitment"]
    assert (claim["type"], claim["status"]) == ("REFUND", "unbacked")
    assert words in text[claim["start"] : claim["end"]]
    assert answer(judge, text, (REFUND,))["verdict"] == "ALLOW"


@pytest.mark.parametrize(
    "text",
    [
        "Guten Tag, der Tarif kostet 12 € im Monat und lässt sich im Konto ändern.",
        "Bonjour, le forfait coûte 12 € par mois et se modifie dans votre compte.",
        "Hola, la tarifa cuesta 12 € al mes y se cambia en la cuenta.",
    ],
)
def test_a_price_that_is_told_binds_nobody(judge: OfflineJudge, text: str) -> None:
    assert answer(judge, text)["verdict"] == "ALLOW"


def test_an_english_promise_in_a_letter_of_another_language_is_heard(judge: OfflineJudge) -> None:
    text = "Guten Tag Maria, danke für Ihre Geduld. We have refunded you $80.00 for the chair. Einen schönen Tag noch."
    held = answer(judge, text)
    assert held["verdict"] == "QUARANTINE"
    bad = [text[one["start"] : one["end"]] for one in held["findings"] if one["status"] == "unbacked"]
    assert bad == ["We have refunded you $80.00 for the chair."]


def test_a_note_for_colleagues_is_found_in_other_languages(judge: OfflineJudge) -> None:
    text = "Guten Tag, das Paket ist unterwegs. Nur intern: Dem Kunden nicht sagen, dass er als Betrugsrisiko gilt."
    kinds = {one["type"] for one in answer(judge, text)["findings"] if one["category"] == "internal"}
    assert kinds & {"INTERNAL_NOTE", "SYSTEM_PROMPT"}


def test_what_the_policy_does_not_name_is_not_judged(tmp_path: Path) -> None:
    for path in shipped_rules().rglob("*.yaml"):
        copy = tmp_path / path.relative_to(shipped_rules())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / "detectors/languages.yaml").write_text("languages:\n  judged: [French]\n", encoding="utf-8")
    judge = OfflineJudge(Source(rules=tmp_path, profiles=None, model="none"))
    (finding,) = answer(judge, "Guten Tag, der Tarif kostet 12 € im Monat und das ist nicht viel.")["findings"]
    assert finding["rule"] == UNJUDGED
    assert answer(judge, "Bonjour, le forfait coûte 12 € par mois.")["verdict"] == "ALLOW"


def test_a_text_of_unknown_words_is_not_judged(judge: OfflineJudge) -> None:
    text = "Wir haben das gezwirbelt und die Knarfspindel wird nicht geblumpt, verdrunt oder entfloselt: 50 Euro."
    assert [one["rule"] for one in answer(judge, text)["findings"]] == [UNJUDGED]


def test_a_very_long_text_is_not_judged(judge: OfflineJudge) -> None:
    text = "Der Tarif kostet 12 € im Monat und lässt sich im Konto ändern. "
    assert answer(judge, text * 20)["verdict"] == "ALLOW"
    assert UNJUDGED in {one["rule"] for one in answer(judge, text * 400)["findings"]}


@pytest.mark.parametrize("text", ["languages: 3\n", "languages: {}\n", "[]\n", "languages:\n  judged: [Klingon]\n"])
def test_a_malformed_list_of_languages_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"languages\.yaml"):
        load_languages({"detectors/languages.yaml": text}, shipped_lexicon())


def test_all_glossaries_are_judged_by_the_shipped_rules() -> None:
    files = rules_of(None)
    build_judge(files)  # names no language without a glossary
    assert sorted(shipped_lexicon().glossaries) == sorted(LANGUAGES)
    assert all(name in files["detectors/languages.yaml"] for name in LANGUAGES)


def test_what_ships_is_made_of_the_lines_in_scripts() -> None:
    script = runpy.run_path(str(SCRIPTS / "glossaries.py"))
    assert [name for name, data in script["made"]().items() if not script["is_shipped"](name, data)] == []


def test_most_of_what_binds_is_heard_and_little_else(judge: OfflineJudge) -> None:
    """840 sentences written by people who saw no rule; the glossaries have since got words that were missing there."""
    rows = [one for language in LANGUAGES for one in cases(language)]
    held = [answer(judge, one["text"])["verdict"] == "QUARANTINE" for one in rows]
    binding = [one["binds"] for one in rows]
    recall = sum(a and b for a, b in zip(held, binding, strict=True)) / sum(binding)
    false = sum(a and not b for a, b in zip(held, binding, strict=True)) / (len(rows) - sum(binding))
    assert recall >= 0.75
    assert false <= 0.08
