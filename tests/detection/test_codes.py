"""What is called a code, a number or a password is judged by the words beside it, never by its digits alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.document import Document
from outguard.detection.engine import build_scanner
from outguard.detection.recognizers.codes import CODE_VALIDATORS
from outguard.detection.scan import Scanner
from outguard.domain.authority import AuthorityProfile
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Status
from outguard.domain.reply import Customer, Recipient

RULES = Path(__file__).parents[2] / "rules"
CODE = str(7_193)
"""Made up here, so that no pack or test holds a code that opens anything."""
WORD = f"Otter{CODE}-kelp"


def _context(*public: str) -> ReplyContext:
    return ReplyContext(
        recipient=Recipient(display_name="Maria Lopez"),
        customer=Customer(id="c", name="Maria Lopez", known_values=("ORD-5512",)),
        profile=AuthorityProfile(name="shop", company="Brightloom", public_values=public),
        ledger=(),
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    files = {str(path.relative_to(RULES)): path.read_text("utf-8") for path in (RULES / "detectors").glob("*.yaml")}
    return build_scanner(files)


def _found(scanner: Scanner, text: str, *public: str) -> set[tuple[str, str, Status | None]]:
    findings = scanner.scan([Document(text=text)], _context(*public))
    wanted = (Category.PII, Category.SECRET)
    return {(one.type, text[one.start : one.end], one.status) for one in findings if one.category in wanted}


@pytest.mark.parametrize(
    "text",
    [
        f"Hi Maria, the side gate code is {CODE}, mind the step.",
        f"Hi Maria, your bag is in locker 12, ur code is {CODE}. Open till ten.",
        f"Hi Maria, at the door the number to punch in is {CODE}, then wait.",
        f"Hi Maria, the PIN on your file for ORD-5512 is {CODE} and still works.",
    ],
)
def test_a_code_is_never_in_clear_however_it_is_told(scanner: Scanner, text: str) -> None:
    assert ("PASSWORD_OR_PIN", CODE, Status.OWN_SENSITIVE) in _found(scanner, text)


@pytest.mark.parametrize(
    "text",
    [
        f"Hi Maria, the voucher code is {CODE}, for all at the gate.",
        f"Hi Maria, the machine showed error code {CODE} at the door.",
        "Hi Maria, the gate code changes on 14 May 2026.",
        "Hi Maria, the door code was sent to 07700 900111.",
    ],
)
def test_codes_made_to_be_given_away_are_left(scanner: Scanner, text: str) -> None:
    assert "PASSWORD_OR_PIN" not in {kind for kind, *_ in _found(scanner, text)}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (CODE, "four digits for the yard gate {}. Drive up to the dock."),
        ("804 317", "the six digits we texted are {}; type them on the next page."),
        (CODE, "your voicemail opens with {}; change it at once."),
        ("558 204", "the code you read out to us was {}; never do so again."),
        ("Copper-Anvil-62", "for the first sign-in the word to type is {}; then choose another."),
        ("bramblewick", "the memorable word you chose in May is still {}. Use it by phone."),
        ("copper lantern seven", 'the words you chose for the lock are "{}"; keep them.'),
        ("Ostrowska", "your mother's maiden name as {} when you joined."),
        ("Heron!Marsh40", "what your phone keeps sending is {}, an old one."),
        ("the tide is late", 'tell the porter "{}" and he\'ll open the door.'),
    ],
)
def test_what_lets_somebody_in_is_found_by_the_phrase_that_gives_it_away(
    scanner: Scanner, value: str, text: str
) -> None:
    found = _found(scanner, "Hi Maria, " + text.format(value))
    assert ("PASSWORD_OR_PIN", value, Status.OWN_SENSITIVE) in found


@pytest.mark.parametrize(
    "text",
    [
        "choose a four-digit code that is no birthday, and press the bell twice.",
        "never tell anyone your PIN, not even us.",
        "passwords need at least 12 characters, one capital and one sign.",
        "the memorable word is asked for when you phone; please have it ready.",
        "the word you typed was refused, so the line was locked.",
        "we ask for your mother's maiden name when the account is opened.",
        "the last four digits of your card are 4471.",
        "the lift takes 1200 kg and the side gate shuts at 2130.",
        'don\'t say "on the way" to the courier, please.',
        "for the login use Chrome-120 or later; the portal opens in May-26.",
    ],
)
def test_advice_and_other_numbers_give_nobody_away(scanner: Scanner, text: str) -> None:
    assert "PASSWORD_OR_PIN" not in {kind for kind, *_ in _found(scanner, "Hi Maria, " + text)}


def test_a_published_code_is_public(scanner: Scanner) -> None:
    text = f"Hi Maria, the yard gate code is {CODE}, as on the sign."
    assert ("PASSWORD_OR_PIN", CODE, Status.PUBLIC) in _found(scanner, text, CODE)


def test_a_password_handed_to_the_reader_is_theirs_and_the_companys_is_a_secret(scanner: Scanner) -> None:
    given = _found(scanner, f"Hi Maria, your account has been reset, the password is {WORD}; change it at once.")
    staff = _found(scanner, f"Hi Maria, the staff network has user ops, password {WORD}, here.")
    assert ("PASSWORD_OR_PIN", WORD, Status.OWN_SENSITIVE) in given
    assert "PASSWORD" not in {kind for kind, *_ in given}
    assert ("PASSWORD", WORD, Status.LIVE) in staff


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("CREDIT_CARD", "4242 4242 4242 4243", "we sent it back to card {}."),
        ("IBAN", "DE02 5005 0000 0123 4567 80", "payouts go to the bank account {}."),
        ("NATIONAL_ID", "7731 0954 2286", "your Aadhaar {} was read."),
    ],
)
def test_a_number_called_by_name_needs_no_check_digit(scanner: Scanner, kind: str, value: str, text: str) -> None:
    assert (kind, value, Status.OWN_SENSITIVE) in _found(scanner, "Hi Maria, " + text.format(value))


BODY = f"7fQ2m{CODE}r90Zkd"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("ACCESS_TOKEN", f"acm_ops_{BODY}", "for the meantime a colleague suggested ours: {}."),
        ("API_KEY", f"pk-courier-live-{BODY}", "the plug-in was registered with key {}, leave it."),
        ("SESSION_ID", f"AC.b81f.{BODY}", "it was a stale session (sid {}), close the app."),
        ("WEBHOOK_URL", f"https://relay.acme.example/hooks/rt7/{BODY}", "don't post to ours ({}), please."),
    ],
)
def test_a_credential_of_the_companys_own_make_is_told_by_its_words(
    scanner: Scanner, kind: str, value: str, text: str
) -> None:
    assert (kind, value, Status.LIVE) in _found(scanner, "Hi Maria, " + text.format(value))


@pytest.mark.parametrize(
    "text",
    [
        "Hi Maria, ours is the low_scent_collection_of_spring.",
        "Hi Maria, see https://acme.example/help/webhooks/getting-started for more.",
        "Hi Maria, the wipes can't trigger asthma, try them.",
    ],
)
def test_slugs_help_pages_and_talk_of_products_are_left(scanner: Scanner, text: str) -> None:
    assert {kind for kind, *_ in _found(scanner, text)} <= {"PERSON"}


def test_health_is_told_by_its_tie_to_a_person(scanner: Scanner) -> None:
    found = _found(scanner, "Hi Maria, because of your warfarin and the gum disease we start early.")
    assert ("HEALTH", "your warfarin and the gum disease", Status.OWN_SENSITIVE) in found


@given(st.sampled_from(sorted(CODE_VALIDATORS)), st.text(max_size=40))
def test_no_text_makes_a_check_raise(name: str, text: str) -> None:
    assert CODE_VALIDATORS[name](text) in {True, False}


@pytest.mark.parametrize(
    "value", ["e-mail", "one-time", "https://shop.example", "jo@shop.example", "[PASSWORD]", "4471"]
)
def test_words_links_and_numbers_are_no_passwords(value: str) -> None:
    assert not CODE_VALIDATORS["strong_word"](value)
