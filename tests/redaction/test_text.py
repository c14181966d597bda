"""What is cut from a text, and what is left."""

from __future__ import annotations

import csv
import html.parser
import io
import json
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redaction_finders import Plain, found, spanning

from outguard.domain.finding import Category, Finding, FindingAction
from outguard.errors import InvalidInputError
from outguard.redaction.text import redact_text

MASK, REPLACE, REMOVE = FindingAction.MASK, FindingAction.REPLACE, FindingAction.REMOVE
EMAIL = "maria@example.com"
CARD = "4111 1111 1111 1111"


def cut(text: str, *findings: Finding) -> str:
    return redact_text(text, findings, Plain())[0]


def test_replace_leaves_a_typed_placeholder() -> None:
    text = f"Write to {EMAIL}."
    assert cut(text, found(text, EMAIL)) == "Write to [EMAIL_ADDRESS]."


def test_mask_keeps_the_last_four_of_a_card() -> None:
    text = f"Card {CARD}."
    assert cut(text, found(text, CARD, "CREDIT_CARD", MASK)) == "Card ***************1111."


@pytest.mark.parametrize(("words", "kind"), [("Berlin Way 4", "STREET_ADDRESS"), ("123 456", "ACCOUNT_ID")])
def test_mask_of_words_or_short_numbers_is_a_placeholder(words: str, kind: str) -> None:
    assert cut(words, found(words, words, kind, MASK)) == f"[{kind}]"


@pytest.mark.parametrize("action", [FindingAction.KEEP, FindingAction.RECORD, FindingAction.QUARANTINE])
def test_what_is_not_a_cut_changes_nothing(action: FindingAction) -> None:
    assert cut(EMAIL, found(EMAIL, EMAIL, action=action)) == EMAIL


def test_a_secret_names_the_cut_over_a_longer_finding() -> None:
    text = "postgres://u:pw@db1/x at maria"
    secret = found(text, "u:pw@db1", "PASSWORD", MASK, category=Category.SECRET)
    other = found(text, "pw@db1/x at maria", "EMAIL_ADDRESS", REPLACE)
    assert cut(text, other, secret) == "postgres://%5BPASSWORD%5D"


def test_the_strictest_action_is_done_on_an_overlap() -> None:
    text = f"x {CARD} 99 y"
    card, line = found(text, CARD, "CREDIT_CARD", MASK), found(text, "1111 99", "DEBUG_TRACE", REMOVE)
    assert cut(text, card, line) == "x y"


def test_the_longer_finding_wins_a_tie() -> None:
    text = "12 Elm Street, Tulsa"
    assert cut(text, found(text, "Tulsa", "LOCATION"), found(text, text, "STREET_ADDRESS")) == "[STREET_ADDRESS]"


def test_findings_side_by_side_stay_two() -> None:
    assert cut("abcd", spanning(0, 2, "A"), spanning(2, 4, "B")) == "[A][B]"


@pytest.mark.parametrize(("start", "end"), [(3, 9), (-2, 1), (2, 1)])
def test_a_finding_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(InvalidInputError):
        cut("short", spanning(start, end))


@pytest.mark.parametrize(
    ("text", "block", "left"),
    [
        ("Hi.\n\n<debug>\nx\n</debug>\n\nBye.", "<debug>\nx\n</debug>", "Hi.\n\nBye."),
        ("Hi.\n<debug>x</debug>\nBye.", "<debug>x</debug>", "Hi.\nBye."),
        ("Hi.\n\n```\ntrace\n```", "```\ntrace\n```", "Hi."),
        ("[log]\n\nHi.", "[log]", "Hi."),
        ("Hi.\n\n\nlog\nBye.", "log", "Hi.\n\n\nBye."),
        ("Hi. (log 1) Bye.", "(log 1)", "Hi. Bye."),
        ("See log 1, then.", "log 1", "See, then."),
        ("Hi.\r\n\r\nlog\r\n\r\nBye.", "log", "Hi.\r\n\r\nBye."),
    ],
)
def test_a_removed_block_leaves_no_gap(text: str, block: str, left: str) -> None:
    assert cut(text, found(text, block, "DEBUG_TRACE", REMOVE)) == left


@pytest.mark.parametrize(
    "text",
    [
        "Hi {a} {b}, bye.",
        "Hi {a}{b}, bye.",
        "Hi {a} , bye.",
        "Hi **{a}**, bye.",
        "Hi __{a}{b}__, bye.",
        "Hi `{a}` {b}, bye.",
    ],
)
def test_removed_fields_leave_neither_a_gap_nor_empty_emphasis(text: str) -> None:
    fields = [found(text, one, "DEBUG_TRACE", REMOVE) for one in ("{a}", "{b}") if one in text]
    assert cut(text, *fields) == "Hi, bye."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('see {"to": "maria@example.com", "n": 1} ok', EMAIL),
        ('{"card": 4111111111111111, "n": 1}', "4111111111111111"),
        ('{"cards": [4111111111111111, 2]}', "4111111111111111"),
        ('{"to": "maria@example.com"}', '"maria@example.com"'),
        ('{"a": 1, "to": "maria@example.com"}', '"to": "maria@example.com"'),
        ('{"a": "x\\nmaria@example.com"}', "nmaria@example.com"),
        ('{"a": "x\\u00e9maria@example.com"}', "e9maria@example.com"),
        ('{"a": "maria@example.com\\u00e9"}', "maria@example.com\\u0"),
    ],
)
@pytest.mark.parametrize("action", [REPLACE, REMOVE])
def test_json_stays_json(text: str, words: str, action: FindingAction) -> None:
    left = cut(text, found(text, words, action=action))
    assert isinstance(json.JSONDecoder().raw_decode(left, left.index("{"))[0], dict)
    assert "maria" not in left
    assert "4111" not in left


