"""Writing results: JSON lines in UTF-8 to a file or standard output, tables to a console that fits."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from outguard.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 120
_UNSEEN = re.compile("[\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]")


@contextmanager
def json_lines(out: Path | None) -> Iterator[Callable[[Any], None]]:
    """A function that writes one value as one line, at once.

    Raises:
        ConfigError: if the file cannot be written.
    """
    with text_output(out) as write:
        yield lambda value: write(json.dumps(value, ensure_ascii=False) + "\n")


@contextmanager
def text_output(out: Path | None) -> Iterator[Callable[[str], None]]:
    """A function that writes text in UTF-8, at once.

    Raises:
        ConfigError: if the file cannot be written.
    """
    if out is None:
        yield lambda text: _write(sys.stdout.buffer, text)
        return
    try:
        stream = out.open("wb")
    except OSError as error:
        raise ConfigError(f"cannot write {out}: {error.strerror}") from error
    with stream:
        yield lambda text: _write(stream, text)


def print_json(value: Any) -> None:
    """One indented JSON document on standard output.

    Invisible and control characters are escaped: what an attacker wrote cannot reorder or hide what a person reads.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    _write(sys.stdout.buffer, _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def console() -> Console:
    """A Rich console as wide as the terminal, or 100 columns without one."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False, soft_wrap=False)


def _write(stream: BinaryIO, text: str) -> None:
    stream.write(text.encode())
    stream.flush()
