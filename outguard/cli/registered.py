"""Registered texts without a store: read from files, hashed under a key of this process alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from outguard.cli.source_files import read_sources

if TYPE_CHECKING:
    from outguard.domain.source import RegisteredTexts


def registered_texts(paths: Iterable[Path]) -> RegisteredTexts:
    """The texts of files and folders, ready to be looked for.

    Raises:
        InvalidInputError: if a file cannot be read, a line is malformed or a text is too short.
    """
    from outguard.detection.fingerprints.registry import StoredText, TextIndex, prints_of

    key = secrets.token_bytes(32)
    texts = [
        StoredText(one.name, one.kind, one.type or "INTERNAL_NOTE", "", prints_of(one.kind, one.text, key)[0])
        for path in paths
        for one in read_sources(path)
    ]
    return TextIndex(texts, lambda _: key)
