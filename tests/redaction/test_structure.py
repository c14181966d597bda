"""Whatever is cut, what surrounds it stays well formed: JSON, CSV, URLs, Markdown links, HTML, code blocks."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from redaction_finders import Plain, spanning

from outguard.domain.finding import Category, Finding, FindingAction
from outguard.redaction.text import redact_text

MARK = "\ue000"
"""A private-use letter that stands in no text of ours: where it is left, a cut was not made."""
ACTIONS = st.sampled_from([action for action in FindingAction if action.is_cut])
TYPES = st.sampled_from(["PERSON", "CREDIT_CARD", "API_KEY"])
WORDS = st.text(st.characters(exclude_categories=["Cs", "Co", "Cc"]), max_size=12)
PLAIN = st.text(st.sampled_from("abc XYZ 123.,"), max_size=12)


def marks_in(text: str, draw: Any) -> list[Finding]:
    """A finding for each run of marks, each with an action of its own."""
    return [spanning(match.start(), match.end(), draw(TYPES), draw(ACTIONS)) for match in re.finditer(f"{MARK}+", text)]


def cut(text: str, findings: Sequence[Finding]) -> str:
    left = redact_text(text, findings, Plain())[0]
    assert MARK not in left
    return left


@st.composite
def marked(draw: Any, words: st.SearchStrategy[str] = WORDS) -> str:
    """Words with at most one stretch to cut in them."""
    return "".join((draw(words), MARK * draw(st.integers(0, 6)), draw(words)))


@given(
    value=st.recursive(
        st.none() | st.integers() | marked(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(marked(PLAIN), inner, max_size=3),
        max_leaves=8,
    ),
    ascii_only=st.booleans(),
    data=st.data(),
)
def test_json_is_parsed_as_before(value: Any, ascii_only: bool, data: st.DataObject) -> None:  # noqa: FBT001
    text = json.dumps({"v": value, "end": 1}, ensure_ascii=ascii_only).replace("\\ue000", MARK)
    left = json.loads(cut(text, marks_in(text, data.draw)))
    assert left["end"] == 1
    assert shape(left["v"]) == shape(value)


def shape(value: Any) -> Any:
    """The form of a value, its words aside."""
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        return dict
    return type(value)


@given(rows=st.lists(st.tuples(marked(PLAIN), marked(PLAIN), marked(PLAIN)), min_size=1, max_size=4), data=st.data())
def test_a_csv_keeps_its_columns(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL).writerows(rows)
    text = made.getvalue()
    left = list(csv.reader(io.StringIO(cut(text, marks_in(text, data.draw)))))
    assert [len(row) for row in left] == [3] * len(rows)


@given(first=marked(st.just("a")), second=marked(st.just("b")), data=st.data())
def test_a_url_keeps_its_parameters(first: str, second: str, data: st.DataObject) -> None:
    text = f"see https://shop.example/p?one={first}&two={second}&end=1 there"
    left = cut(text, marks_in(text, data.draw)).split()
    assert len(left) == 3
    assert urlsplit(left[1]).hostname == "shop.example"
    assert [name for name, _ in parse_qsl(urlsplit(left[1]).query, keep_blank_values=True)] == ["one", "two", "end"]


@given(label=marked(st.just("name")), target=marked(st.just("x")), data=st.data())
def test_a_markdown_link_stays_one(label: str, target: str, data: st.DataObject) -> None:
    text = f"see [{label}](https://shop.example/{target}) there"
    left = cut(text, marks_in(text, data.draw))
    assert re.fullmatch(r"see \[.*\]\(https://shop\.example/[^\s()]*\) there", left)


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(text=marked(PLAIN), bold=marked(PLAIN), link=marked(st.just("y")), data=st.data())
def test_html_keeps_its_tags(text: str, bold: str, link: str, data: st.DataObject) -> None:
    page = f'<p>{text} <b>{bold}</b> <a href="https://shop.example/{link}">here</a></p>'
    parser = _Tags()
    parser.feed(cut(page, marks_in(page, data.draw)))
    parser.close()
    assert (parser.open, parser.seen) == ([], ["p", "b", "a"])


@given(before=marked(PLAIN), code=st.lists(marked(PLAIN), min_size=1, max_size=3), data=st.data())
def test_a_code_block_keeps_its_fences(before: str, code: list[str], data: st.DataObject) -> None:
    text = before + "\n```\n" + "\n".join(code) + "\n```\nafter"
    left = cut(text, marks_in(text, data.draw))
    assert [line for line in left.splitlines() if line.startswith("```")] == ["```", "```"]
    assert left.endswith("```\nafter")


@given(
    text=st.text(st.sampled_from("ab 1"), min_size=12, max_size=30),
    others=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 12), ACTIONS), max_size=4),
    secret=st.tuples(st.integers(0, 8), st.integers(1, 4)),
)
def test_a_secret_always_names_the_cut(
    text: str, others: list[tuple[int, int, FindingAction]], secret: tuple[int, int]
) -> None:
    """Whatever overlaps a credential and whatever is to be done about that: it is told as a credential, and gone."""
    start, size = secret
    found = [spanning(at, min(at + long, len(text)), "PERSON", action) for at, long, action in others]
    live = spanning(start, start + size, "API_KEY", FindingAction.REPLACE, category=Category.SECRET)
    cuts = redact_text(text, [*found, live], Plain())[1]
    (covering,) = [one for one in cuts if one.start <= start < one.end]
    assert covering.end >= start + size
    assert covering.finding.type == "API_KEY"
    assert covering.action in {FindingAction.REPLACE, FindingAction.REMOVE}
