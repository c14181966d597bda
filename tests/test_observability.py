"""Logs: one JSON line each, only allowed keys, never content."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outguard.domain.verdict import Verdict
from outguard.observability import ALLOWED_KEYS, configure_logging, get_logger, keep_allowed

CONTENT = "call Jane on 555-0100"


@pytest.fixture
def stream() -> io.StringIO:
    text = io.StringIO()
    configure_logging(stream=text)
    return text


def fail() -> None:
    raise ValueError(CONTENT)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_log_line_is_json_with_time_and_level(stream: io.StringIO) -> None:
    get_logger().info("reply decided", reply_id="rep-1", verdict=Verdict.ALLOW, elapsed_ms=1.5, degraded=False)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "reply decided",
        "level": "info",
        "reply_id": "rep-1",
        "verdict": "ALLOW",
        "elapsed_ms": 1.5,
        "degraded": False,
    }


def test_keys_not_allowed_are_dropped_and_counted(stream: io.StringIO) -> None:
    get_logger().info("reply decided", text=CONTENT, customer=CONTENT, reply_id="rep-1")
    (line,) = lines(stream)
    assert line["dropped"] == 2
    assert line["reply_id"] == "rep-1"
    assert "Jane" not in stream.getvalue()


@pytest.mark.parametrize("value", [CONTENT, "x" * 129, "a\nb", "jane@example.com", ["a"], {"a": 1}, b"a", object()])
def test_allowed_key_takes_no_sentence_and_no_structure(stream: io.StringIO, value: object) -> None:
    get_logger().info("reply decided", reason=value)
    (line,) = lines(stream)
    assert "reason" not in line
    assert line["dropped"] == 1


def test_event_is_a_short_phrase(stream: io.StringIO) -> None:
    get_logger().info(f"could not send to jane@example.com: {CONTENT}")
    (line,) = lines(stream)
    assert line["event"] == "unnamed"
    assert "Jane" not in stream.getvalue()


def test_exception_is_named_without_its_message(stream: io.StringIO) -> None:
    try:
        fail()
    except ValueError as error:
        get_logger().exception("call failed")
        get_logger().error("call failed", exc_info=error)
        get_logger().error("call failed", exc_info=(type(error), error, error.__traceback__))
    for line in lines(stream):
        assert line["error_type"] == "ValueError"
        assert line["error_at"].startswith("test_observability.py:")
    assert "Jane" not in stream.getvalue()


def test_exception_that_was_never_raised_has_no_place(stream: io.StringIO) -> None:
    get_logger().error("call failed", exc_info=ValueError(CONTENT))
    get_logger().error("call failed", exc_info=True)
    first, second = lines(stream)
    assert first["error_type"] == "ValueError"
    assert "error_at" not in first
    assert "error_type" not in second


def test_libraries_say_that_they_spoke_but_not_what(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("row: %s", CONTENT)
    logging.getLogger("some.library").info("row: %s", CONTENT)
    try:
        fail()
    except ValueError:
        logging.getLogger("some.library").exception("row: %s", CONTENT)
    first, second = lines(stream)
    assert (first["logger"], first["level"]) == ("some.library", "warning")
    assert (second["level"], second["error_type"]) == ("error", "ValueError")
    assert "Jane" not in stream.getvalue()


def test_a_log_that_cannot_be_written_fails_nobody() -> None:
    """A full disk must not turn a clear refusal into a hanging call."""

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, text)

        def flush(self) -> None:
            raise OSError(28, "full")

    closed = io.StringIO()
    closed.close()
    for broken in (Full(), closed):
        configure_logging(stream=broken)
        get_logger().error("trouble")
        logging.getLogger("some.library").error("more trouble")


def test_level_is_a_floor(stream: io.StringIO) -> None:
    configure_logging("error", stream=stream)
    get_logger().warning("noise")
    get_logger().error("trouble")
    assert [line["event"] for line in lines(stream)] == ["trouble"]


def test_no_key_that_could_hold_content_is_allowed() -> None:
    risky = {
        "text",
        "subject",
        "payload",
        "content",
        "message",
        "body",
        "name",
        "email",
        "arguments",
        "secret",
        "token",
    }
    assert not risky & ALLOWED_KEYS


words = st.text(st.sampled_from("abc @:\n'\"é5"), max_size=30)


@given(st.dictionaries(st.sampled_from([*sorted(ALLOWED_KEYS)[:8], "text", "note"]), words, max_size=5))
def test_no_value_with_a_space_gets_through(event: dict[str, Any]) -> None:
    kept = keep_allowed(None, "info", {**event, "event": "e"})
    strings = [value for key, value in kept.items() if isinstance(value, str) and key != "event"]
    assert not any(" " in value or "@" in value for value in strings)
    assert kept.keys() <= ALLOWED_KEYS | {"dropped"}
