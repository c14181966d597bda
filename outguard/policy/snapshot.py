"""The policy snapshot: a short hash of the content of everything that decides.

Comments, white space, key order and quoting do not change it; a value does, in the policy, a profile or a detector.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from outguard.canonical import canonical_json
from outguard.policy.load import load

_FORMAT = 1


def snapshot_of(files: Mapping[str, str]) -> str:
    """`v1:` and 16 hex digits for the files that decide, by path."""
    content = {path: content_of(path, text) for path, text in files.items()}
    return "v1:" + hashlib.sha256(canonical_json({"format": _FORMAT, "files": content})).hexdigest()[:16]


def content_of(path: str, text: str) -> Any:
    """A file's content without its form; the text's own hash where it is no YAML that we read."""
    tree = load(text, file=path)
    if not tree.problems:
        return {"yaml": tree.value}
    return {"sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}
