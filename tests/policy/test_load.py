from __future__ import annotations

import pytest

from outguard.policy.load import MAX_FILE_CHARS, decode, load, show_path


def test_values_keep_their_lines() -> None:
    tree = load("a: 1\nb:\n  - x\n  - c: yes\n", file="f.yaml")
    assert tree.value == {"a": 1, "b": ["x", {"c": "yes"}]}
    assert [tree.line(path) for path in (("a",), ("b", 0), ("b", 1, "c"))] == [1, 3, 4]


def test_a_missing_path_has_its_parents_line() -> None:
    tree = load("a:\n  b: 1\n", file="f.yaml")
    assert tree.line(("a", "zzz", 3)) == 1
    assert tree.problem(("a", "b"), "m").path == "a.b"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("on", "on"), ("true", True), ("FALSE", False), ("~", None), ("'1'", "1"), ("12", 12), ("-3", -3),
        ("1.5", 1.5), ("1e3", 1000.0), (".inf", ".inf"), (".nan", ".nan"), ("0x1f", "0x1f"),
        ("2026-11-21", "2026-11-21"),
        ("9" * 40, "9" * 40), ("1_000", "1_000"),
    ],
)  # fmt: skip
def test_scalars_are_read_without_surprise(text: str, value: object) -> None:
    assert load(f"a: {text}", file="f").value == {"a": value}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\na: 2\n", 2, "twice (first on line 1)"),
        ("a: &x 1\n", 1, "anchors and tags"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("a: !!python/object:os.system x\n", 1, "anchors and tags"),
        ("a: 1\n<<: {b: 1}\n", 2, "merge keys"),
        ("!x a: 1\n", 1, "anchors and tags"),
        ('a: "\\ud800"', 1, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "one document"),
        ("a:\n\t- b\n", 2, "not valid YAML"),
        ("a: [1\n", 2, "not valid YAML"),
        ("? [a]\n: 1\n", 1, "a key must be a plain word"),
        ("[" * 5000, 1, "nested deeper"),
        ("a: \x00", 1, "does not allow"),
        ("a: \ud800", 1, "does not allow"),
    ],
)
def test_faults_are_told_with_their_line(text: str, line: int, words: str) -> None:
    (problem, *_) = load(text, file="f.yaml").problems
    assert (problem.file, problem.line) == ("f.yaml", line)
    assert words in problem.message


def test_an_alias_bomb_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert load(bomb, file="f").value is None


def test_a_huge_file_is_refused() -> None:
    assert "larger than" in load("#" * (MAX_FILE_CHARS + 1), file="f").problems[0].message
    assert "more than" in load("[" + "1," * 110_000 + "]", file="f").problems[0].message


def test_several_faults_come_together() -> None:
    assert [problem.line for problem in load("a: 1\na: 2\nb: &x 1\nb: 1\n", file="f").problems] == [2, 3, 4]


def test_an_empty_file_is_nothing() -> None:
    for text in ("", "# only a comment\n", "---\n"):
        assert load(text, file="f").value is None
        assert load(text, file="f").problems == ()


def test_bytes_that_are_not_utf8_are_told_with_their_line() -> None:
    text, (problem,) = decode(b"a: 1\nb: \xff\n", file="f.yaml")
    assert (text, problem.line, problem.message) == ("", 2, "not UTF-8 text")
    assert decode(b"\xef\xbb\xbfa: 1", file="f") == ("a: 1", ())


def test_paths_read_as_people_write_them() -> None:
    assert show_path(("rules", 3, "match", "when")) == "rules[3].match.when"
    assert show_path(()) == ""