def test_an_escaped_backslash_before_a_cut_stays() -> None:
    text = '{"a": "x' + "\\" * 2 + 'nadia@x.example"}'
    left = cut(text, found(text, "nadia@x.example"))
    assert json.loads(left) == {"a": "x\\[EMAIL_ADDRESS]"}


def test_a_cut_that_no_json_can_hold_is_made_all_the_same() -> None:
    text = '{"a": {"b": "maria"}, "c": 1}'
    assert cut(text, found(text, 'maria"}, "c', "DEBUG_TRACE")) == '{"a": {"b": "[DEBUG_TRACE]": 1}'


def test_many_cuts_in_one_json_value_keep_it_valid() -> None:
    text = json.dumps({"cards": [4111111111111111] * 50})
    starts = [index for index in range(len(text)) if text.startswith("4111111111111111", index)]
    left = cut(text, *(spanning(start, start + 16, "CREDIT_CARD") for start in starts))
    assert json.loads(left) == {"cards": ["[CREDIT_CARD]"] * 50}


def test_a_url_parameter_stays_part_of_its_url() -> None:
    text = f"https://x.example/a?email={EMAIL}&n=1 ok"
    left = cut(text, found(text, EMAIL))
    assert urlsplit(left.split()[0]).query == "email=%5BEMAIL_ADDRESS%5D&n=1"


def test_user_information_in_a_url_stays_parseable() -> None:
    text = "https://bob:hunter22@db.example/x"
    left = cut(text, found(text, "hunter22", "PASSWORD", category=Category.SECRET))
    assert urlsplit(left).hostname == "db.example"


def test_a_markdown_link_keeps_its_shape() -> None:
    text = f"[{EMAIL}](mailto:{EMAIL}) there"
    at = text.rindex(EMAIL)
    left = cut(text, found(text, EMAIL), spanning(at, at + len(EMAIL)))
    assert left == "[[EMAIL_ADDRESS]](mailto:%5BEMAIL_ADDRESS%5D) there"


def test_a_placeholder_before_a_bracket_makes_no_link() -> None:
    text = f"{EMAIL}(home)"
    assert cut(text, found(text, EMAIL)) == "[EMAIL_ADDRESS] (home)"


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p><b>Maria</b> Lopez</p>", "Maria</b> Lopez"),
        ("<p>Maria <b>Lopez</b></p>", "Maria <b>Lopez"),
        ('<p><a href="mailto:maria@example.com">mail</a></p>', EMAIL),
        ("<p><b>Maria</b></p>", "<b>Maria</b>"),
    ],
)
def test_html_tags_stay_paired(text: str, words: str) -> None:
    parser = _Tags()
    parser.feed(cut(text, found(text, words)))
    parser.close()
    assert parser.open == []


def test_a_csv_row_keeps_its_columns() -> None:
    text = f'name,mail\n"Lopez, Maria",{EMAIL}\n'
    left = cut(text, found(text, "Lopez, Maria", "PERSON"), found(text, EMAIL))
    assert list(csv.reader(io.StringIO(left)))[1] == ["[PERSON]", "[EMAIL_ADDRESS]"]


def test_half_a_code_fence_is_put_back() -> None:
    text = "a\n```\nsecret\nmore\n```\nb"
    assert cut(text, found(text, "```\nsecret", "DEBUG_TRACE")).count("```") == 2


def test_combining_marks_go_with_their_letter() -> None:
    assert cut("Jose\u0301!", spanning(0, 4, "PERSON")) == "[PERSON]!"


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from([MASK, REPLACE, REMOVE])), max_size=6
)


@given(text=st.text(min_size=1, max_size=80), spans=SPANS)
def test_no_character_of_a_cut_stays_and_order_does_not_matter(
    text: str, spans: list[tuple[int, int, FindingAction]]
) -> None:
    # Private-use letters mark the cut text, so that what is left of it can be told.
    marked = list(text.replace("\ue000", ""))
    findings = []
    for start, size, action in spans:
        if start + size <= len(marked):
            marked[start : start + size] = "\ue000" * size
            findings.append(spanning(start, start + size, "PERSON", action))
    left = cut("".join(marked), *findings)
    assert "\ue000" not in left
    assert left == cut("".join(marked), *reversed(findings))


@given(text=st.text(min_size=1, max_size=60), action=st.sampled_from([MASK, REPLACE]))
def test_redacting_twice_changes_nothing(text: str, action: FindingAction) -> None:
    once = cut(text, spanning(0, len(text), "CREDIT_CARD", action))
    assert cut(once, spanning(0, len(once), "CREDIT_CARD", action)) == once
    assert cut(once) == once
