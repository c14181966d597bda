"""The wired scanner finds, judges whose it is, and holds the reply when a plug-in fails."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from presidio_analyzer import EntityRecognizer, RecognizerResult

from outguard.detection.document import Document
from outguard.detection.engine import build_scanner
from outguard.detection.ownership import OwnershipJudge
from outguard.detection.recognizers.presidio import load_recognizers
from outguard.detection.scan import Scanner
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Status
from outguard.domain.reply import Customer, Recipient
from outguard.errors import PolicyError

RULES = Path(__file__).parents[2] / "rules"
CARD = " ".join(["4242"] * 4)
CONTEXT = ReplyContext(
    recipient=Recipient(display_name="Maria Lopez"),
    customer=Customer(id="c", name="Maria Lopez", known_values=("ORD-5512",)),
    profile=AuthorityProfile(name="shop", company="Brightloom"),
    ledger=(),
    now=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    files = {str(path.relative_to(RULES)): path.read_text("utf-8") for path in (RULES / "detectors").glob("*.yaml")}
    return build_scanner(files)


def _pii(scanner: Scanner, text: str, context: ReplyContext = CONTEXT) -> dict[str, tuple[str, Status | None]]:
    found = scanner.scan([Document(text=text)], context)
    return {f.type: (text[f.start : f.end], f.status) for f in found if f.category is Category.PII}


def test_findings_carry_the_original_words_and_their_status(scanner: Scanner) -> None:
    text = f"Hi Maria, we hold card {CARD} for ORD-5512. Her neighbour reads jo (at) example [dot] com.\n\nArthur"
    found = _pii(scanner, text)
    assert found["CREDIT_CARD"] == (CARD, Status.OWN_SENSITIVE)
    assert found["ACCOUNT_ID"] == ("ORD-5512", Status.OWN)
    assert found["EMAIL_ADDRESS"] == ("jo (at) example [dot] com", Status.OTHER)


def test_a_placeholder_of_a_cut_is_not_found_again(scanner: Scanner) -> None:
    text = "Your password is [PASSWORD_OR_PIN], PIN [PASSWORD_OR_PIN], card [CREDIT_CARD], mail [EMAIL_ADDRESS]."
    assert _pii(scanner, text) == {}


def test_a_bare_number_is_reported_on_a_plain_text_only(scanner: Scanner) -> None:
    plain = ReplyContext(recipient=Recipient(), customer=None, profile=CONTEXT.profile, ledger=(), now=CONTEXT.now)
    assert "NATIONAL_ID" in _pii(scanner, "876 543 210", plain)
    assert "NATIONAL_ID" not in _pii(scanner, "876 543 210")


class Broken(EntityRecognizer):
    def __init__(self) -> None:
        super().__init__(supported_entities=["X"])

    def load(self) -> None: ...

    def analyze(self, text: str, entities: list[str], nlp_artifacts: object = None) -> list[RecognizerResult]:
        del entities, nlp_artifacts
        raise RuntimeError(text)


def test_a_failing_recognizer_holds_the_reply_and_tells_no_content() -> None:
    config = f"recognizers: [{{recognizer: {Broken.__module__}.Broken}}]"
    try:
        detectors = load_recognizers("recognizers.yaml", config, OwnershipJudge())
    except PolicyError:
        pytest.skip("the test module has no dotted name under this runner")
    found = Scanner(detectors).scan([Document(text="secret words")], CONTEXT)
    assert [f.category for f in found] == [Category.SYSTEM]
    assert "secret" not in found[0].reason


def test_a_recognizer_that_cannot_be_imported_does_not_start() -> None:
    with pytest.raises(PolicyError):
        load_recognizers("recognizers.yaml", "recognizers: [{recognizer: no.such.Class}]", OwnershipJudge())


def test_a_piece_of_a_longer_number_is_no_number_of_its_own(scanner: Scanner) -> None:
    plain = ReplyContext(recipient=Recipient(), customer=None, profile=CONTEXT.profile, ledger=(), now=CONTEXT.now)
    assert "NATIONAL_ID" in _pii(scanner, "401 023 2137", plain)
    assert "NATIONAL_ID" not in _pii(scanner, "51 401 023 2137", plain)


def test_a_greeted_name_is_the_readers_where_no_name_is_known(scanner: Scanner) -> None:
    nameless = ReplyContext(
        recipient=Recipient(), customer=Customer(id="c"), profile=CONTEXT.profile, ledger=(), now=CONTEXT.now
    )
    assert _pii(scanner, "Thanks, Mia! All set.", nameless)["PERSON"] == ("Mia", Status.OWN)
    assert _pii(scanner, "Thanks, Mia! All set.")["PERSON"] == ("Mia", Status.OTHER)


def test_an_inside_address_is_told_once_and_as_the_stricter(scanner: Scanner) -> None:
    found = scanner.scan([Document(text="Your sign-in went through 10.20.30.40 today.")], CONTEXT)
    assert [(f.category, f.type) for f in found if f.category is not Category.COMMITMENT] == [
        (Category.INTERNAL, "INTERNAL_RESOURCE")
    ]


def test_an_item_number_is_no_phone(scanner: Scanner) -> None:
    assert "PHONE_NUMBER" not in _pii(scanner, "Office chair (item 4648362606) is on its way")
    assert _pii(scanner, "call the office on 464 836 2606")["PHONE_NUMBER"][0] == "464 836 2606"


def test_a_product_is_no_person(scanner: Scanner) -> None:
    assert "PERSON" not in _pii(scanner, "Name: Digital Camera\nProduct ID: 8940227892")


def test_an_encoded_value_is_read_with_the_words_around_it(scanner: Scanner) -> None:
    plain = ReplyContext(recipient=Recipient(), customer=None, profile=CONTEXT.profile, ledger=(), now=CONTEXT.now)
    encoded = base64.b64encode(b"3521213764418045").decode()
    assert _pii(scanner, f"I lost my credit card {encoded} today", plain)["CREDIT_CARD"] == (encoded, None)
    assert "CREDIT_CARD" not in _pii(scanner, f"the code {encoded} came", plain)


def _known(*values: str) -> ReplyContext:
    customer = Customer(id="c", name="Maria Lopez", known_values=values)
    return ReplyContext(recipient=Recipient(), customer=customer, profile=CONTEXT.profile, ledger=(), now=CONTEXT.now)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("org-lima", "ACCOUNT_ID"),
        ("NightPelican", "ACCOUNT_ID"),
        ("203.0.113.90", "IP_ADDRESS"),
        ("00:00:5E:00:53:AF", "DEVICE_ID"),
        ("TZ17 PPD", "VEHICLE_ID"),
        ("07700 900833", "PHONE_NUMBER"),
        ("ORD-5512", "ACCOUNT_ID"),
        ("MacLeod", "PERSON"),
        ("Hortensia Tafoya", "PERSON"),
    ],
)
def test_a_known_value_is_of_its_own_kind(scanner: Scanner, value: str, kind: str) -> None:
    assert _pii(scanner, f"It says {value} here", _known(value)) == {kind: (value, Status.OWN)}


def test_the_words_around_a_known_value_may_tell_its_kind(scanner: Scanner) -> None:
    assert _pii(scanner, "serial BLM-22F9-00417 it is", _known("BLM-22F9-00417")) == {
        "DEVICE_ID": ("BLM-22F9-00417", Status.OWN)
    }


def test_a_closing_line_is_no_name(scanner: Scanner) -> None:
    found = [
        (one.type, one.status)
        for one in scanner.scan([Document(text="All set.\n\nWith kind regards,\nJacinta")], CONTEXT)
        if one.category is Category.PII
    ]
    assert found == [("PERSON", Status.PUBLIC)]
