"""Presidio is the plug-in point both ways: its recognizers run here by config, our packs run in its registry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from presidio_analyzer import RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts

from outguard.bootstrap import rules_of
from outguard.detection.document import Document
from outguard.detection.engine import VALIDATORS
from outguard.detection.ownership import OwnershipJudge
from outguard.detection.pack import load_packs
from outguard.detection.pattern import PatternScanner
from outguard.detection.recognizers.pattern_pack import PatternPackRecognizer
from outguard.detection.recognizers.presidio import load_recognizers
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.reply import Recipient

TEXT = "Please pay with 4111 1111 1111 1111 or write to anna@example.com today."
CONTEXT = ReplyContext(
    recipient=Recipient(),
    customer=None,
    profile=AuthorityProfile(name="shop", company="Shop"),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_a_presidio_recognizer_runs_by_config() -> None:
    config = "recognizers: [{recognizer: presidio_analyzer.predefined_recognizers.CreditCardRecognizer}]"
    (detector,) = load_recognizers("recognizers.yaml", config, OwnershipJudge())
    (finding,) = detector.detect(Document(text=TEXT), CONTEXT)
    assert (finding.type, TEXT[finding.start : finding.end]) == ("CREDIT_CARD", "4111 1111 1111 1111")


def test_our_packs_run_in_presidio() -> None:
    files = {name: text for name, text in rules_of(None).items() if name == "detectors/pii_contact.yaml"}
    packs = load_packs(files, validators=frozenset(VALIDATORS))
    registry = RecognizerRegistry(recognizers=[PatternPackRecognizer(PatternScanner(packs, VALIDATORS))])
    (recognizer,) = registry.get_recognizers(language="en", entities=["EMAIL_ADDRESS"])
    (result,) = recognizer.analyze(TEXT, ["EMAIL_ADDRESS"], cast("NlpArtifacts", None))
    assert TEXT[result.start : result.end] == "anna@example.com"
